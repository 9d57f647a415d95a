import importlib
import os
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.lab import run as run_function
from ouroboros.lab.digest import code_digest
from ouroboros.lab.errors import LabError
from ouroboros.lab.jobs import JobOutcome, JobStore, job_seed, prepare_libraries
from ouroboros.lab.paths import jobs_directory
from ouroboros.lab.running import execute
from ouroboros.lab.store import load_candidate, load_evidence


def run(checkout, tier="publish", workers=1):
    return run_function(checkout.ledger, checkout.id, root=checkout.root, tier=tier, workers=workers)


def files(directory):
    return {path.name: path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}


def kept_jobs(checkout):
    digest = code_digest(checkout.experiment, "publish", checkout.root).digest
    return jobs_directory(checkout.root, checkout.id, digest)


def reproducible(result):
    return result.evidence.to_json(), result.table_text


def test_same_seed_same_bytes_and_other_seed_other_bytes(checkout):
    first = run(checkout, "smoke")
    assert reproducible(run(checkout, "smoke")) == reproducible(first)
    checkout.entry["seed"] = 8
    checkout.write()
    assert run(checkout, "smoke").table_text != first.table_text


def test_parallel_equals_serial(checkout):
    serial = run(checkout)
    for path in kept_jobs(checkout).iterdir():
        path.unlink()
    parallel = run(checkout, workers=2)
    assert parallel.run["jobs"] == {"total": 6, "resumed": 0}
    assert reproducible(parallel) == reproducible(serial)


def test_order_of_jobs_does_not_matter(checkout, monkeypatch):
    plain = run(checkout, "smoke")

    def shuffled(experiment, jobs, workers, checkpoints):
        mixed = list(jobs)
        random.Random(3).shuffle(mixed)
        assert mixed != list(jobs)
        yield from execute(experiment, mixed, workers, checkpoints)

    checkout.set_parameters("smoke", repeats=6)
    expected = run(checkout, "smoke")
    # The package exports the function run, which hides the module of that name.
    monkeypatch.setattr(importlib.import_module("ouroboros.lab.running"), "execute", shuffled)
    assert reproducible(run(checkout, "smoke")) == reproducible(expected)
    assert plain.table_text in expected.table_text, "more repeats leave the earlier jobs as they were"


@given(st.permutations(range(6)), st.integers(0, 2**63 - 1), st.sets(st.integers(0, 5)))
def test_a_jobs_draws_depend_on_seed_and_id_alone(order, seed, left_out):
    names = [f"n{k}" for k in range(6)]
    draws = {name: np.random.default_rng(job_seed(seed, name)).random() for name in names}
    for k in order:
        if k not in left_out:
            assert np.random.default_rng(job_seed(seed, names[k])).random() == draws[names[k]]
    assert len(set(draws.values())) == 6


def test_job_seeds_are_fixed_for_ever():
    # A change here would silently alter every recorded result.
    assert job_seed(20261123, "n10-r0").generate_state(2).tolist() == [1966947904, 3598990312]
    assert job_seed(1, "a").spawn_key != job_seed(1, "b").spawn_key


def test_smoke_leaves_nothing_behind(checkout):
    before = files(checkout.root)
    run(checkout, "smoke")
    after = {name for name in files(checkout.root) if not name.endswith(".pyc")}
    assert after == set(before)


def test_a_full_run_is_a_candidate_and_evidence_stays(checkout):
    result = run(checkout)
    assert load_evidence(checkout.root, checkout.id) is None
    kept = load_candidate(checkout.root, checkout.id)
    assert kept.evidence == result.evidence
    assert kept.table.equals(result.table)
    assert set(kept.table["word"]) == {"NA"}
    assert kept.evidence.table.rows == 90
    assert kept.run["libraries"].keys() >= {"numpy", "pandas", "scipy"}
    assert kept.run["jobs"] == {"total": 6, "resumed": 0}


def test_a_run_resumes_after_part_of_it(checkout):
    whole = run(checkout)
    directory = kept_jobs(checkout)
    (directory / "n10-r1.csv").unlink()
    torn = directory / "n20-r2.csv"
    torn.write_bytes(torn.read_bytes()[:-5])
    again = run(checkout)
    assert again.run["jobs"] == {"total": 6, "resumed": 4}
    assert reproducible(again) == reproducible(whole)


def test_jobs_of_other_code_are_not_reused(checkout):
    run(checkout)
    checkout.source("farthest", "HALF = 0.25\n")
    checkout.forget()
    assert run(checkout).run["jobs"]["resumed"] == 0


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("nan", r"^toy\.mean: job n10-r0: simulate returned NaN in column 'x' \(1 of 10 rows\)"),
        ("empty", r"^toy\.mean: job n10-r0: simulate returned an empty table"),
        ("list", r"^toy\.mean: job n10-r0: simulate returned list, not a DataFrame"),
    ],
)
def test_a_bad_table_is_refused_with_one_line(checkout, mode, message):
    checkout.set_parameters("publish", mode=mode)
    with pytest.raises(LabError, match=message) as caught:
        run(checkout)
    assert "\n" not in str(caught.value)
    assert load_candidate(checkout.root, checkout.id) is None


@pytest.mark.parametrize("workers", [1, 2])
def test_a_raising_job_is_named_and_finished_ones_are_kept(checkout, workers):
    checkout.set_parameters("publish", mode="raise")
    message = r"^toy\.mean: job n20-r\d: ValueError: the dice fell off the table \(at mean\.py:\d+\)"
    with pytest.raises(LabError, match=message):
        run(checkout, workers=workers)
    kept = [path.name for path in kept_jobs(checkout).iterdir()]
    assert kept
    assert all(name.startswith("n10-") for name in kept)
    if workers == 1:
        assert len(kept) == 3


def test_ids_and_names_must_be_unique(checkout):
    checkout.set_parameters("smoke", n=[5, 5])
    with pytest.raises(LabError, match=r"toy\.mean: jobs: id 'n5-r0' twice"):
        run(checkout, "smoke")
    checkout.set_parameters("smoke", n=[5])
    checkout.source("mean", checkout.source("mean").replace('"largest"', '"mean"'))
    checkout.forget()
    with pytest.raises(LabError, match=r"toy\.mean: analyse: estimate 'mean' twice"):
        run(checkout, "smoke")


def test_unknown_names_are_answered_with_near_ones(checkout):
    with pytest.raises(LabError, match=r"toy\.men: no such experiment .*near: toy\.mean"):
        run_function(checkout.ledger, "toy.men", root=checkout.root)


def test_a_missing_estimate_is_a_fault_of_the_ledger(checkout):
    checkout.entry["criteria"][0]["estimate"] = ["mean", "median"]
    checkout.write()
    assert run(checkout, "smoke").evidence.criteria == ()
    with pytest.raises(LabError, match=r"experiments\.yml: toy\.mean: criterion toy-mean.* 'median'"):
        run(checkout)


def test_a_read_only_store_is_one_line(checkout, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="nothing was changed"):
        JobStore(tmp_path / "file").put(JobOutcome("a", "x\n1\n"))


def test_libraries_keep_to_one_thread_and_to_themselves_unless_somebody_said_otherwise(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    prepare_libraries()
    told = [os.environ[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_CPP_MIN_LOG_LEVEL")]
    assert told == ["4", "1", "3"]
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    prepare_libraries()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
