"""Directives of the claim pages."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Claim
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import LedgerDomain
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table


class ClaimTable(LedgerDirective):
    """All claims in one plain table; every row is the claim's anchor."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        claims = list(self.data.ledger.claims.values())
        anchors = [domain.note_target("claim", claim.id, self.env.docname, overview=True) for claim in claims]
        drawn = table(
            ["Claim", "As the original states it", "Kind", "Audit", "Tested here", "Primary source"],
            [self._row(claim, anchor) for claim, anchor in zip(claims, anchors, strict=True)],
            classes=["claims"],
            row_ids=anchors,
        )
        return [drawn]

    def _row(self, claim: Claim, anchor: str) -> list:
        keys = ",".join(dict.fromkeys(citation.key for citation in claim.sources))
        return [
            nodes.reference("", claim.id, refuri=f"#{anchor}", internal=True),
            claim.text,
            claim.kind.replace("-", " "),
            chip(claim.verdict),
            chip(self.data.mark(claim.id)),
            self.inline_markdown(f"{{cite:t}}`{keys}`"),
        ]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claim-table", ClaimTable)
