"""Reads tables of the same form from CSV files, and writes one back."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.compliance.tabular_generators import Domain
from ouroboros.instruments.errors import InstrumentError

LEAST_ROWS = 60
MOST_LABELS = 20


@dataclass(frozen=True, slots=True)
class Form:
    """What tables have in common: columns with the label last, their categories, and ranges.

    Attributes
    ----------
    header : list of str
        Columns in the order of the file.
    names : list of str
        The same with the label last, as arrays have them.
    levels : list
        Categories of each column in order, None where it holds numbers.
    whole : list of bool
        Whether a column holds whole numbers only.
    domain : Domain
        Ranges over all tables.
    """

    header: list[str]
    names: list[str]
    levels: list[list[str] | None]
    whole: list[bool]
    domain: Domain


def read_tables(paths: Sequence[Path], label: str | None = None) -> tuple[Form, list[NDArray]]:
    """Read CSV files with one header and turn their cells into numbers.

    Parameters
    ----------
    paths : sequence of Path
        The first is the real table; a column holds numbers if every cell of all files is one.
    label : str, optional
        Column that a classifier should predict; the last one if not given.

    Raises
    ------
    InstrumentError
        If a file cannot be read, headers differ, a cell is empty, there are too few rows, or the label has fewer than
        two or more than twenty values.
    """
    headers, bodies = zip(*(_read(path) for path in paths), strict=True)
    header = headers[0]
    for path, other in zip(paths[1:], headers[1:], strict=True):
        if other != header:
            raise InstrumentError(
                f"{path}:1: columns {', '.join(other)} (those of {paths[0]} needed, in order)"
            )
    if label is not None and label not in header:
        raise InstrumentError(
            f"--label {label}: no such column in {paths[0]} (one of {', '.join(header)} needed)"
        )
    target = len(header) - 1 if label is None else header.index(label)
    order = [k for k in range(len(header)) if k != target] + [target]
    columns = [[row[k] for body in bodies for row in body] for k in order]
    found = [_encode(cells, categorical=k == target) for k, cells in zip(order, columns, strict=True)]
    values = np.column_stack([numbers for numbers, _ in found])
    levels = [names for _, names in found]
    if not 2 <= len(levels[-1]) <= MOST_LABELS:
        raise InstrumentError(
            f"{paths[0]}: label {header[target]!r} has {len(levels[-1])} values (2 to {MOST_LABELS} needed: name"
            " another column with --label, or group its values)"
        )
    domain = Domain.of(values, [names is not None for names in levels])
    whole = [bool(np.all(column == np.rint(column))) for column in values.T]
    ends = np.cumsum([len(body) for body in bodies])[:-1]
    return Form(header, [header[k] for k in order], levels, whole, domain), np.split(values, ends)


def write_table(path: Path, form: Form, table: NDArray) -> None:
    """Write a table in the form of the file that was read, whole or not at all."""
    columns = {}
    for k, name in enumerate(form.names):
        names, column = form.levels[k], table[:, k]
        if names is not None:
            columns[name] = [names[int(code)] for code in column]
        elif form.whole[k]:
            columns[name] = [str(round(value)) for value in column]
        else:
            columns[name] = [f"{value:.6g}" for value in column]
    half = path.with_name(f".{path.name}.part")
    with half.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(form.header)
        writer.writerows(zip(*(columns[name] for name in form.header), strict=True))
    half.replace(path)


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except FileNotFoundError:
        raise InstrumentError(f"{path}: no such file (a .csv with a header needed)") from None
    except OSError as error:
        raise InstrumentError(f"{path}: {error.strerror} (a readable .csv needed)") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InstrumentError(f"{path}: not CSV in UTF-8: {error}") from None
    if not lines or len(lines[0]) < 2 or len(set(lines[0])) < len(lines[0]):
        raise InstrumentError(f"{path}:1: no header (at least two columns with different names needed)")
    header, body = lines[0], []
    for number, row in enumerate(lines[1:], start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise InstrumentError(f"{path}:{number}: {len(row)} cells (the header has {len(header)})")
        for name, cell in zip(header, row, strict=True):
            if not cell.strip():
                raise InstrumentError(
                    f"{path}:{number}: column {name!r} is empty (fill it in, or leave out the row or the column)"
                )
        body.append(row)
    if len(body) < LEAST_ROWS:
        raise InstrumentError(f"{path}: {len(body)} rows (at least {LEAST_ROWS} needed)")
    return header, body


def _encode(cells: list[str], *, categorical: bool) -> tuple[NDArray, list[str] | None]:
    if not categorical:
        try:
            numbers = np.array([float(cell) for cell in cells])
        except ValueError:
            pass
        else:
            if all(math.isfinite(number) for number in numbers):
                return numbers, None
    names = sorted(set(cells))
    code = {name: k for k, name in enumerate(names)}
    return np.array([code[cell] for cell in cells], dtype=np.float64), names
