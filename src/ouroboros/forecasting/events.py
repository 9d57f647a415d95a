"""What happened to forecasts: made, answered, estimated anew. For readers who follow the report by its feed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from ouroboros.forecasting.due import in_order
from ouroboros.ledger.forecasts import Forecast, ForecastProbability, Reading, StatusEntry

Kind = Literal["made", "resolved", "updated"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a forecast, or the making of those of an edition.

    Attributes
    ----------
    name : str
        Stable for ever: forecast and entry of its log, such as ``F3:s2``; ``made:2026.11`` for those of an edition.
    day : date
        Day of the entry.
    kind : {"made", "resolved", "updated"}
        What happened.
    title, text : str
        The news in a line, and its grounds.
    id, entry : str or None
        Forecast and entry of its log; None for the making of several.
    """

    name: str
    day: date
    kind: Kind
    title: str
    text: str
    id: str | None = None
    entry: str | None = None


def events(forecasts: Iterable[Forecast]) -> list[Event]:
    """All events in the order in which they were entered; those of one day by forecast.

    Probabilities that were imputed are no news of a forecast and make no event.
    """
    listed = list(forecasts)
    found = [event for f in listed for event in (*_resolved(f), *_updated(f))]
    found += _made(listed)
    return sorted(found, key=lambda e: (e.day, e.id is not None, in_order(e.id) if e.id else ("", 0), e.name))


def _made(forecasts: list[Forecast]) -> Iterator[Event]:
    own = [f for f in forecasts if f.origin == "edition"]
    for edition, group in groupby(sorted(own, key=_edition), key=_edition):
        made = sorted(group, key=lambda f: in_order(f.id))
        listed = "; ".join(f"{f.id}: {f.title}, {_said(f.probabilities[0])}" for f in made)
        title = f"Edition {edition} makes {len(made)} forecasts"
        yield Event(f"made:{edition}", max(f.made_on for f in made), "made", title, f"{listed}.")


def _edition(forecast: Forecast) -> str:
    return forecast.edition or ""


def _resolved(forecast: Forecast) -> Iterator[Event]:
    """Entries of the status log that answer a reading, or answer it otherwise than before."""
    before: StatusEntry | None = None
    for number, entry in enumerate(forecast.history, 1):
        answers = [
            f"{reading} {_answer(entry, reading)}"
            for reading in forecast.readings
            if entry.of(reading).startswith("resolved")
            and (before is None or before.of(reading) != entry.of(reading))
        ]
        if answers:
            again = f", correcting {entry.corrects}" if entry.corrects else ""
            title = f"{forecast.id} resolved ({', '.join(answers)}{again}): {forecast.title}"
            name = f"s{number}"
            yield Event(
                f"{forecast.id}:{name}", entry.as_of, "resolved", title, entry.rationale, forecast.id, name
            )
        before = entry


def _answer(entry: StatusEntry, reading: Reading) -> str:
    return entry.of(reading).removeprefix("resolved-")


def _updated(forecast: Forecast) -> Iterator[Event]:
    """Probabilities of an edition that differ from the one before and were entered on a later day."""
    before: dict[Reading, ForecastProbability] = {}
    for number, entry in enumerate(forecast.probabilities, 1):
        if entry.imputed:
            continue
        last = before.get(entry.reading)
        if last and last.date < entry.date and last.value != entry.value:
            moved = f"moved from {_percent(last.value)} to {_said(entry)} ({entry.reading})"
            title = f"{forecast.id} {moved}: {forecast.title}"
            name = f"p{number}"
            yield Event(f"{forecast.id}:{name}", entry.date, "updated", title, entry.why, forecast.id, name)
        before[entry.reading] = entry


def _said(entry: ForecastProbability) -> str:
    return _percent(entry.value)


def _percent(value: float) -> str:
    return f"{100 * value:.3g}%"
