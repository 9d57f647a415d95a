"""Do the entries of forecasts lead somewhere: works, records, terms of the word scale, evidence horizons.

Like `crossrefs`, this works on the data as written, so that one fault does not hide the others.
"""

from collections.abc import Collection, Iterator
from typing import Any

from ouroboros.ledger.crossrefs import ANY, Known, Path, mappings, names, wrong_mention
from ouroboros.ledger.faults import Fault, did_you_mean
from ouroboros.ledger.forecast_log import LETTERS
from ouroboros.ledger.yamlfile import Document


def forecast_faults(document: Document, known: Known) -> Iterator[Fault]:
    """Faults of what the entries of ledger/forecasts.yml refer to."""
    data = document.data if isinstance(document.data, dict) else {}
    meta = data.get("meta") if isinstance(data.get("meta"), dict) else {}
    terms = _values(meta, "word_scale", "term")
    horizons = _values(meta, "horizons", "name")
    for path, word in mappings(meta, "word_scale"):
        yield from _unknown_works(document, ("meta", *path), word, ("source",), known, None)
    for place, forecast in mappings(data, "forecasts"):
        ident = forecast.get("id") if isinstance(forecast.get("id"), str) else None
        wording = forecast.get("wording")
        if isinstance(wording, dict):
            yield from _unknown(
                document, (*place, "wording", "term"), wording.get("term"), terms, "term", ident
            )
        rate = forecast.get("base_rate")
        if isinstance(rate, dict):
            path = (*place, "base_rate", "horizon")
            yield from _unknown(document, path, rate.get("horizon"), horizons, "horizon", ident)
        for name in LETTERS:
            for sub, entry in mappings(forecast, name):
                path = (*place, *sub)
                yield from _unknown(
                    document, (*path, "horizon"), entry.get("horizon"), horizons, "horizon", ident
                )
                yield from _unknown_works(document, path, entry, ("source", "sources"), known, ident)
                for inner, target in names(entry, "records"):
                    if message := wrong_mention(target, ANY, known):
                        yield Fault(document.name, document.line((*path, *inner)), ident, message)


def cited_works(forecasts: Collection[Any]) -> Iterator[tuple[str, str]]:
    """Pairs of forecast id and citation key, for validated forecasts."""
    for forecast in forecasts:
        keys = [e.source for e in forecast.evidence if e.source] + [r.source for r in forecast.rejected]
        keys += [key for entry in forecast.history for key in entry.sources]
        yield from ((forecast.id, key) for key in keys)


def _values(meta: dict[str, Any], field: str, key: str) -> list[str]:
    return [item[key] for _, item in mappings(meta, field) if isinstance(item.get(key), str)]


def _unknown(
    document: Document, path: Path, value: Any, known: Collection[str], what: str, ident: str | None
) -> Iterator[Fault]:
    if isinstance(value, str) and value not in known:
        message = f"unknown {what} '{value}'{did_you_mean(value, known)}"
        yield Fault(document.name, document.line(path), ident, message)


def _unknown_works(
    document: Document,
    path: Path,
    entry: dict[str, Any],
    fields: Collection[str],
    known: Known,
    ident: str | None,
) -> Iterator[Fault]:
    for field in () if known.unread_bibliography else fields:
        for sub, key in names(entry, field):
            yield from _unknown(document, (*path, *sub), key, known.keys, "citation key", ident)
