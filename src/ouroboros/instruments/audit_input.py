"""Reads what an audit compares: CSV with a header, or JSON lines with a text."""

import csv
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ouroboros.instruments.errors import InstrumentError

Kind = Literal["number", "category", "text"]
LEAST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Column:
    """One column of both files.

    Attributes
    ----------
    name : str
        As in the header.
    kind : str
        ``number``, ``category`` or ``text``.
    before, after : list
        Values without missing ones: floats or strings.
    missing : tuple of int
        Empty cells before and after.
    """

    name: str
    kind: Kind
    before: list
    after: list
    missing: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both files, column by column, and whole rows as texts where there is more than one column."""

    columns: list[Column]
    rows: tuple[list[str], list[str]] | None = None


def read_pair(
    before: Path, after: Path, *, columns: Sequence[str] = (), numbers: Sequence[str] = (), text: str = "text"
) -> Pair:
    """Read two files of the same form.

    Parameters
    ----------
    before, after : Path
        Both ``.csv``, or both ``.jsonl`` (one object with a field ``text``, or one string, on a line).
    columns : sequence of str
        Those to compare; all if there are none.
    numbers : sequence of str
        Columns that must hold numbers; else a column holds numbers if every cell of both files is one.
    text : str
        Field of JSON lines.

    Raises
    ------
    InstrumentError
        If a file cannot be read or the files do not fit each other.
    """
    forms = [_form(path) for path in (before, after)]
    if forms[0] != forms[1]:
        raise InstrumentError(f"{after}: {forms[1]} beside {forms[0]} (both files must have the same form)")
    if forms[0] == "jsonl":
        texts = [_enough(path, list(_texts(path, text))) for path in (before, after)]
        return Pair([Column(text, "text", *texts)])
    (header, first), (other, second) = _table(before), _table(after)
    if set(header) != set(other):
        odd = sorted(set(header) ^ set(other))
        raise InstrumentError(
            f"{after}:1: column {odd[0]!r} is in one file only (both need the same columns: {', '.join(header)})"
        )
    for name in (*columns, *numbers):
        if name not in header:
            raise InstrumentError(f"{before}:1: no column {name!r} (there are {', '.join(header)})")
    chosen = list(columns) or header
    found = [
        _column(name, name in numbers, (before, header, first), (after, other, second)) for name in chosen
    ]
    rows = None
    if len(chosen) > 1:
        rows = tuple(
            ["\x1f".join(row[1][names.index(name)] for name in chosen) for row in table]
            for names, table in ((header, first), (other, second))
        )
    return Pair(found, rows)


def _form(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    if suffix == ".csv":
        return "csv"
    raise InstrumentError(f"{path}: unknown form {suffix or 'without suffix'} (give .csv or .jsonl)")


def _content(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InstrumentError(f"{path}:{line}: not UTF-8 (save it in that encoding)") from None
    except OSError as error:
        raise InstrumentError(f"{path}: {error.strerror or error}") from None


def _enough(path: Path, rows: list) -> list:
    if len(rows) < LEAST_ROWS:
        raise InstrumentError(f"{path}: {len(rows)} rows (at least {LEAST_ROWS} needed to say anything)")
    return rows


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, and rows with the number of the line on which each ends."""
    reader = csv.reader(_content(path).splitlines(keepends=True), strict=True)
    rows = []
    try:
        header = next(reader, [])
        if not any(name.strip() for name in header):
            raise InstrumentError(f"{path}:1: no header (the first line must name the columns)")
        twice = [name for name in header if header.count(name) > 1]
        if twice:
            raise InstrumentError(f"{path}:1: column {twice[0]!r} twice (names must be unique)")
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise InstrumentError(
                    f"{path}:{reader.line_num}: {len(cells)} cells (the header has {len(header)})"
                )
            rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise InstrumentError(f"{path}:{reader.line_num}: {error} (quote cells that hold quotes)") from None
    return header, _enough(path, rows)


def _texts(path: Path, field: str) -> Iterator[str]:
    for number, line in enumerate(_content(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            raise InstrumentError(f"{path}:{number}: {error.msg} (one JSON value on each line)") from None
        value = item.get(field) if isinstance(item, dict) else item
        if not isinstance(value, str):
            have = f"; it has {', '.join(item)}" if isinstance(item, dict) and item else ""
            raise InstrumentError(f"{path}:{number}: no text in the field {field!r}{have} (see --text)")
        yield value


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _column(name: str, forced: bool, *files: tuple[Path, list[str], list]) -> Column:
    cells = [
        [(line, row[header.index(name)].strip()) for line, row in rows if row[header.index(name)].strip()]
        for _, header, rows in files
    ]
    missing = tuple(len(rows) - len(found) for (_, _, rows), found in zip(files, cells, strict=True))
    for (path, _, _), found in zip(files, cells, strict=True):
        if len(found) < LEAST_ROWS:
            raise InstrumentError(
                f"{path}: column {name!r} has {len(found)} values (at least {LEAST_ROWS} needed)"
            )
        if forced:
            for line, cell in found:
                if _number(cell) is None:
                    raise InstrumentError(f"{path}:{line}: {cell!r} in {name!r} is not a number")
    if forced or all(_number(cell) is not None for found in cells for _, cell in found):
        return Column(name, "number", *([float(cell) for _, cell in found] for found in cells), missing)
    return Column(name, "category", *([cell for _, cell in found] for found in cells), missing)
