"""Append one entry to a list of one forecast by inserting lines; every other line of the file stays as it is."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from ouroboros.forecasting.guard import FILE, compare
from ouroboros.ledger import Ledger, load_ledger
from ouroboros.ledger.faults import Fault, LedgerFaults, did_you_mean
from ouroboros.ledger.textfile import replace_text
from ouroboros.ledger.yamlfile import read_yaml
from ouroboros.ledger.yamltext import yaml_text

Entry = Mapping[str, Any]


def append(root: Path, ident: str, make: Callable[[Ledger], tuple[str, Entry]]) -> tuple[Ledger, str]:
    """Append an entry to a forecast on disk; writers wait for each other, and nothing is written if it is faulty.

    Parameters
    ----------
    root : Path
        The checkout.
    ident : str
        Id of the forecast.
    make : callable
        Given the ledger as it is when this writer's turn comes, returns the name of the list and the entry.

    Returns
    -------
    tuple
        The ledger with the entry in it, and the lines that were added.

    Raises
    ------
    LedgerFaults
        If the entry, or what becomes of the ledger with it, is faulty.
    """
    path = root / FILE
    with _turn(path.parent):
        text = path.read_bytes().decode("utf-8")
        ledger = load_ledger(root, instead={"forecasts": text})
        if ident not in ledger.forecasts:
            raise fault(ident, f"no such forecast{did_you_mean(ident, list(ledger.forecasts))}")
        name, entry = make(ledger)
        new, added = inserted(text, ident, name, entry)
        after = load_ledger(root, instead={"forecasts": new})
        if faults := compare(root, new).faults:
            raise LedgerFaults(faults)
        replace_text(path, new)
        return after, added


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Let one writer in at a time. The lock is on the folder, so no lock file is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def inserted(text: str, ident: str, name: str, entry: Entry) -> tuple[str, str]:
    """Text of the file with an entry appended to the list `name` of a forecast, and the lines added.

    Raises
    ------
    LedgerFaults
        If the file cannot take the entry without changing other lines.
    """
    document = read_yaml(text, FILE)
    if document.faults:
        raise LedgerFaults(document.faults)
    record, number = _record(document.root, ident)
    offset, lines = _place(text, record, ident, name, entry)
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = lines.replace("\n", ending)
    before = text[:offset]
    if before and not before.endswith("\n"):
        before += ending
    new = before + lines + text[offset:]
    expected = deepcopy(document.data)
    forecast = expected["forecasts"][number]
    forecast[name] = [*(forecast.get(name) or []), dict(entry)]
    after = read_yaml(new, FILE)
    if after.faults or after.data != expected:
        raise fault(ident, f"the lines around '{name}' are laid out so that nothing can be inserted safely")
    return new, lines


def fault(ident: str | None, message: str, line: int = 1) -> LedgerFaults:
    """One fault of the file, ready to be raised."""
    return LedgerFaults([Fault(FILE, line, ident, message)])


def _record(root: Any, ident: str) -> tuple[yaml.MappingNode, int]:
    for key, forecasts in root.value:
        if key.value == "forecasts":
            for number, record in enumerate(forecasts.value):
                if any(k.value == "id" and v.value == ident for k, v in record.value):
                    return record, number
    raise fault(ident, "no such forecast")


def _place(text: str, record: yaml.MappingNode, ident: str, name: str, entry: Entry) -> tuple[int, str]:
    """Where to insert, as an index into the text, and what."""
    if record.flow_style:
        raise fault(ident, "is written in braces; write one field per line", record.start_mark.line + 1)
    for key, value in record.value:
        if key.value != name:
            continue
        if isinstance(value, yaml.SequenceNode) and value.value and not value.flow_style:
            return _line_after(text, value), yaml_text([dict(entry)], value.start_mark.column)
        if isinstance(value, yaml.ScalarNode) and not value.value:
            return _line_end(text, key.end_mark.index), yaml_text([dict(entry)], key.start_mark.column)
        message = f"'{name}' is written in brackets; write one entry per line, behind dashes"
        raise fault(ident, message, key.start_mark.line + 1)
    column = record.value[0][0].start_mark.column
    return _line_after(text, record), yaml_text({name: [dict(entry)]}, column)


def _line_after(text: str, node: Any) -> int:
    """Index of the line after the last one of a node."""
    last = node
    while isinstance(last, yaml.CollectionNode) and last.value and not last.flow_style:
        last = last.value[-1]
        last = last[1] if isinstance(last, tuple) else last
    end = last.end_mark.index
    if isinstance(last, yaml.ScalarNode) and last.style in ("|", ">"):
        # The mark of a folded text stands behind the empty lines that follow it.
        return len(text[:end].rstrip(" \t\r\n")) + _ending(text[len(text[:end].rstrip(" \t\r\n")) :])
    return _line_end(text, end)


def _ending(rest: str) -> int:
    """Length of what is left of a line, its end included."""
    found = rest.find("\n")
    return len(rest) if found < 0 else found + 1


def _line_end(text: str, index: int) -> int:
    return index + _ending(text[index:])
