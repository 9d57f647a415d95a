"""Intervals of means over few replicates, and of differences between replicates that share a seed.

Under ten replicates the bootstrap of a mean claims more than it covers: it can only recombine the values it has.
Student's interval pays for what few values tell about their own spread, with wider ends [student1908]_.

References
----------
.. [student1908] Student, The Probable Error of a Mean, Biometrika 6, 1908.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import Interval


def student_interval(sample: ArrayLike, *, level: float = 0.95) -> Interval:
    """Student's interval of a mean.

    Parameters
    ----------
    sample : array_like
        Independent replicates along the last axis, at least two of them.
    level : float
        Coverage, exact for normal replicates.

    Returns
    -------
    Interval
        Ends of the shape of ``sample`` without its last axis.

    Raises
    ------
    ValueError
        If there are fewer than two replicates.
    """
    data = np.asarray(sample, dtype=np.float64)
    count = data.shape[-1]
    if count < 2:
        raise ValueError(f"Student's interval: {count} replicate (at least 2 needed)")
    mean = data.mean(axis=-1)
    half = stats.t.isf((1 - level) / 2, count - 1) * data.std(axis=-1, ddof=1) / math.sqrt(count)
    return Interval((mean - half)[()], (mean + half)[()])


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
