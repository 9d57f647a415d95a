"""The dated entries of a forecast. Lists of them are append-only, so an entry's place in its list is its name.

The third probability of a forecast is ``p3``, its fifth piece of evidence ``e5``; a correction is a new entry
whose ``corrects`` names the old one.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ouroboros.ledger.fields import Basis, Day, Names, Probability, Record, Several, Text

Reading = Literal["strict", "lenient"]
Status = Literal["resolved-yes", "resolved-no", "resolved-ambiguous", "open", "overdue-unresolved"]
IMPUTED = "imputed, not made by the authors"
OURS = "estimate of this edition"

#: Letter that names an entry, by the list it stands in.
LETTERS = {
    "probabilities": "p",
    "history": "s",
    "evidence": "e",
    "rejected": "r",
    "updates": "u",
    "assessments": "a",
    "clarifications": "c",
}

#: Wordings that report a search without result; such a sentence must say how far the search could see.
_NOTHING_FOUND = re.compile(
    r"\bnot found\b|\bfound nothing\b|\bnothing\b[^.;]{0,60}\b(found|seen)\b|\bfound no\b"
    r"|\bno\b[^.;]{0,120}\b(was|were|is|are|has been|have been)? ?(found|seen)\b",
    re.IGNORECASE,
)


def reports_nothing_found(text: str) -> bool:
    """Whether a text says that a search came back empty."""
    return _NOTHING_FOUND.search(text) is not None


def _entry_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][1-9]\d*", value):
        raise ValueError(f"{value!r} does not name an entry; write its letter and number, such as p2 or e5")
    return value


EntryName = Annotated[str, AfterValidator(_entry_name)]


class Entry(Record):
    """What every entry may say: which earlier one it corrects, and how far the search behind it reached."""

    corrects: EntryName | None = None
    horizon: Text | None = None

    @model_validator(mode="after")
    def _says_how_far_it_looked(self) -> Self:
        if self.horizon is None and any(map(reports_nothing_found, self.texts())):
            raise ValueError(
                "reports that something was not found, so it needs 'horizon': how far the search saw"
            )
        return self

    def texts(self) -> list[str]:
        """All prose of the entry."""
        return [value for value in vars(self).values() if isinstance(value, str)]


class ForecastProbability(Entry):
    """A probability given on a day for one reading, by whom and why."""

    date: Day
    reading: Reading
    value: Probability
    label: Literal["imputed, not made by the authors", "estimate of this edition"]
    in_hindsight: bool = False
    by: Text
    why: Text

    @property
    def imputed(self) -> bool:
        """Whether it was put into the mouth of the original, hence outside every headline score."""
        return self.label == IMPUTED


class ForecastEvidence(Entry):
    """Something seen that bears on a forecast: a work of the bibliography, or records of this ledger."""

    date: Text
    direction: Literal["for", "against", "mixed", "context"]
    reading: Literal["strict", "lenient", "both"] = "both"
    aspect: Text | None = None
    reliability: Literal["high", "medium", "low", "very low"]
    reliability_note: Text | None = None
    basis: Basis | None = None
    summary: Text
    source: Text | None = None
    locator: Text | None = None
    records: Names | None = None
    added_on: Day

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.source is None) == (self.records is None):
            raise ValueError(
                "needs either 'source' (a key of references.bib) or 'records' (ids of this ledger)"
            )
        return self


class Rejected(Entry):
    """Something claimed elsewhere that is not used, with the reason."""

    date: Text
    claim: Text
    reason: Text
    source: Text
    rejected_on: Day


class LimbStatus(Record):
    """Status of one limb of a forecast that has several."""

    limb: Text
    status: Status
    confidence: Probability | None = None
    note: Text


class StatusEntry(Entry):
    """The status of both readings as judged on a day."""

    as_of: Day
    strict: Status
    strict_decided_on: Day | None = None
    confidence_strict: Probability | None = None
    lenient: Status | None = None
    lenient_decided_on: Day | None = None
    confidence_lenient: Probability | None = None
    rationale: Text
    limbs: Several[LimbStatus] = ()
    sources: Several[Text] = ()
    by: Text

    def texts(self) -> list[str]:
        """The rationale and the notes on limbs."""
        return [self.rationale, *(limb.note for limb in self.limbs)]

    def of(self, reading: Reading) -> Status:
        """Status of a reading; a reading without one is open."""
        return (self.strict if reading == "strict" else self.lenient) or "open"

    @model_validator(mode="after")
    def _decided_in_the_past(self) -> Self:
        for reading in ("strict", "lenient"):
            day = getattr(self, f"{reading}_decided_on")
            if day is not None and not self.of(reading).startswith("resolved"):
                raise ValueError(f"gives a day of decision for the {reading} reading, which is not resolved")
            if day is not None and day > self.as_of:
                raise ValueError(
                    f"was judged on {self.as_of}, before the {reading} reading was decided on {day}"
                )
        return self


class ForecastUpdate(Entry):
    """What a search on a day found, what it changed and which indicators had moved."""

    date: Day
    found: Text
    status_change: Text
    reasons: Text
    correction: Text | None = None
    suggestion: Text | None = None
    fired: Several[Annotated[int, Field(ge=1)]] = ()
    by: Text


class Assessment(Entry):
    """What the original got right: direction, date and mechanism judged apart."""

    date: Day
    direction: Literal["right", "partly-right", "wrong", "undecided"]
    timing: Literal["on-time", "happened-earlier", "late-or-never", "undecided", "no-date-given"]
    mechanism: Literal["right", "partly-right", "wrong", "undecided"]
    text: Text
    by: Text


class Clarification(Entry):
    """How a criterion is read in a case that its wording left open; the wording itself never changes."""

    date: Day
    text: Text
    by: Text
