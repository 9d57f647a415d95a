"""Directives of the statements: a card each, cards of all that have no page of their own, the register."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from ouroboros.ledger import Statement
from ouroboros.ledger.statements import KIND_OF_LETTER
from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import LedgerDomain, ledger_link, unknown
from ouroboros.sphinxext.facts import (
    bullets,
    chips,
    details,
    facts,
    paragraph,
    plain,
    quantity_text,
    separated,
)
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table
from ouroboros.sphinxext.uses import used_in
from ouroboros.sphinxext.words import ARGUMENT, word_of

KINDS = tuple(KIND_OF_LETTER.values())
#: From here on the scopes of a verdict are a list of their own.
_MANY_SCOPES = 4
_SPEAKS = {"+": "for", "0": "neither way", "-": "against"}


class StatementDirective(LedgerDirective):
    """A directive that draws statements as cards."""

    def card(self, statement: Statement, *, overview: bool) -> nodes.container:
        """Draw a statement with its verdict, what it rests on and what tests it."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        anchor = domain.note_target("statement", statement.id, self.env.docname, overview=overview)
        head = nodes.paragraph(classes=["card-head"])
        head += nodes.strong("", f"{statement.id}. {statement.title}")
        head += [nodes.Text(" "), chip(word_of(self.data, "statement", statement.id))]
        drawn = nodes.container("", head, ids=[anchor], classes=["card", "statement-card"])
        drawn["use_as"], drawn["card_of"] = (
            f"{statement.id}, {statement.title}",
            ("statement", statement.id),
        )
        drawn += paragraph(plain(statement.text), classes=["card-text"])
        drawn += facts(self._facts(statement))
        if overview:
            drawn["overview_of"] = ("statement", statement.id)
        return drawn

    def _facts(self, statement: Statement) -> list:
        reading = [("In the original", plain(statement.where)), ("Note", plain(statement.note or ""))]
        reading += [(label.capitalize(), plain(text)) for label, text in (statement.labels or {}).items()]
        if statement.quantities:
            reading.append(
                ("Figures", [bullets([nodes.Text(quantity_text(q))] for q in statement.quantities)])
            )
        reading += self._audit(statement)
        reading.append(("Rests on", chips("claim", statement.claims)))
        reading.append(("Bears on", self._mixed(statement.bears_on)))
        forecasts = [f.id for f in self.data.ledger.forecasts_for(statement.id)]
        reading.append(("Forecasts", chips("forecast", forecasts)))
        if statement.newer_evidence:
            reading.append(("Since then", [bullets(plain(text) for text in statement.newer_evidence)]))
        literature = [item.source for item in self.data.ledger.literature_for(statement.id)]
        reading.append(("Newer works", self.cited(literature)))
        reading += self._tests(statement)
        reading.append(("Used in", [used_in("statement", statement.id)]))
        return reading

    def _audit(self, statement: Statement) -> list:
        audit = statement.audit
        rows = [("Source", self.cited(c.key for c in statement.sources))]
        rows.append(("What it says", plain(statement.source_says or "")))
        if audit is None:
            return rows
        severity = f", {audit.severity}" if audit.severity else ""
        rows.append(("Our reading", [chip(audit.verdict), nodes.Text(severity)]))
        rows.append(("Correction", plain(audit.correction or "")))
        return rows

    def _tests(self, statement: Statement) -> list:
        verdict = self.data.verdicts[statement.id]
        if statement.kind not in ARGUMENT and not self.data.ledger.experiments_for(statement.id):
            return []
        rows: list = [("Verdict", [chip(verdict.verdict), nodes.Text(f" {verdict.reason}")])]
        tested = Counter((use.experiment, use.direction) for use in verdict.criteria)
        items = []
        for experiment in self.data.ledger.experiments_for(statement.id):
            counts = [
                f"{tested[experiment.id, direction]} {word}"
                for direction, word in _SPEAKS.items()
                if tested[experiment.id, direction]
            ]
            if counts:
                outcome = f"criteria: {', '.join(counts)}"
            elif experiment.id in self.data.evidence:
                outcome = "context, no criterion bears on it"
            else:
                outcome = "not measured yet"
            items.append([ledger_link("experiment", experiment.id), nodes.Text(f" {outcome}")])
        rows.append(("Tested by", [bullets(items)] if items else []))
        rows.append(("Why none decides it", plain(statement.no_experiment or "")))
        rows.append(("Scope", _scopes(verdict.scopes)))
        return rows

    def _mixed(self, identifiers: tuple[str, ...]) -> list[nodes.Node]:
        """Chips of records of several kinds; numbers of the protocol are not records and stay text."""
        kinds = [(self.data.kind_of(identifier), identifier) for identifier in identifiers]
        return separated(
            ledger_link(kind, identifier) if kind else nodes.inline("", identifier)
            for kind, identifier in kinds
        )


