import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from ouroboros.experiments.cost.scaling_laws import (
    DataConstrainedLaw,
    ScalingLaw,
    effective_multiple,
    training_compute,
)

PUBLISHED = ScalingLaw(482.01, 2085.43, 1.8172, 0.3478, 0.3658)
CONSTRAINED = DataConstrainedLaw(
    ScalingLaw(math.exp(6.255414), math.exp(7.3049974), math.exp(0.6254804), 0.3526596, 0.3526596),
    15.387756,
    5.309743,
)


@given(st.floats(1e8, 1e12), st.floats(1e9, 1e13))
def test_the_cheapest_run_reaches_the_loss_and_is_a_minimum(parameters, tokens):
    loss = float(PUBLISHED.loss(parameters, tokens))
    best = PUBLISHED.cheapest(loss)
    assert PUBLISHED.loss(*best) == pytest.approx(loss, rel=1e-12)
    assert training_compute(*best) <= training_compute(parameters, tokens) * (1 + 1e-9)


def test_the_cheapest_run_agrees_with_a_search():
    loss = float(PUBLISHED.loss(175e9, 300e9))

    def log_compute(log_parameters):
        left = loss - PUBLISHED.e - PUBLISHED.a * math.exp(-PUBLISHED.alpha * log_parameters)
        return math.inf if left <= 0 else log_parameters - math.log(left / PUBLISHED.b) / PUBLISHED.beta

    found = minimize_scalar(log_compute, bounds=(math.log(1e10), math.log(1e12)), method="bounded")
    parameters, tokens = PUBLISHED.cheapest(loss)
    assert math.exp(found.x) == pytest.approx(parameters, rel=1e-4)
    assert math.exp(found.fun) == pytest.approx(parameters * tokens, rel=1e-8)


def test_no_run_reaches_the_irreducible_loss():
    with pytest.raises(ValueError, match="irreducible"):
        PUBLISHED.cheapest(1.8172)


def test_published_unit_values_of_the_data_constrained_law():
    assert CONSTRAINED.loss(6.34e9, 242e9, 25e9) == pytest.approx(2.2256440889984477, abs=1e-12)
    assert CONSTRAINED.loss(8.67e9, 178e9, 25e9) == pytest.approx(2.2269634075087867, abs=1e-12)


def test_without_repetition_and_excess_the_laws_agree():
    unique = 100e9
    parameters = CONSTRAINED.optimal_parameters(unique)
    assert CONSTRAINED.loss(parameters, unique, unique) == pytest.approx(
        float(CONSTRAINED.law.loss(parameters, unique))
    )
    # Compute-optimal means: no other split of the same compute has a lower loss.
    compute = parameters * unique
    losses = [float(CONSTRAINED.law.loss(parameters * k, compute / (parameters * k))) for k in (0.9, 1, 1.1)]
    assert min(losses) == losses[1]


def test_worth_of_repeated_tokens():
    assert effective_multiple([1, 2, 4, 8, 16, 64], 15.387756) == pytest.approx(
        [1, 1.9682, 3.7257, 6.6241, 10.5825, 16.1312], abs=5e-5
    )
    assert effective_multiple(np.inf, 15.387756) == pytest.approx(16.387756)
