"""Forecasts: the original's, resolved by us, and those an edition makes itself."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ouroboros.ledger.fields import Basis, Day, OneOrMore, Probability, Record, Several, Text, id_of

Reading = Literal["strict", "lenient"]
Status = Literal["resolved-yes", "resolved-no", "resolved-ambiguous", "open", "overdue-unresolved"]


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


class ForecastProbability(Record):
    """A probability given on a day for one reading; kept for ever, later ones are appended."""

    date: Day
    reading: Reading
    value: Probability
    label: Literal["imputed, not made by the authors", "estimate of this edition"]
    in_hindsight: bool = False
    reasoning: Text | None = None

    @property
    def imputed(self) -> bool:
        """Whether it was put into the mouth of the original, hence outside every headline score."""
        return self.label.startswith("imputed")


class ForecastEvidence(Record):
    """Something seen that speaks for or against."""

    date: Text
    direction: Text
    reliability: Literal["high", "medium", "low", "very low", "n/a"]
    reliability_note: Text | None = None
    basis: Basis | None = None
    summary: Text
    source_title: Text
    publisher: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    url_note: Text | None = None
    added_on: Day


class LimbStatus(Record):
    """Status of one limb of a forecast that has several."""

    limb: Text
    status: Status
    confidence: Probability | None = None
    note: Text


class StatusEntry(Record):
    """The status as judged on a day; the list is only ever appended to."""

    as_of: Day
    strict: Status
    confidence_strict: Probability | None = None
    lenient: Status | None = None
    confidence_lenient: Probability | None = None
    rationale: Text
    limbs: Several[LimbStatus] = ()


class ForecastUpdate(Record):
    """What a later search found and what it changed."""

    date: Day
    found: Text
    status_change: Text
    reasons: Text
    correction: Text | None = None
    suggestion: Text | None = None


class BaseRate(Record):
    """The reference class behind a probability."""

    text: Text
    basis: Text


class Forecast(Record):
    """A question that time answers."""

    id: id_of("forecast")
    origin: Literal["original", "edition"]
    kind: Text
    topic: Text | None = None
    section: Text | None = None
    title: Text
    statement: Text
    made_on: Day
    window: Window
    resolution: Resolution
    base_rate: BaseRate | None = None
    probabilities: Several[ForecastProbability] = ()
    evidence: Several[ForecastEvidence] = ()
    history: Several[StatusEntry] = ()
    leading_indicators: Several[Text] = ()
    updates: Several[ForecastUpdate] = ()
    links: Several[Text] = ()
    reserve: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.origin == "edition" and any(p.imputed for p in self.probabilities):
            raise ValueError("is our own forecast, so its probabilities cannot be imputed")
        for name, days in (
            ("probabilities", [p.date for p in self.probabilities]),
            ("history", [h.as_of for h in self.history]),
            ("updates", [u.date for u in self.updates]),
        ):
            if days != sorted(days):
                raise ValueError(f"has '{name}' out of order; append the newest last")
        if self.origin == "edition" and self.window.close < self.made_on:
            raise ValueError(f"was made on {self.made_on}, after its window closed on {self.window.close}")
        return self

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
        """The probability imputed to the original for a reading, None if there is none."""
        return next((p for p in self.probabilities if p.reading == reading and p.imputed), None)


class ForecastsMeta(Record):
    """What applies to all forecasts."""

    title: Text
    probability_notice: Text
    status_vocabulary: OneOrMore[Status]
    confidence_meaning: Text
    evidence_horizon: dict[str, Any]
    scoring_fine_print: Several[Text]


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
