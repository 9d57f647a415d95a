"""The cover's first look: claims by audit, statements by verdict, forecasts by status, edition, date."""

from __future__ import annotations

from collections import Counter

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.sphinxext.change_pages import published_editions
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.marks import chip, slug
from ouroboros.sphinxext.tables import table
from ouroboros.sphinxext.words import ARGUMENT

AUDITS = ("confirmed", "nuanced", "discrepant", "superseded", "unverifiable")
VERDICTS = ("supported", "mixed", "contradicted", "untested")
STATUSES = ("resolved-yes", "resolved-no", "resolved-ambiguous", "open", "overdue-unresolved")


class Dashboard(LedgerDirective):
    """Counts of everything, as bars of words: no number on it is typed."""

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        ledger = self.data.ledger
        argument = [s for s in ledger.statements.values() if s.kind in ARGUMENT]
        original = [f for f in ledger.forecasts.values() if f.origin == "original"]
        audits = Counter(claim.verdict for claim in ledger.claims.values())
        verdicts = Counter(self.data.verdicts[s.id].verdict for s in argument)
        statuses = Counter(f.status.strict if f.status else "open" for f in original)
        panel = nodes.container("", classes=["dashboard"])
        panel += self._bar(f"{len(ledger.claims)} claims, audited", audits, AUDITS)
        panel += self._bar(f"{len(argument)} statements, tested", verdicts, VERDICTS)
        panel += self._bar(f"{len(original)} forecasts, strictly read", statuses, STATUSES)
        return [panel]

    def _bar(self, title: str, counts: Counter, words: tuple[str, ...]) -> nodes.container:
        present = [word for word in words if counts[word]]
        segments = "".join(
            f'<span class="segment {slug(word)}" style="flex-grow:{counts[word]}"></span>' for word in present
        )
        block = nodes.container("", classes=["dashboard-block"])
        block += nodes.paragraph("", title, classes=["dashboard-title"])
        block += nodes.raw("", f'<div class="segments" aria-hidden="true">{segments}</div>', format="html")
        legend = nodes.bullet_list(classes=["dashboard-legend"])
        for word in present:
            legend += nodes.list_item("", nodes.paragraph("", "", chip(word), nodes.Text(f" {counts[word]}")))
        block += legend
        return block


class EditionLine(LedgerDirective):
    """Which edition this is, how new its evidence is, and since when: the line below the title of the cover."""

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        newest, known = self.data.evidence_date, len(self.data.ledger.experiments)
        line = nodes.paragraph("", f"Edition {self.config.release}", classes=["edition-line"])
        if published := published_editions(self.data.root, self.config.release):
            line += nodes.Text(f", after {published[-1].id} ({published[-1].meta['title']})")
        if newest is None:
            line += nodes.Text(". No evidence accepted yet.")
            return [line]
        line += nodes.Text(". Evidence of ")
        line += nodes.inline("", newest, classes=["day"])
        line += nodes.Text(
            f" from {len(self.data.evidence)} of {known} experiments, {len(self.data.stale)} stale."
        )
        return [line]


class ReferenceTable(LedgerDirective):
    """All reference values: what nobody here produced, and where it comes from."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        domain = self.env.get_domain("ledger")
        rows, anchors = [], []
        for reference in self.data.ledger.references.values():
            anchors.append(domain.note_target("reference", reference.id, self.env.docname))
            keys = ",".join(dict.fromkeys(citation.key for citation in reference.sources))
            source = self.inline_markdown(f"{{cite:t}}`{keys}`") if keys else "closed form, derived"
            formula = nodes.literal("", reference.formula) if reference.formula else ""
            rows.append([reference.id, reference.quantity, formula, source, reference.mark_meaning])
        head = ["Reference", "Quantity", "Formula", "Source", "How it was seen"]
        return [table(head, rows, classes=["references", "stacks"], row_ids=anchors)]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("edition-line", EditionLine)
    app.add_directive("dashboard", Dashboard)
    app.add_directive("reference-table", ReferenceTable)
