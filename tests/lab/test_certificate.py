"""The certificate: which jobs are run again, in what time, and what a difference looks like."""

import json

import pytest

from ouroboros.lab import accept, evidence_faults, load_accepted, run
from ouroboros.lab.certificate import certify, load_certificate, record
from ouroboros.lab.errors import LabError
from ouroboros.lab.store import Result, save_result


@pytest.fixture
def recorded(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    return load_accepted(checkout.root, checkout.id)


def certified(checkout, budget=60.0, rotation=0):
    return certify(checkout.root, checkout.ledger, budget=budget, rotation=rotation)


def test_every_job_in_enough_time_and_none_without_any(checkout, recorded):
    (sampled,) = certified(checkout).experiments
    assert (len(sampled.jobs), sampled.of, sampled.exact, sampled.fault) == (6, 6, True, "")
    assert certified(checkout, budget=0).jobs == 0


def test_the_rotation_decides_where_to_begin(checkout, recorded):
    orders = [certified(checkout, rotation=turn).experiments[0].jobs for turn in (0, 1, 2)]
    assert orders[0] == orders[2]
    assert orders[1][:3] == orders[0][3:]


def test_a_difference_is_a_fault_with_its_place(checkout, recorded):
    table = recorded.table
    table.loc[0, "x"] += 1e-12
    text = table.to_csv(index=False)
    from ouroboros.lab.digest import text_digest

    reference = recorded.evidence.table.model_copy(update={"sha256": text_digest(text)})
    evidence = recorded.evidence.model_copy(update={"table": reference})
    save_result(checkout.root / "evidence", Result(evidence, text, recorded.run))
    (fault,) = certified(checkout).faults
    assert fault.startswith("toy.mean: job n10-r0 comes out differently: column 'x', row 1: ")


def test_stale_evidence_takes_no_part(checkout, recorded):
    checkout.source("farthest", "HALF = 0.25\n")
    assert certified(checkout).experiments == []


def test_a_recorded_certificate_is_no_orphan_and_is_read_back(checkout, recorded):
    assert load_certificate(checkout.root) is None
    certificate = certified(checkout)
    record(checkout.root, certificate)
    assert evidence_faults(checkout.root, checkout.ledger) == []
    assert load_certificate(checkout.root) == json.loads(certificate.to_json())
    (checkout.root / "evidence" / "certificate.json").write_text("{}")
    with pytest.raises(LabError, match=r"evidence/certificate\.json: is no ouroboros-certificate/1"):
        load_certificate(checkout.root)


def test_another_kernel_of_linear_algebra_is_another_place(checkout, recorded):
    """The last bit of a matrix product depends on it, so evidence from there is held to a tolerance only."""
    checkout.entry["deterministic"] = 1e-9
    checkout.write()
    assert certified(checkout).experiments[0].exact
    elsewhere = recorded.run | {"kernels": ["another"]}
    save_result(checkout.root / "evidence", Result(recorded.evidence, recorded.table_text, elsewhere))
    (sampled,) = certified(checkout).experiments
    assert not sampled.exact
    before_it_was_kept = {key: value for key, value in recorded.run.items() if key != "processor"}
    save_result(
        checkout.root / "evidence", Result(recorded.evidence, recorded.table_text, before_it_was_kept)
    )
    (sampled,) = certified(checkout).experiments
    assert not sampled.exact
