"""Which words of a page the search knows: those of its drawings are left out, for none of them is a sentence.

Sphinx takes the tags out of raw HTML and puts nothing in their place, so that the labels of a drawing run together
into words such as ``31fm6f1``. What a drawing shows stands in its caption, its table and the words around it.
"""

from __future__ import annotations

import re

import sphinx.search
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search import IndexBuilder, WordStore

_HIDDEN = re.compile(r"<(?P<tag>svg|style|script)\b.*?</(?P=tag)>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<]+?>")


def words_of(html: str) -> str:
    """Text of raw HTML without drawings, styles and scripts; a tag ends a word."""
    return _TAG.sub(" ", _HIDDEN.sub(" ", html))


class ReadableWords(IndexBuilder):
    """Sphinx's index, with another idea of the words of raw HTML."""

    def _word_collector(self, doctree: nodes.document) -> WordStore:
        raw = [node for node in doctree.findall(nodes.raw) if "html" in node.get("format", "").split()]
        markup = [node.children for node in raw]
        for node in raw:
            node.children = [nodes.Text(words_of(node.astext()))]
        try:
            return super()._word_collector(doctree)
        finally:
            for node, children in zip(raw, markup, strict=True):
                node.children = children


def setup(app: Sphinx) -> None:
    """Take the place of Sphinx's index: its builder of pages has no setting for it."""
    sphinx.search.IndexBuilder = ReadableWords
