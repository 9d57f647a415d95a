"""Distances between distributions."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def squared_wasserstein2_normal(
    mean: ArrayLike, sd: ArrayLike, mean_reference: ArrayLike = 0.0, sd_reference: ArrayLike = 1.0
) -> NDArray:
    """Squared 2-Wasserstein distance between two normal laws on the line (Dowson and Landau 1982).

    ``(mean - mean_reference)**2 + (sd - sd_reference)**2``; the arguments broadcast.
    """
    shift = np.subtract(mean, mean_reference, dtype=np.float64)
    stretch = np.subtract(sd, sd_reference, dtype=np.float64)
    return shift**2 + stretch**2
