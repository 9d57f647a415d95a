"""The timeline of the background: events in lanes by track, years downwards, each linked to a record."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Event
from ouroboros.sphinxext.audit_pages import spaced
from ouroboros.sphinxext.book_data import BookData
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import KINDS, ledger_link
from ouroboros.sphinxext.drawings import Address, drawing, linked, register

TRACKS = {
    "said": "Said about data",
    "found": "Found by research",
    "built": "Built and bought",
    "ruled": "Ruled by law",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# Units of the drawing are pixels of a column 720 wide.
WIDTH, TOP, YEAR = 720.0, 34.0, 215.0
MARGIN, LANE = 52.0, 167.0
LINE, CHARACTERS = 14.0, 22


def year_of(day: str, *, end: bool = False) -> float:
    """Turn a date of known precision into a year with a fraction: its start, or its end if asked for.

    Parameters
    ----------
    day : str
        YYYY, YYYY-MM or YYYY-MM-DD.
    end : bool
        Take the end of the year, month or day instead.

    Returns
    -------
    float
    """
    parts = [int(part) for part in day.split("-")]
    if len(parts) == 1:
        return parts[0] + float(end)
    if len(parts) == 2:
        return parts[0] + (parts[1] - 1 + float(end)) / 12
    first, here = date(parts[0], 1, 1), date(*parts)
    length = (date(parts[0] + 1, 1, 1) - first).days
    return parts[0] + ((here - first).days + float(end)) / length


def date_text(day: str) -> str:
    """Write a date of known precision in words, as '13 December 2024' or 'June 2025'."""
    parts = day.split("-")
    words = [parts[0]]
    if len(parts) > 1:
        words.insert(0, _MONTHS[int(parts[1]) - 1])
    if len(parts) > 2:
        words.insert(0, str(int(parts[2])))
    return " ".join(words)


@dataclass(frozen=True)
class Placed:
    """An event with its dot and its label on the drawing."""

    event: Event
    x: float
    dot: float
    label: float
    lines: tuple[str, ...]

    @property
    def bottom(self) -> float:
        """Lower edge of the label."""
        return self.label + LINE * (len(self.lines) - 1) + 4


def layout(events: Iterable[Event]) -> list[Placed]:
    """Place events in lanes; labels of a lane move down as far as needed not to touch.

    Parameters
    ----------
    events : iterable of Event
        Those of other tracks are left out.

    Returns
    -------
    list of Placed
        In the order of dates, lane by lane.
    """
    shown = [event for event in events if event.track in TRACKS]
    start = min((year_of(event.date) for event in shown), default=0.0)
    placed = []
    for lane, track in enumerate(TRACKS):
        free = TOP
        for event in sorted((e for e in shown if e.track == track), key=lambda e: year_of(e.date)):
            dot = TOP + 12 + (year_of(event.date) - start) * YEAR
            lines = tuple(textwrap.wrap(event.label, CHARACTERS))
            label = max(dot + 4, free + LINE)
            item = Placed(event, MARGIN + lane * LANE, dot, label, lines)
            free = item.bottom + 2
            placed.append(item)
    return placed


def svg(placed: list[Placed], address: Address, today: str) -> str:
    """Draw placed events; `today` is marked by a line, later events are hollow."""
    if not placed:
        return ""
    height = max(max(item.bottom, item.dot) for item in placed) + 16
    first = min(placed, key=lambda item: item.dot)
    start = year_of(first.event.date)

    def down(year: float) -> float:
        return first.dot + (year - start) * YEAR

    parts = [
        f'<svg class="timeline" viewBox="0 0 {WIDTH:g} {height:.0f}" role="group" '
        f'aria-label="Timeline of {len(placed)} events in four lanes: {escape(", ".join(TRACKS.values()))}. '
        f'The list below gives the same events with their sources.">'
    ]
    for lane, (track, name) in enumerate(TRACKS.items()):
        x = MARGIN + lane * LANE
        parts.append(f'<text class="lane-name" x="{x:g}" y="16">{escape(name)}</text>')
        parts.append(f'<line class="lane {track}" x1="{x:g}" x2="{x:g}" y1="24" y2="{height - 4:.0f}"/>')
    for year in range(int(start) + 1, int(start + height / YEAR) + 1):
        y = down(year)
        if y < height - 6:
            parts.append(f'<line class="year" x1="0" x2="{WIDTH:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="year" x="0" y="{y + 14:.1f}">{year}</text>')
    now = down(year_of(today))
    parts.append(f'<line class="today" x1="0" x2="{WIDTH:g}" y1="{now:.1f}" y2="{now:.1f}"/>')
    parts.append(f'<text class="today" x="0" y="{now - 5:.1f}">today</text>')
    for item in placed:
        parts.append(_event(item, address, due=item.event.date > today))
    return "".join(parts) + "</svg>"


def _event(item: Placed, address: Address, due: bool) -> str:
    event, x = item.event, item.x + 12
    leader = ""
    if item.label - 4 - item.dot > 3:
        leader = f'<path class="leader" d="M{item.x:g} {item.dot:.1f}L{x - 3:g} {item.label - 4:.1f}" fill="none"/>'
    dot = (
        f'<circle class="{event.track}{" due" if due else ""}" cx="{item.x:g}" cy="{item.dot:.1f}" r="4.5"/>'
    )
    spans = "".join(
        f'<tspan x="{x:g}" y="{item.label + LINE * k:.1f}">{escape(line)}</tspan>'
        for k, line in enumerate(item.lines)
    )
    found = (place for link in event.links if (place := address(link)))
    title = f"{date_text(event.date)}: {event.text}"
    return leader + linked(f"{dot}<text>{spans}</text>", next(found, None), title, "event")


def _draw(data: BookData, address: Address) -> str:
    today = data.evidence_date or max(claim.checked_on.isoformat() for claim in data.ledger.claims.values())
    return svg(layout(data.ledger.events.values()), address, today)


class Timeline(LedgerDirective):
    """The drawing, for screens with room for it, and the same events as a list with sources."""

    def run(self) -> list[nodes.Node]:
        """Draw both."""
        events = [e for e in self.data.ledger.events.values() if e.track in TRACKS]
        domain = self.env.get_domain("ledger")
        listed = nodes.bullet_list(classes=["event-list"])
        for event in sorted(events, key=lambda e: year_of(e.date)):
            anchor = domain.note_target("event", event.id, self.env.docname)
            listed += nodes.list_item("", self._line(event), ids=[anchor])
        return [drawing("timeline"), listed]

    def _line(self, event: Event) -> nodes.paragraph:
        line = nodes.paragraph("", "", nodes.strong("", date_text(event.date)), nodes.Text(". "))
        line += nodes.Text(event.text + " ")
        keys = ",".join(citation.key for citation in event.sources)
        if keys:
            line += [*self.inline_markdown(f"{{cite:p}}`{keys}`"), nodes.Text(" ")]
        links = ((self.data.kind_of(link), link) for link in event.links)
        line += spaced([ledger_link(kind, link, link) for kind, link in links if kind in KINDS])
        return line


class ExhaustionDates(LedgerDirective):
    """By when data is said to have run out, one bar a source on a common axis."""

    def run(self) -> list[nodes.Node]:
        """Draw the bars, each under its name."""
        spans = [e for e in self.data.ledger.events.values() if e.track == "exhaustion"]
        if not spans:
            return self.fault("exhaustion-dates: ledger/events.yml has no event of the track 'exhaustion'")
        ends = [(year_of(e.date), year_of(e.until or e.date, end=True)) for e in spans]
        low, high = int(min(start for start, _ in ends)), round(max(end for _, end in ends) + 0.499)
        chart = nodes.container("", classes=["spans"])
        for event, (start, end) in zip(spans, ends, strict=True):
            left, width = (start - low) / (high - low), (end - start) / (high - low)
            bar = (
                f'<div class="span-track" aria-hidden="true"><span style="left:{100 * left:.2f}%;'
                f'width:{max(1.0, 100 * width):.2f}%"></span></div>'
            )
            anchor = self.env.get_domain("ledger").note_target("event", event.id, self.env.docname)
            label = nodes.strong("", event.label)
            name = nodes.paragraph("", "", label, nodes.Text(". "), ids=[anchor])
            name += nodes.Text(event.text + " ")
            keys = ",".join(citation.key for citation in event.sources)
            if keys:
                name += [*self.inline_markdown(f"{{cite:p}}`{keys}`"), nodes.Text(" ")]
            links = ((self.data.kind_of(link), link) for link in event.links)
            name += spaced([ledger_link(kind, link, link) for kind, link in links if kind in KINDS])
            chart += [name, nodes.raw("", bar, format="html")]
        years = "".join(
            f'<span style="left:{100 * (year - low) / (high - low):.2f}%">{year}</span>'
            for year in range(low, high + 1, 2)
        )
        chart += nodes.raw("", f'<div class="span-axis" aria-hidden="true">{years}</div>', format="html")
        return [chart]


def setup(app: Sphinx) -> None:
    """Register the directives and the drawing."""
    register("timeline", _draw)
    app.add_directive("timeline", Timeline)
    app.add_directive("exhaustion-dates", ExhaustionDates)
