"""Directives of the edition that shows the original as it was found: no audit, no verdict, no evidence."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.publishing.state import original_forecasts, original_statements
from ouroboros.sphinxext.cite_links import link_html
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import LedgerDomain, anchor_of
from ouroboros.sphinxext.facts import separated
from ouroboros.sphinxext.tables import table


class _OriginalTable(LedgerDirective):
    kind = ""
    head: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    def run(self) -> list[nodes.Node]:
        """Draw the table; each row is the record's place in this edition."""
        return [self.drawn(self.rows())]

    def drawn(self, records: list[tuple[str, list]]) -> nodes.Node:
        """Draw a table of records, each with the way to its reference."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        rows, anchors = [], []
        for identifier, cells in records:
            anchor = domain.note_target(self.kind, identifier, self.env.docname)
            anchors.append(anchor)
            name = nodes.paragraph(
                "", "", nodes.reference("", identifier, refuri=f"#{anchor}", internal=True)
            )
            name += nodes.raw("", link_html(f"cite/{identifier}.html", identifier), format="html")
            rows.append([name, *cells])
        return table(self.head, rows, widths=self.widths, row_ids=anchors)

    def rows(self) -> list[tuple[str, list]]:
        """Return id and cells of every row."""
        raise NotImplementedError


class OriginalClaims(_OriginalTable):
    """The claims of one dimension with the source as the original names it."""

    required_arguments = 1
    kind = "claim"
    head = ("Claim", "Assertion", "Kind", "Source as named", "Date as named")
    widths = (9, 51, 14, 15, 11)

    def rows(self) -> list[tuple[str, list]]:
        """Its claims."""
        return [
            (c.id, [c.text, c.kind.replace("-", " "), c.cited_as.name, c.cited_as.date or ""])
            for c in self.data.ledger.claims.values()
            if c.dimension == int(self.arguments[0])
        ]


class OriginalStatements(_OriginalTable):
    """The original's statements of the kinds named, and the claims they rest on."""

    required_arguments = 1
    final_argument_whitespace = True
    kind = "statement"
    head = ("Statement", "What is argued", "Rests on")
    widths = (12, 66, 22)

    def rows(self) -> list[tuple[str, list]]:
        """The original's own statements; our readings and findings came later."""
        return [
            (s.id, [f"{s.title}: {s.text}", nodes.paragraph("", "", *self._claims(s.claims))])
            for s in original_statements(self.data.ledger)
            if s.kind in self.arguments[0].split()
        ]

    def _claims(self, claims: tuple[str, ...]) -> list[nodes.Node]:
        # Plain links: a chip would name the primary source, which the audit found.
        return separated(
            nodes.reference(
                "",
                identifier,
                refuri=f"claims.html#{anchor_of('claim', identifier)}",
                internal=True,
                reftitle=self.data.ledger.claims[identifier].text,
            )
            for identifier in claims
        )


class OriginalTally(LedgerDirective):
    """How much the original asserts."""

    def run(self) -> list[nodes.Node]:
        """Count it."""
        ledger = self.data.ledger
        text = (
            f"In all {len(ledger.claims)} claims, {len(original_statements(ledger))} statements and "
            f"{len(original_forecasts(ledger))} forecasts."
        )
        return [nodes.paragraph("", text)]


class OriginalForecasts(_OriginalTable):
    """The forecasts with the window that their wording implies."""

    kind = "forecast"
    head = ("Forecast", "What is foreseen", "From", "Until")
    widths = (11, 65, 12, 12)

    def rows(self) -> list[tuple[str, list]]:
        """The original's forecasts."""
        return [
            (f.id, [f.statement, f.window.open.isoformat(), f.window.close.isoformat()])
            for f in original_forecasts(self.data.ledger)
        ]


def setup(app: Sphinx) -> None:
    """Register the directives, and the setting that tells every other part which edition this is."""
    app.add_config_value("ouroboros_original", False, "html")
    app.add_directive("original-tally", OriginalTally)
    app.add_directive("original-claims", OriginalClaims)
    app.add_directive("original-statements", OriginalStatements)
    app.add_directive("original-forecasts", OriginalForecasts)
