import math

import numpy as np
import pytest

from ouroboros.stats.error_sources import expected_moments
from ouroboros.stats.gaussian_recursion import expected_mean_error, expected_variance


def test_sampling_alone_is_the_gaussian_recursion():
    variance, error = expected_moments(30, n=20)
    for t in (1, 7, 30):
        assert variance[t - 1] == pytest.approx(expected_variance(20, 0, t)[0])
        assert error[t - 1] == pytest.approx(expected_mean_error(20, 0, t)[0])
    assert variance + error == pytest.approx(np.ones(30))  # the second moment is conserved


def test_with_infinite_data_only_the_bias_acts():
    variance, error = expected_moments(25, bandwidth=0.2)
    assert variance == pytest.approx(1 + 0.04 * np.arange(1, 26))
    assert error == pytest.approx(np.zeros(25))
    assert expected_moments(25, shrinkage=0.1)[0] == pytest.approx(0.9 ** np.arange(1, 26))
    assert expected_moments(25)[0] == pytest.approx(np.ones(25))


def test_a_kernel_balances_sampling_where_it_adds_what_sampling_takes():
    assert expected_moments(200, n=100, bandwidth=0.1)[0] == pytest.approx(np.ones(200))


def test_draws_from_any_law_follow():
    rng = np.random.default_rng(5)
    values = rng.exponential(size=(200_000, 12)) - 1
    variance, error = expected_moments(1, n=12, bandwidth=0.3, shrinkage=0.2)
    measured = 0.8 * values.var(axis=1) + 0.09
    assert abs(measured.mean() - variance[0]) < 4 * measured.std() / math.sqrt(len(measured))
    squares = values.mean(axis=1) ** 2
    assert abs(squares.mean() - error[0]) < 4 * squares.std() / math.sqrt(len(squares))
