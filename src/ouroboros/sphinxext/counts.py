"""The role ``{count}``: how many records of a sort the ledger holds, so that no prose types such a number.

``{count}`claims` ``, ``{count}`claims:discrepant` ``, ``{count}`statements:thesis` ``,
``{count}`forecasts:original` ``, ``{count}`experiments:accepted` ``, ``{count}`sources` ``. An audit without a
kind counts claims: ``{count}`confirmed` ``.
"""

from __future__ import annotations

import difflib

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.dashboard import AUDITS
from ouroboros.sphinxext.marks import slug
from ouroboros.sphinxext.numbers import number
from ouroboros.sphinxext.words import ARGUMENT, word_of

LOGGER = logging.getLogger(__name__)


def count_names(data: book_data.BookData) -> dict[str, int]:
    """Return everything that can be counted, by the name that the role knows it under."""
    ledger = data.ledger
    counts: dict[str, int] = {
        "sources": len(ledger.bibliography),
        "references": len(ledger.references),
        "literature": len(ledger.literature),
        "dimensions": len(ledger.dimensions),
    }
    for claim in ledger.claims.values():
        severity = {f"{claim.severity}"} if claim.severity else set()
        sorts = {claim.verdict, claim.kind, claim.basis, data.mark(claim.id), f"dimension-{claim.dimension}"}
        _add(counts, "claims", sorts | severity)
    for statement in ledger.statements.values():
        step = {"argument"} if statement.kind in ARGUMENT else set()
        _add(counts, "statements", {statement.kind, word_of(data, "statement", statement.id)} | step)
    for forecast in ledger.forecasts.values():
        _add(counts, "forecasts", {forecast.origin, word_of(data, "forecast", forecast.id)})
    for experiment in ledger.experiments.values():
        state = {"accepted"} if experiment.id in data.evidence else {"waiting"}
        _add(counts, "experiments", state | ({"stale"} if experiment.id in data.stale else set()))
    outcomes = [o for evidence in data.evidence.values() for o in evidence.criteria]
    checked = [o for evidence in data.evidence.values() for o in evidence.checks]
    counts |= {"criteria": len(ledger.criteria), "criteria:met": sum(o.met for o in outcomes)}
    counts |= {"criteria:not-met": sum(not o.met for o in outcomes)}
    counts |= {"checks": len(ledger.checks), "checks:passed": sum(o.passed for o in checked)}
    return counts


def _add(counts: dict[str, int], kind: str, sorts: set[str]) -> None:
    for name in (kind, *(f"{kind}:{slug(sort).removeprefix('is-')}" for sort in sorts)):
        counts[name] = counts.get(name, 0) + 1


class CountRole(SphinxRole):
    """Print a count; a sort that no record has counts zero if another record could have it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Count."""
        counts = count_names(book_data.of(self.env))
        known = counts | {audit: counts.get(f"claims:{audit}", 0) for audit in AUDITS}
        if self.text not in known:
            if self.text in _POSSIBLE:
                return [_printed(0)], []
            close = difflib.get_close_matches(self.text, known, n=1)
            hint = f" (did you mean '{close[0]}'?)" if close else ""
            LOGGER.warning(
                f"nothing counted as '{self.text}'{hint}", location=(self.env.docname, self.lineno)
            )
            return [nodes.inline("", self.text)], []
        return [_printed(known[self.text])], []


#: Sorts that may be empty today and not tomorrow.
_POSSIBLE = {
    f"{kind}:{sort}"
    for kind, sorts in {
        "claims": "confirmed nuanced discrepant superseded unverifiable reproduced-in-a-toy not-reproduced not-tested "
        "read recalled read+recalled minor moderate major",
        "statements": "supported mixed contradicted untested",
        "forecasts": "original edition resolved-yes resolved-no resolved-ambiguous open overdue-unresolved",
        "experiments": "accepted waiting stale",
    }.items()
    for sort in sorts.split()
}


def _printed(value: int) -> nodes.inline:
    return nodes.inline("", number(value), classes=["count"], counted=True)


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("count", CountRole())
