"""The data files hold the ledger, agree with each other, and are the same for the same content."""

import csv
import json
import sqlite3

import jsonschema
import pytest

from ouroboros.lab import load_all_evidence
from ouroboros.publishing.data_export import tables_of, write_data


@pytest.fixture(scope="module")
def written(root, ledger, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    names = write_data(root, ledger, load_all_evidence(root, ledger), folder)
    return folder, names


def test_json_csv_and_sqlite_agree(written, ledger):
    folder, _ = written
    database = sqlite3.connect(folder / "ouroboros.sqlite")
    names = ("claims", "statements", "experiments", "estimates", "criteria", "forecasts", "forecast_log")
    for name in (*names, "sources"):
        rows = json.loads((folder / f"{name}.json").read_text())
        with (folder / f"{name}.csv").open(newline="") as file:
            from_csv = list(csv.DictReader(file))
        from_sql = database.execute(f"SELECT * FROM {name}").fetchall()
        assert len(rows) == len(from_csv) == len(from_sql) > 0
        assert [list(map(str, r.values())) for r in rows] == [list(map(str, r)) for r in from_sql]
        key = next(iter(rows[0]))
        assert [r[key] for r in rows] == [r[key] for r in from_csv]
    assert len(json.loads((folder / "claims.json").read_text())) == len(ledger.claims)


def test_evidence_schemas_and_bibliography_are_beside_them(written, ledger):
    _, names = written
    assert "references.bib" in names and "schemas/claims.schema.json" in names
    assert any(name.startswith("evidence/") and name.endswith(".csv") for name in names)


def test_every_table_satisfies_its_schema_and_no_other(written):
    folder, names = written
    tables = [n for n in names if n.endswith(".table.schema.json")]
    assert len(tables) == 8
    for name in tables:
        schema = json.loads((folder / name).read_text())
        rows = json.loads((folder / f"{schema['title']}.json").read_text())
        jsonschema.validate(rows, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate([{**rows[0], "not a column": 1}], schema)


def test_the_same_content_gives_the_same_bytes(written, root, ledger, tmp_path):
    folder, names = written
    write_data(root, ledger, load_all_evidence(root, ledger), tmp_path)
    assert [n for n in names if (folder / n).read_bytes() != (tmp_path / n).read_bytes()] == []


def test_rows_of_a_table_have_the_same_keys(ledger):
    for name, rows in tables_of(ledger, {}).items():
        assert len({tuple(r) for r in rows}) <= 1, name
