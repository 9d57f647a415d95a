"""Candidate, difference, acceptance, staleness and health: the way of evidence into a checkout."""

import dataclasses
import json
import shutil

import pytest

from ouroboros.lab import (
    accept,
    difference,
    evidence_faults,
    load_candidate,
    load_evidence,
    run,
    staleness,
    statement_verdicts,
    waiting,
)
from ouroboros.lab.differences import compare
from ouroboros.lab.errors import LabError
from ouroboros.lab.paths import candidate_directory
from ouroboros.lab.status import status_lines
from ouroboros.lab.store import save_result


def publish(checkout):
    return run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")


def accepted(checkout):
    publish(checkout)
    return accept(checkout.root, checkout.ledger, checkout.id)


def stale(checkout):
    return staleness(checkout.root, checkout.ledger, load_evidence(checkout.root, checkout.id))


def faults(checkout, **options):
    return evidence_faults(checkout.root, checkout.ledger, **options)


def test_a_candidate_becomes_evidence(checkout):
    publish(checkout)
    assert waiting(checkout.root, checkout.ledger) == ["toy.mean"]
    evidence = accept(checkout.root, checkout.ledger, checkout.id)
    assert load_evidence(checkout.root, checkout.id) == evidence
    assert waiting(checkout.root, checkout.ledger) == []
    assert stale(checkout) is None
    assert faults(checkout) == []
    verdict = statement_verdicts(checkout.ledger, {checkout.id: evidence})["K1"]
    assert (verdict.verdict, verdict.scopes) == ("supported", ("toy: normal values",))


def test_nothing_to_accept(checkout):
    with pytest.raises(LabError, match=r"toy\.mean: no candidate to accept"):
        accept(checkout.root, checkout.ledger, checkout.id)


def test_invalid_evidence_is_refused(checkout):
    checkout.entry["checks"][0]["threshold"] = 0.001
    checkout.write()
    assert not publish(checkout).evidence.valid
    with pytest.raises(LabError, match=r"candidate is invalid: failed toy-check-bounded"):
        accept(checkout.root, checkout.ledger, checkout.id)
    assert load_evidence(checkout.root, checkout.id) is None


def test_a_smoke_candidate_is_refused(checkout):
    smoke = run(checkout.ledger, checkout.id, root=checkout.root)
    save_result(candidate_directory(checkout.root, checkout.id), smoke)
    with pytest.raises(LabError, match="of tier smoke"):
        accept(checkout.root, checkout.ledger, checkout.id)


@pytest.mark.parametrize("what", ["code", "criterion"])
def test_an_outdated_candidate_is_refused(checkout, what):
    publish(checkout)
    if what == "code":
        checkout.source("farthest", "HALF = 0.25\n")
    else:
        checkout.entry["criteria"][0]["threshold"] = [-2, 2]
        checkout.write()
    with pytest.raises(LabError, match=r"candidate is out of date: .* changed"):
        accept(checkout.root, checkout.ledger, checkout.id)
    assert load_candidate(checkout.root, checkout.id) is not None


def test_a_tampered_candidate_is_refused(checkout):
    publish(checkout)
    path = candidate_directory(checkout.root, checkout.id) / "toy.mean.json"
    text = path.read_text()
    path.write_text(text.replace('"direction": "+"', '"direction": "0"'))
    with pytest.raises(LabError, match="belongs to another"):
        accept(checkout.root, checkout.ledger, checkout.id)


def test_only_what_matters_makes_stale(checkout):
    accepted(checkout)
    checkout.source("near", checkout.source("near").replace("# Half.", "# The half."))
    checkout.source("unrelated", "TWO = 3\n")
    checkout.set_parameters("smoke", repeats=1)
    checkout.entry["title"] = "The mean"
    checkout.write()
    assert stale(checkout) is None
    checkout.entry["criteria"][0]["threshold"] = [-2, 2]
    checkout.write()
    assert stale(checkout) == "checks or criteria changed since it was judged"
    checkout.source("farthest", "HALF = 0.25\n")
    assert stale(checkout) == "code, parameters, seed or data changed since it was computed"


def test_staleness_and_verdict_after_an_edited_criterion(checkout):
    evidence = accepted(checkout)
    checkout.entry["criteria"][0]["threshold"] = [-2, 2]
    checkout.write()
    assert statement_verdicts(checkout.ledger, {checkout.id: evidence})["K1"].verdict == "untested"


