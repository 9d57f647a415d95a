"""Drawings of forecasts as inline SVG: a sparkline, the history of one forecast, the timeline of all windows.

Units are pixels of a column 720 wide. Numbers that were imputed are drawn hollow, those of an edition filled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from typing import Literal

from ouroboros.forecasting.due import standing
from ouroboros.ledger.forecasts import Forecast, ForecastProbability, Reading
from ouroboros.sphinxext.drawings import Address, linked
from ouroboros.sphinxext.marks import slug

WIDTH = 720.0
Across = Callable[[date], float]


def percent(value: float) -> str:
    """Print a probability as a reader expects it."""
    shown = (
        f"{100 * value:.1f}".rstrip("0").rstrip(".") if value < 0.1 or value > 0.9 else f"{100 * value:.0f}"
    )
    return f"{shown}\N{NO-BREAK SPACE}%"


def given(forecast: Forecast, reading: Reading) -> list[ForecastProbability]:
    """Probabilities of a reading that an edition gave, in order."""
    return [p for p in forecast.probabilities if p.reading == reading and not p.imputed]


def scale(first: date, last: date, left: float, right: float) -> Across:
    """Return the function from days to places across."""
    days = max(1, (last - first).days)
    return lambda day: left + (right - left) * (day - first).days / days


def sparkline(forecast: Forecast, on: date) -> str:
    """Probability of the strict reading from the day it was first given until the close; hollow if imputed only."""
    made = given(forecast, "strict")
    shown: Sequence[float] = [p.value for p in made]
    hollow = not made
    if hollow and (prior := forecast.prior("strict")):
        shown = [prior.value]
    if not shown:
        return ""
    first = made[0].date if made else forecast.made_on
    across = scale(first, max(forecast.window.close, on, first + timedelta(days=1)), 5, 75)
    levels = [19 - 16 * value for value in shown]
    path = ""
    if made:
        x = [across(p.date) for p in made] + [across(max(min(on, forecast.window.close), first))]
        path = "".join(f"M{x[k]:.1f} {y:.1f}H{x[k + 1]:.1f}" for k, y in enumerate(levels))
        path += "".join(
            f"M{x[k + 1]:.1f} {levels[k]:.1f}V{levels[k + 1]:.1f}" for k in range(len(levels) - 1)
        )
    end = across(max(min(on, forecast.window.close), first)) if made else 5
    return (
        '<svg class="spark" viewBox="0 0 80 22" width="80" height="22" aria-hidden="true" focusable="false">'
        '<path class="frame" d="M5 3H75M5 19H75"/>'
        f'<path class="said" d="{path}"/>'
        f'<circle class="{"imputed" if hollow else "made"}" cx="{end:.1f}" cy="{levels[-1]:.1f}" r="3"/></svg>'
    )


# --- one forecast ------------------------------------------------------------------------------------

_TOP, _BOTTOM, _LEFT, _RIGHT = 18.0, 150.0, 44.0, 700.0


def history(forecast: Forecast, words: float | None, on: date) -> str:
    """Draw what was said of one forecast when, with its window, evidence and answers.

    Parameters
    ----------
    forecast : Forecast
        Drawn from the day it was made or its window opened to the later of close and today.
    words : float or None
        What the original's words are read as; imputed.
    on : date
        Today of the page.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    first = min(forecast.made_on, forecast.window.open, *(p.date for p in forecast.probabilities))
    # A window that began years before the forecast would leave the forecast no room.
    first = max(first, forecast.made_on - timedelta(days=120))
    last = max(forecast.window.close, on) + timedelta(days=14)
    across = scale(first, last, _LEFT, _RIGHT)
    opened = max(forecast.window.open, first)
    parts = [
        f'<svg class="forecast-history" viewBox="0 0 {WIDTH:g} 214" role="img" '
        f'aria-label="{escape(history_text(forecast, words), quote=True)}">'
    ]
    if forecast.window.close > first:
        x, width = across(opened), across(forecast.window.close) - across(opened)
        parts.append(
            f'<rect class="window" x="{x:.1f}" y="{_TOP}" width="{width:.1f}" height="{_BOTTOM - _TOP}"/>'
        )
        parts.append(f'<text class="window" x="{x + 4:.1f}" y="{_TOP - 5}">window</text>')
    parts += [_level(value) for value in (0.0, 0.5, 1.0)]
    parts += _axis(first, last, across)
    parts += _imputed(forecast, words, across)
    parts += _said(forecast, across, on)
    parts += _answers(forecast, across)
    parts += _evidence(forecast, across, first, last)
    now = across(on)
    parts.append(f'<line class="today" x1="{now:.1f}" x2="{now:.1f}" y1="{_TOP}" y2="{_BOTTOM}"/>')
    return "".join(parts) + "</svg>"


