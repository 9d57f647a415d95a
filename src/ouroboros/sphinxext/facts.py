"""Parts that cards of all kinds are made of: facts with labels, lists of chips, foldable details, plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from docutils import nodes

from ouroboros.ledger.fields import Quantity
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.numbers import number

Fact = tuple[str, Sequence[nodes.Node]]

_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:)\]'’]")


def plain(text: str) -> list[nodes.Node]:
    """Turn the text of a record into nodes: web addresses become links, nothing else is markup."""
    found: list[nodes.Node] = []
    end = 0
    text = " ".join(text.split())
    for match in _ADDRESS.finditer(text):
        found.append(nodes.Text(text[end : match.start()]))
        found.append(web_link(match[0]))
        end = match.end()
    return [node for node in [*found, nodes.Text(text[end:])] if node.astext()]


def web_link(address: str, shown: str | None = None) -> nodes.reference:
    """Link to another site; the address is shown without its scheme."""
    shown = shown or re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    return nodes.reference("", shown, refuri=address, classes=["web"])


def paragraph(
    *parts: nodes.Node | str | Iterable[nodes.Node], classes: Sequence[str] = ()
) -> nodes.paragraph:
    """Build a paragraph of text, nodes and lists of nodes."""
    flat: list[nodes.Node] = []
    for part in parts:
        if isinstance(part, str):
            flat += plain_spaced(part)
        elif isinstance(part, nodes.Node):
            flat.append(part)
        else:
            flat += part
    return nodes.paragraph("", "", *flat, classes=list(classes))


def plain_spaced(text: str) -> list[nodes.Node]:
    """Keep text as it is, spaces at its ends included."""
    return [nodes.Text(text)] if text else []


def separated(items: Iterable[nodes.Node], by: str = " ") -> list[nodes.Node]:
    """Put `by` between nodes."""
    spaced: list[nodes.Node] = []
    for item in items:
        spaced += [item, nodes.Text(by)]
    return spaced[:-1]


def chips(kind: str, identifiers: Iterable[str]) -> list[nodes.Node]:
    """List chips of records of one kind."""
    return separated(ledger_link(kind, identifier) for identifier in identifiers)


def bullets(items: Iterable[Sequence[nodes.Node]]) -> nodes.bullet_list:
    """List paragraphs, each given as its inline nodes."""
    listed = nodes.bullet_list(classes=["simple"])
    for item in items:
        listed += nodes.list_item("", nodes.paragraph("", "", *item))
    return listed


def facts(rows: Iterable[Fact]) -> nodes.definition_list:
    """Lay out labels and what belongs to them; rows without content are left out."""
    laid = nodes.definition_list(classes=["facts", "simple"])
    for label, content in rows:
        parts = list(content)
        if not parts:
            continue
        inline = all(isinstance(part, nodes.Inline | nodes.Text) for part in parts)
        body = [nodes.paragraph("", "", *parts)] if inline else parts
        laid += nodes.definition_list_item("", nodes.term("", label), nodes.definition("", *body))
    return laid


def details(summary: str, content: Iterable[nodes.Node]) -> list[nodes.Node]:
    """Fold `content` away under a line that opens it; open in print and without CSS."""
    opening = f'<details class="more"><summary>{summary}</summary>'
    return [nodes.raw("", opening, format="html"), *content, nodes.raw("", "</details>", format="html")]


def quantity_text(quantity: Quantity) -> str:
    """Print a quantity of a record the way its source does."""
    value = "" if quantity.value is None else f"{number(quantity.value)} "
    qualifier = f"{quantity.qualifier} " if quantity.qualifier else ""
    note = f"; {quantity.note}" if quantity.note else ""
    return f"{quantity.name}: {qualifier}{value}{quantity.unit} ({quantity.as_of}{note})"
