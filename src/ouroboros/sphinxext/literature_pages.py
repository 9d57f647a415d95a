"""Directives of the page on newer literature: every work with what it bears on, and what was rejected."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import LiteratureItem
from ouroboros.sphinxext.audit_pages import BASES, spaced
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import KINDS, ledger_link
from ouroboros.sphinxext.tables import table


class LiteratureTable(LedgerDirective):
    """All newer works of the ledger: finding, records it bears on, and how far it was read."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        rows = [self._row(item) for item in self.data.ledger.literature.values()]
        head = ["Work", "What it found", "Bears on", "Read"]
        return [table(head, rows, widths=[20, 44, 22, 14], classes=["stacks", "literature"])]

    def _row(self, item: LiteratureItem) -> list:
        source = self.inline_markdown(f"{{cite:t}}`{item.source}`")
        links = [
            ledger_link(kind, identifier, identifier)
            for identifier in item.bears_on
            if (kind := self.data.kind_of(identifier)) in KINDS
        ]
        finding = item.finding + (f" Caution: {item.caution}" if item.caution else "")
        return [source, finding, spaced(links), f"{BASES[item.basis]}: {item.depth}"]


class RejectedEvidence(LedgerDirective):
    """What was found and is not used, with the reason."""

    def run(self) -> list[nodes.Node]:
        """Draw a list."""
        listed = nodes.bullet_list()
        for rejected in self.data.ledger.rejected_evidence:
            item = nodes.paragraph("", "", nodes.strong("", rejected.item.rstrip(".")), nodes.Text(": "))
            item += nodes.Text(rejected.reason.rstrip(".") + ".")
            listed += nodes.list_item("", item)
        return [listed]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("literature-table", LiteratureTable)
    app.add_directive("rejected-evidence", RejectedEvidence)
