import math

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.collapse import phase_diagram
from ouroboros.stats import verified_mean
from ouroboros.stats.verification import contraction, truncated_law


@pytest.fixture(scope="module")
def phases(trial):
    return trial("collapse.phase-diagram")


@pytest.fixture(scope="module")
def smoke_table(phases):
    return phases.table()


def rerun(phases, table, *ids):
    """The table with some of its jobs run again."""
    fresh = [table[~table["job"].isin(ids)]]
    for job in phases.module.jobs(phases.smoke):
        if job.id in ids:
            again = phases.module.simulate(job.parameters, np.random.default_rng(910))
            again.insert(0, "job", job.id)
            fresh.append(again)
    return pd.concat(fresh, ignore_index=True)


def test_a_smoke_run_passes_every_check(phases, smoke_table):
    assert phases.missed(phases.checks, phases.estimates(table=smoke_table)) == set()


# --- the closed forms ----------------------------------------------------------------------------------------


def test_the_fast_truncated_law_is_scipys():
    offsets = np.array([-2.5, -0.3, 0.0, 1.1, 3.0])
    for radius in (0.5, 1.5, 2.5):
        found, expected = verified_mean.passed_moments(offsets, radius), truncated_law(offsets, 0.0, radius)
        assert found[0] == pytest.approx(expected[0], abs=1e-10)
        assert found[1] == pytest.approx(expected[1], abs=1e-10)


@pytest.mark.parametrize(
    ("share", "rate", "knowledge"), [(0.0, 0.55, 2.0), (0.1, 1.0, math.inf), (0.5, 0.3, 1.0)]
)
def test_the_limit_of_the_error_is_that_of_the_docstring(share, rate, knowledge):
    s = (1 - share) * rate
    pull = (1 - share) * (1 - rate) / (1 - s)
    expected = (share + s) / (1 - s**2) + pull**2 / knowledge
    assert verified_mean.expected_error(share, rate, knowledge, 500) == pytest.approx(expected)


def test_copying_alone_adds_one_first_fit_in_every_generation():
    assert verified_mean.expected_error(0.0, 1.0, math.inf, 40) == pytest.approx(40)
    assert verified_mean.expected_error(0.0, verified_mean.GOLDEN, math.inf, 500) == pytest.approx(1.0)


def test_the_boundary_is_where_the_error_is():
    for share in (0.0, 0.2, 0.6):
        for times in (1.0, 10.0):
            known = verified_mean.knowledge_for(share, contraction(1.5), times, 40)
            assert verified_mean.expected_error(share, contraction(1.5), known, 40) == pytest.approx(times)
    assert verified_mean.knowledge_for(0.0, 0.9, 1.0, 200) == math.inf


def test_passed_values_are_those_that_a_verifier_keeps():
    rng = np.random.default_rng(3)
    made, residual = phase_diagram._passed(np.full(4000, 0.4), np.full(4000, -0.2), 1.5, 50, rng)
    drawn = 0.4 + rng.standard_normal(400_000)
    kept = drawn[np.abs(drawn + 0.2) <= 1.5]
    assert made.mean() == pytest.approx(kept.mean(), abs=0.006)
    assert made.var() * 50 == pytest.approx(kept.var(), rel=0.08)
    assert residual.mean() == pytest.approx(0, abs=0.07) and residual.var() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.8, 0.99, "helps"),
        (1.0, 9.0, "holds"),
        (10.1, 40.0, "destroys"),
        (0.9, 1.1, "undecided"),
        (9.0, 11.0, "undecided"),
    ],
)
def test_an_interval_decides_or_does_not(low, high, word):
    assert phase_diagram.outcome(low, high) == word


@pytest.mark.parametrize(
    ("change", "message"), [({"shares": [0.0, 0.5]}, "shares"), ({"recorded": [1, 2]}, "recorded")]
)
def test_parameters_that_criteria_need_are_demanded(phases, change, message):
    with pytest.raises(ValueError, match=message):
        phase_diagram.jobs(phases.smoke | change)


# --- checks ------------------------------------------------------------------------------------------------


def test_a_wrong_law_is_caught(phases, smoke_table, monkeypatch):
    original = verified_mean.expected_error
    monkeypatch.setattr(verified_mean, "expected_error", lambda g, r, k, t: original(0.3 * g, r, k, t))
    found = phases.missed(phases.checks, phases.estimates(table=smoke_table))
    assert {"phase-diagram-check-no-verifier", "phase-diagram-check-verifier"} <= found


def test_a_verifier_that_keeps_what_it_should_not_is_caught(phases, smoke_table, monkeypatch):
    original = phase_diagram.ndtri
    monkeypatch.setattr(phase_diagram, "ndtri", lambda p: 1.1 * original(p))
    table = rerun(phases, smoke_table, "radius-1.5")
    assert "phase-diagram-check-steps" in phases.missed(phases.checks, phases.estimates(table=table))


def test_real_values_that_are_not_fresh_are_caught(phases, smoke_table, monkeypatch):
    # A real share that is the model's own output is no real share.
    original = phase_diagram.simulate

    def stale(parameters, rng):
        return original(parameters | {"shares": [0.0] * len(parameters["shares"])}, rng).assign(
            share=np.repeat(parameters["shares"], len(parameters["recorded"]) + 2)
        )

    monkeypatch.setattr(phase_diagram, "simulate", stale)
    found = phases.estimates(table=rerun(phases, smoke_table, "none"))
    assert "phase-diagram-check-no-verifier" in phases.missed(phases.checks, found)
    assert "phase-diagram-tenth-holds" in phases.missed(phases.criteria, found)
