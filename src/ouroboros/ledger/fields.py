"""Field types that the records of every kind share."""

import re
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

T = TypeVar("T")

ID_PATTERNS = {
    "claim": re.compile(r"I\d{3,}"),
    "statement": re.compile(r"[TKPSJUXOBAD]\d{1,3}"),
    "forecast": re.compile(r"(F[JXUM]?|N)\d{1,3}"),
    "reference": re.compile(r"R-[A-Za-z0-9.-]+"),
    "literature": re.compile(r"L\d{2,}"),
    "event": re.compile(r"H\d{2,}"),
    "experiment": re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+"),
    "check": re.compile(r"[A-Za-z][A-Za-z0-9-]*"),
    "criterion": re.compile(r"[A-Za-z][A-Za-z0-9-]*"),
}
PROTOCOL = re.compile(r"E\d{2,}")

_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class Record(BaseModel):
    """Base of every record: immutable, strict, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(f"{value!r} is not a date; write it as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a day of the calendar") from None


def _partial_date(value: str) -> str:
    if not _PARTIAL_DATE.fullmatch(value):
        raise ValueError(f"{value!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) < 10 else value)
    except ValueError:
        raise ValueError(f"{value!r} is not a day of the calendar") from None
    return value


def _one_line(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; write the text or leave the field out")
    return value.strip()


def _pattern(kind: str):
    def check(value: str) -> str:
        if not ID_PATTERNS[kind].fullmatch(value):
            raise ValueError(f"{value!r} is not an id of a {kind} (pattern {ID_PATTERNS[kind].pattern})")
        return value

    return check


def id_of(kind: str) -> Any:
    """Type of an id field of the given kind (a key of ID_PATTERNS)."""
    schema = {"type": "string", "pattern": f"^({ID_PATTERNS[kind].pattern})$"}
    return Annotated[str, AfterValidator(_pattern(kind)), WithJsonSchema(schema)]


def naming(kind: str) -> Any:
    """Type of a field that names a record of the given kind; whether it exists is checked later."""
    return Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^({ID_PATTERNS[kind].pattern})$"})]


def single_or_several(value: Any) -> Any:
    """Let an author write one name where a list is meant."""
    return (value,) if isinstance(value, str) else value


Several = Annotated[tuple[T, ...], Field(strict=False)]
OneOrMore = Annotated[tuple[T, ...], Field(strict=False, min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]
PartialDate = Annotated[str, AfterValidator(_partial_date)]
Text = Annotated[str, AfterValidator(_one_line)]
Probability = Annotated[float, Field(ge=0, le=1)]
Basis = Literal["read", "recalled", "read+recalled"]
ProtocolId = Annotated[str, Field(pattern=f"^{PROTOCOL.pattern}$")]
Names = Annotated[tuple[str, ...], BeforeValidator(single_or_several), Field(strict=False, min_length=1)]


class Citation(Record):
    """A work of references.bib, where in it, and how far it was read."""

    key: Text
    locator: Text | None = None
    basis: Basis | None = None
    depth: Text | None = None
    note: Text | None = None


class Link(Record):
    """Where a reading took place: an address, a remark, or both."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    note: Text | None = None


class Quantity(Record):
    """A figure the way the original or its source prints it."""

    name: Text
    value: float | None = None
    qualifier: Text | None = None
    unit: Text
    as_of: Text
    note: Text | None = None


class Dated(Record):
    """A remark with the day it was made on."""

    date: Day
    text: Text
