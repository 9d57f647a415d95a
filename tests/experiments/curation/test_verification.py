import json
import operator

import numpy as np
import pandas as pd
import pytest
import yaml

from ouroboros.experiments.curation import digits, verification
from ouroboros.experiments.curation.verification_analysis import crossing

COMPARISONS = {
    "at-most": operator.le,
    "at-least": operator.ge,
    "within": lambda value, ends: ends[0] <= value <= ends[1],
}


@pytest.fixture(scope="module")
def entry(root):
    entries = yaml.safe_load((root / "ledger" / "experiments.yml").read_text(encoding="utf-8"))["experiments"]
    return next(entry for entry in entries if entry["id"] == "curation.verification")


@pytest.fixture(scope="module")
def smoke(entry):
    return entry["tiers"]["smoke"]


@pytest.fixture(scope="module")
def smoke_table(smoke):
    tables = []
    for position, job in enumerate(verification.jobs(smoke)):
        table = verification.simulate(job.parameters, np.random.default_rng([907, position]))
        table.insert(0, "job", job.id)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def found(smoke, smoke_table):
    return {estimate.name: estimate for estimate in verification.analyse(smoke_table, smoke)}


def test_jobs_are_unique_and_survive_json(entry):
    for tier in entry["tiers"].values():
        jobs = verification.jobs(tier)
        assert len({job.id for job in jobs}) == len(jobs)
        assert verification.jobs(json.loads(json.dumps(tier))) == jobs


def test_same_seed_same_bytes(smoke):
    for job in verification.jobs(smoke)[:4]:
        first, second, other = (
            verification.simulate(job.parameters, np.random.default_rng(seed)).to_csv() for seed in (1, 1, 2)
        )
        assert first == second != other


def test_table_is_tidy(smoke_table):
    keys = ["job", "world", "arm", "replicate", "size", "x", "quantity"]
    assert not smoke_table.duplicated(keys).any()
    assert smoke_table["value"].notna().all()


def test_checks_hold_on_the_smoke_grid(entry, found):
    for check in entry["checks"]:
        if "smoke" not in check.get("tiers", ["smoke"]):
            continue
        names = check["estimate"] if isinstance(check["estimate"], list) else [check["estimate"]]
        for name in names:
            observed = getattr(found[name], check.get("field", "value"))
            assert COMPARISONS[check["comparison"]](observed, check["threshold"]), check["id"]


def test_criteria_name_estimates(entry, found):
    for criterion in entry["criteria"]:
        names = criterion["estimate"]
        assert {names} <= found.keys() if isinstance(names, str) else set(names) <= found.keys()


def test_a_wrong_breakdown_point_is_noticed(smoke, smoke_table, monkeypatch):
    from ouroboros.experiments.curation import verification_analysis

    # As if wrong items were kept in proportion to their square.
    monkeypatch.setattr(verification_analysis, "breakdown_point", lambda phi, psi: phi / (phi + psi**2))
    shifted = {estimate.name: estimate for estimate in verification.analyse(smoke_table, smoke)}
    assert shifted["breakdown-excess"].value > 0 and shifted["raw-excess"].value > 0


def test_crossing_of_a_straight_line():
    errors = np.linspace(0, 1, 11)
    assert crossing(errors, 1 - errors, 0.25) == pytest.approx(0.75)
    # A bump of noise on the way down must not confuse the order.
    bumped = 1 - errors
    bumped[6] = 0.55
    assert 0.4 < crossing(errors, bumped, 0.45) < 0.75


# --- digits ------------------------------------------------------------------------------------------------


def test_split_parts_share_no_image_and_no_bits_change():
    parts = digits.split(16, 100, np.random.default_rng(1))
    assert [len(part.labels) for part in parts] == [100, 1100, 597]
    rows = np.concatenate([part.rows for part in parts])
    again = digits.split(16, 100, np.random.default_rng(1))
    assert np.array_equal(rows, np.concatenate([part.rows for part in again]))
    everything = digits._images(16).rows
    assert np.array_equal(np.sort(rows, axis=0), np.sort(everything, axis=0))


def test_generator_has_the_moments_it_was_fitted_to():
    data = digits.split(4, 800, np.random.default_rng(2)).first
    generator = digits.fit(data, 0.01)
    made = digits.generate(generator, 20_000, np.random.default_rng(3))
    for label in range(10):
        ours, theirs = data.rows[data.labels == label], made.rows[made.labels == label]
        assert theirs.mean(axis=0) == pytest.approx(ours.mean(axis=0), abs=0.04)
        wide = np.cov(ours, rowvar=False, ddof=0) + 0.01 * np.eye(4)
        assert np.cov(theirs, rowvar=False) == pytest.approx(wide, abs=0.05)


def test_a_lost_class_stays_lost():
    data = digits.split(4, 400, np.random.default_rng(2)).first
    poor = data.take(data.labels != 3)
    made = digits.generate(digits.fit(poor, 0.01), 10, np.random.default_rng(0))
    assert sorted(np.unique(made.labels)) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert len(made.labels) == 90
