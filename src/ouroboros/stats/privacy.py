r"""What differential privacy promises, and what an attack on membership achieves.

A mechanism is (ε, δ)-private if replacing one record changes the probability of any outcome by at most a factor
e^ε and a term δ. Adding normal noise of standard deviation σ to a vector that one record moves by at most Δ (Euclidean)
is (ε, δ)-private if and only if [balle2018improving]_

    δ ≥ Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ),  μ = Δ/σ.

Whoever knows all other records then faces a choice between two normal laws whose means are μ standard deviations
apart [dong2022gaussian]_: no attack ranks the two cases correctly more often than with probability Φ(μ/√2).
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats
from scipy.spatial.distance import cdist


def gaussian_delta(epsilon: float, mu: float) -> float:
    """Smallest δ of normal noise at a given ε [balle2018improving]_.

    Parameters
    ----------
    epsilon : float
        At least 0.
    mu : float
        Sensitivity over standard deviation of the noise.
    """
    above = stats.norm.cdf(mu / 2 - epsilon / mu)
    # e^ε Φ(...) in logarithms: the factor overflows where the tail underflows.
    below = math.exp(epsilon + stats.norm.logcdf(-mu / 2 - epsilon / mu))
    return float(above - below)


def gaussian_mu(epsilon: float, delta: float) -> float:
    """Largest ratio of sensitivity to noise that is (ε, δ)-private.

    Raises
    ------
    ValueError
        If ε is not positive or δ not between 0 and 1.
    """
    if not (epsilon > 0 and 0 < delta < 1):
        raise ValueError(f"epsilon {epsilon:g}, delta {delta:g}: epsilon > 0 and 0 < delta < 1 needed")
    low, high = 1e-8, 1.0
    while gaussian_delta(epsilon, high) < delta:
        high *= 2
    return float(optimize.brentq(lambda mu: gaussian_delta(epsilon, mu) - delta, low, high, xtol=1e-14))


def attack_ceiling(mu: float) -> float:
    """Largest area under the ROC curve of any attack on normal noise [dong2022gaussian]_."""
    return float(stats.norm.cdf(mu / math.sqrt(2)))


def area_under_curve(positive: ArrayLike, negative: ArrayLike) -> float:
    """Chance that a positive scores above a negative, ties counting half (Mann and Whitney 1947).

    Raises
    ------
    ValueError
        If either sample is empty.
    """
    a, b = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if not len(a) or not len(b):
        raise ValueError("area under the curve: both samples need a score")
    ranks = stats.rankdata(np.concatenate([a, b]))[: len(a)]
    return float((ranks.sum() - len(a) * (len(a) + 1) / 2) / (len(a) * len(b)))


def closest(rows: ArrayLike, others: ArrayLike, count: int = 1) -> NDArray:
    """Distances from each row to its closest others, ascending; shape (rows, count).

    Raises
    ------
    ValueError
        If there are fewer others than asked for.
    """
    if len(others) < count:
        raise ValueError(f"closest: {len(others)} rows to compare with (at least {count} needed)")
    return np.sort(np.partition(cdist(rows, others), count - 1, axis=1)[:, :count], axis=1)
