"""The state of the report that two editions are compared by: one small JSON that outlives every schema.

It holds what a reader of an edition could see change: audits, verdicts, evidence values, forecasts,
sources and pages. The ledger's own files are frozen beside it, but are never needed for a comparison.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ouroboros.lab import Evidence, reproduction_mark, statement_verdicts
from ouroboros.ledger import Forecast, Ledger, Statement

SCHEMA = "ouroboros-state/1"
_NO_PAGES_OF_THE_BOOK = ("v/", "id/", "latest/", "cite/", "print/", "changes/")


def state_of(ledger: Ledger, evidence: Mapping[str, Evidence], edition: str) -> dict[str, Any]:
    """Collect what can change between editions.

    Parameters
    ----------
    ledger : Ledger
        All records.
    evidence : mapping of str to Evidence
        Accepted evidence by experiment.
    edition : str
        Name of the edition.

    Returns
    -------
    dict
        JSON-ready, with the keys ``schema, edition, claims, statements, experiments, forecasts, sources``.
    """
    verdicts = statement_verdicts(ledger, evidence)
    return {
        "schema": SCHEMA,
        "edition": edition,
        "claims": {
            claim.id: {
                "text": claim.text,
                "audit": claim.verdict,
                "confidence": claim.confidence,
                "mark": reproduction_mark(ledger, evidence, claim.id),
            }
            for claim in ledger.claims.values()
        },
        "statements": {
            s.id: {"title": s.title, "verdict": verdicts[s.id].verdict, "scopes": list(verdicts[s.id].scopes)}
            for s in ledger.statements.values()
        },
        "experiments": {
            identifier: {
                "title": ledger.experiments[identifier].title,
                "valid": record.valid,
                "estimates": {
                    e.name: {"value": e.value, "low": e.low, "high": e.high, "unit": e.unit}
                    for e in record.estimates
                },
            }
            for identifier, record in evidence.items()
        },
        "forecasts": {f.id: _forecast(f) for f in ledger.forecasts.values()},
        "sources": sorted(ledger.bibliography),
    }


def original_state(ledger: Ledger, edition: str) -> dict[str, Any]:
    """State of the original as it was found: its own claims, argument and forecasts, before any audit."""
    before = state_of(ledger, {}, edition)
    for claim in before["claims"].values():
        claim |= {"audit": None, "confidence": None, "mark": None}
    before["statements"] = {
        s.id: {"title": s.title, "verdict": None, "scopes": []} for s in original_statements(ledger)
    }
    before["forecasts"] = {
        f.id: {"title": f.title, "origin": f.origin, "status": None, "lenient": None, "probability": None}
        for f in original_forecasts(ledger)
    }
    before["sources"] = []
    return before


def original_statements(ledger: Ledger) -> list[Statement]:
    """Statements that the original itself makes; analyses, findings and readings are the audit's."""
    return [
        s
        for s in ledger.statements.values()
        if s.kind not in ("analysis", "consistency") and not s.own_reading
    ]


def original_forecasts(ledger: Ledger) -> list[Forecast]:
    """Forecasts that the original makes or implies."""
    return [f for f in ledger.forecasts.values() if f.origin == "original"]


def _forecast(forecast: Forecast) -> dict[str, Any]:
    status, probability = forecast.status, forecast.probability()
    return {
        "title": forecast.title,
        "origin": forecast.origin,
        "status": status.strict if status else "open",
        "lenient": status.lenient if status else None,
        "probability": probability.value if probability else None,
    }


def page_digests(site: Path) -> dict[str, str]:
    """Digest of the readable text of every page, so that a new script or style changes no page."""
    from lxml import html

    found = {}
    for path in sorted(site.rglob("*.html")):
        place = path.relative_to(site).as_posix()
        if place.startswith(_NO_PAGES_OF_THE_BOOK) or place in ("search.html", "genindex.html"):
            continue
        article = html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8")).find(
            ".//article"
        )
        if article is not None:
            text = " ".join(
                " ".join(article.xpath(".//text()[not(parent::script or parent::style)]")).split()
            )
            found[place] = sha256(text.encode()).hexdigest()
    return found


def write_state(state: Mapping[str, Any]) -> str:
    """Text of the state's file; the same state always gives the same bytes."""
    return json.dumps(state, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
