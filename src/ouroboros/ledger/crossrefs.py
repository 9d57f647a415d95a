"""Do the records fit together: unique ids, known ids, known citation keys."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ouroboros.ledger.claims import Claim
from ouroboros.ledger.experiments import Experiment
from ouroboros.ledger.faults import Fault, did_you_mean
from ouroboros.ledger.fields import PROTOCOL, Citation
from ouroboros.ledger.forecasts import Forecast
from ouroboros.ledger.literature import LiteratureItem
from ouroboros.ledger.references import Reference
from ouroboros.ledger.statements import Statement
from ouroboros.ledger.yamlfile import Document

Path = tuple[str | int, ...]
ANY = ("claim", "statement", "experiment", "criterion", "reference", "forecast", "literature")


@dataclass(frozen=True)
class Placed:
    """A valid record and where it stands."""

    record: Any
    document: Document
    path: Path


@dataclass(frozen=True)
class Mention:
    """A record naming another: where, whom, and of which kinds that one may be."""

    path: Path
    target: str
    kinds: Sequence[str]


def declared_ids(documents: Mapping[str, Document]) -> Iterator[tuple[str, str, Document, Path]]:
    """Every id as written (kind, id, file, path), also those of records that are otherwise faulty."""
    kinds = {"claims": "claim", "statements": "statement", "experiments": "experiment",
             "references": "reference", "forecasts": "forecast", "literature": "literature"}  # fmt: skip
    for name, document in documents.items():
        for path, item in _items(document.data, name):
            yield from _id(kinds[name], item, document, path)
            if name == "experiments":
                for part, kind in (("checks", "check"), ("criteria", "criterion")):
                    for sub, inner in _items(item, part):
                        yield from _id(kind, inner, document, (*path, *sub))


def _items(data: Any, name: str) -> Iterator[tuple[Path, dict]]:
    found = data.get(name) if isinstance(data, dict) else None
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (name, index), item


def _id(kind: str, item: dict, document: Document, path: Path) -> Iterator[tuple[str, str, Document, Path]]:
    if isinstance(item.get("id"), str):
        yield kind, item["id"], document, (*path, "id")


def unique(documents: Mapping[str, Document]) -> tuple[dict[str, str], list[Fault]]:
    """Kind of every id, and a Fault for each id that stands for two records."""
    kinds: dict[str, str] = {}
    first: dict[str, tuple[Document, Path]] = {}
    faults = []
    for kind, ident, document, path in declared_ids(documents):
        if ident in first:
            there, path_there = first[ident]
            message = f"id is taken by the {kinds[ident]} at {there.name}:{there.line(path_there)}"
            faults.append(Fault(document.name, document.line(path), ident, message))
            continue
        first[ident] = (document, path)
        kinds[ident] = kind
    return kinds, faults


def dangling(
    placed: Sequence[Placed], kinds: Mapping[str, str], keys: Collection[str], dimensions: Collection[int]
) -> Iterator[Fault]:
    """Faults of mentions and citations that lead nowhere."""
    for item in placed:
        for mention in _mentions(item.record):
            if message := _wrong(mention, kinds):
                yield _fault(item, mention.path, message)
        for path, citation in _citations(item.record):
            if citation not in keys:
                yield _fault(item, path, f"unknown citation key '{citation}'{did_you_mean(citation, keys)}")
        if isinstance(item.record, Claim) and item.record.dimension not in dimensions:
            message = f"dimension {item.record.dimension} is not among those listed at the top of the file"
            yield _fault(item, ("dimension",), message)


def _fault(item: Placed, path: Path, message: str) -> Fault:
    return Fault(item.document.name, item.document.line((*item.path, *path)), item.record.id, message)


def _wrong(mention: Mention, kinds: Mapping[str, str]) -> str | None:
    kind = kinds.get(mention.target)
    wanted = " or ".join(mention.kinds) if len(mention.kinds) <= 2 else "record"
    if kind is None:
        if "protocol" in mention.kinds and PROTOCOL.fullmatch(mention.target):
            return None
        candidates = [ident for ident, kind in kinds.items() if kind in mention.kinds]
        return f"unknown {wanted} '{mention.target}'{did_you_mean(mention.target, candidates)}"
    if kind not in mention.kinds:
        return f"'{mention.target}' is a {kind}, but a {wanted} is meant here"
    return None


def _each(field: str, targets: Sequence[str], *kinds: str) -> Iterator[Mention]:
    for index, target in enumerate(targets):
        yield Mention((field, index), target, kinds)


def _mentions(record: Any) -> Iterator[Mention]:
    if isinstance(record, Statement):
        yield from _each("claims", record.claims, "claim")
        yield from _each("bears_on", record.bears_on, *ANY)
        yield from _each("forecasts", record.forecasts, "forecast")
    elif isinstance(record, Forecast):
        yield from _each("links", record.links, *ANY)
    elif isinstance(record, LiteratureItem):
        yield from _each("bears_on", record.bears_on, *ANY, "protocol")
    elif isinstance(record, Experiment):
        yield from _each("claims", record.claims, "claim")
        yield from _each("statements", record.statements, "statement")
        for index, check in enumerate(record.checks):
            yield Mention(("checks", index, "reference"), check.reference, ("reference",))
        for index, criterion in enumerate(record.criteria):
            path = ("criteria", index)
            for mention in _each("bears_on", criterion.bears_on, "claim", "statement"):
                yield Mention((*path, *mention.path), mention.target, mention.kinds)
            if criterion.reference:
                yield Mention((*path, "reference"), criterion.reference, ("reference",))
            if criterion.superseded_by:
                yield Mention((*path, "superseded_by"), criterion.superseded_by, ("criterion",))


def _citations(record: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(record, LiteratureItem):
        yield ("source",), record.source
    if isinstance(record, Claim | Statement | Reference):
        yield from _cited("sources", record.sources)
    if isinstance(record, Claim):
        yield from _cited("newer_sources", record.newer_sources)
        for index, update in enumerate(record.updates):
            for path, key in _cited("sources", update.sources):
                yield ("updates", index, *path), key


def _cited(field: str, citations: Sequence[Citation]) -> Iterator[tuple[Path, str]]:
    for index, citation in enumerate(citations):
        yield (field, index, "key"), citation.key
