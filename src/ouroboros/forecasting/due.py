"""What a forecast stands at on a day, and what is due, overdue or stale."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ouroboros.ledger.forecasts import Forecast, Reading, Status

#: Evidence older than this is stale: somebody has to look again, even if nothing has happened.
FRESH = timedelta(days=90)
#: Open forecasts whose window closes within this time are announced.
SOON = timedelta(days=30)

Kind = Literal["overdue", "due", "closing", "stale"]


def standing(forecast: Forecast, reading: Reading, on: date) -> Status:
    """Status of a reading on a day: as judged by then, and overdue when it is open past its day of resolution."""
    judged = [entry for entry in forecast.history if entry.as_of <= on]
    status = judged[-1].of(reading) if judged else "open"
    return "overdue-unresolved" if status == "open" and on > forecast.resolve_on else status


def is_undecided(forecast: Forecast, on: date) -> bool:
    """Whether any reading still waits for an answer."""
    return any(
        standing(forecast, reading, on) in ("open", "overdue-unresolved") for reading in forecast.readings
    )


def last_looked(forecast: Forecast, on: date) -> date:
    """The last day, up to a given one, on which somebody looked: judged, searched, estimated or found something."""
    days = [forecast.made_on]
    days += [p.date for p in forecast.probabilities if not p.imputed]
    days += [entry.as_of for entry in forecast.history]
    days += [update.date for update in forecast.updates]
    days += [e.added_on for e in forecast.evidence] + [r.rejected_on for r in forecast.rejected]
    return max(day for day in days if day <= on) if any(day <= on for day in days) else forecast.made_on


def next_look(forecast: Forecast, on: date) -> date | None:
    """The day by which to look again: three months after the last look, or the day after the window closes.

    None once every reading is decided.
    """
    if not is_undecided(forecast, on):
        return None
    looked = last_looked(forecast, on)
    after_close = forecast.window.close + timedelta(days=1)
    return (
        min(looked + FRESH, after_close) if after_close > looked else min(looked + FRESH, forecast.resolve_on)
    )


@dataclass(frozen=True, slots=True, order=True)
class Attention:
    """Why a forecast needs a person, and since or until when."""

    rank: int
    day: date
    order: tuple[str, int]
    id: str
    kind: Kind
    text: str


def attention(forecasts: Iterable[Forecast], on: date) -> list[Attention]:
    """What is overdue, due, closing soon or stale on a day, most urgent first."""
    found = []
    for forecast in forecasts:
        if not is_undecided(forecast, on):
            continue
        close, resolve_on, looked = forecast.window.close, forecast.resolve_on, last_looked(forecast, on)
        if on > resolve_on:
            found.append(_item(0, "overdue", forecast, resolve_on, f"was to be resolved by {resolve_on}"))
        elif on > close:
            text = f"window closed on {close}, to be resolved by {resolve_on}"
            found.append(_item(1, "due", forecast, resolve_on, text))
        elif on >= close - SOON:
            found.append(_item(2, "closing", forecast, close, f"window closes on {close}"))
        if on > looked + FRESH:
            text = f"last looked at on {looked}, {(on - looked).days} days ago"
            found.append(_item(3, "stale", forecast, looked, text))
    return sorted(found)


def _item(rank: int, kind: Kind, forecast: Forecast, day: date, text: str) -> Attention:
    return Attention(rank, day, in_order(forecast.id), forecast.id, kind, f"{text}: {forecast.title}")


def in_order(ident: str) -> tuple[str, int]:
    """Sort key that puts N2 before N10."""
    letters = ident.rstrip("0123456789")
    return letters, int(ident[len(letters) :])


def ledger_day(forecasts: Iterable[Forecast]) -> date:
    """The newest day any entry of the log bears: 'today' for pages, which must not move with the clock."""
    days = [
        day
        for f in forecasts
        for day in (
            f.made_on,
            *(p.date for p in f.probabilities),
            *(h.as_of for h in f.history),
            *(u.date for u in f.updates),
            *(e.added_on for e in f.evidence),
            *(r.rejected_on for r in f.rejected),
            *(a.date for a in f.assessments),
        )
    ]
    return max(days)
