"""The number check: a number typed into prose equals a figure of what its sentence names, or is cited to the page.

Checked is what authors wrote: paragraphs, titles, captions, lists and tables. What directives draw from the ledger,
code, formulae and the output of notebooks is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinxcontrib.bibtex.citation_target import parse_citation_targets

from ouroboros.publishing.prose_numbers import OPAQUE, Number, figures_in, sentences, unbacked
from ouroboros.sphinxext import book_data

LOGGER = logging.getLogger(__name__)

Name = tuple[str, str]

_OPAQUE_NODES = (nodes.math, nodes.literal, nodes.raw, nodes.image, nodes.problematic, nodes.system_message)
_BLOCKS = (
    nodes.paragraph,
    nodes.title,
    nodes.caption,
    nodes.term,
    nodes.rubric,
    nodes.attribution,
    nodes.subtitle,
)
_NOT_PROSE = (
    nodes.literal_block,
    nodes.math_block,
    nodes.comment,
    nodes.system_message,
    nodes.substitution_definition,
)


_TITLE_ID = re.compile(r"([A-Z]{1,2}\d+)[.:] ")


@dataclass
class Prose:
    """A run of typed text with what it names: opaque signs in `text` stand for roles, code and formulae."""

    text: str = ""
    names: list[tuple[int, Name]] = field(default_factory=list)
    cited: list[int] = field(default_factory=list)

    def add(self, node: nodes.Node) -> None:
        """Append an inline node."""
        if isinstance(node, nodes.Text):
            self.text += node.astext()
        elif isinstance(node, pending_xref):
            self._add_reference(node)
        elif isinstance(node, nodes.Element) and "evidence" in node:
            self.names.append((len(self.text), ("evidence", ":".join(node["evidence"]))))
            self.text += OPAQUE
        elif isinstance(node, _OPAQUE_NODES) or is_computed(node):
            self.text += OPAQUE
        else:
            for child in node.children:
                self.add(child)

    def _add_reference(self, node: pending_xref) -> None:
        if node.get("refdomain") == "ledger":
            self.names.append((len(self.text), (node["reftype"], node["reftarget"])))
            if node.get("explicit"):
                self.text += node.astext()
        elif node.get("refdomain") == "cite":
            if any(target.post for target in parse_citation_targets(node["reftarget"])):
                self.cited.append(len(self.text))
        else:
            for child in node.children:
                self.add(child)
            return
        self.text += OPAQUE


def is_computed(node: nodes.Node) -> bool:
    """Whether a role of ours counted or named this, so that nobody typed it."""
    return isinstance(node, nodes.Element) and (
        "counted" in node or bool({"tally", "name"} & set(node["classes"]))
    )


def _inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while node is not None:
        if isinstance(node, kinds) or (isinstance(node, nodes.Element) and node.get("drawn")):
            return True
        node = node.parent
    return False


def _in_output(node: nodes.Node) -> bool:
    """Whether a node is what a cell printed; the caption of a figure is written by its author."""
    if isinstance(node, nodes.caption):
        return False
    while node is not None:
        if isinstance(node, nodes.Element) and "cell_output" in node.get("classes", ()):
            return True
        node = node.parent
    return False


def runs_of_prose(document: nodes.document) -> Iterator[tuple[nodes.Element, Prose, bool]]:
    """Go over what authors wrote: the node, its text, and whether it is one sentence (a row of a table)."""
    for row in document.findall(nodes.row):
        if not _inside(row, _NOT_PROSE) and not _in_output(row):
            prose = Prose()
            for block in row.findall(nodes.paragraph):
                if not block.get("drawn"):
                    prose.add(block)
                    prose.text += " "
            yield row, prose, True
    for block in document.findall(lambda node: isinstance(node, _BLOCKS)):
        if _in_output(block) or _inside(block, (nodes.row, *_NOT_PROSE)):
            continue
        prose = Prose()
        for child in block.children:
            prose.add(child)
        # A title such as "FM1. Market reaches ..." names its record by its id and is one sentence.
        named = _TITLE_ID.match(prose.text) if isinstance(block, nodes.title) else None
        if named:
            prose.names.append((0, ("title", named[1])))
        yield block, prose, bool(named)


class Figures:
    """Figures of records, looked up once."""

    def __init__(self, data: book_data.BookData) -> None:
        self._data = data
        self._known: dict[str, list[float]] = {}

    def of(self, names: Iterable[Name]) -> list[float]:
        """All figures of the records named."""
        return [figure for _, identifier in names for figure in self._of(identifier)]

    def _of(self, identifier: str) -> list[float]:
        if identifier not in self._known:
            self._known[identifier] = self._look_up(identifier)
        return self._known[identifier]

    def _look_up(self, identifier: str) -> list[float]:
        experiment, _, estimate = identifier.partition(":")
        if estimate:
            return self._set_up(experiment) + self._estimated(experiment, estimate)
        try:
            kind, record = self._data.ledger.find(identifier)
        except KeyError:
            return []  # reported by the role itself
        if kind == "experiment":
            return self._set_up(identifier) + self._estimated(identifier)
        found = figures_in(record.model_dump())
        return found + self._observed(identifier) if kind in ("criterion", "check") else found

    def _set_up(self, experiment: str) -> list[float]:
        """What was decided before a run: parameters, thresholds, and what the entry says of them."""
        record = self._data.ledger.experiments.get(experiment)
        return figures_in(record.model_dump()) if record else []

    def _estimated(self, experiment: str, name: str | None = None) -> list[float]:
        """What came out: of one estimate if it is named, else of all."""
        evidence = self._data.evidence.get(experiment)
        found = [e for e in evidence.estimates if name in (None, e.name)] if evidence else []
        return [x for e in found for x in (e.value, e.low, e.high, float(e.n), e.level)]

    def _observed(self, identifier: str) -> list[float]:
        evidence = self._data.evidence.get(self._data.ledger.experiment_of(identifier).id)
        outcomes = (*evidence.checks, *evidence.criteria) if evidence else ()
        return [x for outcome in outcomes if outcome.id == identifier for x in outcome.observed]


def _faults(prose: Prose, figures: Figures, whole: bool) -> Iterator[tuple[Number, int, list[Name]]]:
    parts = [(0, prose.text)] if whole else sentences(prose.text)
    for start, text in parts:
        here = range(start, start + len(text))
        names = [name for at, name in prose.names if at in here]
        cited = any(at in here for at in prose.cited)
        for number in unbacked(text, figures.of(names), cited=cited):
            yield number, start + number.start, names


def _line(block: nodes.Element, prose: Prose, at: int) -> int | None:
    """Line of a place in a block; of what stands before it where the parser notes none (rows of tables)."""
    if block.line:
        return block.line + prose.text[:at].count("\n")
    last = None
    for node in block.document.findall(nodes.Element):
        if node is block:
            break
        last = node.line or last
    return last


def check_numbers(app: Sphinx, document: nodes.document) -> None:
    """Report every number of a page that nothing in its sentence stands for."""
    figures = Figures(book_data.of(app.env))
    for block, prose, whole in runs_of_prose(document):
        for number, at, names in _faults(prose, figures, whole):
            listed = ", ".join(dict.fromkeys(identifier for _, identifier in names))
            why = f"is no figure of {listed}" if listed else "stands for nothing that its sentence names"
            LOGGER.warning(
                f"'{number.text}' {why} (name the claim or evidence it comes from in the same sentence, "
                "or cite it with a locator: {cite:p}`key{p. 4}`)",
                location=(app.env.docname, _line(block, prose, at)),
                type="ouroboros",
                subtype="number",
            )


class NameRole(SphinxRole):
    """``{name}`Gemini Deep 4` ``: a name with a number in it that the check does not know."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Print the name; it must begin with a letter, so that no bare figure hides behind it."""
        if not self.text[:1].isalpha():
            LOGGER.warning(
                f"{{name}}`{self.text}`: a name begins with a letter",
                location=(self.env.docname, self.lineno),
            )
        return [nodes.inline("", self.text, classes=["name"])], []


def setup(app: Sphinx) -> None:
    """Register the check and the role."""
    app.add_role("name", NameRole())
    # After all transforms of a page, before Sphinx resolves its references.
    app.connect("doctree-read", check_numbers)
