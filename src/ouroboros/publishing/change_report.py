"""What changed between two editions, told: the same parts as lines of text and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from ouroboros.publishing.changes import Change, Changes
from ouroboros.publishing.citables import shortened

#: What moved, in the order of the report: title, kind, field, head of the columns of old and new.
_MOVES = (
    ("Audits", "claim", "audit"),
    ("Reproduction marks", "claim", "mark"),
    ("Wording of claims", "claim", "text"),
    ("Verdicts of statements", "statement", "verdict"),
    ("Titles of statements", "statement", "title"),
    ("Soundness of experiments", "experiment", "valid"),
    ("Titles of experiments", "experiment", "title"),
    ("Forecasts, strict reading", "forecast", "status"),
    ("Forecasts, lenient reading", "forecast", "lenient"),
    ("Probabilities of forecasts", "forecast", "probability"),
)
_LISTS = (
    ("Claims", "claim"),
    ("Statements", "statement"),
    ("Experiments", "experiment"),
    ("Evidence values", "estimate"),
    ("Forecasts", "forecast"),
    ("Sources", "source"),
    ("Pages", "page"),
)
_NAMED_BY = {"claims": "text", "statements": "title", "experiments": "title", "forecasts": "title"}
_WIDTH, _LONGEST_NAME = 100, 90


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a report: a table of what moved, or a list of what came or went.

    Attributes
    ----------
    title : str
        What it is about.
    head : tuple of str
        Names of the columns; empty for a list.
    rows : tuple of tuple
        The change and the cells after its id; a list has none.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Change, tuple[str, ...]], ...]


def parts_of(found: Changes) -> list[Part]:
    """Everything that changed, kind by kind; what did not change has no part."""
    parts = [
        Part(title, ("", "Before", "Now"), tuple((c, (_shown(c.old), _shown(c.new))) for c in moved))
        for title, kind, field in _MOVES
        if (moved := [c for c in found.of(kind, field) if c.what == "changed"])
    ]
    if values := [c for c in found.of("estimate") if c.what == "changed"]:
        head = ("", "Before", "Interval before", "Now", "Interval now", "New value")
        parts.append(Part("Evidence values", head, tuple((c, _value_cells(c)) for c in values)))
    for title, kind in _LISTS:
        for what, word in (("added", "added"), ("withdrawn", "withdrawn"), ("changed", "changed")):
            if what == "changed" and kind != "page":
                continue
            if some := [c for c in found.of(kind) if c.what == what]:
                parts.append(Part(f"{title} {word}: {len(some)}", (), tuple((c, ()) for c in some)))
    return parts


def _value_cells(change: Change) -> tuple[str, ...]:
    old, new = change.old, change.new
    place = "outside the old interval" if change.beyond_interval else "inside the old interval"
    return (_shown(old["value"]), _interval(old), _shown(new["value"]), _interval(new), place)


def _interval(estimate: Mapping[str, Any]) -> str:
    return f"[{_shown(estimate['low'])}, {_shown(estimate['high'])}]"


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.4g}".replace("-", "−")
    return str(value)


def to_text(found: Changes) -> str:
    """Lines for a terminal."""
    lines = [f"from {found.old} to {found.new}", *(f"  {line}" for line in found.headline())]
    for part in parts_of(found):
        lines += ["", part.title]
        if part.head:
            lines += _columns(part)
        else:
            ids = ", ".join(change.id for change, _ in part.rows)
            lines += textwrap.wrap(
                ids, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
            )
    if not found.changes:
        lines.append("  nothing changed")
    return "\n".join(lines)


def _columns(part: Part) -> Iterator[str]:
    table = [part.head, *((change.id, *cells) for change, cells in part.rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def names_of(*states: Mapping[str, Any]) -> dict[str, str]:
    """Titles of records by id; a later state's wins."""
    return {
        identifier: shortened(record[field], _LONGEST_NAME)
        for state in states
        for kind, field in _NAMED_BY.items()
        for identifier, record in state.get(kind, {}).items()
    }


def to_html(found: Changes, names: Mapping[str, str], links: Mapping[str, str]) -> str:
    """The parts of the report as the body of a page.

    Parameters
    ----------
    found : Changes
        What changed.
    names : mapping of str to str
        Titles of records by id.
    links : mapping of str to str
        Where a record or page stands, by its id, seen from the page; what is not in it gets no link.
    """

    def shown(change: Change) -> str:
        record = change.id.partition(":")[0] if change.kind == "estimate" else change.id
        text = escape(change.id)
        if record in links:
            text = f'<a href="{escape(links[record], quote=True)}">{text}</a>'
        named = (
            names.get(change.id) if change.kind in ("claim", "statement", "experiment", "forecast") else ""
        )
        return f"{text} <span>{escape(named)}</span>" if named else text

    items = "\n".join(f"<li>{escape(line)}</li>" for line in found.headline())
    body = [f"<ul>\n{items}\n</ul>" if found.changes else "<p>Nothing changed.</p>"]
    for part in parts_of(found):
        body.append(f"<h2>{escape(part.title)}</h2>")
        if part.head:
            head = "".join(f'<th scope="col">{escape(cell) or "What"}</th>' for cell in part.head)
            rows = "\n".join(
                f'<tr><th scope="row">{shown(change)}</th>'
                + "".join(
                    f'<td data-column="{escape(column, quote=True)}">{escape(cell)}</td>'
                    for column, cell in zip(part.head[1:], cells, strict=True)
                )
                + "</tr>"
                for change, cells in part.rows
            )
            name = escape(part.title, quote=True)
            body.append(
                f'<div class="wide" tabindex="0" role="region" aria-label="{name}"><table>\n'
                f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
            )
        else:
            entries = "\n".join(f"<li>{shown(change)}</li>" for change, _ in part.rows)
            body.append(f'<ul class="short">\n{entries}\n</ul>')
    return "\n".join(body)
