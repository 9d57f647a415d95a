"""What can be cited: every claim, statement, experiment and forecast, and the report as a whole.

A citable thing has a permanent address below its edition, so that a reference made today leads to the
same words in ten years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ouroboros.ledger import Ledger
from ouroboros.publishing.state import original_forecasts, original_statements

PROJECT = "Ouroboros: a living report on synthetic data and model bootstrapping"
AUTHOR = "The Ouroboros project"
WHOLE = "report"

_EDITION = re.compile(r"(?P<year>\d{4})\.(?P<month>\d{2})(?:\.dev\d*)?")
_KIND_TITLES = {
    "claim": "Claim",
    "statement": "Statement",
    "experiment": "Experiment",
    "forecast": "Forecast",
}
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Edition:
    """The edition a reference is pinned to.

    Attributes
    ----------
    id : str
        ``2026.11``; an unreleased state is ``2026.11.dev0``.
    base_url : str
        Where the site is published, ending in a slash; empty while it has no address of its own.
    """

    id: str
    base_url: str = ""

    @property
    def year(self) -> int:
        """Year of the edition."""
        return int(self._parts["year"])

    @property
    def month(self) -> int:
        """Month of the edition."""
        return int(self._parts["month"])

    @property
    def _parts(self) -> re.Match:
        match = _EDITION.fullmatch(self.id)
        if match is None or not 1 <= int(match["month"]) <= 12:
            raise ValueError(f"edition {self.id!r}: not a year and a month, such as 2026.11")
        return match

    def permalink(self, identifier: str) -> str:
        """Address of a citable thing, independent of the page it stands on; permanent once the edition is out."""
        # A section is addressed by its page, every record by its stub.
        place = identifier if ".html" in identifier else f"id/{identifier}.html"
        place = "" if identifier == WHOLE else place
        folder = "" if "dev" in self.id else f"v/{self.id}/"
        return f"{self.base_url}{folder}{place}"


@dataclass(frozen=True, slots=True)
class Citable:
    """One thing that a memo can cite.

    Attributes
    ----------
    id, kind, title : str
        Id and kind of the record, and a title short enough for a bibliography.
    abstract : str
        The whole assertion.
    """

    id: str
    kind: str
    title: str
    abstract: str


def shortened(text: str, most: int = _LONGEST_TITLE) -> str:
    """Cut a text at a word, with an ellipsis, so that it fits a line of a bibliography."""
    text = " ".join(text.split()).rstrip(".")
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(",;:–-") + "…"


def citables(ledger: Ledger) -> Iterator[Citable]:
    """Yield everything that can be cited, the report first, the rest in the order of the ledger."""
    yield Citable(WHOLE, "report", PROJECT, "The whole report.")
    for claim in ledger.claims.values():
        yield _citable("claim", claim.id, claim.text, claim.text)
    for statement in ledger.statements.values():
        yield _citable("statement", statement.id, statement.title, statement.text)
    for experiment in ledger.experiments.values():
        yield _citable("experiment", experiment.id, experiment.title, experiment.question)
    for forecast in ledger.forecasts.values():
        yield _citable("forecast", forecast.id, forecast.title, forecast.statement)


def original_citables(ledger: Ledger) -> Iterator[Citable]:
    """Yield what can be cited of the original as found: no experiment, and nothing that the audit added."""
    kept = {WHOLE, *ledger.claims}
    kept |= {s.id for s in original_statements(ledger)} | {f.id for f in original_forecasts(ledger)}
    return (citable for citable in citables(ledger) if citable.id in kept)


def _citable(kind: str, identifier: str, title: str, abstract: str) -> Citable:
    return Citable(
        identifier, kind, shortened(f"{_KIND_TITLES[kind]} {identifier}: {title}"), " ".join(abstract.split())
    )
