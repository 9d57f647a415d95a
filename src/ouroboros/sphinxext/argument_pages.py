"""Parts of the argument's pages: notes on claims, what tests a statement, sentences for memos, counts."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from ouroboros.lab import CriterionOutcome
from ouroboros.ledger import Criterion, Experiment
from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.dashboard import AUDITS, STATUSES, VERDICTS
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import ledger_link, unknown
from ouroboros.sphinxext.marks import chip

LOGGER = logging.getLogger(__name__)

#: Kinds of statement that the original makes and that a verdict is computed for.
_ARGUMENT = ("thesis", "finding", "paradox", "stage", "judgement", "uncertainty", "falsifier", "opportunity")
_SPEAKS = {"+": "speaks for it", "0": "decides nothing", "-": "speaks against it"}
#: From this many on, criteria that came out neither way are counted and not listed: they decide nothing here.
_FOLDED_FROM = 3


class ClaimNote(LedgerDirective):
    """A claim in the ledger's words with its audit and its mark, and below it what we make of it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        claim = self.data.ledger.claims.get(self.arguments[0])
        if claim is None:
            return self.fault(f"{self.name}: {unknown(self.data, 'claim', self.arguments[0])}")
        head = nodes.paragraph("", "", ledger_link("claim", claim.id), classes=["claim-note-head"])
        head += [nodes.Text(" "), chip(self.data.mark(claim.id))]
        # The record's own words, parsed as nothing: its quotation marks and dashes are the ledger's.
        stated = nodes.paragraph("", claim.text, classes=["claim-note-stated"])
        body = nodes.container("", head, stated, classes=["claim-note"])
        self.state.nested_parse(self.content, self.content_offset, body)
        return [body]


class TestedBy(LedgerDirective):
    """Every experiment with a criterion that bears on a statement or claim, and what came of it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw them in the order of the ledger."""
        identifier = self.arguments[0]
        if self.data.kind_of(identifier) not in ("statement", "claim"):
            return self.fault(f"tested-by: '{identifier}' is neither a statement nor a claim")
        listed = nodes.bullet_list(classes=["tested-by"])
        for experiment in self.data.ledger.experiments_for(identifier):
            bearing = [c for c in experiment.criteria if identifier in c.bears_on and c.superseded_by is None]
            if bearing:
                listed += self._experiment(experiment, bearing)
        drawn: list[nodes.Node] = [listed]
        if not len(listed):
            record = self.data.ledger.find(identifier)[1]
            why = f" {record.no_experiment}" if record.no_experiment else ""
            said = f"No criterion of this edition bears on it.{why}"
            drawn = [nodes.paragraph("", said, classes=["not-tested"])]
        return drawn + self._on_its_claims(identifier)

    def _on_its_claims(self, identifier: str) -> list[nodes.Node]:
        """Name the experiments that bear on what a statement rests on and not on the statement itself."""
        statement = self.data.ledger.statements.get(identifier)
        direct = {experiment.id for experiment in self.data.ledger.experiments_for(identifier)}
        found = {
            experiment.id: None
            for claim in (statement.claims if statement else ())
            for experiment in self.data.ledger.experiments_for(claim)
            if experiment.id not in direct
        }
        if not found:
            return []
        line = nodes.paragraph("", "Experiments on claims that it rests on: ", classes=["tested-by"])
        for k, experiment_id in enumerate(found):
            line += [nodes.Text(", " if k else ""), ledger_link("experiment", experiment_id)]
        return [line]

    def _experiment(self, experiment: Experiment, bearing: list[Criterion]) -> nodes.list_item:
        title = nodes.paragraph("", "", ledger_link("experiment", experiment.id))
        evidence = self.data.evidence.get(experiment.id)
        if evidence is None:
            title += [nodes.Text(" "), chip("not tested", "criteria fixed, not run yet")]
        elif not evidence.valid:
            title += [nodes.Text(" "), chip("missed", "a check was missed, decides nothing")]
        outcomes = {outcome.id: outcome for outcome in evidence.criteria} if evidence else {}
        silent = [c for c in bearing if c.id in outcomes and outcomes[c.id].direction == "0"]
        shown = bearing if len(silent) < _FOLDED_FROM else [c for c in bearing if c not in silent]
        scopes = {criterion.scope for criterion in shown}
        if len(scopes) == 1 and len(shown) > 1:
            title += nodes.inline("", f" Scope: {scopes.pop()}.", classes=["scope"])
        criteria = nodes.bullet_list()
        for criterion in shown:
            own_scope = bool(scopes) or len(shown) == 1
            criteria += nodes.list_item("", self._criterion(criterion, outcomes.get(criterion.id), own_scope))
        if len(shown) < len(bearing):
            text = f"{len(silent)} {'further ' if shown else ''}criteria came out neither way and decide nothing; "
            rest = nodes.paragraph("", text + "they stand with ")
            rest += [ledger_link("experiment", experiment.id, "the experiment"), nodes.Text(".")]
            criteria += nodes.list_item("", rest)
        return nodes.list_item("", title, criteria)

    def _criterion(
        self, criterion: Criterion, outcome: CriterionOutcome | None, own_scope: bool
    ) -> nodes.paragraph:
        line = nodes.paragraph("", "", *self.inline_markdown(criterion.statement))
        if outcome is not None:
            met = "met" if outcome.met else "not met"
            line += [nodes.Text(" "), chip(met, f"{met}: {_SPEAKS[outcome.direction]}")]
        if own_scope:
            line += nodes.inline("", f" Scope: {criterion.scope}.", classes=["scope"])
        return line


