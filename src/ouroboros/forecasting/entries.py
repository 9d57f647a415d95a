"""The entries that a person adds: an answer, a new probability, a piece of evidence, a search without a change."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from ouroboros.forecasting.insert import Entry, fault
from ouroboros.ledger.forecast_log import OURS, reports_nothing_found
from ouroboros.ledger.forecasts import SUREST, Forecast, Reading, StatusEntry

Outcome = Literal["yes", "no", "ambiguous"]
Scope = Literal["strict", "lenient", "both"]


def resolution(
    forecast: Forecast,
    outcome: Outcome,
    *,
    reading: Scope,
    decided_on: date,
    sources: Sequence[str],
    by: str,
    on: date,
    why: str | None = None,
    confidence: float | None = None,
    corrects: str | None = None,
    horizon: str | None = None,
) -> tuple[str, Entry]:
    """Entry that answers a reading (or both); the other reading keeps its last status.

    Parameters
    ----------
    forecast : Forecast
        What is answered.
    outcome : {"yes", "no", "ambiguous"}
        The answer.
    reading : {"strict", "lenient", "both"}
        For which criteria.
    decided_on : date
        Day on which the answer became fixed, not the day of this entry.
    sources : sequence of str
        Keys of references.bib.
    by : str
        Who says so.
    on : date
        Day of the entry.
    why : str, optional
        The grounds; needed for an answer that no source alone can give: a NO before the close, or 'ambiguous'.
    confidence : float, optional
        Probability that others with full access would agree.
    corrects : str, optional
        Name of the entry that this one corrects, such as ``s2``.
    horizon : str, optional
        How far the search saw, if the grounds say that something was not found.

    Raises
    ------
    LedgerFaults
        If the reading is answered already, or the day does not fit the window.
    """
    readings: tuple[Reading, ...] = ("strict", "lenient") if reading == "both" else (reading,)
    for one in readings:
        _may_be_answered(forecast, one, outcome, decided_on, why, corrects)
    why = (
        _clean(why)
        or f"Answered {outcome.upper()} on the {' and '.join(readings)} reading from the source named."
    )
    entry: dict[str, Any] = {"as_of": on.isoformat()}
    last = forecast.status
    for one in forecast.readings:
        if one in readings:
            entry |= _answer(one, outcome, decided_on, confidence)
        elif last is not None:
            entry |= _kept(one, last)
    entry["rationale"] = why
    if sources:
        entry["sources"] = list(sources)
    return "history", _finish(entry, by, corrects, horizon)


def _may_be_answered(
    forecast: Forecast, reading: Reading, outcome: Outcome, day: date, why: str | None, corrects: str | None
) -> None:
    window = forecast.window
    if reading not in forecast.readings:
        raise fault(forecast.id, f"has no {reading} criteria")
    status = forecast.status.of(reading) if forecast.status else "open"
    if status.startswith("resolved") and corrects is None:
        place = f"s{len(forecast.history)}"
        raise fault(
            forecast.id,
            f"is {status} on the {reading} reading already; if that is wrong, correct it (--corrects {place})",
        )
    if outcome == "yes" and day < window.open:
        raise fault(forecast.id, f"cannot have come true on {day}, before its window opens on {window.open}")
    if outcome == "no" and day < window.close and why is None:
        raise fault(
            forecast.id, f"has a window until {window.close}; a NO before that needs its grounds (--why)"
        )
    if outcome == "ambiguous" and why is None:
        raise fault(forecast.id, "'ambiguous' needs its grounds (--why)")


def _answer(reading: Reading, outcome: Outcome, day: date, confidence: float | None) -> dict[str, Any]:
    entry: dict[str, Any] = {reading: f"resolved-{outcome}", f"{reading}_decided_on": day.isoformat()}
    if confidence is not None:
        entry[f"confidence_{reading}"] = confidence
    return entry


def _kept(reading: Reading, last: StatusEntry) -> dict[str, Any]:
    entry: dict[str, Any] = {reading: last.of(reading)}
    if day := getattr(last, f"{reading}_decided_on"):
        entry[f"{reading}_decided_on"] = day.isoformat()
    if (confidence := getattr(last, f"confidence_{reading}")) is not None:
        entry[f"confidence_{reading}"] = confidence
    return entry


def estimate(
    forecast: Forecast,
    probability: float,
    *,
    reading: Reading,
    why: str,
    by: str,
    on: date,
    corrects: str | None = None,
    horizon: str | None = None,
) -> tuple[str, Entry]:
    """Entry with a new probability.

    Raises
    ------
    LedgerFaults
        If the reading is answered, its window has closed, or the probability leaves no doubt at all.
    """
    if reading not in forecast.readings:
        raise fault(forecast.id, f"has no {reading} criteria")
    status = forecast.status.of(reading) if forecast.status else "open"
    if status.startswith("resolved"):
        raise fault(forecast.id, f"is {status} on the {reading} reading; there is nothing left to estimate")
    if on > forecast.window.close:
        raise fault(
            forecast.id,
            f"closed on {forecast.window.close}; a probability after that is no forecast (resolve it)",
        )
    if not SUREST <= probability <= 1 - SUREST:
        raise fault(forecast.id, f"probability {probability} must lie between {SUREST} and {1 - SUREST}")
    if not _clean(why):
        raise fault(forecast.id, "a new probability needs its reason (--why)")
    entry = {"date": on.isoformat(), "reading": reading, "value": float(probability), "label": OURS}
    return "probabilities", _finish(entry | {"by": by, "why": _clean(why)}, None, corrects, horizon)


def observation(
    *,
    day: str,
    direction: Literal["for", "against", "mixed", "context"],
    reading: Scope,
    reliability: str,
    summary: str,
    source: str,
    on: date,
    corrects: str | None = None,
    horizon: str | None = None,
) -> tuple[str, Entry]:
    """Entry with a piece of evidence for or against."""
    entry: dict[str, Any] = {"date": day, "direction": direction}
    if reading != "both":
        entry["reading"] = reading
    entry |= {"reliability": reliability, "basis": "read", "summary": _clean(summary), "source": source}
    return "evidence", _finish(entry | {"added_on": on.isoformat()}, None, corrects, horizon)


def refusal(*, day: str, claim: str, reason: str, source: str, on: date) -> tuple[str, Entry]:
    """Entry with something claimed elsewhere that is not used, and why."""
    entry = {"date": day, "claim": _clean(claim), "reason": _clean(reason), "source": source}
    return "rejected", entry | {"rejected_on": on.isoformat()}


def search(
    *,
    found: str,
    reasons: str,
    by: str,
    on: date,
    fired: Sequence[int] = (),
    corrects: str | None = None,
    horizon: str | None = None,
) -> tuple[str, Entry]:
    """Entry that says what a search found and why nothing changes; it renews the day of the last look."""
    entry: dict[str, Any] = {"date": on.isoformat(), "found": _clean(found), "status_change": "none"}
    entry["reasons"] = _clean(reasons)
    if fired:
        entry["fired"] = list(fired)
    return "updates", _finish(entry, by, corrects, horizon)


def _finish(entry: dict[str, Any], by: str | None, corrects: str | None, horizon: str | None) -> Entry:
    if by is not None:
        entry["by"] = by
    if corrects:
        entry["corrects"] = corrects
    if horizon and any(reports_nothing_found(text) for text in entry.values() if isinstance(text, str)):
        entry["horizon"] = horizon
    return entry


def _clean(text: str | None) -> str:
    """One line without odd spaces, as the ledger holds prose."""
    return " ".join((text or "").split())


__all__ = ["Outcome", "Scope", "estimate", "observation", "refusal", "resolution", "search"]
