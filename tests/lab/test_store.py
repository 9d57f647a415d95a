import json
import math
import os
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest

from ouroboros.lab import run
from ouroboros.lab.errors import EvidenceError, LabError
from ouroboros.lab.paths import find_root
from ouroboros.lab.store import (
    Evidence,
    _undisturbed,
    discard_candidate,
    load_accepted,
    load_candidate,
    load_evidence,
    read_table,
    save_result,
    write_table,
)


@pytest.fixture
def saved(checkout):
    result = run(checkout.ledger, checkout.id, root=checkout.root)
    save_result(checkout.root / "evidence", result)
    return result


def test_what_is_saved_is_loaded(checkout, saved):
    loaded = load_accepted(checkout.root, checkout.id)
    assert loaded.evidence == saved.evidence == load_evidence(checkout.root, checkout.id)
    assert loaded.table_text == saved.table_text
    assert loaded.run.items() >= saved.run.items()
    names = sorted(path.name for path in (checkout.root / "evidence").iterdir())
    assert names == ["toy.mean.csv", "toy.mean.json", "toy.mean.run.json"]


def test_saving_twice_gives_the_same_bytes(checkout, saved):
    path = checkout.root / "evidence" / "toy.mean.json"
    before = path.read_bytes()
    save_result(checkout.root / "evidence", load_accepted(checkout.root, checkout.id))
    assert path.read_bytes() == before
    assert b"date" not in before, "nothing of a single run"


def test_no_evidence_is_none(checkout):
    assert load_evidence(checkout.root, checkout.id) is None
    assert load_accepted(checkout.root, checkout.id) is None


