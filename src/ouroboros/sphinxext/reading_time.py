"""Words and reading time of a page, counted from the page itself, and reading paths with their sums.

The cover and the pages under ``book/`` get a line under their title if they have enough running text. The rate is
the average for silent reading of English non-fiction, 238 words a minute [brysbaert2019rate].
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

LOGGER = logging.getLogger(__name__)

WORDS_A_MINUTE = 238
#: Below this a page is a table or a list, and a reading time would say nothing.
FEWEST_WORDS = 120
_WORD = re.compile(r"[^\W_]+(?:['’.,\-][^\W_]+)*")
#: Drawn from the ledger for looking up, not for reading on.
_LOOKED_UP = {"card", "tested-by", "memo-sentences"}
_NOT_READ = (nodes.literal_block, nodes.math, nodes.math_block, nodes.table, nodes.raw, nodes.Invisible)
_COUNTED = "reading-words"
_HAS_PATH = "reading-path"


def words_of(node: nodes.Node) -> int:
    """Count the words of running text below a node.

    Tables, formulae and code are not counted, nor are cards and lists drawn from the ledger.
    """
    if isinstance(node, nodes.Text):
        return len(_WORD.findall(node.astext()))
    if isinstance(node, _NOT_READ) or _LOOKED_UP.intersection(node.get("classes", ())):
        return 0
    return sum(words_of(child) for child in node.children)


def minutes_for(words: int) -> int:
    """Minutes that a text takes, rounded to whole minutes and at least one."""
    return max(1, round(words / WORDS_A_MINUTE))


def _minutes_text(minutes: int) -> str:
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


class ReadingPath(nodes.General, nodes.Element):
    """Placeholder of a path until the words of all its pages are known."""


class ReadingPathDirective(SphinxDirective):
    """An ordered list of pages, each with its reading time, and the time of them all.

    The content names one page a line, from the root of the book and without its ending; what follows after
    a bar says why to read it.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Check the pages and leave a placeholder."""
        steps = []
        for line in filter(None, map(str.strip, self.content)):
            docname, _, why = (part.strip() for part in line.partition("|"))
            if docname in self.env.found_docs:
                steps.append((docname, why))
            else:
                LOGGER.warning(
                    f"reading-path: there is no page '{docname}'", location=(self.env.docname, self.lineno)
                )
        self.env.metadata[self.env.docname][_HAS_PATH] = True
        return [ReadingPath(steps=steps)]


def _note_words(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.docname
    words = words_of(doctree)
    app.env.metadata[docname][_COUNTED] = words
    section = next(iter(doctree.findall(nodes.section)), None)
    read_on = docname.startswith("book/") or docname == app.config.root_doc
    if section is None or not read_on or words < FEWEST_WORDS:
        return
    text = f"{words:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    line = nodes.paragraph("", f"{text} words, {_minutes_text(minutes_for(words))}", classes=["reading-time"])
    section.insert(1, line)


def _pages_with_paths(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Write these pages again whenever anything changed: their sums depend on other pages."""
    return [docname for docname, metadata in env.metadata.items() if metadata.get(_HAS_PATH)]


def _resolve_paths(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for placeholder in list(doctree.findall(ReadingPath)):
        steps = nodes.enumerated_list(classes=["reading-path"])
        total = 0
        for target, why in placeholder["steps"]:
            words = app.env.metadata[target].get(_COUNTED, 0)
            total += words
            title = nodes.inline("", app.env.titles[target].astext())
            link = make_refnode(app.builder, docname, target, "", title)
            steps += nodes.list_item("", nodes.paragraph("", "", link))
            after = f": {why}" if why else ""
            steps[-1][0] += nodes.Text(f" ({_minutes_text(minutes_for(words))}){after}")
        together = nodes.paragraph("", f"Together {_minutes_text(minutes_for(total))}.")
        placeholder.replace_self([steps, together])


def setup(app: Sphinx) -> None:
    """Register the directive and the counting."""
    app.add_node(ReadingPath)
    app.add_directive("reading-path", ReadingPathDirective)
    # After the collectors of Sphinx, which start the metadata of a page anew.
    app.connect("doctree-read", _note_words, priority=900)
    app.connect("env-updated", _pages_with_paths)
    app.connect("doctree-resolved", _resolve_paths)
