"""The argument on one drawing: claims, the statements that rest on them, the experiments that test those.

`layout` is pure: from the ledger and the words that chips show, to boxes and lines in three columns. Statements
keep the order of the argument; claims and experiments are ordered by where their lines lead, which keeps
crossings few [sugiyama1981methods].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Ledger, Statement
from ouroboros.sphinxext.audit_pages import spaced
from ouroboros.sphinxext.book_data import BookData
from ouroboros.sphinxext.dashboard import AUDITS, VERDICTS
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.drawings import Address, drawing, linked, register
from ouroboros.sphinxext.marks import chip, icon_path, slug
from ouroboros.sphinxext.words import ARGUMENT, summary_of, word_of

# Units of the drawing are pixels of a column 720 wide.
WIDTH, TOP, GAP = 720.0, 30.0, 5.0
ROW, GROUP = 22.0, 22.0
COLUMNS = {"claim": (0.0, 74.0), "statement": (176.0, 262.0), "experiment": (522.0, 198.0)}
FITS = {"statement": 35, "experiment": 25}
IDLE = "Claims used by no step of the argument"
GROUPS = {
    "thesis": "Theses",
    "finding": "Key findings",
    "paradox": "Paradoxes",
    "stage": "Ladder",
    "judgement": "Judgements",
    "uncertainty": "Uncertainty",
    "falsifier": "Would overturn it",
    "opportunity": "Opportunities",
}


@dataclass(frozen=True)
class Box:
    """A record on the drawing: its column, its place, what it says and its audit, verdict or state."""

    kind: str
    id: str
    x: float
    y: float
    width: float
    label: str
    word: str

    @property
    def middle(self) -> float:
        """Height at which lines arrive."""
        return self.y + (ROW - GAP) / 2


@dataclass(frozen=True)
class Map:
    """Boxes by id, lines between them as pairs of ids (left, right), names of groups with their heights."""

    boxes: Mapping[str, Box]
    lines: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, float], ...]
    height: float


def experiments_testing(ledger: Ledger, statement_id: str) -> list[str]:
    """Experiments with a criterion in force that bears on a statement."""
    owners = (ledger.experiment_of(criterion.id).id for criterion in ledger.criteria_for(statement_id))
    return list(dict.fromkeys(owners))


def layout(ledger: Ledger, word: Callable[[str, str], str]) -> Map:
    """Place claims, statements of the argument and experiments in three columns.

    Parameters
    ----------
    ledger : Ledger
        Everything with an id.
    word : callable
        From kind and id to the word whose colour and icon a box carries.

    Returns
    -------
    Map
    """
    statements = [s for kind in ARGUMENT for s in ledger.statements.values() if s.kind == kind]
    rests = [(c, s.id) for s in statements for c in s.claims]
    carrying = {claim for claim, _ in rests}
    tests = [(s.id, e) for s in statements for e in experiments_testing(ledger, s.id)]
    middle, groups, y = {}, [], TOP
    for k, statement in enumerate(statements):
        if k == 0 or statement.kind != statements[k - 1].kind:
            groups.append((GROUPS[statement.kind], y + GROUP - 8))
            y += GROUP
        middle[statement.id], y = y, y + ROW
    left = _ordered(carrying, {c: [middle[s] for d, s in rests if d == c] for c in carrying})
    right = _ordered(
        ledger.experiments, {e: [middle[s] for s, d in tests if d == e] for e in ledger.experiments}
    )
    bottom = max(y, TOP + GROUP + ROW * max(len(left), len(right)))
    places = [(identifier, "statement", COLUMNS["statement"][0], at) for identifier, at in middle.items()]
    for kind, ids in (("claim", left), ("experiment", right)):
        step = _step(len(ids), bottom)
        places += [(i, kind, COLUMNS[kind][0], TOP + GROUP + k * step) for k, i in enumerate(ids)]
    idle = [claim for claim in ledger.claims if claim not in carrying]
    if idle:
        groups.append((IDLE, bottom + GROUP - 4))
    stride = COLUMNS["claim"][1] + 8
    a_row = int((WIDTH + 8) // stride)
    for k, claim in enumerate(idle):
        places.append((claim, "claim", stride * (k % a_row), bottom + GROUP + 4 + ROW * (k // a_row)))
    boxes = {
        i: Box(kind, i, x, at, COLUMNS[kind][1], _label(ledger, kind, i), word(kind, i))
        for i, kind, x, at in places
    }
    height = max((box.y for box in boxes.values()), default=TOP) + ROW + 4
    return Map(boxes, (*rests, *tests), tuple(groups), height)


def _ordered(ids: Iterable[str], leads_to: Mapping[str, Sequence[float]]) -> list[str]:
    """Order by the mean height of the other ends, then by id; what leads nowhere comes last."""

    def mean(identifier: str) -> float:
        ends = leads_to[identifier]
        return sum(ends) / len(ends) if ends else float("inf")

    return sorted(sorted(ids), key=mean)


def _step(count: int, bottom: float) -> float:
    """Distance of the boxes of a column: spread over the height, between one row and two."""
    return max(ROW, min(2 * ROW, (bottom - TOP - GROUP - ROW) / max(1, count - 1)))


def _label(ledger: Ledger, kind: str, identifier: str) -> str:
    if kind == "claim":
        return identifier
    title = ledger.find(identifier)[1].title
    text = f"{identifier} {title}" if kind == "statement" else title
    return text if len(text) <= FITS[kind] else text[: FITS[kind] - 1].rstrip() + "…"


def svg(drawn: Map, address: Address, title_of: Callable[[str, str], str]) -> str:
    """Draw a map; every box links to the place of its record."""
    counts = [sum(box.kind == kind for box in drawn.boxes.values()) for kind in COLUMNS]
    parts = [
        f'<svg class="argument-map" viewBox="0 0 {WIDTH:g} {drawn.height:.0f}" role="group" aria-label="Argument '
        f"map in three columns: {counts[0]} claims, {counts[1]} statements that rest on them and {counts[2]} "
        f'experiments that test the statements. Every box is a link.">',
        f"<style>{_highlights(drawn)}</style>",
    ]
    for kind, name in (("claim", "Claims"), ("statement", "Statements"), ("experiment", "Experiments")):
        parts.append(f'<text class="column-name" x="{COLUMNS[kind][0]:g}" y="16">{name}</text>')
    for name, y in drawn.groups:
        x = 0.0 if name == IDLE else COLUMNS["statement"][0]
        parts.append(f'<text class="group-name" x="{x:g}" y="{y:g}">{name}</text>')
    for left, right in drawn.lines:
        a, b = drawn.boxes[left], drawn.boxes[right]
        start, end = a.x + a.width, b.x
        bend = (end - start) / 2
        parts.append(
            f'<path class="edge {_css(left)} {_css(right)}" d="M{start:g} {a.middle:.1f}'
            f'C{start + bend:g} {a.middle:.1f} {end - bend:g} {b.middle:.1f} {end:g} {b.middle:.1f}"/>'
        )
    for box in drawn.boxes.values():
        shape = (
            f'<rect x="{box.x:g}" y="{box.y:.1f}" width="{box.width:g}" height="{ROW - GAP:g}" rx="4"/>'
            f'<g class="glyph-in-map" transform="translate({box.x + 5:g} {box.y + 2.5:.1f}) scale(.75)">'
            f"{icon_path(box.word)}</g>"
            f'<text x="{box.x + 21:g}" y="{box.y + 12.8:.1f}">{escape(box.label)}</text>'
        )
        title = f"{box.id}, {box.word.replace('-', ' ')}: {title_of(box.kind, box.id)}"
        classes = f"node {slug(box.word)} {_css(box.id)}"
        parts.append(linked(shape, address(box.id), title, classes))
    return "".join(parts) + "</svg>"


def _css(identifier: str) -> str:
    return "m-" + identifier.replace(".", "-")


def _highlights(drawn: Map) -> str:
    """One rule: the lines of the box under the pointer or in focus stand out."""
    joined = [identifier for identifier in drawn.boxes if any(identifier in line for line in drawn.lines)]
    selectors = ",".join(
        f".argument-map:has(.node.{_css(i)}:is(:hover,:focus-visible)) .edge.{_css(i)}" for i in joined
    )
    return f"{selectors}{{opacity:1;stroke-width:2}}"


def _word(data: BookData) -> Callable[[str, str], str]:
    def word(kind: str, identifier: str) -> str:
        if kind != "experiment":
            return word_of(data, kind, identifier) or "untested"
        evidence = data.evidence.get(identifier)
        if evidence is None:
            return "not tested"
        return "passed" if evidence.valid else "missed"

    return word


def _draw(data: BookData, address: Address) -> str:
    return svg(layout(data.ledger, _word(data)), address, lambda kind, i: summary_of(data, kind, i))


class ArgumentMap(LedgerDirective):
    """The drawing with its legend, and the same as a list for screens without room for it."""

    def run(self) -> list[nodes.Node]:
        """Draw both."""
        legend = nodes.bullet_list(classes=["map-legend"])
        for word in (*VERDICTS, *AUDITS):
            legend += nodes.list_item("", nodes.paragraph("", "", chip(word)))
        listed = nodes.bullet_list(classes=["map-list"])
        for kind in ARGUMENT:
            for statement in self.data.ledger.statements.values():
                if statement.kind == kind:
                    listed += nodes.list_item("", *self._entry(statement))
        return [legend, drawing("argument-map"), listed]

    def _entry(self, statement: Statement) -> list[nodes.Node]:
        head = nodes.paragraph("", "", ledger_link("statement", statement.id))
        head += nodes.Text(f" {statement.title}")
        parts: list[nodes.Node] = [head]
        claims = [ledger_link("claim", claim) for claim in statement.claims]
        tests = [ledger_link("experiment", e) for e in experiments_testing(self.data.ledger, statement.id)]
        for name, links in (("Rests on ", claims), ("Tested by ", tests)):
            if links:
                parts.append(nodes.paragraph("", "", nodes.Text(name), *spaced(links)))
        return parts


def setup(app: Sphinx) -> None:
    """Register the directive and the drawing."""
    register("argument-map", _draw)
    app.add_directive("argument-map", ArgumentMap)
