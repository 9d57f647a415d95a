"""YAML with line numbers: one pass gives the data and where each part of it stands.

The core schema of YAML 1.2 is read (`No` is text, not false, and dates stay text),
because the ledger is prose and the rules of version 1.1 silently change prose.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.cyaml import CParser

from ouroboros.ledger.faults import Fault

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip
_AMBIGUOUS = re.compile(r"(yes|no|on|off)", re.IGNORECASE)
_PLAIN, _QUOTED = "plain", "quoted"


class _Composer(CParser):
    """libyaml's composer without PyYAML's resolver, which costs more than the parse."""

    def descend_resolver(self, node, index):
        pass

    def ascend_resolver(self):
        pass

    def resolve(self, kind, value, implicit):
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _QUOTED
        return kind.__name__


@dataclass
class Document:
    """A parsed file: its data, its nodes (for line numbers) and the faults of its form."""

    name: str
    data: Any = None
    root: Any = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def unreadable(self) -> bool:
        """Whether the text is no YAML at all, so that nothing is known of its records."""
        return self.root is None and bool(self.faults)

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the value at a path of keys and indices, or of its nearest existing parent."""
        node, line = self.root, 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = [(k, v) for k, v in node.value if k.value == str(step)]
                if not found:
                    continue
                key, node = found[-1]
                line = key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line


def read_yaml(text: str, name: str) -> Document:
    """Parse text into a Document; faults of form are collected, not raised."""
    document = Document(name)
    try:
        composer = _Composer(text)
        document.root = composer.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        document.faults.append(Fault(name, line, None, f"is not valid YAML: {problem}"))
        return document
    if document.root is not None:
        document.data = _build(document.root, document)
    return document


def _build(node: Any, document: Document) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag != _PLAIN else _scalar(node, document)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, document) for child in node.value]
    mapping: dict[str, Any] = {}
    for key, child in node.value:
        name = key.value
        if not isinstance(name, str):
            message = "has a list or mapping as a key; keys must be words"
            document.faults.append(Fault(document.name, key.start_mark.line + 1, None, message))
            continue
        if name in mapping:
            message = f"key '{name}' stands twice in the same mapping; keep one"
            document.faults.append(Fault(document.name, key.start_mark.line + 1, None, message))
        mapping[name] = _build(child, document)
    return mapping


def _scalar(node: yaml.ScalarNode, document: Document) -> Any:
    value = node.value
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    if value[0] in "0123456789+-.":
        if _INT.fullmatch(value):
            return int(value)
        if _FLOAT.fullmatch(value):
            return float(value)
    elif len(value) <= 3 and _AMBIGUOUS.fullmatch(value):
        message = f"bare {value} is true or false to some YAML readers; write true, false, or '{value}'"
        document.faults.append(Fault(document.name, node.start_mark.line + 1, None, message))
    return value
