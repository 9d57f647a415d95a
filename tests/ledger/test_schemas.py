"""The committed schemas are the generated ones, and agree with the loader."""

import json

import jsonschema
import pytest

from ouroboros.ledger.schemas import schema_texts, write_schemas
from ouroboros.ledger.yamlfile import read_yaml


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_committed_schema_is_up_to_date(root, name):
    committed = (root / "ledger" / "schemas" / name).read_text(encoding="utf-8")
    assert committed == schema_texts()[name], "run ouroboros.ledger.schemas.write_schemas('ledger/schemas')"


def test_no_stray_schema(root):
    assert {path.name for path in (root / "ledger" / "schemas").iterdir()} == set(schema_texts())


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_the_ledger_satisfies_its_schema(root, name):
    kind = name.split(".")[0]
    data = read_yaml((root / "ledger" / f"{kind}.yml").read_text(encoding="utf-8"), kind).data
    validator = jsonschema.Draft202012Validator(json.loads(schema_texts()[name]))
    assert [error.json_path for error in validator.iter_errors(data)] == []


def test_the_schema_refuses_what_the_loader_refuses():
    validator = jsonschema.Draft202012Validator(json.loads(schema_texts()["statements.schema.json"]))
    good = {"id": "K1", "kind": "finding", "title": "t", "text": "x", "where": "y"}
    assert validator.is_valid({"statements": [good]})
    for bad in ({"kind": "findings"}, {"id": "Z1"}, {"extra": 1}, {"claims": ["X1"]}, {"text": 3}):
        assert not validator.is_valid({"statements": [good | bad]})


def test_write_schemas_leaves_nothing_half_written(tmp_path):
    written = write_schemas(tmp_path / "schemas")
    assert sorted(path.name for path in written) == sorted(schema_texts())
    assert len(list((tmp_path / "schemas").iterdir())) == len(written)
