import itertools

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.collapse import specification_curve
from ouroboros.experiments.collapse.gaussian_chain import _accumulate, _replace


@pytest.fixture(scope="module")
def curve(trial):
    return trial("collapse.specification-curve")


@pytest.fixture(scope="module")
def smoke_table(curve):
    return curve.table()


def rerun(curve, table, *ids):
    """The table with some of its jobs run again."""
    fresh = [table[~table["job"].isin(ids)]]
    for job in curve.module.jobs(curve.smoke):
        if job.id in ids:
            again = curve.module.simulate(job.parameters, np.random.default_rng(910))
            again.insert(0, "job", job.id)
            fresh.append(again)
    return pd.concat(fresh, ignore_index=True)


def test_a_smoke_run_passes_every_check(curve, smoke_table):
    assert curve.missed(curve.checks, curve.estimates(table=smoke_table)) == set()


def test_every_combination_is_there_once(curve, smoke_table):
    arms = 2 + len(curve.smoke["shares"])
    choices = [curve.smoke[key] for key in ("n", "ddof", "recorded")]
    expected = (
        arms * curve.smoke["sets"] * len(specification_curve.METRICS) * np.prod([len(c) for c in choices])
    )
    assert len(smoke_table) == expected
    keys = ["result", "share", "ddof", "n", "t", "metric", "seeds"]
    assert not smoke_table.duplicated(keys).any()


@pytest.mark.parametrize(("result", "raw"), [("copying", _replace), ("keeping", _accumulate)])
def test_sufficient_statistics_have_the_law_of_raw_samples(result, raw):
    rng, chains = np.random.default_rng(5), 30_000
    fast = specification_curve._chains(result, 12, 0, 1, chains, rng)
    slow = raw(12, 1, 1.0, chains, rng)
    for _, (mean, variance), (raw_mean, raw_variance) in zip(range(4), fast, slow, strict=False):
        pairs = [(mean**2, raw_mean**2), (variance, raw_variance), (np.log(variance), np.log(raw_variance))]
        for one, two in pairs:
            spread = np.hypot(one.std(), two.std()) / chains**0.5
            assert abs(one.mean() - two.mean()) < 4.5 * spread


def test_merging_two_groups_is_the_sample_of_both():
    x, y = np.random.default_rng(6).standard_normal((2, 7))
    parts = [(float(len(g)), np.array([g.mean()]), np.array([g.var() * len(g)])) for g in (x[:3], y)]
    count, mean, squares = specification_curve._merge(*parts)
    both = np.concatenate([x[:3], y])
    assert count == 10 and mean[0] == pytest.approx(both.mean())
    assert squares[0] / count == pytest.approx(both.var())


def test_lost_and_kept_exclude_each_other_and_leave_room_between():
    for metric, (low, high) in itertools.product(
        specification_curve.METRICS, [(0.1, 0.4), (0.4, 3), (2.5, 3)]
    ):
        lost, kept = (
            specification_curve._lost(metric, low, high),
            specification_curve._kept(metric, low, high),
        )
        assert not (lost and kept)
        assert (lost or kept) == ((low, high) != (0.4, 3))
    assert specification_curve.margin("risk", 4.0) == 1.0 == specification_curve.margin("tail weight", 0.25)


def test_shares_that_no_sample_can_hold_are_refused(curve):
    with pytest.raises(ValueError, match="shares"):
        specification_curve.jobs(curve.smoke | {"shares": [0.01, 0.1]})


@pytest.mark.parametrize(
    ("law", "check"),
    [
        ("normal_moments", "specification-check-mixing"),
        ("accumulated_variance", "specification-check-keeping"),
        ("expected_log_variance", "specification-check-copying"),
    ],
)
def test_a_law_of_the_wrong_generation_is_caught(curve, smoke_table, monkeypatch, law, check):
    original = getattr(specification_curve, law)
    monkeypatch.setattr(specification_curve, law, lambda n, second, t: original(n // 4, second // 3, t))
    assert check in curve.missed(curve.checks, curve.estimates(table=smoke_table))


def test_real_values_that_do_not_arrive_are_caught(curve, smoke_table, monkeypatch):
    original = specification_curve._chains
    monkeypatch.setattr(
        specification_curve, "_chains", lambda result, n, real, *rest: original(result, n, 0, *rest)
    )
    found = curve.estimates(table=rerun(curve, smoke_table, "mixing-0.1-1"))
    assert "specification-check-mixing" in curve.missed(curve.checks, found)
