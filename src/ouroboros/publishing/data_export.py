"""The report as data: JSON, CSV and one SQLite file with stable ids, below ``data/`` of every edition."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ouroboros.forecasting.export import export_of, log_rows, rows, write_forecasts
from ouroboros.lab import Evidence, reproduction_mark, statement_verdicts
from ouroboros.ledger import Ledger
from ouroboros.publishing.state import original_forecasts, original_statements

Row = dict[str, Any]

#: What the columns of the tables say, where their name does not say it all.
COLUMNS = {
    "id": "Id of the record, the same in all editions.",
    "dimension": "Number of the dimension of the original that the claim stands in.",
    "kind": "Kind of assertion or of statement.",
    "text": "The assertion, in our words.",
    "source_as_named": "Source as the original names it.",
    "date_as_named": "Date of the source as the original names it.",
    "sources": "Keys of the primary sources, separated by spaces; see the table of sources.",
    "source_says": "What the primary source says.",
    "audit": "How the claim compares with its primary source, after all updates.",
    "severity": "How bad a discrepancy is.",
    "correction": "What is right instead.",
    "basis": "Whether the source was read or recalled.",
    "confidence": "Confidence in the audit, from 0 to 1.",
    "checked_on": "Day of the check.",
    "reproduction": "Whether experiments here reproduce the claim, in a toy.",
    "claims": "Ids of the claims that the statement rests on, separated by spaces.",
    "verdict": "Computed from the criteria of experiments.",
    "because": "How the verdict came about.",
    "scopes": "What the verdict holds for.",
    "own_reading": "1 if the original announces the statement without spelling it out.",
    "protocol": "Number of the protocol.",
    "question": "What the experiment asks.",
    "page": "Its page, relative to the cover.",
    "has_evidence": "1 if evidence was accepted.",
    "experiment": "Id of the experiment.",
    "value": "Point estimate.",
    "low": "Lower end of the interval.",
    "high": "Upper end of the interval.",
    "level": "Coverage that the interval claims.",
    "n": "Independent replicates behind the number.",
    "unit": "Unit of the value, if it has one.",
    "method": "How the interval was made.",
    "bears_on": "Ids of the records that the criterion speaks for or against.",
    "if_met": "Direction if the criterion is met: for (+), neither way (0), against (-).",
    "if_not_met": "Direction if it is not met.",
    "scope": "What the criterion holds for.",
    "no_experiment": "Why no experiment of the report can decide it, where that is so.",
    "fixed_on": "Day on which the criterion was fixed, before its evidence.",
    "direction": "Direction that came out; null without evidence.",
    "key": "Citation key.",
    "recalled": "1 if the work was not opened, only recalled.",
}


def tables_of(ledger: Ledger, evidence: Mapping[str, Evidence]) -> dict[str, list[Row]]:
    """Flat tables of everything the report asserts.

    Parameters
    ----------
    ledger : Ledger
        All records.
    evidence : mapping of str to Evidence
        Accepted evidence by experiment.

    Returns
    -------
    dict of str to list of dict
        Rows by table name; every row of a table has the same keys, and values are text, numbers or None.
    """
    verdicts = statement_verdicts(ledger, evidence)
    return {
        **_forecasts(ledger),
        "claims": [
            {
                "id": c.id,
                "dimension": c.dimension,
                "kind": c.kind,
                "text": c.text,
                "source_as_named": c.cited_as.name,
                "sources": " ".join(s.key for s in c.sources),
                "source_says": c.source_says,
                "audit": c.verdict,
                "severity": c.severity,
                "correction": c.audit.correction,
                "basis": c.basis,
                "confidence": c.confidence,
                "checked_on": c.checked_on.isoformat(),
                "reproduction": reproduction_mark(ledger, evidence, c.id),
                "no_experiment": c.no_experiment,
            }
            for c in ledger.claims.values()
        ],
        "statements": [
            {
                "id": s.id,
                "kind": s.kind,
                "title": s.title,
                "text": s.text,
                "claims": " ".join(s.claims),
                "verdict": verdicts[s.id].verdict,
                "because": verdicts[s.id].reason,
                "scopes": "; ".join(verdicts[s.id].scopes),
                "own_reading": int(s.own_reading),
                "no_experiment": s.no_experiment,
            }
            for s in ledger.statements.values()
        ],
        "experiments": [
            {
                "id": e.id,
                "protocol": e.protocol,
                "title": e.title,
                "question": e.question,
                "page": e.notebook.removesuffix(".md") + ".html",
                "has_evidence": int(e.id in evidence),
            }
            for e in ledger.experiments.values()
        ],
        "estimates": [
            {
                "experiment": identifier,
                "name": e.name,
                "value": e.value,
                "low": e.low,
                "high": e.high,
                "level": e.level,
                "n": e.n,
                "unit": e.unit,
                "method": e.method,
                "description": e.description,
            }
            for identifier, record in evidence.items()
            for e in record.estimates
        ],
        "criteria": [
            {
                "id": c.id,
                "experiment": e.id,
                "statement": c.statement,
                "bears_on": " ".join(c.bears_on),
                "if_met": c.if_met,
                "if_not_met": c.if_not_met,
                "scope": c.scope,
                "fixed_on": c.fixed_on.isoformat(),
                "direction": _direction(evidence.get(e.id), c.id),
            }
            for e in ledger.experiments.values()
            for c in e.criteria
        ],
        "sources": [
            {
                "key": b.key,
                "authors": " and ".join(str(name) for name in b.authors),
                "title": b.title,
                "year": b.year,
                "address": b.address,
                "recalled": int(bool(b.recalled)),
            }
            for b in ledger.bibliography.values()
        ],
    }


def original_tables(ledger: Ledger) -> dict[str, list[Row]]:
    """Flat tables of the original as it was found: its claims, argument and forecasts, and nothing of the audit."""
    dimensions = {d.number: d.title for d in ledger.dimensions.values()}
    return {
        "claims": [
            {
                "id": c.id,
                "dimension": c.dimension,
                "dimension_title": dimensions.get(c.dimension, ""),
                "kind": c.kind,
                "text": c.text,
                "source_as_named": c.cited_as.name,
                "date_as_named": c.cited_as.date,
            }
            for c in ledger.claims.values()
        ],
        "statements": [
            {"id": s.id, "kind": s.kind, "title": s.title, "text": s.text, "claims": " ".join(s.claims)}
            for s in original_statements(ledger)
        ],
        "forecasts": [
            {
                "id": f.id,
                "title": f.title,
                "statement": f.statement,
                "opens": f.window.open.isoformat(),
                "closes": f.window.close.isoformat(),
            }
            for f in original_forecasts(ledger)
        ],
    }


def _forecasts(ledger: Ledger) -> dict[str, list[Row]]:
    """A row for each reading of each forecast, and one for each dated entry; none without forecasts."""
    if ledger.forecasts_meta is None:
        return {"forecasts": [], "forecast_log": []}
    export = export_of(ledger)
    return {"forecasts": rows(export), "forecast_log": log_rows(export)}


def _direction(evidence: Evidence | None, criterion_id: str) -> str | None:
    if evidence is None:
        return None
    return next((c.direction for c in evidence.criteria if c.id == criterion_id), None)


def write_data(root: Path, ledger: Ledger, evidence: Mapping[str, Evidence], folder: Path) -> list[str]:
    """Write all tables as JSON, CSV and SQLite, the evidence files as they are, and the schemas.

    Returns
    -------
    list of str
        Names of the files, relative to `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(tables_of(ledger, evidence), folder)
    write_forecasts(ledger, folder)  # the whole log as JSON with its schema, and the calendar
    for identifier in evidence:
        for ending in (".json", ".csv", ".run.json"):
            target = folder / "evidence" / f"{identifier}{ending}"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(root / "evidence" / f"{identifier}{ending}", target)
    schemas = folder / "schemas"
    schemas.mkdir(exist_ok=True)
    for schema in sorted((root / "ledger" / "schemas").glob("*.json")):
        shutil.copyfile(schema, schemas / schema.name)
    shutil.copyfile(root / "references.bib", folder / "references.bib")
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def write_tables(tables: Mapping[str, list[Row]], folder: Path) -> None:
    """Write tables as JSON, CSV and one SQLite file; the same content always gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        text = json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (folder / f"{name}.json").write_text(text, "utf-8")
        (folder / f"{name}.csv").write_text(_csv(table), "utf-8")
    _write_sqlite(folder / "ouroboros.sqlite", tables)
    schemas = folder / "schemas"
    schemas.mkdir(exist_ok=True)
    for name, table in tables.items():
        text = json.dumps(table_schema(name, table), indent=1, ensure_ascii=False) + "\n"
        (schemas / f"{name}.table.schema.json").write_text(text, "utf-8")


def table_schema(name: str, table: list[Row]) -> dict[str, Any]:
    """JSON Schema of a table: its columns, all of them in every row, and the types that they hold."""
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    columns: dict[str, dict[str, Any]] = {}
    for row in table:
        for column, value in row.items():
            types = columns.setdefault(column, {"type": []})["type"]
            if kinds[type(value)] not in types:
                types.append(kinds[type(value)])
    for column, schema in columns.items():
        schema["type"] = sorted(schema["type"])
        if said := COLUMNS.get(column):
            schema["description"] = said
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "array",
        "items": {
            "type": "object",
            "properties": columns,
            "required": list(columns),
            "additionalProperties": False,
        },
    }


def _csv(rows: Iterable[Row]) -> str:
    rows = list(rows)
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return out.getvalue()


def _write_sqlite(path: Path, tables: Mapping[str, list[Row]]) -> None:
    """One database with a table each; pages are written in one pass, so equal content gives equal bytes."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        for name, rows in tables.items():
            if not rows:
                continue
            columns = list(rows[0])
            database.execute(f'CREATE TABLE "{name}" ({", ".join(map(_quoted, columns))})')
            places = ", ".join("?" for _ in columns)
            database.executemany(
                f'INSERT INTO "{name}" VALUES ({places})', [tuple(r[c] for c in columns) for r in rows]
            )
    database.close()


def _quoted(column: str) -> str:
    return f'"{column}"'
