"""Directives of the edition that shows the original as it was found: no audit, no verdict, no evidence."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import LedgerDomain
from ouroboros.sphinxext.tables import table


class _OriginalTable(LedgerDirective):
    kind = ""
    head: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    def run(self) -> list[nodes.Node]:
        """Draw the table; each row is the record's place in this edition."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        rows, anchors = [], []
        for identifier, cells in self.rows():
            anchor = domain.note_target(self.kind, identifier, self.env.docname)
            anchors.append(anchor)
            rows.append([nodes.reference("", identifier, refuri=f"#{anchor}", internal=True), *cells])
        return [table(self.head, rows, widths=self.widths, row_ids=anchors)]

    def rows(self) -> list[tuple[str, list]]:
        """Return id and cells of every row."""
        raise NotImplementedError


class OriginalClaims(_OriginalTable):
    """The claims with the source as the original names it."""

    kind = "claim"
    head = ("Claim", "Assertion", "Kind", "Source as named", "Date as named")
    widths = (7, 53, 14, 16, 10)

    def rows(self) -> list[tuple[str, list]]:
        """All claims."""
        return [
            (c.id, [c.text, c.kind.replace("-", " "), c.cited_as.name, c.cited_as.date or ""])
            for c in self.data.ledger.claims.values()
        ]


class OriginalStatements(_OriginalTable):
    """The statements of the argument and the claims they rest on."""

    kind = "statement"
    head = ("Statement", "What is argued", "Rests on")
    widths = (10, 65, 25)

    def rows(self) -> list[tuple[str, list]]:
        """The original's own statements; our readings and findings came later."""
        return [
            (s.id, [f"{s.title}: {s.text}", ", ".join(s.claims)])
            for s in self.data.ledger.statements.values()
            if s.kind not in ("analysis", "consistency") and not s.own_reading
        ]


class OriginalForecasts(_OriginalTable):
    """The forecasts with the window that their wording implies."""

    kind = "forecast"
    head = ("Forecast", "What is foreseen", "From", "Until")
    widths = (9, 67, 12, 12)

    def rows(self) -> list[tuple[str, list]]:
        """The original's forecasts."""
        return [
            (f.id, [f.statement, f.window.open.isoformat(), f.window.close.isoformat()])
            for f in self.data.ledger.forecasts.values()
            if f.origin == "original"
        ]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("original-claims", OriginalClaims)
    app.add_directive("original-statements", OriginalStatements)
    app.add_directive("original-forecasts", OriginalForecasts)