def damage(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_changed_table_is_noticed(checkout, saved):
    damage(checkout.root / "evidence" / "toy.mean.csv", "0.", "1.")
    with pytest.raises(EvidenceError, match=r"^evidence/toy\.mean\.csv: sha256 differs from") as caught:
        load_evidence(checkout.root, checkout.id)
    assert "ouroboros run toy.mean --tier publish" in str(caught.value)


def test_a_changed_estimate_is_noticed(checkout, saved):
    path = checkout.root / "evidence" / "toy.mean.json"
    damage(path, '"value": ', '"value": 1')
    with pytest.raises(EvidenceError, match=r"^evidence/toy\.mean\.(run\.)?json: "):
        load_accepted(checkout.root, checkout.id)


@pytest.mark.parametrize("suffix", [".csv", ".run.json"])
def test_a_missing_file_is_noticed(checkout, saved, suffix):
    (checkout.root / "evidence" / f"toy.mean{suffix}").unlink()
    with pytest.raises(
        EvidenceError, match=rf"^evidence/toy\.mean{suffix}: missing \(rerun: ouroboros run toy\.mean "
    ):
        load_accepted(checkout.root, checkout.id)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{", "<<<<<<< HEAD\n{", "Invalid JSON"),
        ("ouroboros-evidence/1", "ouroboros-evidence/9", "schema: Input should be"),
        ('"seed": 7', '"seed": "x"', "seed: Input should be a valid integer"),
        ('"valid": true', '"valid": true, "more": 1', "more: Extra inputs"),
        ('"experiment": "toy.mean"', '"experiment": "toy.other"', "is evidence of toy.other"),
    ],
)
def test_a_malformed_file_is_one_line(checkout, saved, old, new, message):
    damage(checkout.root / "evidence" / "toy.mean.json", old, new)
    with pytest.raises(EvidenceError) as caught:
        load_evidence(checkout.root, checkout.id)
    assert str(caught.value).startswith("evidence/toy.mean.json: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("step", range(5))
def test_an_interruption_leaves_the_old_evidence_or_the_new(checkout, saved, monkeypatch, step):
    checkout.entry["seed"] = 8
    checkout.write()
    other = run(checkout.ledger, checkout.id, root=checkout.root)
    replace, moved = os.replace, []

    def interrupted(source, target):
        if len(moved) == step:
            raise KeyboardInterrupt
        moved.append(target)
        replace(source, target)

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt) if step < 4 else nullcontext():
        save_result(checkout.root / "evidence", other)
    monkeypatch.undo()
    # The first move makes the journal count.
    expected = saved if step == 0 else other
    assert load_accepted(checkout.root, checkout.id).evidence == expected.evidence
    assert not list((checkout.root / "evidence").glob(".*")), "nothing temporary stays"


def test_readers_never_see_a_mixture(checkout, saved):
    checkout.entry["seed"] = 8
    checkout.write()
    other = run(checkout.ledger, checkout.id, root=checkout.root)
    writer = os.fork()
    if writer == 0:
        for _ in range(100):
            save_result(checkout.root / "evidence", other)
            save_result(checkout.root / "evidence", saved)
        os._exit(0)
    seen = set()
    while os.waitpid(writer, os.WNOHANG)[0] == 0:
        seen.add(load_accepted(checkout.root, checkout.id).evidence.seed)
    assert seen == {7, 8}


def test_moves_within_one_tick_of_the_clock_are_no_damage(tmp_path):
    looks = iter([EvidenceError("old JSON, new table"), None])

    def read():
        if (error := next(looks)) is not None:
            raise error
        return "whole"

    assert _undisturbed(tmp_path, read) == "whole"
    with pytest.raises(EvidenceError, match="still"):
        _undisturbed(tmp_path, lambda: (_ for _ in ()).throw(EvidenceError("still")))


def test_a_journal_that_is_none_is_named(checkout, saved):
    (checkout.root / "evidence" / ".toy.mean.json.x.moves").write_text("[")
    with pytest.raises(
        EvidenceError, match=r"evidence/\.toy\.mean\.json\.x\.moves: not readable \(remove it\)"
    ):
        load_accepted(checkout.root, checkout.id)


def test_a_full_disk_leaves_the_old_evidence(checkout, saved, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(LabError, match=r"evidence: No space left on device \(nothing was changed there\)"):
        save_result(checkout.root / "evidence", saved)
    monkeypatch.undo()
    assert load_evidence(checkout.root, checkout.id) == saved.evidence
    assert not list((checkout.root / "evidence").glob(".*"))


def test_infinite_numbers_survive(checkout, saved):
    record = json.loads(saved.evidence.to_json())
    record["estimates"][0] |= {"value": "-Infinity", "low": "-Infinity"}
    record["criteria"][0]["observed"] = ["NaN"]
    evidence = Evidence.model_validate_json(json.dumps(record))
    again = Evidence.model_validate_json(evidence.to_json())
    assert again.estimates[0].low == -math.inf
    assert math.isnan(again.criteria[0].observed[0])


def test_tables_keep_every_bit():
    rng = np.random.default_rng(1)
    bits = np.frombuffer(rng.bytes(8 * 20_000), dtype=float)
    table = pd.DataFrame({"x": bits[np.isfinite(bits)], "word": "None"})
    text = write_table(table)
    assert read_table(text).equals(table.astype({"word": "str"}))
    assert write_table(read_table(text)) == text


def test_estimates_are_found_by_name(checkout, saved):
    assert saved.evidence.estimate("mean").n == 10
    with pytest.raises(LabError, match=r"toy\.mean: no estimate 'meen' in its evidence \(near: mean\)"):
        saved.evidence.estimate("meen")


def test_a_discarded_candidate_is_gone(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    assert load_candidate(checkout.root, checkout.id) is not None
    discard_candidate(checkout.root, checkout.id)
    assert load_candidate(checkout.root, checkout.id) is None


def test_the_checkout_is_found_from_below(checkout, monkeypatch):
    monkeypatch.delenv("OUROBOROS_ROOT", raising=False)
    assert find_root(checkout.root / "src") == checkout.root
    monkeypatch.setenv("OUROBOROS_ROOT", str(checkout.root))
    assert find_root() == checkout.root
    monkeypatch.setenv("OUROBOROS_ROOT", str(checkout.root / "src"))
    with pytest.raises(LabError, match="OUROBOROS_ROOT"):
        find_root()
