"""The tables of the data export: how many rows, which files, what each column holds."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.publishing.data_export import table_schema, tables_of
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.tables import table


class DataTables(LedgerDirective):
    """Every table with its files and columns."""

    def run(self) -> list[nodes.Node]:
        """Draw them."""
        top = "../" * self.env.docname.count("/")
        parts: list[nodes.Node] = [
            nodes.paragraph(
                "", "", self._link(f"{top}data/ouroboros.sqlite", "All tables as one SQLite file")
            )
        ]
        for name, rows in tables_of(self.data.ledger, self.data.evidence).items():
            files = nodes.paragraph("", f"{name}, {len(rows)} rows: ")
            for ending, text in (
                (f"{name}.json", "JSON"),
                (f"{name}.csv", "CSV"),
                (f"schemas/{name}.table.schema.json", "JSON Schema"),
            ):
                files += [self._link(f"{top}data/{ending}", text), nodes.Text("  ")]
            columns = table_schema(name, rows)["items"]["properties"]
            listed = [
                [column, ", ".join(schema["type"]), schema.get("description", "")]
                for column, schema in columns.items()
            ]
            parts += [nodes.rubric("", name.replace("_", " ").capitalize()), files]
            parts.append(table(["Column", "Type", "What it holds"], listed, widths=[26, 20, 54]))
        return parts

    def _link(self, address: str, text: str) -> nodes.Node:
        # Plain `jupyter-book build .` writes no data: its page names the files without leading to them.
        if not self.config.ouroboros_editions:
            return nodes.inline("", text)
        return nodes.reference("", text, refuri=address)


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("data-tables", DataTables)
