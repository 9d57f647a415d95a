"""Intervals for a handful of replicates, where a bootstrap of the mean covers too little."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ouroboros.stats.intervals import Interval


def student_interval(sample: ArrayLike, *, level: float = 0.95) -> Interval:
    """Student's t interval of a mean [student1908probable]_; exact for normal replicates, however few.

    Of paired replicates pass the differences.

    Parameters
    ----------
    sample : array_like
        Independent replicates along the last axis, at least two of them.
    level : float
        Coverage claimed.

    Returns
    -------
    Interval
        Ends of the shape of ``sample`` without its last axis.

    Raises
    ------
    ValueError
        If there are fewer than two replicates or any is not finite.

    References
    ----------
    .. [student1908probable] Student, The probable error of a mean, 1908.
    """
    data = np.asarray(sample, dtype=np.float64)
    if data.shape[-1] < 2:
        raise ValueError(f"t interval: {data.shape[-1]} replicate (at least 2 needed)")
    if not np.isfinite(data).all():
        raise ValueError("t interval: a replicate is not a finite number")
    replicates = data.shape[-1]
    half = stats.t.isf((1 - level) / 2, replicates - 1) * data.std(axis=-1, ddof=1) / math.sqrt(replicates)
    mean = data.mean(axis=-1)
    return Interval((mean - half)[()], (mean + half)[()])
