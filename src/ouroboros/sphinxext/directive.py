"""What all directives of the ledger share: the data of the build, dependencies, Markdown inside records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from ouroboros.ledger import Experiment
from ouroboros.sphinxext import book_data

LOGGER = logging.getLogger(__name__)


def _marking(run: Callable[..., list[nodes.Node]]) -> Callable[..., list[nodes.Node]]:
    """Let a directive mark the text that it draws itself; what it parses for its author has a line."""

    @wraps(run)
    def marked(self: LedgerDirective) -> list[nodes.Node]:
        drawn = run(self)
        for part in drawn:
            for node in part.findall(nodes.TextElement):
                if node.line is None and not node.rawsource:
                    node["drawn"] = True
        return drawn

    return marked


class LedgerDirective(SphinxDirective):
    """A directive that draws records of the ledger.

    The number check looks at what authors typed. Here every kind of directive says which text is not
    theirs, because afterwards the parser gives all of it a line.
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "run" in cls.__dict__:
            cls.run = _marking(cls.__dict__["run"])

    has_content = False
    option_spec: ClassVar[dict] = {}

    @property
    def data(self) -> book_data.BookData:
        """Ledger, evidence and verdicts of this build."""
        return book_data.of(self.env)

    def markdown(self, text: str) -> list[nodes.Node]:
        """Parse Markdown that stands in a record (formulae, roles and citations work in it, HTML stays text)."""
        holder = nodes.Element()
        lines = StringList(text.splitlines(), source=f"{self.env.doc2path(self.env.docname)}")
        self.state.nested_parse(lines, self.content_offset, holder)
        for raw in list(holder.findall(nodes.raw)):
            words = nodes.Text(raw.astext())
            raw.replace_self(
                words if isinstance(raw.parent, nodes.TextElement) else nodes.paragraph("", "", words)
            )
        for node in holder.findall(nodes.TextElement):
            node["drawn"] = True  # a record's words and not those of the page
        return holder.children

    def inline_markdown(self, text: str) -> list[nodes.Node]:
        """Parse one paragraph of Markdown and return what is inside it."""
        parsed = self.markdown(" ".join(text.split()))
        if len(parsed) == 1 and isinstance(parsed[0], nodes.paragraph):
            return parsed[0].children
        return parsed

    def cited(self, keys: Iterable[str]) -> list[nodes.Node]:
        """Cite works by author and year, each linked to the bibliography."""
        listed = ",".join(dict.fromkeys(keys))
        return self.inline_markdown(f"{{cite:t}}`{listed}`") if listed else []

    def fault(self, message: str) -> list[nodes.Node]:
        """Report a fault of the page with its line; with warnings as errors it stops the build."""
        LOGGER.warning(message, location=(self.env.docname, self.lineno))
        return []


class ExperimentDirective(LedgerDirective):
    """A directive whose one argument is the id of an experiment."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Look the experiment up and draw it."""
        experiment = self.data.ledger.experiments.get(self.arguments[0])
        if experiment is None:
            known = ", ".join(self.data.ledger.experiments) or "none"
            return self.fault(f"{self.name}: unknown experiment '{self.arguments[0]}' (there are: {known})")
        return self.draw(experiment)

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Return what the page shows."""
        raise NotImplementedError
