"""Broken evidence: each kind of damage is one line with the file, what is wrong and what would be right.

With those of ledger, pages and notebooks in the files of this name beside it, this is the corpus of faults.
"""

import json
import shutil

import pytest

from ouroboros.lab import EvidenceError, accept, evidence_faults, load_accepted, run

AGAIN = "(rerun: ouroboros run toy.mean --tier publish; or git checkout the three files)"
JSON, CSV, RUN = "toy.mean.json", "toy.mean.csv", "toy.mean.run.json"


def text(old, new):
    def change(path):
        found = path.read_text()
        assert old in found
        path.write_text(found.replace(old, new, 1))

    return change


def key(*names, to):
    def change(path):
        record = json.loads(path.read_text())
        holder = record
        for name in names[:-1]:
            holder = holder[name]
        if to is None:
            del holder[names[-1]]
        else:
            holder[names[-1]] = to
        path.write_text(json.dumps(record, indent=1))

    return change


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def empty(path):
    path.write_bytes(b"")


def binary(path):
    path.write_bytes(b"\xff\xfe\x00")


def gone(path):
    path.unlink()


CASES = {
    "json truncated": (JSON, cut, "evidence/toy.mean.json: Invalid JSON: EOF while parsing"),
    "json empty": (JSON, empty, "evidence/toy.mean.json: Invalid JSON: EOF while parsing"),
    "json is not text": (JSON, binary, "evidence/toy.mean.json: is not text: 'utf-8' codec"),
    "json with conflict marks": (
        JSON, text("{", "<<<<<<< HEAD\n{"), "evidence/toy.mean.json: Invalid JSON: expected value at line 1",
    ),
    "json is a list": (
        JSON, lambda path: path.write_text("[]"), "evidence/toy.mean.json: Input should be an object",
    ),
    "json of another schema": (
        JSON, key("schema", to="ouroboros-evidence/9"), "evidence/toy.mean.json: schema: Input should be",
    ),
    "json of another experiment": (
        JSON, key("experiment", to="toy.other"), "evidence/toy.mean.json: is evidence of toy.other",
    ),
    "field missing": (JSON, key("code_digest", to=None), "evidence/toy.mean.json: code_digest: Field required"),
    "field unknown": (JSON, key("more", to=1), "evidence/toy.mean.json: more: Extra inputs are not permitted"),
    "seed is a word": (JSON, key("seed", to="x"), "evidence/toy.mean.json: seed: Input should be a valid integer"),
    "estimate lacks a value": (
        JSON, key("estimates", 0, "value", to=None), "evidence/toy.mean.json: estimates.0.value: Field required",
    ),
    "estimate is a word": (
        JSON, key("estimates", 0, "value", to="much"),
        "evidence/toy.mean.json: estimates.0.value: Input should be a valid number",
    ),
    "direction unknown": (
        JSON, key("criteria", 0, "direction", to="up"),
        "evidence/toy.mean.json: criteria.0.direction: Input should be '+', '0' or '-'",
    ),
    "checksum is none": (
        JSON, key("table", "sha256", to="abc"), "evidence/toy.mean.json: table.sha256: String should match",
    ),
    "no rows": (JSON, key("table", "rows", to=0), "evidence/toy.mean.json: table.rows: Input should be greater"),
    "estimate tampered": (
        JSON, key("estimates", 0, "value", to=0.01), "evidence/toy.mean.run.json: belongs to another toy.mean.json",
    ),
    "estimate outside its interval": (
        JSON, key("estimates", 0, "value", to=0.5),
        "evidence/toy.mean.json: estimates.0: Value error, estimate mean: 0.5 outside its interval",
    ),
    "verdict tampered": (
        JSON, key("criteria", 0, "direction", to="-"),
        "evidence/toy.mean.run.json: belongs to another toy.mean.json",
    ),
    "table truncated": (CSV, cut, "evidence/toy.mean.csv: sha256 differs from evidence/toy.mean.json"),
    "table empty": (CSV, empty, "evidence/toy.mean.csv: sha256 differs from evidence/toy.mean.json"),
    "table tampered": (CSV, text("0.", "1."), "evidence/toy.mean.csv: sha256 differs from evidence/toy.mean.json"),
    "table with other line ends": (
        CSV, lambda path: path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n")),
        "evidence/toy.mean.csv: sha256 differs from evidence/toy.mean.json",
    ),
    "table is not text": (CSV, binary, "evidence/toy.mean.csv: is not text: 'utf-8' codec"),
    "table missing": (CSV, gone, f"evidence/toy.mean.csv: missing {AGAIN}"),
    "run record missing": (RUN, gone, f"evidence/toy.mean.run.json: missing {AGAIN}"),
    "run record truncated": (RUN, cut, "evidence/toy.mean.run.json: not JSON: "),
    "run record is a list": (
        RUN, lambda path: path.write_text("[]"), "evidence/toy.mean.run.json: belongs to another toy.mean.json",
    ),
    "run record of another": (
        RUN, key("evidence_sha256", to="0" * 64), "evidence/toy.mean.run.json: belongs to another toy.mean.json",
    ),
}  # fmt: skip


@pytest.fixture
def accepted(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    return checkout


@pytest.mark.parametrize(("name", "damage", "expected"), CASES.values(), ids=CASES)
def test_damaged_evidence_is_one_line(accepted, name, damage, expected):
    damage(accepted.root / "evidence" / name)
    with pytest.raises(EvidenceError) as caught:
        load_accepted(accepted.root, accepted.id)
    said = str(caught.value)
    assert said.startswith(expected)
    assert "\n" not in said
    assert said.endswith(AGAIN)
    assert evidence_faults(accepted.root, accepted.ledger)[0] == said


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "toy.men.json",
            "evidence/toy.men.json: belongs to no experiment of ledger/experiments.yml (remove it)",
        ),
        ("notes.txt", "evidence/notes.txt: belongs to no experiment of ledger/experiments.yml (remove it)"),
    ],
)
def test_what_is_no_evidence_is_named(accepted, name, expected):
    (accepted.root / "evidence" / name).write_text("{}")
    assert evidence_faults(accepted.root, accepted.ledger) == [expected]


def test_a_table_without_its_json_is_named(accepted):
    (accepted.root / "evidence" / JSON).unlink()
    assert evidence_faults(accepted.root, accepted.ledger) == [
        f"evidence/{name}: without toy.mean.json (git checkout evidence/toy.mean.json)" for name in (CSV, RUN)
    ]


def test_a_damaged_file_does_not_hide_the_faults_of_others(accepted):
    shutil.copy(accepted.root / "evidence" / CSV, accepted.root / "evidence" / "toy.old.csv")
    cut(accepted.root / "evidence" / JSON)
    found = evidence_faults(accepted.root, accepted.ledger)
    assert [line.split(": ")[0] for line in found] == ["evidence/toy.mean.json", "evidence/toy.old.csv"]
