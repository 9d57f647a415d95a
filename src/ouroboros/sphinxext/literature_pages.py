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
    """All newer works of the ledger: finding, records it bears on, and how far it was read; their anchors."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        items = list(self.data.ledger.literature.values())
        domain = self.env.get_domain("ledger")
        anchors = [domain.note_target("literature", item.id, self.env.docname) for item in items]
        head = ["Work", "What it found", "Bears on", "Read"]
        rows = [self._row(item) for item in items]
        classes = ["stacks", "literature"]
        return [table(head, rows, widths=[20, 44, 22, 14], classes=classes, row_ids=anchors)]

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
