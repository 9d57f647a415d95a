"""Forecasts: the original's, resolved by us, and those an edition makes itself."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ouroboros.ledger.fields import Day, OneOrMore, Probability, Record, Several, Text, id_of
from ouroboros.ledger.forecast_log import (
    LETTERS,
    Assessment,
    Clarification,
    Entry,
    ForecastEvidence,
    ForecastProbability,
    ForecastUpdate,
    Reading,
    Rejected,
    Status,
    StatusEntry,
    reports_nothing_found,
)

__all__ = [
    "Forecast",
    "ForecastEvidence",
    "ForecastProbability",
    "ForecastUpdate",
    "ForecastsFile",
    "ForecastsMeta",
    "Horizon",
    "NotScored",
    "Reading",
    "Status",
    "StatusEntry",
    "WordOnScale",
]

#: Days after the close of its window at which a forecast without a date of its own is to be resolved.
GRACE = timedelta(days=30)
#: Probabilities of an edition stay clear of the ends: being sure and wrong costs an infinite log score.
SUREST = 0.005


class Window(Record):
    """First and last day on which an event counts (UTC calendar days)."""

    open: Day
    close: Day
    note: Text | None = None

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.close < self.open:
            raise ValueError(f"closes on {self.close}, before it opens on {self.open}")
        return self


class Resolution(Record):
    """How the question is decided."""

    strict: Text
    lenient: Text | None = None
    counts: Several[Text] = ()
    does_not_count: Several[Text] = ()
    fine_print: Text | None = None
    if_silent: Literal["YES", "NO", "AMBIGUOUS"] | None = None
    sources: OneOrMore[Text]
    resolve_on: Day | None = None


class Wording(Record):
    """How sure the original sounded: its modal word and the term of the word scale that stands for it."""

    word: Text
    term: Text


class StatusQuo(Record):
    """What the answer is if nothing changes from the day of the forecast on; a baseline."""

    strict: Literal["yes", "no"]
    lenient: Literal["yes", "no"]


class BaseRate(Record):
    """The reference class behind a probability, and the number it gives for each reading."""

    text: Text
    basis: Text
    strict: Probability | None = None
    lenient: Probability | None = None
    horizon: Text | None = None

    @model_validator(mode="after")
    def _says_how_far_it_looked(self) -> Self:
        if self.horizon is None and reports_nothing_found(self.text):
            raise ValueError(
                "reports that something was not found, so it needs 'horizon': how far the search saw"
            )
        return self


class Forecast(Record):
    """A question that time answers."""

    id: id_of("forecast")
    origin: Literal["original", "edition"]
    edition: Text | None = None
    kind: Text
    topic: Text | None = None
    section: Text | None = None
    title: Text
    statement: Text
    made_on: Day
    window: Window
    resolution: Resolution
    wording: Wording | None = None
    status_quo: StatusQuo | None = None
    base_rate: BaseRate | None = None
    probabilities: Several[ForecastProbability] = ()
    evidence: Several[ForecastEvidence] = ()
    rejected: Several[Rejected] = ()
    history: Several[StatusEntry] = ()
    leading_indicators: Several[Text] = ()
    updates: Several[ForecastUpdate] = ()
    assessments: Several[Assessment] = ()
    clarifications: Several[Clarification] = ()
    links: Several[Text] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name, days in (
            ("probabilities", [p.date for p in self.probabilities]),
            ("evidence", [e.added_on for e in self.evidence]),
            ("rejected", [r.rejected_on for r in self.rejected]),
            ("history", [h.as_of for h in self.history]),
            ("updates", [u.date for u in self.updates]),
            ("assessments", [a.date for a in self.assessments]),
            ("clarifications", [c.date for c in self.clarifications]),
        ):
            if days != sorted(days):
                raise ValueError(f"has '{name}' out of order; append the newest last")
        for name, entries in self.logs():
            for number, entry in enumerate(entries, 1):
                if entry.corrects and not _is_earlier(entry.corrects, LETTERS[name], number):
                    place = f"{LETTERS[name]}{number}"
                    raise ValueError(
                        f"{place} corrects '{entry.corrects}', which is not an earlier entry of '{name}'"
                    )
        for number, update in enumerate(self.updates, 1):
            if any(k > len(self.leading_indicators) for k in update.fired):
                raise ValueError(
                    f"u{number} fires an indicator beyond the {len(self.leading_indicators)} listed"
                )
        return self

    @model_validator(mode="after")
    def _says_nothing_twice(self) -> Self:
        for name in (*LETTERS, "leading_indicators", "links"):
            _refuse_repetition(name, getattr(self, name))
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.origin == "original":
            return self
        if any(p.imputed for p in self.probabilities):
            raise ValueError("is our own forecast, so its probabilities cannot be imputed")
        if any(not SUREST <= p.value <= 1 - SUREST for p in self.probabilities):
            raise ValueError(
                f"is our own forecast, so its probabilities lie between {SUREST} and {1 - SUREST}"
            )
        if self.window.close < self.made_on:
            raise ValueError(f"was made on {self.made_on}, after its window closed on {self.window.close}")
        if self.window.open <= self.made_on:
            raise ValueError(
                f"was made on {self.made_on}, so its window may open on the next day at the earliest"
            )
        given = {p.reading for p in self.probabilities if p.date == self.made_on}
        if "strict" not in given or (self.resolution.lenient and "lenient" not in given):
            raise ValueError("needs a probability for each of its readings on the day it was made")
        if self.edition is None or self.base_rate is None or self.base_rate.strict is None:
            raise ValueError("is our own forecast, so it needs 'edition' and a 'base_rate' with a number")
        return self

    def logs(self) -> Iterator[tuple[str, Sequence[Entry]]]:
        """All lists of dated entries by name."""
        return ((name, getattr(self, name)) for name in LETTERS)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings this forecast has criteria for."""
        return ("strict", "lenient") if self.resolution.lenient else ("strict",)

    @property
    def resolve_on(self) -> date:
        """Day by which the forecast is to be resolved; later it is overdue."""
        return self.resolution.resolve_on or self.window.close + GRACE

    @property
    def status(self) -> StatusEntry | None:
        """The last judged status, None before the first."""
        return self.history[-1] if self.history else None

    def probability(self, reading: Reading = "strict") -> ForecastProbability | None:
        """The last probability of a reading that is not imputed, None if there is none."""
        for entry in reversed(self.probabilities):
            if entry.reading == reading and not entry.imputed:
                return entry
        return None

    def prior(self, reading: Reading = "strict") -> ForecastProbability | None:
        """The last probability imputed to the original for a reading, None if there is none."""
        for entry in reversed(self.probabilities):
            if entry.reading == reading and entry.imputed:
                return entry
        return None

    def correction_of(self, name: str, number: int) -> str | None:
        """Name of the entry that corrects entry `number` of the list `name`, None if none does."""
        target = f"{LETTERS[name]}{number}"
        for later, entry in enumerate(getattr(self, name), 1):
            if entry.corrects == target:
                return f"{LETTERS[name]}{later}"
        return None