def test_status_names_what_changed(checkout):
    assert status_lines(checkout.root, checkout.ledger) == ["toy.mean  no evidence"]
    accepted(checkout)
    (line,) = status_lines(checkout.root, checkout.ledger)
    assert line.startswith("toy.mean  fresh; publish of 20")
    assert line.endswith(" of work")
    checkout.source("farthest", "HALF = 0.25\n")
    (line,) = status_lines(checkout.root, checkout.ledger)
    assert f"(module {checkout.package}.farthest)" in line
    publish(checkout)
    assert "a candidate waits" in status_lines(checkout.root, checkout.ledger)[0]
    (checkout.root / "evidence" / "toy.mean.csv").write_text("")
    assert "damaged: evidence/toy.mean.csv" in status_lines(checkout.root, checkout.ledger)[0]


def test_health_names_every_fault(checkout):
    assert faults(checkout) == []
    accepted(checkout)
    directory = checkout.root / "evidence"
    (directory / "toy.old.csv").write_text("x\n")
    checkout.source("farthest", "HALF = 0.25\n")
    found = faults(checkout)
    assert [line.split(": ")[0] for line in found] == ["evidence/toy.mean.json", "evidence/toy.old.csv"]
    assert "stale: code" in found[0]
    assert len(faults(checkout, stale_ok=True)) == 1
    (directory / "toy.mean.json").unlink()
    assert any("without toy.mean.json" in line for line in faults(checkout))


def test_health_refuses_invalid_and_smoke_evidence(checkout):
    checkout.entry["checks"][0]["threshold"] = 0.001
    checkout.write()
    smoke = run(checkout.ledger, checkout.id, root=checkout.root)
    save_result(checkout.root / "evidence", smoke)
    found = faults(checkout)
    assert len(found) == 2
    assert "of tier smoke" in found[0]
    assert "invalid: failed toy-check-bounded" in found[1]


def test_difference_of_first_evidence(checkout):
    publish(checkout)
    found = difference(checkout.root, checkout.ledger, checkout.id)
    assert found.first
    text = found.to_text()
    assert "toy.mean (publish): first evidence" in text
    assert "criterion toy-mean-near-zero: absent -> met (+)" in text
    assert "verdict K1: untested -> supported (the one decided criterion speaks for it)" in text


def test_difference_of_the_same_run_is_empty(checkout):
    accepted(checkout)
    publish(checkout)
    found = difference(checkout.root, checkout.ledger, checkout.id)
    assert found.empty
    assert found.same_table
    assert "no verdict moves" in found.to_text()
    assert "2 estimates unchanged" in found.to_text()


def test_last_digits_are_no_change(checkout):
    """Another build of the kernels moves them; an interval that is a point would call that a move."""
    accepted(checkout)
    candidate = load_evidence(checkout.root, checkout.id)
    one, *others = candidate.estimates
    point = dataclasses.replace(one, low=one.value, high=one.value)

    def compared(factor):
        ends = {end: one.value * factor for end in ("value", "low", "high")}
        old = candidate.model_copy(update={"estimates": (point, *others)})
        new = candidate.model_copy(update={"estimates": (dataclasses.replace(point, **ends), *others)})
        return compare(checkout.ledger, new, old, {checkout.id: old})

    near, far = compared(1 + 1e-12), compared(1 + 1e-6)
    assert "1 estimate the same but for rounding" in near.to_text() and "outside" not in near.to_text()
    assert "rounding" in near.to_text(everything=True)
    assert "1 moved outside the old interval" in far.to_text() and "rounding" not in far.to_text()


def test_difference_when_a_verdict_moves(checkout):
    accepted(checkout)
    near = checkout.source("near").replace("FACTOR * values", "FACTOR * values + 3")
    checkout.source("near", near)
    checkout.forget()
    publish(checkout)
    found = difference(checkout.root, checkout.ledger, checkout.id)
    assert found.inputs == ("code",)
    change = next(c for c in found.estimates if c.name == "mean")
    assert change.outside
    assert change.new.value == pytest.approx(change.old.value + 3)
    text = found.to_text()
    assert "moved outside the old interval" in text
    assert "criterion toy-mean-near-zero: met (+) -> not met (-)" in text
    assert "verdict K1: supported -> contradicted" in text
    record = json.loads(found.to_json())
    assert record["verdicts"][0]["new"] == "contradicted"
    assert load_evidence(checkout.root, checkout.id).estimate("mean") == change.old, "nothing was replaced"


def test_difference_needs_a_candidate(checkout):
    with pytest.raises(LabError, match="no candidate to compare"):
        difference(checkout.root, checkout.ledger, checkout.id)


def test_evidence_outlives_the_store(checkout):
    evidence = accepted(checkout)
    shutil.rmtree(checkout.root / ".ouroboros")
    assert load_evidence(checkout.root, checkout.id) == evidence