def history_text(forecast: Forecast, words: float | None) -> str:
    """Say in a sentence what the drawing shows, for readers who do not see it."""
    said = [
        f"{reading} {', then '.join(percent(p.value) for p in given(forecast, reading))}"
        for reading in forecast.readings
        if given(forecast, reading)
    ]
    text = f"Window from {forecast.window.open} to {forecast.window.close}. "
    text += f"The edition's probabilities: {'; '.join(said)}. " if said else "No probability by an edition. "
    prior = forecast.prior("strict")
    if words is not None and prior:
        text += f"Imputed for the strict reading: {percent(words)} from its words, {percent(prior.value)} as a prior. "
    status = forecast.status
    if status:
        answers = [f"{reading} {status.of(reading)}" for reading in forecast.readings]
        text += f"Status: {', '.join(answers)}."
    return text.strip()


def _y(value: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * value


def _level(value: float) -> str:
    y = _y(value)
    line = f'<line class="level" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + f'<text class="level" x="{_LEFT - 6}" y="{y + 4:.1f}">{100 * value:.0f} %</text>'


def _axis(first: date, last: date, across: Across) -> list[str]:
    """Years as marks below; quarters too when the span is short."""
    step = 3 if (last - first).days < 1200 else 12
    parts = []
    year, month = first.year, 1
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            x = across(day)
            parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{_BOTTOM}" y2="{_BOTTOM + 4}"/>')
            if month == 1 or step == 3:
                label = str(year) if month == 1 else f"{day:%b}"
                parts.append(f'<text class="tick" x="{x:.1f}" y="{_BOTTOM + 16}">{label}</text>')
        month += step
        if month > 12:
            year, month = year + 1, month - 12
    return parts


def spread(levels: Sequence[float], gap: float = 13.0, lowest: float = _BOTTOM - 5) -> list[float]:
    """Move labels apart, in the order of their levels, so that no two touch and none leaves the drawing below."""
    order = sorted(range(len(levels)), key=lambda k: levels[k])
    placed = list(levels)
    for before, here in pairwise(order):
        placed[here] = max(placed[here], placed[before] + gap)
    over = max([0.0, *(level - lowest for level in placed)])
    return [level - over for level in placed]


def _imputed(forecast: Forecast, words: float | None, across: Across) -> list[str]:
    """Hollow marks at the day of the forecast: nobody said these numbers then."""
    x = across(forecast.made_on)
    prior = forecast.prior("strict")
    marks = []
    if words is not None:
        y = _y(words)
        marks.append(
            (y, f'<path class="imputed" d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"/>', "words (imputed)")
        )
    if prior:
        y = _y(prior.value)
        marks.append((y, f'<circle class="imputed" cx="{x:.1f}" cy="{y:.1f}" r="4"/>', "prior (imputed)"))
    labels = spread([y for y, _, _ in marks])
    return [
        f'{mark}<text class="imputed" x="{x + 9:.1f}" y="{label + 4:.1f}">{name}</text>'
        for (_, mark, name), label in zip(marks, labels, strict=True)
    ]


def _said(forecast: Forecast, across: Across, on: date) -> list[str]:
    """Filled dots and a line for each reading, with the last value as its name."""
    shown = [reading for reading in ("lenient", "strict") if given(forecast, reading)]
    labels = spread([_y(given(forecast, reading)[-1].value) for reading in shown])
    return [_line(forecast, reading, label, across, on) for reading, label in zip(shown, labels, strict=True)]


def _line(forecast: Forecast, reading: Reading, label: float, across: Across, on: date) -> str:
    made = given(forecast, reading)
    until = max(min(on, forecast.window.close), made[-1].date)
    x = [across(p.date) for p in made] + [across(until)]
    y = [_y(p.value) for p in made]
    path = f"M{x[0]:.1f} {y[0]:.1f}" + "".join(
        f"H{x[k + 1]:.1f}" + (f"V{y[k + 1]:.1f}" if k + 1 < len(y) else "") for k in range(len(y))
    )
    dots = "".join(
        f'<circle class="{reading}" cx="{a:.1f}" cy="{b:.1f}" r="4"/>' for a, b in zip(x[:-1], y, strict=True)
    )
    name = f"{reading} {percent(made[-1].value)}"
    # Near the right edge there is no room behind the line: the name stands before it.
    side = f'x="{x[-1] + 8:.1f}"' if x[-1] < 600 else f'x="{x[0] - 8:.1f}" text-anchor="end"'
    return f'<path class="{reading}" d="{path}"/>{dots}<text class="{reading}" {side} y="{label + 4:.1f}">{name}</text>'


def _answers(forecast: Forecast, across: Across) -> list[str]:
    """A filled or empty square at 100 % or 0 % on the day an answer became fixed."""
    status = forecast.status
    if status is None:
        return []
    parts = []
    for reading in forecast.readings:
        word = status.of(reading)
        day = getattr(status, f"{reading}_decided_on")
        if not word.startswith("resolved") or day is None:
            continue
        x = max(_LEFT, across(day))
        y = _y({"resolved-yes": 1.0, "resolved-no": 0.0}.get(word, 0.5))
        label = f"{reading} {word.removeprefix('resolved-')}"
        parts.append(
            f'<g class="{slug(word)}">'
            f'<rect class="decided-mark" x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10"/>'
            f'<text class="decided-mark" x="{x + 9:.1f}" y="{y - 4:.1f}">{label}</text></g>'
        )
    return parts


_ARROWS = {"for": "M{x} {y}l4.5 8h-9z", "against": "M{x} {z}l4.5 -8h-9z", "mixed": "M{x} {y}l4 4l-4 4l-4 -4z"}


def day_of(text: str) -> date | None:
    """Return the first day a loose date such as '2026-04/05' may mean; None when it has no year and month."""
    head = text.strip()[:10]
    for form, rest in ((head, ""), (head[:7], "-01")):
        try:
            return date.fromisoformat(form + rest)
        except ValueError:
            continue
    return None


def _evidence(forecast: Forecast, across: Across, first: date, last: date) -> list[str]:
    """Marks below the axis: up for, down against; only evidence dated to a month or better is drawn."""
    parts = [f'<text class="lane" x="{_LEFT - 6}" y="192">evidence</text>']
    drawn = 0
    for entry in forecast.evidence:
        day = day_of(entry.date)
        if day is None or not first <= day <= last:
            continue
        x = across(day)
        shape = _ARROWS.get(entry.direction, "M{x} {y}m-2 4a2 2 0 104 0a2 2 0 10-4 0")
        path = shape.format(x=f"{x:.1f}", y="184", z="196")
        parts.append(f'<path class="evidence {entry.direction}" d="{path}"/>')
        drawn += 1
    return parts if drawn else []


# --- all of them ---------------------------------------------------------------------------------------

_ROW, _HEAD, _NAMES = 19.0, 30.0, 52.0


@dataclass(frozen=True, slots=True)
class Row:
    """A forecast on the timeline: its window and what became of it."""

    forecast: Forecast
    x: float
    end: float
    y: float
    beyond: bool
    status: str


def rows(forecasts: Sequence[Forecast], on: date, first: date, last: date) -> list[Row]:
    """Place windows between two days; a window that runs on is cut at the edge and marked."""
    across = scale(first, last, _NAMES, WIDTH - 10)
    placed = []
    for k, forecast in enumerate(sorted(forecasts, key=lambda f: (f.window.close, f.window.open))):
        beyond = forecast.window.close > last
        placed.append(
            Row(
                forecast,
                across(max(forecast.window.open, first)),
                across(min(max(forecast.window.close, first + timedelta(days=5)), last)),
                _HEAD + _ROW * k,
                beyond,
                standing(forecast, "strict", on),
            )
        )
    return placed


def timeline(forecasts: Sequence[Forecast], on: date, address: Address) -> str:
    """Draw all windows as bars, the day each strict reading was decided, and today."""
    first, last = date(2026, 1, 1), date(2028, 3, 31)
    across = scale(first, last, _NAMES, WIDTH - 10)
    placed = rows(forecasts, on, first, last)
    height = _HEAD + _ROW * len(placed) + 8
    parts = [
        f'<svg class="forecast-windows" viewBox="0 0 {WIDTH:g} {height:.0f}" role="group" '
        f'aria-label="Windows of {len(placed)} forecasts; the table below gives the same days.">'
    ]
    for year in (2026, 2027, 2028):
        for month in (1, 4, 7, 10):
            day = date(year, month, 1)
            if day <= last:
                kind: Literal["year", "quarter"] = "year" if month == 1 else "quarter"
                x = across(day)
                parts.append(
                    f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="20" y2="{height - 6:.0f}"/>'
                )
                label = str(year) if month == 1 else f"{day:%b}"
                parts.append(f'<text class="{kind}" x="{x + 3:.1f}" y="14">{label}</text>')
    now = across(on)
    for row in placed:
        parts.append(_window(row, address, across))
    parts.append(f'<line class="today" x1="{now:.1f}" x2="{now:.1f}" y1="20" y2="{height - 6:.0f}"/>')
    return "".join(parts) + "</svg>"


def _window(row: Row, address: Address, across: Across) -> str:
    forecast, y = row.forecast, row.y
    tip = 5 if row.beyond else 0
    bar = (
        f"M{row.x:.1f} {y:.1f}H{row.end - tip:.1f}"
        + (f"l{tip} 5l-{tip} 5" if tip else f"V{y + 10:.1f}")
        + f"H{row.x:.1f}z"
    )
    content = f'<text class="name" x="0" y="{y + 9:.1f}">{forecast.id}</text><path class="bar" d="{bar}"/>'
    decided = getattr(forecast.status, "strict_decided_on", None)
    if decided and date(2026, 1, 1) <= decided <= date(2028, 3, 31):
        content += (
            f'<rect class="decided-mark" x="{across(decided) - 4:.1f}" y="{y + 1:.1f}" width="8" height="8"/>'
        )
    window = f"{forecast.window.open} to {forecast.window.close}"
    title = f"{forecast.id}, {row.status.replace('-', ' ')}: {forecast.title}. {window}"
    return linked(content, address(forecast.id), title, f"span-of-time {slug(row.status)} {forecast.origin}")
