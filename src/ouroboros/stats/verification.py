"""Closed forms of learning from output that a verifier has passed."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import integrate, stats

# Gauss-Legendre nodes; the integrands are smooth, so that a hundred give all digits that count.
_NODES = 100


def breakdown_point(keep_right: float, keep_wrong: float) -> float:
    """Error rate of a generator up to which a verifier leaves a majority of right labels [feng2025beyond]_.

    Parameters
    ----------
    keep_right, keep_wrong : float
        Probability φ that a right label is kept, and ψ that a wrong one is, whatever the item.

    Returns
    -------
    float
        φ/(φ + ψ): below it a learner that can fit the majority approaches the truth, above it the opposite.

    References
    ----------
    .. [feng2025beyond] Y. Feng et al., Beyond Model Collapse: Scaling Up with Synthesized Data Requires
       Verification, 2025.
    """
    return keep_right / (keep_right + keep_wrong)


def truncated_law(location: ArrayLike, centre: float, radius: float) -> tuple[NDArray, NDArray]:
    """Mean and variance of N(location, 1) given that it lies within ``radius`` of ``centre``.

    One round of retraining on what a verifier of that knowledge and tolerance keeps moves the location to
    this mean [yi2025escaping]_.

    References
    ----------
    .. [yi2025escaping] B. Yi, Q. Liu, Y. Cheng and H. Xu, Escaping Model Collapse via Synthetic Data
       Verification, 2025.
    """
    location = np.asarray(location, dtype=np.float64)
    low, high = centre - radius - location, centre + radius - location
    return location + stats.truncnorm.mean(low, high), stats.truncnorm.var(low, high)


def contraction(radius: float) -> float:
    """Rate at which the distance to the verifier's centre shrinks per round close to it: a truncated variance."""
    return float(stats.truncnorm.var(-radius, radius))


def regression_shrinkage(distance: float, radius: float) -> float:
    """Factor of one round in linear regression with standard normal regressors and unit noise.

    Responses y = x·θ + ε are kept if they lie within ``radius`` of the verifier's x·θ_c. Along θ − θ_c the
    residual is u + ε with u normal of standard deviation ``distance``; the rest of x is independent of what is
    kept. Least squares on the kept pairs multiplies the distance to θ_c by E[u h(u)] / E[u²], expectations over
    kept pairs, with h(u) the mean of N(u, 1) truncated to ±``radius``.
    """
    if distance == 0:
        return contraction(radius)

    def kept(u: NDArray) -> NDArray:
        return stats.norm.pdf(u / distance) * (stats.norm.cdf(radius - u) - stats.norm.cdf(-radius - u))

    def top(u: NDArray) -> NDArray:
        return u * truncated_law(u, 0.0, radius)[0] * kept(u)

    span = min(8 * distance, radius + 8)
    numerator = integrate.fixed_quad(top, 0, span, n=_NODES)[0]
    return float(numerator / integrate.fixed_quad(lambda u: u * u * kept(u), 0, span, n=_NODES)[0])
