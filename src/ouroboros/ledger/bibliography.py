"""The bibliography: references.bib as typed entries, one per work."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import bibtexparser
from bibtexparser.library import Library
from bibtexparser.middlewares import LatexDecodingMiddleware
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    Field,
    ParsingFailedBlock,
)
from pydantic import BaseModel, ConfigDict

from ouroboros.ledger.faults import Fault, did_you_mean_or_list

ENTRY_TYPES = (
    "article",
    "book",
    "incollection",
    "inproceedings",
    "manual",
    "misc",
    "phdthesis",
    "techreport",
)
_AUTHORS = ("author", "editor", "organization", "institution")
_ADDRESSES = ("doi", "eprint", "url")
_YEAR = re.compile(r"(19|20)\d{2}")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_URL = re.compile(r"https?://\S+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HEAD = re.compile(r"@\w+\s*\{\s*([^\s,{}]+)")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9:+-]*")


class Name(BaseModel):
    """A person (family and given names) or a body (family only)."""

    model_config = ConfigDict(frozen=True)

    family: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.given} {self.family}".strip()


class BibEntry(BaseModel):
    """One work. `fields` holds the raw BibTeX values; the properties are decoded to Unicode."""

    model_config = ConfigDict(frozen=True, ignored_types=(cached_property,))

    key: str
    entry_type: str
    fields: dict[str, str]
    line: int

    def text(self, name: str) -> str | None:
        """A field in Unicode, without TeX markup; None if absent."""
        raw = self.fields.get(name)
        return None if raw is None else raw if name in ("url", "doi", "eprint") else decode(raw)

    @cached_property
    def authors(self) -> tuple[Name, ...]:
        """Authors in order; the last is 'others' when the list is incomplete."""
        raw = self.fields.get("author") or self.fields.get("organization") or self.fields.get("institution")
        return tuple(names(raw)) if raw else ()

    @property
    def title(self) -> str:
        """The title in Unicode."""
        return self.text("title") or ""

    @property
    def year(self) -> int:
        """The year of publication."""
        return int(self.fields["year"])

    @property
    def venue(self) -> str | None:
        """Where it appeared: journal, proceedings, institution or publisher."""
        for name in ("journal", "booktitle", "institution", "publisher", "howpublished"):
            if found := self.text(name):
                return found
        return None

    @property
    def doi(self) -> str | None:
        """The DOI without resolver."""
        return self.fields.get("doi")

    @property
    def arxiv(self) -> str | None:
        """The arXiv number, if the work is there."""
        is_arxiv = self.fields.get("archiveprefix", "").lower() == "arxiv"
        return self.fields.get("eprint") if is_arxiv else None

    @property
    def address(self) -> str | None:
        """The best web address: DOI, else arXiv, else URL."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return self.fields.get("url")

    @property
    def not_located(self) -> bool:
        """Whether the original names the work but nobody found it."""
        return self.fields.get("note", "").startswith("not located")

    @property
    def recalled(self) -> bool:
        """Whether nobody opened the work."""
        return "not opened" in self.fields.get("note", "")


def decode(raw: str) -> str:
    """TeX markup of one BibTeX value as Unicode, protective braces removed."""
    library = Library([Entry("misc", "x", [Field("x", raw)])])
    LatexDecodingMiddleware(allow_inplace_modification=True).transform(library)
    entry = library.blocks[0]
    return re.sub(r"[{}]", "", entry.fields_dict["x"].value) if isinstance(entry, Entry) else raw


def names(raw: str) -> Iterator[Name]:
    """Split a BibTeX name list."""
    for part in split_multiple_persons_names(raw):
        if part.startswith("{") and part.endswith("}"):
            yield Name(family=decode(part))
        else:
            parts = parse_single_name_into_parts(part)
            family = " ".join([*parts.von, *parts.last])
            given = " ".join([*parts.first, *parts.jr])
            yield Name(family=decode(family), given=decode(given))


@dataclass
class Bibliography:
    """A parsed file: entries by key, keys of blocks that could not be read, and all faults.

    It is unreadable when not even the keys of all its entries are known.
    """

    entries: dict[str, BibEntry] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    unreadable: bool = False


def read_bibliography(text: str, name: str = "references.bib") -> Bibliography:
    """Parse BibTeX; faults are collected, not raised."""
    found = Bibliography()
    library = _parse(text)
    for block in library.failed_blocks:
        head = _HEAD.match(block.raw or "")
        key = head.group(1) if head else None
        if key:
            found.broken.add(key)
        found.unreadable |= key is None
        found.faults.append(Fault(name, block.start_line + 1, key, _failure(block)))
    for block in library.entries:
        fields = {field.key.lower(): str(field.value).strip() for field in block.fields}
        entry = BibEntry(key=block.key, entry_type=block.entry_type, fields=fields, line=block.start_line + 1)
        found.entries[block.key] = entry
        found.faults += [Fault(name, entry.line, entry.key, message) for message in _complaints(entry)]
    found.faults += _same_works(found.entries, name)
    return found


def _parse(text: str) -> Library:
    log = logging.getLogger("bibtexparser")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what it would log comes out as faults, with line and key
    try:
        return bibtexparser.parse_string(text)
    finally:
        log.setLevel(level)


def _failure(block: ParsingFailedBlock) -> str:
    if isinstance(block, DuplicateBlockKeyBlock):
        return "key stands twice; one entry per work"
    if isinstance(block, DuplicateFieldKeyBlock):
        return f"field {', '.join(sorted(block.duplicate_keys))} stands twice in one entry"
    reason = getattr(block.error, "abort_reason", None) or str(block.error) or "the entry does not end"
    return f"is not valid BibTeX: {reason.strip().rstrip('.').lower()}"


def _complaints(entry: BibEntry) -> Iterator[str]:
    fields = entry.fields
    if not _KEY.fullmatch(entry.key):
        yield "key must consist of letters, digits, '-', '+' and ':'"
    if entry.entry_type not in ENTRY_TYPES:
        yield f"unknown entry type '{entry.entry_type}'{did_you_mean_or_list(entry.entry_type, ENTRY_TYPES)}"
    if not any(fields.get(field) for field in _AUTHORS):
        yield "lacks an author (a body goes in braces)"
    if not fields.get("title"):
        yield "lacks a title"
    if not _YEAR.fullmatch(fields.get("year", "")):
        yield f"needs a year of four digits, not {fields.get('year', 'nothing')!r}"
    if not any(fields.get(field) for field in _ADDRESSES) and not entry.not_located:
        yield "needs a doi, an eprint or a url (or a note that begins with 'not located')"
    if "doi" in fields and not _DOI.fullmatch(fields["doi"]):
        yield f"doi {fields['doi']!r} is not a bare DOI such as 10.1000/182"
    if "url" in fields and not _URL.fullmatch(fields["url"]):
        yield f"url {fields['url']!r} is not a bare web address"
    if "eprint" in fields and not fields.get("archiveprefix"):
        yield "has an eprint without archivePrefix"
    if "urldate" in fields and not _DATE.fullmatch(fields["urldate"]):
        yield f"urldate {fields['urldate']!r} is not of the form YYYY-MM-DD"


def _same_works(entries: dict[str, BibEntry], name: str) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for entry in entries.values():
        for number in ("doi", "eprint"):
            if value := entry.fields.get(number, "").lower():
                first = seen.setdefault(f"{number} {value}", entry.key)
                if first != entry.key:
                    yield Fault(
                        name, entry.line, entry.key, f"is the same work as '{first}' ({number} {value})"
                    )
