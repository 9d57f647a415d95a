import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ouroboros.stats.intervals import (
    bootstrap_mean,
    bootstrap_paired_difference,
    clopper_pearson,
    normal_interval,
    quantile_interval,
)


@pytest.mark.parametrize("method", ["percentile", "BCa"])
def test_bootstrap_covers_the_mean_of_normal_data(method):
    data = np.random.default_rng(1).standard_normal((1000, 30))
    low, high = bootstrap_mean(data, np.random.default_rng(2), resamples=600, method=method)
    covered = np.mean((low <= 0) & (high >= 0))
    assert 0.915 <= covered <= 0.965
    wrong = np.mean((low <= 0.4) & (high >= 0.4))
    assert wrong < 0.6


def test_bootstrap_agrees_with_the_normal_interval_on_much_data():
    data = np.random.default_rng(3).exponential(size=4000)
    ends = bootstrap_mean(data, np.random.default_rng(4), resamples=4000)
    normal = normal_interval(data.mean(), data.std(ddof=1) / np.sqrt(len(data)))
    assert np.allclose(ends, normal, atol=0.004)
    assert isinstance(float(ends.low), float)


def test_bootstrap_axis_and_determinism():
    data = np.random.default_rng(5).standard_normal((40, 3))
    first = bootstrap_mean(data, np.random.default_rng(6), axis=0)
    again = bootstrap_mean(data.T, np.random.default_rng(6), axis=-1)
    assert first.low.shape == (3,)
    assert np.array_equal(first.low, again.low) and np.array_equal(first.high, again.high)


def test_bootstrap_of_constant_rows_is_the_constant():
    data = np.vstack([np.full(20, 3.0), np.arange(20.0)])
    ends = bootstrap_mean(data, np.random.default_rng(7))
    assert ends.low[0] == ends.high[0] == 3.0
    assert ends.low[1] < 9.5 < ends.high[1]


@pytest.mark.parametrize("bad", [[1.0], [1.0, np.nan], [1.0, np.inf]])
def test_bootstrap_refuses_what_it_cannot_resample(bad):
    with pytest.raises(ValueError, match="bootstrap"):
        bootstrap_mean(bad, np.random.default_rng(0))


def test_pairing_removes_shared_noise():
    rng = np.random.default_rng(8)
    shared = 10 * rng.standard_normal(200)
    first = shared + 0.3 + 0.1 * rng.standard_normal(200)
    low, high = bootstrap_paired_difference(first, shared, np.random.default_rng(9), resamples=500)
    assert 0.25 < low < 0.3 < high < 0.35
    with pytest.raises(ValueError, match="shapes"):
        bootstrap_paired_difference(first, shared[:-1], np.random.default_rng(9))


@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from([0.9, 0.95, 0.999]))
def test_clopper_pearson_is_scipys_exact_interval(trials, share, level):
    successes = round(share * trials)
    expected = stats.binomtest(successes, trials).proportion_ci(confidence_level=level, method="exact")
    found = clopper_pearson(successes, trials, level=level)
    assert found == pytest.approx((expected.low, expected.high), abs=1e-10)


def test_clopper_pearson_vectorises_and_refuses():
    found = clopper_pearson([0, 5, 10], 10)
    assert found.low[0] == 0 and found.high[2] == 1 and np.all(found.low <= found.high)
    with pytest.raises(ValueError, match="between 0"):
        clopper_pearson(11, 10)


@given(st.integers(5, 200), st.sampled_from([0.05, 0.5, 0.9]))
def test_quantile_interval_is_scipys(n, probability):
    data = np.random.default_rng(n).standard_normal(n)
    expected = stats.quantile_test(data, p=probability).confidence_interval(confidence_level=0.95)
    found = quantile_interval(data, probability)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == theirs or (not np.isfinite(ours) and np.isnan(theirs))


def test_quantile_interval_covers():
    data = np.random.default_rng(10).exponential(size=(2000, 60))
    low, high = quantile_interval(data, 0.5)
    assert 0.945 <= np.mean((low <= np.log(2)) & (high >= np.log(2))) <= 0.985
