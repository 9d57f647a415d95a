"""What changed between editions: three lines for the cover, and everything on a page of its own."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.publishing.change_pages import FOLDER, page_name
from ouroboros.publishing.changes import Change, Changes, changes_between
from ouroboros.publishing.editions import Frozen, frozen_editions
from ouroboros.publishing.state import state_of
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.numbers import number
from ouroboros.sphinxext.tables import table


def published_editions(root: Path, release: str) -> list[Frozen]:
    """Published editions, oldest first, without the one that is being frozen."""
    return [edition for edition in frozen_editions(root) if edition.id != release]


class _ChangesDirective(LedgerDirective):
    """A directive that compares the state of this build with published editions."""

    def editions(self) -> list[Frozen]:
        """Published editions, oldest first, without the one that is being frozen."""
        return published_editions(self.data.root, self.config.release)

    def since(self, edition: Frozen) -> Changes:
        """Changes from an edition to the state of this build."""
        now = state_of(self.data.ledger, self.data.evidence, self.config.release or version("ouroboros"))
        # Pages are compared after the build, when there are pages: see data/changes.json.
        before = {**edition.state(), "pages": {}}
        return changes_between(before, now)


class WhatsNew(_ChangesDirective):
    """What changed since the newest edition, in a few sentences that a card has room for."""

    def run(self) -> list[nodes.Node]:
        """Draw them."""
        editions = self.editions()
        if not editions:
            return []
        found = self.since(editions[-1])
        told = f"Since edition {found.old}: {' '.join(found.headline())}"
        return [nodes.container("", nodes.paragraph("", told), classes=["whats-new"])]


class ChangesPage(_ChangesDirective):
    """All changes since the newest edition, kind by kind."""

    def run(self) -> list[nodes.Node]:
        """Draw them."""
        editions = self.editions()
        if not editions:
            return [nodes.paragraph("", "No edition has been published yet.")]
        found = self.since(editions[-1])
        parts: list[nodes.Node] = [nodes.paragraph("", f"From edition {found.old} to {found.new}.")]
        if self.config.ouroboros_editions:
            parts.append(self._other_pairs(found))
        for title, kind, field in (
            ("Audits", "claim", "audit"),
            ("Reproduction marks", "claim", "mark"),
            ("Verdicts of statements", "statement", "verdict"),
            ("Forecasts", "forecast", "status"),
            ("Forecast probabilities", "forecast", "probability"),
        ):
            moved = [c for c in found.of(kind, field) if c.what == "changed"]
            parts += self._moved(title, moved)
        parts += self._estimates([c for c in found.of("estimate") if c.what == "changed"])
        parts += self._counts(found)
        return parts

    def _other_pairs(self, found: Changes) -> nodes.paragraph:
        """Way to the pages that are written when all pages are known."""
        way = "../" * self.env.docname.count("/") + FOLDER
        here = f"{way}/{page_name(found.old, found.new)}.html"
        links = [("With the pages that changed", here), ("any two editions", f"{way}/index.html")]
        line = nodes.paragraph()
        for number_, (text, target) in enumerate(links):
            line += nodes.Text("; " if number_ else "")
            line += nodes.reference("", text, refuri=target, internal=True)
        line += nodes.Text(".")
        return line

    def _moved(self, title: str, moved: list[Change]) -> list[nodes.Node]:
        if not moved:
            return []
        rows = [[ledger_link(c.kind, c.id, c.id), _shown(c.old), _shown(c.new)] for c in moved]
        return [nodes.rubric("", title), table(["Record", "Before", "Now"], rows, widths=[20, 40, 40])]

    def _estimates(self, moved: list[Change]) -> list[nodes.Node]:
        if not moved:
            return []
        rows = [
            [
                c.id,
                number(c.old["value"]),
                f"[{number(c.old['low'])}, {number(c.old['high'])}]",
                number(c.new["value"]),
                "outside" if c.beyond_interval else "inside",
            ]
            for c in moved
        ]
        head = ["Evidence", "Old", "Old interval", "New", "New value is"]
        return [nodes.rubric("", "Evidence values"), table(head, rows, widths=[44, 14, 18, 14, 10])]

    def _counts(self, found: Changes) -> list[nodes.Node]:
        counted = Counter((c.kind, c.what) for c in found.changes if c.what != "changed")
        lines = [f"{kind}s {what}: {count}" for (kind, what), count in sorted(counted.items())]
        if not lines:
            return []
        items = [nodes.list_item("", nodes.paragraph("", line)) for line in lines]
        return [nodes.rubric("", "Added and withdrawn"), nodes.bullet_list("", *items)]


def _shown(value: object) -> nodes.Node | str:
    if value is None:
        return "–"
    return number(value) if isinstance(value, float) else chip(str(value))


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("whats-new", WhatsNew)
    app.add_directive("changes", ChangesPage)
