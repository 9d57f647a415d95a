"""The chapter on the audit: discrepancies by consequence, audited statements, how sources were seen."""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Claim, Ledger, Statement
from ouroboros.sphinxext.dashboard import AUDITS
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table
from ouroboros.sphinxext.words import ARGUMENT

BASES = {
    "read": "read",
    "read+recalled": "read in part, the rest recalled",
    "recalled": "recalled, to be looked up",
}


def resting_on(ledger: Ledger, claim_id: str) -> list[Statement]:
    """Steps of the original's argument that rest on a claim, in the order of the argument."""
    found = [s for s in ledger.statements_for(claim_id) if s.kind in ARGUMENT]
    return sorted(found, key=lambda s: ARGUMENT.index(s.kind))


def by_consequence(ledger: Ledger, audits: Sequence[str]) -> list[Claim]:
    """Claims with one of these audits, first those on which most of the argument rests.

    Of two that carry equally many steps the one comes first whose steps stand earlier in the argument.
    """

    def consequence(claim: Claim) -> tuple[int, list[int]]:
        steps = resting_on(ledger, claim.id)
        return -len(steps), [ARGUMENT.index(step.kind) for step in steps]

    return sorted((claim for claim in ledger.claims.values() if claim.verdict in audits), key=consequence)


def spaced(links: Sequence[nodes.Node]) -> list[nodes.Node]:
    """Links with a space between each two."""
    found: list[nodes.Node] = []
    for link in links:
        found += [nodes.Text(" "), link] if found else [link]
    return found


class DiscrepancyTable(LedgerDirective):
    """Claims of the named audits, by consequence, each with the sentence that a memo may use."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        audits = self.arguments[0].split()
        if wrong := [audit for audit in audits if audit not in AUDITS]:
            return self.fault(f"discrepancy-table: '{wrong[0]}' is no audit (there are: {', '.join(AUDITS)})")
        ledger = self.data.ledger
        rows = [self._row(ledger, claim) for claim in by_consequence(ledger, audits)]
        head = ["Claim", "The original", "What a memo could write", "Rests on it"]
        return [table(head, rows, widths=[14, 30, 40, 16], classes=["stacks", "discrepancies"])]

    def _row(self, ledger: Ledger, claim: Claim) -> list:
        links = [ledger_link("statement", s.id, s.id) for s in resting_on(ledger, claim.id)]
        rests = spaced(links) or "nothing"
        return [[ledger_link("claim", claim.id)], claim.text, claim.memo_sentence or "", rests]


class AuditedStatements(LedgerDirective):
    """Statements of one kind that were audited against sources or against the original itself."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw them in the order of the ledger."""
        kind = self.arguments[0]
        found = [s for s in self.data.ledger.statements.values() if s.kind == kind and s.audit]
        if not found:
            return self.fault(f"audited-statements: no statement of kind '{kind}' has an audit")
        corrected = any(s.audit.correction for s in found)
        head = ["Id", "Topic and finding", "What the text has" if not corrected else "As stated"]
        rows = [self._row(s, corrected) for s in found]
        if corrected:
            return [table([*head, "Corrected"], rows, widths=[7, 21, 32, 40], classes=["stacks", "audited"])]
        return [table(head, rows, widths=[7, 26, 67], classes=["stacks", "audited"])]

    def _row(self, statement: Statement, corrected: bool) -> list:
        verdict = statement.audit.verdict
        topic = [
            nodes.paragraph("", statement.title),
            nodes.paragraph(
                "", "", chip(verdict) if verdict in AUDITS else nodes.emphasis("", _words(verdict))
            ),
        ]
        cells = [[ledger_link("statement", statement.id, statement.id)], topic, statement.text]
        return [*cells, statement.audit.correction or ""] if corrected else cells


def _words(verdict: str) -> str:
    return verdict.replace("-", " ")


class AuditBasis(LedgerDirective):
    """How many claims were audited from sources read, and which rest on recall."""

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        claims = list(self.data.ledger.claims.values())
        rows = []
        for basis, meaning in BASES.items():
            found = [claim for claim in claims if claim.basis == basis]
            listed = spaced([ledger_link("claim", claim.id, claim.id) for claim in found])
            rows.append([meaning, f"{len(found)} of {len(claims)}", listed or "none"])
        head = ["How the source was seen", "Claims", "Which"]
        return [table(head, rows, widths=[26, 14, 60], classes=["stacks", "basis"])]


class VerdictWorking(LedgerDirective):
    """How the verdict on one statement comes about, step by step, from the evidence of this build."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw the criteria, what came of each, and the sum."""
        identifier = self.arguments[0]
        if self.data.kind_of(identifier) != "statement":
            return self.fault(f"verdict-working: '{identifier}' is not a statement")
        verdict = self.data.verdicts[identifier]
        rows = [self._row(use.experiment, use.id, use.direction) for use in verdict.criteria]
        head = ["Criterion", "Experiment", "Speaks"]
        parts: list[nodes.Node] = [table(head, rows, widths=[56, 28, 16], classes=["stacks", "working"])]
        claims = self.data.ledger.claims_of(identifier)
        discrepant = sum(claim.verdict == "discrepant" for claim in claims)
        total = nodes.paragraph("", "", ledger_link("statement", identifier, identifier), nodes.Text(": "))
        total += chip(verdict.verdict)
        total += nodes.Text(f" because {verdict.reason}. ")
        total += nodes.Text(
            f"Of the {len(claims)} claims it rests on, {discrepant} {'is' if discrepant == 1 else 'are'} discrepant."
        )
        return [*parts, total]

    def _row(self, experiment: str, criterion: str, direction: str) -> list:
        speaks = {"+": "for it", "0": "neither way", "-": "against it"}[direction]
        statement = self.data.ledger.criteria[criterion].statement
        return [self.inline_markdown(statement), [ledger_link("experiment", experiment)], speaks]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("discrepancy-table", DiscrepancyTable)
    app.add_directive("audited-statements", AuditedStatements)
    app.add_directive("audit-basis", AuditBasis)
    app.add_directive("verdict-working", VerdictWorking)
    app.add_css_file("stacks.css")