class MemoSentences(LedgerDirective):
    """The sentences that a memo may use in place of the claims that statements rest on, each claim once."""

    required_arguments = 1
    optional_arguments = 20

    def run(self) -> list[nodes.Node]:
        """Draw them."""
        listed = nodes.bullet_list(classes=["memo-sentences"])
        for claim_id in self._claims():
            claim = self.data.ledger.claims[claim_id]
            if claim.memo_sentence:
                sentence = nodes.paragraph("", claim.memo_sentence + " ")
                sentence += nodes.inline(
                    "", "", nodes.Text("("), ledger_link("claim", claim_id, claim_id), nodes.Text(")")
                )
                listed += nodes.list_item("", sentence)
        return [listed]

    def _claims(self) -> list[str]:
        found: dict[str, None] = {}
        for identifier in self.arguments:
            if identifier in self.data.ledger.claims:
                found[identifier] = None
            elif identifier in self.data.ledger.statements:
                found.update(dict.fromkeys(self.data.ledger.statements[identifier].claims))
            else:
                self.fault(f"memo-sentences: '{identifier}' is neither a statement nor a claim")
        return list(found)


def tally(data: book_data.BookData, what: str) -> int | None:
    """Count records: ``claims``, ``claims discrepant``, ``statements mixed``, ``forecasts open``, ``experiments``.

    Statements are those of the argument, forecasts those of the original in their strict reading,
    experiments those with accepted evidence. None if the words mean nothing here.
    """
    kind, _, word = what.partition(" ")
    ledger = data.ledger
    words = {
        "claims": [claim.verdict for claim in ledger.claims.values()],
        "statements": [
            data.verdicts[s.id].verdict for s in ledger.statements.values() if s.kind in _ARGUMENT
        ],
        "forecasts": [
            f.status.strict if f.status else "open"
            for f in ledger.forecasts.values()
            if f.origin == "original"
        ],
        "experiments": ["accepted" for _ in data.evidence],
    }.get(kind)
    known = {*AUDITS, *VERDICTS, *STATUSES, "accepted", ""}
    if words is None or word not in known:
        return None
    return len(words) if not word else words.count(word)


class TallyRole(SphinxRole):
    """Print a count of the ledger or the evidence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Count."""
        counted = tally(book_data.of(self.env), self.text)
        if counted is None:
            LOGGER.warning(
                f"{{tally}}`{self.text}`: write claims, statements, forecasts or experiments, and a word to count",
                location=(self.env.docname, self.lineno),
            )
        return [nodes.inline("", str(counted), classes=["tally"])], []


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claim-note", ClaimNote)
    app.add_directive("tested-by", TestedBy)
    app.add_directive("memo-sentences", MemoSentences)
    app.add_role("tally", TallyRole())
    app.add_css_file("argument.css")