def _scopes(scopes: tuple[str, ...]) -> list[nodes.Node]:
    """What a verdict reaches: in a line while that is short, else one by one below a line that says how many."""
    if len(scopes) < _MANY_SCOPES:
        return [nodes.Text("; ".join(scopes))] if scopes else []
    kinds = Counter(scope.partition(":")[0] if ":" in scope else "other" for scope in scopes)
    counted = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
    return details(f"{escape(counted)}: what each covers", [bullets([nodes.Text(s)] for s in scopes)])


class StatementCard(StatementDirective):
    """The card of one statement, at its own place: links to the statement lead here."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Look the statement up and draw it."""
        statement = self.data.ledger.statements.get(self.arguments[0])
        if statement is None:
            return self.fault(f"{self.name}: {unknown(self.data, 'statement', self.arguments[0])}")
        return [self.card(statement, overview=False)]


class StatementCards(StatementDirective):
    """Cards of all statements of a kind; one that has a page of its own gets a line with a link instead."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw them."""
        kind = self.arguments[0]
        if kind not in KINDS:
            return self.fault(f"{self.name}: unknown kind '{kind}' (there are: {', '.join(KINDS)})")
        found = [s for s in self.data.ledger.statements.values() if s.kind == kind]
        return [self.card(statement, overview=True) for statement in found]


class StatementTable(LedgerDirective):
    """The register: every statement on a line."""

    option_spec: ClassVar[dict] = {"kinds": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        wanted = self.options.get("kinds", " ".join(KINDS)).split()
        chosen = [s for s in self.data.ledger.statements.values() if s.kind in wanted]
        rows = [self._row(statement) for statement in chosen]
        head = ["Statement", "Kind", "Title", "Verdict", "Rests on"]
        drawn = table(head, rows, classes=["statements"])
        drawn["listing"] = True
        return [drawn]

    def _row(self, statement: Statement) -> list:
        claims = separated(ledger_link("claim", claim, claim) for claim in statement.claims)
        return [
            ledger_link("statement", statement.id, statement.id),
            statement.kind,
            statement.title,
            chip(word_of(self.data, "statement", statement.id)),
            claims,
        ]


class YieldToOwnPages(SphinxPostTransform):
    """Replace an overview's card by a pointer where another page shows the record by its own card."""

    default_priority = 7  # before references are resolved

    def run(self, **kwargs: object) -> None:
        """Go over the cards of an overview."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        data = book_data.of(self.env)
        for card in list(
            self.document.findall(lambda n: isinstance(n, nodes.container) and "overview_of" in n)
        ):
            kind, identifier = card["overview_of"]
            if domain.place(kind, identifier).own:
                title = data.ledger.find(identifier)[1].title
                pointer = paragraph(ledger_link(kind, identifier), f" {title}", classes=["card-pointer"])
                # Not replace_self, which would hand on the classes of the card.
                card.parent.replace(card, nodes.container("", pointer, ids=card["ids"], classes=["pointer"]))


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("statement-card", StatementCard)
    app.add_directive("statement-cards", StatementCards)
    app.add_directive("statement-table", StatementTable)
    app.add_post_transform(YieldToOwnPages)
