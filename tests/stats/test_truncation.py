"""What keeping the likeliest items does to a Gaussian, by plain simulation and in the limit."""

import numpy as np
import pytest
from scipy import stats

from ouroboros.stats.truncation import kept_variance


@pytest.mark.parametrize(("features", "kept", "offered"), [(1, 4, 9), (2, 50, 100), (5, 20, 100)])
def test_factor_by_simulation(features, kept, offered):
    rng = np.random.default_rng(3)
    items = rng.standard_normal((3000, offered, features))
    best = np.argsort((items**2).sum(axis=2), axis=1)[:, :kept]
    variance = np.take_along_axis(items, best[..., None], axis=1).var(axis=1).mean(axis=1)
    error = variance.std() / len(variance) ** 0.5
    assert abs(variance.mean() - kept_variance(features, kept, offered)) < 4 * error


def test_all_kept_is_the_factor_of_a_sample():
    assert kept_variance(3, 20, 20) == pytest.approx(1 - 1 / 20)


def test_many_items_tend_to_a_truncated_chi_square():
    limit = stats.chi2.cdf(stats.chi2.ppf(0.25, 4), 6) / 0.25
    assert kept_variance(4, 50_000, 200_000) == pytest.approx(limit, rel=1e-4)
