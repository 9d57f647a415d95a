"""Moments of the sample variance of a normal sample, in closed form."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


def variance_ratio_moment(n: ArrayLike, ddof: int, power: ArrayLike) -> NDArray:
    """E[(V/σ²)^power] for the sample variance V of n normal values with divisor n − ddof.

    V(n − ddof)/σ² is χ² with k = n − 1 degrees of freedom, and E[C^p] = 2^p Γ(k/2 + p)/Γ(k/2).
    With power 1/2 and ddof 1 this is the constant c4(n) of quality control.

    Raises
    ------
    ValueError
        If n < 2 or the moment does not exist (power ≤ −(n − 1)/2).
    """
    size, p = np.asarray(n, dtype=np.float64), np.asarray(power, dtype=np.float64)
    half = (size - 1) / 2
    if np.any(size < 2) or np.any(half + p <= 0):
        raise ValueError("moment of a sample variance: needs n >= 2 and power > -(n - 1)/2")
    return np.exp(p * np.log(2 / (size - ddof)) + special.gammaln(half + p) - special.gammaln(half))


def log_variance_ratio_mean(n: ArrayLike, ddof: int) -> NDArray:
    """E[log(V/σ²)] of n normal values with divisor n − ddof: ψ((n−1)/2) − log((n−ddof)/2)."""
    size = np.asarray(n, dtype=np.float64)
    return special.digamma((size - 1) / 2) - np.log((size - ddof) / 2)


def log_variance_ratio_variance(n: ArrayLike) -> NDArray:
    """Var[log V] of n normal values, whatever the divisor: ψ₁((n−1)/2)."""
    return special.polygamma(1, (np.asarray(n, dtype=np.float64) - 1) / 2)
