"""Reference values: numbers and formulae that nobody here produced."""

from typing import Any, Literal, Self

from pydantic import model_validator

from ouroboros.ledger.fields import Citation, ProtocolId, Record, Several, Text, id_of

MARKS = {
    "V": "seen in the source itself",
    "V2": "second-hand, seen in a text that quotes the source",
    "D": "derived and checked numerically",
    "M": "recalled, to be re-checked before it is relied on",
}


class Reference(Record):
    """A value to hold our estimates against, its source and how it was seen.

    A `pilot` is a trial run of ours: it may guide a design, but no check may rest on it.
    """

    id: id_of("reference")
    protocols: Several[ProtocolId]
    quantity: Text
    formula: Text | None = None
    value: Any = None
    tolerance: dict[str, Any]
    setup: Text
    mark: Literal["V", "V2", "D", "M"]
    derived: bool = False
    sources: Several[Citation] = ()
    pilot: bool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _has_origin(self) -> Self:
        if not self.sources and not self.derived:
            raise ValueError("needs a source, or 'derived: true' for a closed form derived without one")
        return self

    @property
    def mark_meaning(self) -> str:
        """The mark in words."""
        return MARKS[self.mark]


class ReferencesFile(Record):
    """ledger/references.yml."""

    references: Several[Reference]
