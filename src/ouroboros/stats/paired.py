"""Estimates of means over few replicates, and of differences between replicates that share a seed."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.few_replicates import student_interval


def mean_of_few(name: str, sample: ArrayLike, description: str, *, unit: str = "") -> Estimate:
    """Estimate of a mean over few replicates, with Student's interval."""
    data = np.asarray(sample, dtype=np.float64)
    value, ends = float(data.mean()), student_interval(data)
    # Equal replicates may have a mean that differs from them by rounding.
    low, high = min(float(ends.low), value), max(float(ends.high), value)
    return Estimate(name, value, low, high, data.size, unit=unit, method="student-t", description=description)


def paired_difference(
    name: str,
    first: Mapping[Any, float],
    second: Mapping[Any, float],
    description: str,
    *,
    unit: str = "",
) -> Estimate:
    """Estimate of the mean of ``first - second`` over the seeds that both have, with Student's interval.

    Parameters
    ----------
    first, second : mapping
        Values by seed.

    Raises
    ------
    ValueError
        If fewer than two seeds are in both.
    """
    shared = sorted(first.keys() & second.keys())
    if len(shared) < 2:
        raise ValueError(f"estimate {name}: {len(shared)} seeds in both arms (at least 2 needed)")
    differences = [first[seed] - second[seed] for seed in shared]
    return mean_of_few(name, differences, description, unit=unit)


def exponential(name: str, estimate: Estimate, description: str, *, factor: float = 1.0) -> Estimate:
    """Estimate of exp(factor · x) from that of x, ends and all; turns a log ratio into a ratio.

    Parameters
    ----------
    factor : float
        Positive, so that the ends keep their order.
    """
    value, low, high = (math.exp(factor * end) for end in (estimate.value, estimate.low, estimate.high))
    return Estimate(name, value, low, high, estimate.n, method=estimate.method, description=description)
