"""What changed between two editions: audits, verdicts, evidence, forecasts, claims, sources, pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["claim", "statement", "experiment", "estimate", "forecast", "source", "page"]
What = Literal["added", "withdrawn", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was.

    Attributes
    ----------
    kind, id : str
        What it is; an estimate's id is ``experiment:name``.
    what : str
        added, withdrawn or changed.
    field : str
        What moved: audit, mark, verdict, value, status, probability, text, ...
    old, new
        Before and after; None where there was or is nothing.
    beyond_interval : bool or None
        Of an estimate: whether the new value lies outside the old interval.
    """

    kind: Kind
    id: str
    what: What
    field: str
    old: Any = None
    new: Any = None
    beyond_interval: bool | None = None


@dataclass(frozen=True)
class Changes:
    """All changes from one edition to another, in a fixed order."""

    old: str
    new: str
    changes: tuple[Change, ...] = field(default=())

    def of(self, kind: Kind, field_name: str | None = None) -> list[Change]:
        """Changes of one kind, of one field if named."""
        return [c for c in self.changes if c.kind == kind and field_name in (None, c.field)]

    def to_json(self) -> str:
        """For programs."""
        content = {"old": self.old, "new": self.new, "changes": [asdict(c) for c in self.changes]}
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def headline(self) -> list[str]:
        """At most three lines for a cover: what moved most, in words; what did not move is not counted out."""
        moved = self.of("claim", "audit")
        first = [c for c in moved if c.old is None]
        verdicts = [c for c in self.of("statement", "verdict") if c.new not in (None, "untested")]
        added = [c for c in self.of("experiment") if c.what == "added"]
        changed = [c for c in self.of("estimate") if c.what == "changed"]
        resolved = [c for c in self.of("forecast", "status") if str(c.new).startswith("resolved")]
        audits = (first, "claim", "audited for the first time") if first else (moved, "audit", "moved")
        lines = [
            [audits, (verdicts, "verdict", "of statements moved")],
            [(added, "experiment", "added"), (changed, "value", "changed")],
            [(resolved, "forecast", "resolved"), (self.of("source"), "source", "added or withdrawn")],
        ]
        told = [
            "; ".join(f"{_counted(found, noun)} {verb}" for found, noun, verb in line if found) + "."
            for line in lines
            if any(found for found, _, _ in line)
        ]
        return told or ["no audit, verdict, value, forecast or source has moved."]


def _counted(changes: list[Change], noun: str) -> str:
    return f"{len(changes)} {noun}{'' if len(changes) == 1 else 's'}"


#: Fields of each kind that a comparison looks at.
_FIELDS: dict[Kind, tuple[str, ...]] = {
    "claim": ("text", "audit", "mark"),
    "statement": ("title", "verdict"),
    "experiment": ("title", "valid"),
    "forecast": ("status", "lenient", "probability"),
}


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Compare two states (see :func:`ouroboros.publishing.state.state_of`).

    Parameters
    ----------
    old, new : mapping
        States of two editions.

    Returns
    -------
    Changes
    """
    found: list[Change] = []
    for kind, fields in _FIELDS.items():
        before, after = old.get(f"{kind}s", {}), new.get(f"{kind}s", {})
        found += _of_records(kind, before, after, fields)
    for identifier in old.get("experiments", {}).keys() & new.get("experiments", {}).keys():
        before = old["experiments"][identifier]["estimates"]
        after = new["experiments"][identifier]["estimates"]
        found += _of_estimates(identifier, before, after)
    before_sources, after_sources = set(old.get("sources", ())), set(new.get("sources", ()))
    found += [
        Change("source", key, "added", "key", None, key) for key in sorted(after_sources - before_sources)
    ]
    found += [
        Change("source", key, "withdrawn", "key", key) for key in sorted(before_sources - after_sources)
    ]
    found += _of_pages(old.get("pages", {}), new.get("pages", {}))
    order = ("claim", "statement", "experiment", "estimate", "forecast", "source", "page")
    found.sort(key=lambda c: (order.index(c.kind), c.id, c.field))
    return Changes(old["edition"], new["edition"], tuple(found))


def _of_records(kind: Kind, old: Mapping, new: Mapping, fields: tuple[str, ...]) -> list[Change]:
    found = [
        Change(kind, i, "added", fields[0], None, new[i].get(fields[0])) for i in new.keys() - old.keys()
    ]
    found += [Change(kind, i, "withdrawn", fields[0], old[i].get(fields[0])) for i in old.keys() - new.keys()]
    for identifier in old.keys() & new.keys():
        for name in fields:
            before, after = old[identifier].get(name), new[identifier].get(name)
            if before != after:
                found.append(Change(kind, identifier, "changed", name, before, after))
    return found


def _of_estimates(experiment: str, old: Mapping, new: Mapping) -> list[Change]:
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        beyond = None if not (before and after) else not before["low"] <= after["value"] <= before["high"]
        what: What = "added" if before is None else "withdrawn" if after is None else "changed"
        found.append(Change("estimate", f"{experiment}:{name}", what, "value", before, after, beyond))
    return found


def _of_pages(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    found = [Change("page", page, "added", "text") for page in new.keys() - old.keys()]
    found += [Change("page", page, "withdrawn", "text") for page in old.keys() - new.keys()]
    return found + [
        Change("page", page, "changed", "text") for page in old.keys() & new.keys() if old[page] != new[page]
    ]
