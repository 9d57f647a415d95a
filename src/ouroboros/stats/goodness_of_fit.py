"""How far a sample lies from the law it should follow."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def z_score(observed: ArrayLike, expected: ArrayLike, standard_error: ArrayLike) -> NDArray:
    """Distance of a mean from its expectation in standard errors; the arguments broadcast.

    Raises
    ------
    ValueError
        If a standard error is not positive: no distance can be measured in it.
    """
    se = np.asarray(standard_error, dtype=np.float64)
    if not np.all(se > 0):
        raise ValueError("z score: every standard error must be positive")
    return (np.asarray(observed, dtype=np.float64) - expected) / se


def kolmogorov_smirnov_p(sample: ArrayLike, cdf: Callable[[NDArray], NDArray]) -> float:
    """Two-sided p value that independent values follow a continuous law.

    Parameters
    ----------
    sample : array_like
        Values of any shape, pooled.
    cdf : callable
        Distribution function of the law, vectorised.
    """
    return float(stats.ks_1samp(np.ravel(sample), cdf).pvalue)
