"""Drawings made while the book is built: inline SVG whose parts link to the records they show.

A directive leaves a placeholder with the drawing's name. Once every page is read and every record has its
place, the placeholder is replaced by what the drawing's function returns. Colours come from the style sheet,
so a drawing follows the theme of the page.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from ouroboros.sphinxext import book_data

#: From the id of a record to the address of its place, None for records that no page shows.
Address = Callable[[str], str | None]
Draw = Callable[[book_data.BookData, Address], str]

_DRAWINGS: dict[str, Draw] = {}


class Drawing(nodes.General, nodes.Element):
    """Placeholder of a drawing until the places of all records are known."""


def register(name: str, draw: Draw) -> None:
    """Make a drawing available to ``drawing(name)``."""
    _DRAWINGS[name] = draw


def drawing(name: str) -> Drawing:
    """Return the placeholder of a registered drawing."""
    node = Drawing()
    node["drawing"] = name
    return node


def linked(content: str, address: str | None, title: str, classes: str = "") -> str:
    """Wrap SVG in a link with a tooltip, or in a plain group when there is nowhere to go.

    Parameters
    ----------
    content : str
        SVG elements.
    address : str or None
        Where the link leads.
    title : str
        What is read out and shown on hover; escaped here.
    classes : str
        CSS classes of the group.

    Returns
    -------
    str
    """
    inner = f"<title>{escape(title)}</title>{content}"
    if address is None:
        return f'<g class="{classes}">{inner}</g>'
    return f'<a class="{classes}" href="{escape(address, quote=True)}">{inner}</a>'


def address_in(env: BuildEnvironment, builder, docname: str) -> Address:
    """Return the function that finds records as seen from one page."""
    domain = env.get_domain("ledger")
    data = book_data.of(env)

    def address(identifier: str) -> str | None:
        place = domain.place(data.kind_of(identifier), identifier)
        if place is None:
            return None
        return f"{builder.get_relative_uri(docname, place.docname)}#{place.anchor}"

    return address


class DrawDrawings(SphinxPostTransform):
    """Replace the placeholders by the drawings."""

    default_priority = 6

    def run(self, **kwargs: object) -> None:
        """Go over the placeholders of a page."""
        for node in list(self.document.findall(Drawing)):
            if self.app.builder.format != "html":
                node.parent.remove(node)
                continue
            address = address_in(self.env, self.app.builder, self.env.docname)
            svg = _DRAWINGS[node["drawing"]](book_data.of(self.env), address)
            node.replace_self(nodes.raw("", f'<div class="drawing">{svg}</div>', format="html"))


def setup(app: Sphinx) -> None:
    """Register the node and the transform."""
    app.add_node(Drawing)
    app.add_post_transform(DrawDrawings)
    app.add_css_file("drawings.css")