def _refuse_repetition(name: str, items: Sequence[Any]) -> None:
    """Refuse a list that says the same twice: lists that only grow would keep a slip of the hand for ever."""
    for number, item in enumerate(items, 1):
        if item in items[: number - 1]:
            raise ValueError(f"has item {number} of '{name}' twice; take the second one out")


def _is_earlier(target: str, letter: str, number: int) -> bool:
    return target[0] == letter and int(target[1:]) < number


class Corpus(Record):
    """A kind of material and the latest day that could be seen in it."""

    name: Text
    until: Day
    note: Text


class Horizon(Record):
    """How far the searches of an edition could see; goes beside every report that nothing was found."""

    name: Text
    date: Day
    corpora: OneOrMore[Corpus]
    consequence: Text


class WordOnScale(Record):
    """A way of asserting and the probability it is read as, after a published scale."""

    term: Text
    means: Text
    anchor: Text
    probability: Annotated[Probability, Field(gt=0, lt=1)]
    low: Probability
    high: Probability
    source: Text
    locator: Text
    why: Text

    @model_validator(mode="after")
    def _inside_its_range(self) -> Self:
        if not self.low <= self.probability <= self.high:
            raise ValueError(f"'{self.term}': {self.probability} lies outside {self.low} to {self.high}")
        return self


class ForecastsMeta(Record):
    """What applies to all forecasts. From `log_opened_on` on, nothing written may change or go."""

    title: Text
    probability_notice: Text
    log_opened_on: Day | None = None
    status_vocabulary: OneOrMore[Status]
    confidence_meaning: Text
    horizons: OneOrMore[Horizon]
    word_scale: OneOrMore[WordOnScale]
    scoring_fine_print: Several[Text]

    @model_validator(mode="after")
    def _says_nothing_twice(self) -> Self:
        for name in ("horizons", "word_scale", "scoring_fine_print"):
            _refuse_repetition(name, getattr(self, name))
        return self


class NotScored(Record):
    """An assertion that looks like a forecast and is not one, with the reason."""

    item: Text
    reason: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class ForecastsFile(Record):
    """ledger/forecasts.yml."""

    meta: ForecastsMeta | None = None
    forecasts: Several[Forecast]
    not_scored: Several[NotScored] = ()
