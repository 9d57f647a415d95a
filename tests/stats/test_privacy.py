"""Normal noise and what it promises, against integration, simulation and a second implementation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn.metrics import roc_auc_score

from ouroboros.stats import privacy


@pytest.mark.parametrize(("epsilon", "mu"), [(0.1, 0.3), (1.0, 0.27), (1.0, 2.0), (4.0, 1.5)])
def test_delta_is_the_excess_mass_of_one_law_over_the_other(epsilon, mu):
    def excess(x):
        return max(stats.norm.pdf(x, mu) - math.exp(epsilon) * stats.norm.pdf(x), 0.0)

    # The excess begins where the ratio of the densities passes e^ε.
    start = epsilon / mu + mu / 2
    found, _ = integrate.quad(excess, start, start + 40, epsabs=1e-14)
    assert privacy.gaussian_delta(epsilon, mu) == pytest.approx(found, rel=1e-7, abs=1e-13)


@given(epsilon=st.floats(0.05, 30), delta=st.floats(1e-9, 0.1))
def test_the_noise_meets_its_delta_and_is_no_more_than_the_classical(epsilon, delta):
    mu = privacy.gaussian_mu(epsilon, delta)
    assert privacy.gaussian_delta(epsilon, mu) == pytest.approx(delta, rel=1e-6)
    if epsilon <= 1:  # where the classical bound holds
        assert mu >= epsilon / math.sqrt(2 * math.log(1.25 / delta))


@pytest.mark.parametrize("budget", [(0, 1e-5), (-1, 1e-5), (1, 0), (1, 1)])
def test_a_budget_must_be_one(budget):
    with pytest.raises(ValueError, match="epsilon > 0 and 0 < delta < 1"):
        privacy.gaussian_mu(*budget)


def test_the_ceiling_is_the_area_between_two_normal_laws():
    rng = np.random.default_rng(2)
    area = privacy.area_under_curve(rng.normal(1.2, 1, 40_000), rng.normal(0, 1, 40_000))
    assert area == pytest.approx(privacy.attack_ceiling(1.2), abs=0.005)


def test_the_area_equals_that_of_the_peer_with_ties():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 8, 60), rng.integers(2, 9, 45)
    truth = [1] * 60 + [0] * 45
    assert privacy.area_under_curve(a, b) == pytest.approx(roc_auc_score(truth, [*a, *b]), abs=1e-12)
    with pytest.raises(ValueError, match="both samples"):
        privacy.area_under_curve([], b)


def test_closest_are_in_order():
    found = privacy.closest([[0.0, 0.0]], [[3.0, 4.0], [1.0, 0.0], [0.0, 2.0]], 3)
    assert found.tolist() == [[1.0, 2.0, 5.0]]
    with pytest.raises(ValueError, match="at least 2"):
        privacy.closest([[0.0]], [[1.0]], 2)
