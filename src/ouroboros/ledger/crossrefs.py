"""Do the records fit together: unique ids, known ids, known citation keys.

This works on the data as written, not on the validated records, so that one faulty field
does not hide the other faults of its record.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ouroboros.ledger.faults import Fault, did_you_mean
from ouroboros.ledger.fields import PROTOCOL
from ouroboros.ledger.yamlfile import Document

Path = tuple[str | int, ...]
KIND_OF_LIST = {
    "claims": "claim",
    "statements": "statement",
    "experiments": "experiment",
    "references": "reference",
    "forecasts": "forecast",
    "literature": "literature",
    "events": "event",
    "checks": "check",
    "criteria": "criterion",
}
ANY = ("claim", "statement", "experiment", "criterion", "reference", "forecast", "literature", "protocol")

MOST_HINTS = 200  # a search through all ids each; whoever has more unknown names needs no hints

# Which fields of a kind name other records, and of which kinds those may be.
MENTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "statement": {"claims": ("claim",), "bears_on": ANY, "forecasts": ("forecast",)},
    "forecast": {"links": ANY},
    "literature": {"bears_on": ANY},
    "event": {"links": ANY},
    "experiment": {"claims": ("claim",), "statements": ("statement",)},
    "check": {"reference": ("reference",)},
    "criterion": {
        "bears_on": ("claim", "statement"),
        "reference": ("reference",),
        "superseded_by": ("criterion",),
    },
}


@dataclass(frozen=True)
class Written:
    """A record as it stands in a file."""

    kind: str
    data: dict[str, Any]
    document: Document
    path: Path

    @property
    def ident(self) -> str | None:
        """The id, if one is written."""
        ident = self.data.get("id")
        return ident if isinstance(ident, str) else None

    def fault(self, path: Path, message: str) -> Fault:
        """A fault at a path inside this record."""
        return Fault(self.document.name, self.document.line((*self.path, *path)), self.ident, message)


def written_records(documents: Mapping[str, Document]) -> list[Written]:
    """Every record of every file; checks and criteria follow their experiment."""
    found = []
    for name, document in documents.items():
        for path, item in mappings(document.data, name):
            found.append(Written(KIND_OF_LIST[name], item, document, path))
            if name == "experiments":
                for part in ("checks", "criteria"):
                    for sub, inner in mappings(item, part):
                        found.append(Written(KIND_OF_LIST[part], inner, document, (*path, *sub)))
    return found


def kinds_of_ids(records: Sequence[Written]) -> tuple[dict[str, str], list[Fault]]:
    """Kind of every id, and a Fault for each id that stands for two records."""
    first: dict[str, Written] = {}
    faults = []
    for record in records:
        if record.ident is None:
            continue
        earlier = first.setdefault(record.ident, record)
        if earlier is not record:
            line = earlier.document.line((*earlier.path, "id"))
            message = f"id is taken by the {earlier.kind} at {earlier.document.name}:{line}"
            faults.append(record.fault(("id",), message))
    return {ident: record.kind for ident, record in first.items()}, faults


@dataclass(frozen=True)
class Known:
    """What records may refer to. Of unread kinds nothing is known, so nothing is said about them."""

    kinds: Mapping[str, str]
    keys: Collection[str]
    dimensions: Collection[Any]
    unread: Collection[str] = ()
    unread_bibliography: bool = False
    _hints: dict[tuple[str, Sequence[str]], str] = field(default_factory=dict)

    def hint(self, word: str, wanted: Sequence[str]) -> str:
        """The closest id of the wanted kinds (or citation key, if none is wanted), looked up once per word."""
        if (word, wanted) not in self._hints:
            if len(self._hints) >= MOST_HINTS:
                return ""
            ids = [ident for ident, kind in self.kinds.items() if kind in wanted] if wanted else self.keys
            self._hints[word, wanted] = did_you_mean(word, ids)
        return self._hints[word, wanted]


def dangling(records: Sequence[Written], known: Known) -> Iterator[Fault]:
    """Faults of mentions, citations and dimensions that lead nowhere, and of records that contradict each other."""
    tested = {
        target
        for record in records
        if record.kind == "criterion" and not record.data.get("superseded_by")
        for _, target in names(record.data, "bears_on")
    }
    pilots = {record.ident for record in records if record.data.get("pilot") is True}
    for record in records:
        for name, wanted in MENTIONS.get(record.kind, {}).items():
            for path, target in names(record.data, name):
                if message := wrong_mention(target, wanted, known):
                    yield record.fault(path, message)
        for path, key in () if known.unread_bibliography else _citations(record.data, record.kind):
            if key not in known.keys:
                yield record.fault(path, f"unknown citation key '{key}'{known.hint(key, ())}")
        if record.kind == "claim" and record.data.get("dimension") not in (None, *known.dimensions):
            message = f"dimension {record.data['dimension']} is not among those listed at the top of the file"
            yield record.fault(("dimension",), message)
        if record.data.get("no_experiment") and record.ident in tested:
            yield record.fault(
                ("no_experiment",), "says that no experiment can decide it, but a criterion bears on it"
            )
        if record.kind == "check" and record.data.get("reference") in pilots:
            message = (
                f"checks against {record.data['reference']}, which is a pilot of ours and not a reference"
            )
            yield record.fault(("reference",), message)


def wrong_mention(target: str, wanted: Sequence[str], known: Known) -> str | None:
    """What is wrong with naming `target` where a record of the kinds `wanted` is meant, None if nothing."""
    kind = known.kinds.get(target)
    meant = " or ".join(wanted) if len(wanted) <= 2 else "record"
    if kind is None:
        if ("protocol" in wanted and PROTOCOL.fullmatch(target)) or any(k in known.unread for k in wanted):
            return None
        return f"unknown {meant} '{target}'{known.hint(target, wanted)}"
    if kind not in wanted:
        return f"'{target}' is a {kind}, but a {meant} is meant here"
    return None


def _citations(data: dict[str, Any], kind: str) -> Iterator[tuple[Path, str]]:
    if kind == "literature":
        yield from names(data, "source")
    for name in ("sources", "newer_sources"):
        for path, citation in mappings(data, name):
            for sub, key in names(citation, "key"):
                yield (*path, *sub), key
    for name in ("updates", "other_estimates"):
        for path, part in mappings(data, name):
            for sub, key in _citations(part, name):
                yield (*path, *sub), key


def mappings(data: Any, name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Path and content of every mapping in the list under `name`."""
    found = data.get(name) if isinstance(data, dict) else None
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (name, index), item


def names(data: dict[str, Any], name: str) -> Iterator[tuple[Path, str]]:
    """Path and text of every name under `name`, alone or in a list."""
    found = data.get(name)
    if isinstance(found, str):
        yield (name,), found
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, str):
            yield (name, index), item
