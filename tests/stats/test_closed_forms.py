import numpy as np
import pytest
from scipy import integrate, special, stats

from ouroboros.stats import gaussian_recursion as recursion
from ouroboros.stats.distances import squared_wasserstein2_normal
from ouroboros.stats.goodness_of_fit import kolmogorov_smirnov_p, z_score
from ouroboros.stats.moments import (
    log_variance_ratio_mean,
    log_variance_ratio_variance,
    variance_ratio_moment,
)

CELLS = [(n, ddof) for n in (3, 10, 100) for ddof in (0, 1)]


def chi2(n: int, ddof: int):
    return stats.chi2(n - 1, scale=1 / (n - ddof))


def expect(law, function) -> float:
    """Mean of a function of a random variable, by quadrature over its quantiles' range."""
    low, high = law.ppf(1e-15), law.isf(1e-15)
    points = law.ppf([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
    return integrate.quad(lambda x: function(x) * law.pdf(x), low, high, points=points, limit=400)[0]


@pytest.mark.parametrize(("n", "ddof"), CELLS)
def test_moments_of_a_sample_variance(n, ddof):
    law = chi2(n, ddof)
    for power in (0.5, 1, 1.5, 2):
        assert variance_ratio_moment(n, ddof, power) == pytest.approx(
            expect(law, lambda x, p=power: x**p), rel=1e-6
        )
    assert variance_ratio_moment(n, ddof, 2) == pytest.approx(law.moment(2))
    mean = log_variance_ratio_mean(n, ddof)
    assert mean == pytest.approx(expect(law, np.log), rel=1e-5)
    assert log_variance_ratio_variance(n) == pytest.approx(
        expect(law, lambda x: (np.log(x) - mean) ** 2), rel=1e-5
    )


def test_moments_refuse_what_does_not_exist():
    with pytest.raises(ValueError, match="needs n >= 2"):
        variance_ratio_moment(1, 0, 1)
    with pytest.raises(ValueError, match="power"):
        variance_ratio_moment(3, 0, -1)


@pytest.mark.parametrize(("n", "ddof"), CELLS)
def test_one_fit_by_quadrature(n, ddof):
    # After one fit the mean error is σ²/n times χ² with one degree of freedom, independent of the spread.
    spread = expect(chi2(n, ddof), lambda v: (np.sqrt(v) - 1) ** 2)
    spread2 = expect(chi2(n, ddof), lambda v: (np.sqrt(v) - 1) ** 4)
    mean, deviation = recursion.expected_wasserstein(n, ddof, 1)
    assert mean == pytest.approx(1 / n + spread, rel=1e-6)
    assert deviation == pytest.approx(np.sqrt(2 / n**2 + spread2 - spread**2), rel=1e-5)
    assert recursion.expected_mean_error(n, ddof, 1) == pytest.approx((1 / n, np.sqrt(2) / n))
    assert recursion.expected_variance(n, ddof, 1) == pytest.approx(
        (chi2(n, ddof).mean(), chi2(n, ddof).std())
    )


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("t", [2, 4])
def test_spread_of_later_generations_by_direct_simulation(ddof, t):
    # Independent of the package: the chi-squared recursion, written out.
    n, chains = 40, 400_000
    rng = np.random.default_rng([ddof, t])
    mean, variance = np.zeros(chains), np.ones(chains)
    for _ in range(t):
        mean = mean + np.sqrt(variance / n) * rng.standard_normal(chains)
        variance = variance * rng.chisquare(n - 1, chains) / (n - ddof)
    for sample, law in (
        (variance, recursion.expected_variance),
        (np.log(variance), recursion.expected_log_variance),
        (mean**2, recursion.expected_mean_error),
        (mean**2 + (np.sqrt(variance) - 1) ** 2, recursion.expected_wasserstein),
    ):
        expectation, deviation = law(n, ddof, t)
        assert abs(sample.mean() - expectation) < 4.5 * deviation / np.sqrt(chains)
        assert sample.std() == pytest.approx(deviation, rel=0.02)


def c4(n: float) -> float:
    return np.sqrt(2 / (n - 1)) * special.gamma(n / 2) / special.gamma((n - 1) / 2)


@pytest.mark.parametrize("n", [10, 32, 100, 316])
@pytest.mark.parametrize("t", [1, 5, 50, 100])
def test_agreement_with_the_published_forms(n, t):
    # R-A1-VAR, R-A1-MU, R-A1-W2
    c = c4(n) * np.sqrt((n - 1) / n)
    assert recursion.expected_variance(n, 0, t)[0] == pytest.approx((1 - 1 / n) ** t)
    assert recursion.expected_mean_error(n, 0, t)[0] == pytest.approx(1 - (1 - 1 / n) ** t)
    assert recursion.expected_wasserstein(n, 0, t)[0] == pytest.approx(2 * (1 - c**t))
    # R-A2-LOG, R-A2-MU, R-A2-W2
    expected = t * (special.digamma((n - 1) / 2) - np.log((n - 1) / 2))
    assert recursion.expected_log_variance(n, 1, t)[0] == pytest.approx(expected)
    shift = t * np.log((n - 1) / n)
    assert recursion.expected_log_variance(n, 0, t)[0] == pytest.approx(expected + shift)
    assert recursion.expected_variance(n, 1, t)[0] == pytest.approx(1)
    assert recursion.expected_mean_error(n, 1, t)[0] == pytest.approx(t / n)
    assert recursion.expected_wasserstein(n, 1, t)[0] == pytest.approx(t / n + 2 - 2 * c4(n) ** t)
    # R-A2-W2-FIRST
    if t / n <= 0.5:
        assert recursion.expected_wasserstein(n, 1, t)[0] == pytest.approx(1.5 * t / n, rel=0.05)


def test_published_numbers():
    assert recursion.expected_wasserstein(100, 1, 50)[0] == pytest.approx(0.73723, abs=5e-6)
    limits = {10: 0.843436, 32: 0.949383, 100: 0.983632, 316: 0.994803}
    for n, limit in limits.items():
        assert recursion.accumulated_variance_limit(n) == pytest.approx(limit, abs=1e-6)
        assert recursion.accumulated_variance(n, 0, 200_000) == pytest.approx(limit, abs=1e-6)
    # Simulated by others at n = 32, with 3,000 chains.
    simulated = {1: 0.9749, 5: 0.9267, 10: 0.9208, 20: 0.9264, 40: 0.9140, 60: 0.9149}
    for t, value in simulated.items():
        assert recursion.subsampled_variance(32, 0, t) == pytest.approx(value, abs=0.015)


@pytest.mark.parametrize("n", [10, 32])
def test_recursions_by_their_definition(n):
    """Carry E[sum of squares] of the pool by hand, group by group, in exact rational arithmetic."""
    from fractions import Fraction

    for ddof in (0, 1):
        accumulated = Fraction(n - 1, n - ddof)
        squares = Fraction(n - 1)
        pool = Fraction(n - 1)
        subsampled = accumulated
        for t in range(1, 12):
            squares += accumulated * (n - 1) + accumulated * Fraction(t, t + 1)
            accumulated = squares / (n * (t + 1) - ddof)
            unbiased = pool / (n * t - 1)
            shift = subsampled / n + unbiased * (1 - Fraction(1, t)) / n
            pool += subsampled * (n - 1) + shift * n * Fraction(t, t + 1)
            subsampled = pool / (n * (t + 1) - 1) * Fraction(n - 1, n - ddof)
            assert recursion.accumulated_variance(n, ddof, t + 1) == pytest.approx(
                float(accumulated), rel=1e-12
            )
            assert recursion.subsampled_variance(n, ddof, t + 1) == pytest.approx(
                float(subsampled), rel=1e-12
            )


def test_the_tail_bound_is_a_bound():
    # Markov's inequality with E[√V_t] = c4^t implies it, since c4(n) <= exp(-1/(4n-1)).
    for n in (3, 10, 100, 1000):
        assert variance_ratio_moment(n, 1, 0.5) <= recursion.tail_bound(n, 1.0, 1)


def test_wasserstein_distance_of_normals():
    assert squared_wasserstein2_normal(3.0, 1.0, 0.0, 5.0) == 25
    quantiles = (np.arange(20_000) + 0.5) / 20_000
    gap = stats.norm(0.3, 0.5).ppf(quantiles) - stats.norm(0, 1).ppf(quantiles)
    assert squared_wasserstein2_normal(0.3, 0.5) == pytest.approx(np.mean(gap**2), rel=1e-3)
    assert squared_wasserstein2_normal(np.zeros((2, 3)), np.ones(3)).shape == (2, 3)


def test_goodness_of_fit():
    sample = np.random.default_rng(11).chisquare(9, (50, 400))
    assert kolmogorov_smirnov_p(sample, stats.chi2(9).cdf) > 1e-3
    assert kolmogorov_smirnov_p(sample * 1.02, stats.chi2(9).cdf) < 1e-3
    assert z_score([1.0, 3.0], 2.0, [0.5, 0.25]).tolist() == [-2.0, 4.0]
    with pytest.raises(ValueError, match="positive"):
        z_score(1.0, 1.0, 0.0)
