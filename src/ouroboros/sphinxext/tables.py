"""Tables as docutils nodes; wide ones scroll inside themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes

Cell = str | nodes.Node | Sequence[nodes.Node]


def _is_inline(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Inline | nodes.Text)


def _as_nodes(cell: Cell) -> list[nodes.Node]:
    if isinstance(cell, str):
        return [nodes.paragraph("", cell)] if cell else []
    parts = [cell] if isinstance(cell, nodes.Node) else list(cell)
    if not parts:
        return []  # an empty paragraph would keep the style sheet from knowing the cell as empty
    return [nodes.paragraph("", "", *parts)] if all(map(_is_inline, parts)) else parts


def _row(cells: Sequence[Cell], row_id: str | None = None) -> nodes.row:
    row = nodes.row()
    for k, cell in enumerate(cells):
        entry = nodes.entry("", *_as_nodes(cell))
        if k == 0 and row_id:
            entry["ids"].append(row_id)
            entry["use_as"] = entry.astext()
        row += entry
    return row


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    widths: Sequence[int] | None = None,
    classes: Sequence[str] = (),
    caption: str | None = None,
    row_ids: Sequence[str] | None = None,
    wide: bool = False,
) -> nodes.container:
    """Build a table inside a container that scrolls sideways by itself.

    Parameters
    ----------
    head : sequence of str
        Column titles.
    rows : iterable of sequences
        Cells are text, a node or several nodes.
    widths : sequence of int, optional
        Relative column widths, written into the page; without them the style sheet decides.
    classes : sequence of str
        Extra CSS classes of the table.
    caption : str, optional
        What the table shows.
    row_ids : sequence of str, optional
        An anchor for each row, set on its first cell; empty for rows without one.
    wide : bool
        Let the table reach into the right margin, on pages that have nothing there.

    Returns
    -------
    docutils.nodes.container
    """
    outer = nodes.table(classes=["ledger-table", "colwidths-given" if widths else "colwidths-auto", *classes])
    if caption:
        outer += nodes.title("", caption)
    group = nodes.tgroup(cols=len(head))
    outer += group
    group += [nodes.colspec(colwidth=width) for width in widths or [1] * len(head)]
    group += nodes.thead("", _row(list(head)))
    body = nodes.tbody()
    for k, cells in enumerate(rows):
        body += _row(cells, row_ids[k] if row_ids else None)
    group += body
    return nodes.container("", outer, classes=["scroll-x", "wide"] if wide else ["scroll-x"])
