"""Confidence intervals: bootstrap, normal, binomial proportion, quantile."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


class Interval(NamedTuple):
    """Ends of a two-sided interval; numbers, or arrays of one shape."""

    low: float | NDArray
    high: float | NDArray


def bootstrap_mean(
    sample: ArrayLike,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    method: str = "BCa",
    axis: int = -1,
) -> Interval:
    """Bootstrap interval of a mean [efron1993]_, vectorised over the other axes.

    Parameters
    ----------
    sample : array_like
        Independent replicates along ``axis``; at least two of them.
    rng : numpy.random.Generator
        Source of the resamples.
    level, resamples : float, int
        Coverage claimed and number of resamples.
    method : {"BCa", "percentile"}
        A sample without spread has no acceleration constant: its interval is the mean itself.
    axis : int
        Axis of the replicates.

    Returns
    -------
    Interval
        Ends of the shape of ``sample`` without ``axis``.

    Raises
    ------
    ValueError
        If there are fewer than two replicates or any is not finite.

    References
    ----------
    .. [efron1993] B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13 and 14.
    """
    data = np.moveaxis(np.asarray(sample, dtype=np.float64), axis, -1)
    if data.shape[-1] < 2:
        raise ValueError(f"bootstrap: {data.shape[-1]} replicate (at least 2 needed)")
    if not np.isfinite(data).all():
        raise ValueError("bootstrap: a replicate is not a finite number")
    flat = data.reshape(-1, data.shape[-1])
    ends = np.repeat(flat.mean(axis=-1)[:, None], 2, axis=1)
    spread = np.ptp(flat, axis=-1) > 0
    if spread.any():
        # About 64 MB of resampled values at a time, whatever the number of rows.
        batch = max(1, min(resamples, 8_000_000 // flat[spread].size))
        found = stats.bootstrap(
            (flat[spread],),
            np.mean,
            axis=-1,
            vectorized=True,
            n_resamples=resamples,
            batch=batch,
            confidence_level=level,
            method=method,
            rng=rng,
        ).confidence_interval
        ends[spread] = np.stack([found.low, found.high], axis=-1)
    ends = ends.reshape(*data.shape[:-1], 2)
    return Interval(ends[..., 0][()], ends[..., 1][()])


def bootstrap_paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    rng: np.random.Generator,
    **options: float | int | str,
) -> Interval:
    """Bootstrap interval of the mean of ``first - second``, replicates paired by position.

    Parameters
    ----------
    first, second : array_like
        Same shape; entry i of both comes from the same seed.
    rng : numpy.random.Generator
        Source of the resamples.
    **options
        Passed to `bootstrap_mean`.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"paired bootstrap: shapes {a.shape} and {b.shape} differ")
    return bootstrap_mean(a - b, rng, **options)


def normal_interval(value: ArrayLike, standard_error: ArrayLike, *, level: float = 0.95) -> Interval:
    """Interval of a mean by the central limit theorem; the arguments broadcast."""
    centre = np.asarray(value, dtype=np.float64)
    half = stats.norm.isf((1 - level) / 2) * np.asarray(standard_error, dtype=np.float64)
    return Interval((centre - half)[()], (centre + half)[()])


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95) -> Interval:
    """Exact interval of a binomial proportion (Clopper and Pearson 1934), vectorised.

    Parameters
    ----------
    successes, trials : array_like of int
        Counts that broadcast against each other.
    level : float
        Coverage, which the interval reaches or exceeds.

    Raises
    ------
    ValueError
        If a count of successes is negative or above its trials.
    """
    k, n = np.broadcast_arrays(successes, trials)
    if np.any(k < 0) or np.any(k > n) or np.any(n < 1):
        raise ValueError("Clopper-Pearson: successes must lie between 0 and the (positive) trials")
    tail = (1 - level) / 2
    # The beta quantile is undefined where a shape is 0; there the end is the edge of [0, 1].
    low = np.where(k == 0, 0.0, stats.beta.ppf(tail, np.maximum(k, 1), n - k + 1))
    high = np.where(k == n, 1.0, stats.beta.isf(tail, k + 1, np.maximum(n - k, 1)))
    return Interval(low[()], high[()])


def quantile_interval(
    sample: ArrayLike, probability: float, *, level: float = 0.95, axis: int = -1
) -> Interval:
    """Distribution-free interval of a quantile from two order statistics (Conover 1999, section 3.2).

    Parameters
    ----------
    sample : array_like
        Independent replicates along ``axis``.
    probability : float
        Which quantile, between 0 and 1.
    level : float
        Coverage, which the interval reaches or exceeds.
    axis : int
        Axis of the replicates.

    Returns
    -------
    Interval
        Infinite at an end that the sample is too small to bound.
    """
    data = np.sort(np.moveaxis(np.asarray(sample, dtype=np.float64), axis, -1), axis=-1)
    n = data.shape[-1]
    tail = (1 - level) / 2
    # P(X_(r) > q) = P(Binomial(n, p) < r): take the largest r, and the smallest s, with tails below `tail`.
    below = int(stats.binom.ppf(tail, n, probability))
    above = int(stats.binom.isf(tail, n, probability)) + 1
    low = data[..., below - 1] if below >= 1 else np.full(data.shape[:-1], -np.inf)
    high = data[..., above - 1] if above <= n else np.full(data.shape[:-1], np.inf)
    return Interval(low[()], high[()])
