"""The sets of probabilities that are scored, each for itself: who gave them decides what a score may claim."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ouroboros.forecasting.due import standing
from ouroboros.ledger.forecasts import Forecast, ForecastProbability, Reading, Status, WordOnScale

SetName = Literal["edition", "estimates", "words", "prior"]
#: Probability that the status-quo baseline gives to a change; nought would be punished without limit.
CHANGE = 0.05


@dataclass(frozen=True, slots=True)
class SetKind:
    """What a set is, and whether its score may be a headline."""

    name: SetName
    title: str
    label: str
    imputed: bool
    headline: bool
    origin: Literal["original", "edition"]


KINDS: dict[str, SetKind] = {
    kind.name: kind
    for kind in (
        SetKind(
            "edition",
            "The edition's own forecasts",
            "made by this edition before the outcome",
            imputed=False,
            headline=True,
            origin="edition",
        ),
        SetKind(
            "estimates",
            "The edition's estimates on the original's open questions",
            "made by this edition before the outcome, on questions it did not choose",
            imputed=False,
            headline=False,
            origin="original",
        ),
        SetKind(
            "words",
            "The original's words, read as numbers",
            "imputed from its words, not made by the authors; an illustration",
            imputed=True,
            headline=False,
            origin="original",
        ),
        SetKind(
            "prior",
            "A base-rate prior for the original's questions",
            "imputed in hindsight, not made by the authors; an illustration",
            imputed=True,
            headline=False,
            origin="original",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Held:
    """A probability and the number of days it was in force."""

    probability: float
    days: int


@dataclass(frozen=True, slots=True)
class Item:
    """One reading of one forecast in a set: what was said, what happened, and what cheap rules would have said.

    Attributes
    ----------
    held : tuple of Held
        Probabilities in order of time; empty when the set gives none for this reading.
    outcome : int or None
        1 or 0 when resolved, else None.
    past_close : bool
        Whether the scheduled close lies behind the day of scoring.
    base_rate, status_quo : float or None
        What the baselines give to YES.
    """

    id: str
    reading: Reading
    status: Status
    held: tuple[Held, ...]
    outcome: int | None
    past_close: bool
    base_rate: float | None
    status_quo: float | None


def items(
    name: SetName, forecasts: Iterable[Forecast], scale: Sequence[WordOnScale], reading: Reading, on: date
) -> list[Item]:
    """All items of a set for one reading on a day; nothing is left out because it is open or went wrong."""
    kind = KINDS[name]
    terms = {word.term: word.probability for word in scale}
    return [
        _item(name, forecast, terms, reading, on)
        for forecast in forecasts
        if forecast.origin == kind.origin and reading in forecast.readings and _asked(name, forecast, reading)
    ]


def _asked(name: SetName, forecast: Forecast, reading: Reading) -> bool:
    """The estimates cover what was open when the edition looked; all other sets cover every question."""
    return name != "estimates" or forecast.probability(reading) is not None


def _item(name: SetName, forecast: Forecast, terms: dict[str, float], reading: Reading, on: date) -> Item:
    status = standing(forecast, reading, on)
    outcome = {"resolved-yes": 1, "resolved-no": 0}.get(status)
    quo = getattr(forecast.status_quo, reading, None)
    return Item(
        id=forecast.id,
        reading=reading,
        status=status,
        held=_held(name, forecast, terms, reading, on),
        outcome=outcome,
        past_close=on > forecast.window.close,
        base_rate=_base_rate(name, forecast, reading),
        status_quo=None if quo is None else (1 - CHANGE if quo == "yes" else CHANGE),
    )


def _base_rate(name: SetName, forecast: Forecast, reading: Reading) -> float | None:
    if forecast.origin == "edition":
        return getattr(forecast.base_rate, reading, None)
    prior = forecast.prior(reading)
    return prior.value if prior and name != "prior" else None


def _held(
    name: SetName, forecast: Forecast, terms: dict[str, float], reading: Reading, on: date
) -> tuple[Held, ...]:
    if name == "words":
        return (Held(terms[forecast.wording.term], 1),) if forecast.wording else ()
    if name == "prior":
        prior = forecast.prior(reading)
        return (Held(prior.value, 1),) if prior else ()
    given = [p for p in forecast.probabilities if p.reading == reading and not p.imputed and p.date <= on]
    return in_force(given, until=_answered(forecast, reading, on))


def _answered(forecast: Forecast, reading: Reading, on: date) -> date:
    """Last day on which a probability still was a forecast: before the answer, the close and the day of scoring."""
    for entry in forecast.history:
        if entry.of(reading).startswith("resolved") and entry.as_of <= on:
            decided = entry.strict_decided_on if reading == "strict" else entry.lenient_decided_on
            return min(decided or entry.as_of, forecast.window.close, on)
    return min(forecast.window.close, on)


def in_force(given: Sequence[ForecastProbability], until: date) -> tuple[Held, ...]:
    """Days each probability was in force, up to and with `until`.

    The last one of a day holds for the whole day. A probability given after `until` is no forecast any more and
    is left out; if all were given on `until` or none has a day, the last one up to `until` counts once.
    """
    kept = [p for p in given if p.date <= until]
    if not kept:
        return ()
    days = [
        ((kept[k + 1].date if k + 1 < len(kept) else until) - p.date).days + (k + 1 == len(kept))
        for k, p in enumerate(kept)
    ]
    return tuple(Held(p.value, d) for p, d in zip(kept, days, strict=True) if d > 0)
