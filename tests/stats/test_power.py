"""Power of conjunctions against the exact power of one test, and the interval of an effect against its definition."""

import numpy as np
import pytest
from scipy import optimize, stats

from ouroboros.stats.power import conjunction_power, effect_interval


def _exact(effect, n, alpha=0.05):
    return stats.nct.sf(stats.t.isf(alpha, n - 1), n - 1, effect * np.sqrt(n))


@pytest.mark.parametrize(("effect", "n"), [(0.5, 20), (0.5, 44), (0.0, 20), (1.0, 10)])
def test_one_test_has_the_power_of_the_noncentral_t(effect, n):
    found = conjunction_power([effect], 0.5, n, np.random.default_rng(1))
    assert found == pytest.approx(_exact(effect, n), abs=0.012)


def test_independent_tests_multiply_and_identical_ones_do_not():
    one = _exact(0.5, 20)
    apart = conjunction_power([0.5] * 3, 0.0, 20, np.random.default_rng(2))
    same = conjunction_power([0.5] * 3, 1.0, 20, np.random.default_rng(3))
    between = conjunction_power([0.5] * 3, 0.5, 20, np.random.default_rng(4))
    assert apart == pytest.approx(one**3, abs=0.012)
    assert same == pytest.approx(one, abs=0.012)
    assert apart < between < same


@pytest.mark.parametrize(("mean", "n"), [(0.3, 20), (0.0, 10), (-0.5, 48), (1.2, 30)])
def test_the_ends_of_the_interval_make_the_observed_value_a_quantile(mean, n):
    deviation = 0.8
    low, high = effect_interval(mean, deviation, n)
    observed = mean / deviation * np.sqrt(n)
    exact = [
        optimize.brentq(lambda d, p=p: stats.nct.sf(observed, n - 1, d * np.sqrt(n)) - p, -5, 5)
        for p in (0.05, 0.95)
    ]
    assert [low, high] == pytest.approx(exact, abs=0.02)


def test_the_lower_end_agrees_with_the_t_test_at_zero():
    n = 20
    mean = stats.t.isf(0.05, n - 1) / np.sqrt(n)
    assert effect_interval(mean, 1.0, n).low == pytest.approx(0, abs=0.005)
