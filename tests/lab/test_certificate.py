"""The certificate: which jobs are run again, in what time, and what a difference looks like."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.lab import accept, evidence_faults, load_accepted, run
from ouroboros.lab.certificate import load_certificate, record
from ouroboros.lab.certification import certify, fair_share
from ouroboros.lab.digest import text_digest
from ouroboros.lab.errors import LabError
from ouroboros.lab.store import Result, save_result


@pytest.fixture
def recorded(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    return load_accepted(checkout.root, checkout.id)


def certified(checkout, budget=180.0, rotation=0, workers=1):
    return certify(checkout.root, checkout.ledger, budget=budget, rotation=rotation, workers=workers)


def test_every_job_in_enough_time_and_none_without_any(checkout, recorded):
    (sampled,) = certified(checkout).experiments
    assert (len(sampled.jobs), sampled.of, sampled.exact, sampled.fault) == (6, 6, True, "")
    nothing = certified(checkout, budget=0)
    assert (nothing.jobs, nothing.reached) == (0, 0)
    why = "none of its jobs was timed yet, and the mean of its run is 0 s, longer than what was left"
    assert nothing.experiments[0].why == why


@given(st.lists(st.floats(0.01, 200), min_size=1, max_size=30), st.floats(0.1, 500))
def test_shares_use_the_time_up_and_leave_nobody_out_that_fits(shortest, total):
    share = fair_share(total, shortest)
    if sum(shortest) <= total:
        assert sum(max(share, least) for least in shortest) == pytest.approx(total)
    else:
        assert 0 <= share <= total


def test_long_ones_shorten_the_shares_of_the_others():
    assert fair_share(240, [1.0] * 24) == 10
    assert fair_share(240, [60.0, 36.0, *[1.0] * 24]) == 6
    assert fair_share(0, [1.0]) == fair_share(10, []) == 0


def test_the_rotation_decides_where_to_begin(checkout, recorded):
    orders = [certified(checkout, rotation=turn).experiments[0].jobs for turn in (0, 1, 2)]
    assert orders[0] == orders[2]
    assert orders[1][:3] == orders[0][3:]


def test_a_difference_is_a_fault_with_its_place(checkout, recorded):
    table = recorded.table
    table.loc[0, "x"] += 1e-12
    text = table.to_csv(index=False)
    reference = recorded.evidence.table.model_copy(update={"sha256": text_digest(text)})
    evidence = recorded.evidence.model_copy(update={"table": reference})
    save_result(checkout.root / "evidence", Result(evidence, text, recorded.run))
    (fault,) = certified(checkout).faults
    assert fault.startswith("toy.mean: job n10-r0 comes out differently: column 'x', row 1: ")


def test_stale_evidence_takes_no_part(checkout, recorded):
    checkout.source("farthest", "HALF = 0.25\n")
    (sampled,) = certified(checkout).experiments
    assert sampled.jobs == []
    assert (
        sampled.why == "its evidence is stale: code, parameters, seed or data changed since it was computed"
    )


def test_no_evidence_takes_no_part(checkout):
    (sampled,) = certified(checkout).experiments
    assert (sampled.jobs, sampled.why) == ([], "it has no evidence yet")


def test_a_recorded_certificate_is_no_orphan_and_is_read_back(checkout, recorded):
    assert load_certificate(checkout.root) is None
    certificate = certified(checkout)
    record(checkout.root, certificate)
    assert evidence_faults(checkout.root, checkout.ledger) == []
    assert load_certificate(checkout.root) == json.loads(certificate.to_json())
    (checkout.root / "evidence" / "certificate.json").write_text("{}")
    with pytest.raises(LabError, match=r"evidence/certificate\.json: is no ouroboros-certificate/2"):
        load_certificate(checkout.root)


@pytest.fixture
def uneven(checkout):
    """Two jobs, of which n20-r0 takes three seconds and the other none; on the average they take one and a half."""
    checkout.set_parameters("publish", mode="uneven", repeats=1)
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    return checkout


def long_first():
    """A rotation that begins with the long job."""
    return int(min(("n10-r0", "n20-r0"), key=text_digest) != "n20-r0")


def test_a_job_longer_than_the_time_is_stopped_and_the_time_kept(uneven):
    certificate = certified(uneven, budget=2.5, rotation=long_first())
    assert certificate.seconds < 15, "stopping takes no time to speak of"
    (sampled,) = certificate.experiments
    assert (sampled.jobs, sampled.fault) == ([], "")
    expected = r"job n20-r0 was stopped after \d s at the end of the time; it was expected to take 2 s"
    assert re.fullmatch(expected, sampled.why)
    assert sampled.seconds["n20-r0"] >= 1.5


def test_what_jobs_took_is_known_to_the_next_certificate(uneven):
    certificate = certified(uneven, rotation=long_first())
    (sampled,) = certificate.experiments
    assert sampled.jobs == ["n20-r0", "n10-r0"]
    assert sampled.seconds["n20-r0"] >= 3 > sampled.seconds["n10-r0"]
    sampled.seconds["n20-r0"] = 1000.0
    record(uneven.root, certificate)
    (sampled,) = certified(uneven, rotation=long_first()).experiments
    assert sampled.jobs == ["n10-r0"]
    assert sampled.seconds["n20-r0"] == 1000.0


def test_several_processes_find_the_same(checkout, recorded):
    (sampled,) = certified(checkout, workers=2).experiments
    assert (len(sampled.jobs), sampled.exact, sampled.fault) == (6, True, "")


def test_a_process_that_grew_is_replaced_without_a_word(checkout, recwarn):
    """As jobs do that compile programs with JAX; loky warns of it, from a thread of its own."""
    checkout.set_parameters("publish", mode="hoard", n=[10])
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish", workers=2)
    accept(checkout.root, checkout.ledger, checkout.id)
    (sampled,) = certified(checkout).experiments
    assert (len(sampled.jobs), sampled.fault) == (3, "")
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize(
    ("mood", "said"), [("die", "its worker process died"), ("raise", "ValueError: not today")]
)
def test_a_job_that_fails_now_is_one_line(checkout, monkeypatch, mood, said):
    checkout.set_parameters("publish", mode="moody")
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    monkeypatch.setenv("TOY_MOOD", mood)
    with pytest.raises(LabError, match=rf"^toy\.mean: job n\d0-r\d: {said}"):
        certified(checkout)


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
