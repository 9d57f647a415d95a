import numpy as np
import pytest
from scipy import integrate, stats

from ouroboros.stats import verification


@pytest.mark.parametrize(
    ("phi", "psi", "published"), [(1, 1, 0.5), (1, 0.5, 0.667), (0.8, 0.2, 0.8), (0.9, 0.6, 0.6)]
)
def test_breakdown_point(phi, psi, published):
    assert verification.breakdown_point(phi, psi) == pytest.approx(published, abs=5e-4)
    # At that error rate kept items are right and wrong in equal numbers.
    p = verification.breakdown_point(phi, psi)
    assert (1 - p) * phi == pytest.approx(p * psi)


def test_published_path_of_a_verified_estimate():
    theta, path = 0.0, []
    for _ in range(8):
        theta = float(verification.truncated_law(theta, 0.6, 1.5)[0])
        path.append(round(theta, 4))
    assert path == [0.2783, 0.424, 0.5032, 0.5466, 0.5706, 0.5838, 0.5911, 0.5951]


def test_contraction_is_the_slope_of_the_map_at_its_fixed_point():
    assert verification.contraction(1.5) == pytest.approx(0.551524, abs=1e-6)
    for radius in (0.5, 1.5, 3.0):
        step = 1e-4
        moved = float(verification.truncated_law(step, 0.0, radius)[0])
        assert moved / step == pytest.approx(verification.contraction(radius), rel=1e-6)


@pytest.mark.parametrize(("distance", "radius"), [(0.05, 1.5), (1.0, 1.5), (0.7, 0.5), (2.5, 3.0)])
def test_shrinkage_by_adaptive_quadrature(distance, radius):
    def kept(u):
        return stats.norm.pdf(u, scale=distance) * np.diff(stats.norm.cdf([-radius, radius], u))[0]

    def top(u):
        inside = integrate.quad(lambda y: y * stats.norm.pdf(y, u), -radius, radius)[0]
        return u * inside * stats.norm.pdf(u, scale=distance)

    ends = (-10 * distance, 10 * distance)
    ratio = integrate.quad(top, *ends)[0] / integrate.quad(lambda u: u * u * kept(u), *ends)[0]
    assert verification.regression_shrinkage(distance, radius) == pytest.approx(ratio, rel=1e-5)


def test_shrinkage_tends_to_the_contraction():
    assert verification.regression_shrinkage(0, 1.5) == verification.contraction(1.5)
    assert verification.regression_shrinkage(1e-4, 1.5) == pytest.approx(
        verification.contraction(1.5), rel=1e-6
    )
