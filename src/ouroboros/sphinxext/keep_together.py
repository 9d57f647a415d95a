"""A chip stays on a line with the bracket before it and the full stop behind it.

A chip is a box, and browsers may break a line on either side of a box: an opening bracket would be left alone at the
end of a line and a full stop at the beginning of the next.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

#: What clings to the word behind it, and what clings to the word before it.
_BEFORE = re.compile(r"[(\[\u201c\u2018]+$")
_BEHIND = re.compile(r"^[)\].,;:?!\u201d\u2019]+")


def _is_chip(node: nodes.Node) -> bool:
    """Whether a node is drawn as a box: a chip, or a link that holds one."""
    if not isinstance(node, nodes.inline | nodes.reference):
        return False
    if isinstance(node.parent, nodes.reference):
        return False
    return any("chip" in inner["classes"] for inner in node.findall(nodes.inline))


def keep_together(chip: nodes.Element) -> None:
    """Wrap a chip and the punctuation that touches it into one piece of a line.

    Parameters
    ----------
    chip : docutils.nodes.Element
        A node with a parent; the parent and the texts beside the node are changed.
    """
    parent = chip.parent
    place = parent.index(chip)
    before, behind = "", ""
    if place and isinstance(parent[place - 1], nodes.Text) and (found := _BEFORE.search(parent[place - 1])):
        before = found[0]
    if place + 1 < len(parent) and isinstance(parent[place + 1], nodes.Text):
        found = _BEHIND.match(parent[place + 1])
        behind = found[0] if found else ""
    if not before and not behind:
        return
    if behind:
        parent[place + 1] = nodes.Text(parent[place + 1][len(behind) :])
    if before:
        parent[place - 1] = nodes.Text(parent[place - 1][: -len(before)])
    piece = nodes.inline("", "", classes=["together"])
    parent[place] = piece
    piece += [nodes.Text(before), chip, nodes.Text(behind)]


class KeepTogether(SphinxPostTransform):
    """Go over the chips of a page once its links are resolved."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Change the page."""
        for chip in list(self.document.findall(_is_chip)):
            keep_together(chip)


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(KeepTogether)
