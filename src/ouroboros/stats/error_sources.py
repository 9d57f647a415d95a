r"""Moments of a recursion in which sampling, a small family and a biased learner can be switched on one by one.

A model with mean μ_t and variance V_t is refitted to its own output. With sampling, the output is n draws, else the
model itself. The fit keeps mean and variance of what it sees (a normal law fitted by maximum likelihood does, and so
does the empirical distribution). A biased learner multiplies the variance by 1 − λ (shrinkage) and adds h² (a kernel
of bandwidth h). Given the model, n draws have expected variance (1 − 1/n)V_t and a mean with variance V_t/n, whatever
the law; hence exactly

    E[V_{t+1}] = (1 − λ)(1 − 1/n) E[V_t] + h²,      E[(μ_{t+1} − μ)²] = E[(μ_t − μ)²] + E[V_t]/n,

and without sampling the same with 1/n = 0.
"""

import math

import numpy as np
from numpy.typing import NDArray


def expected_moments(
    generations: int, *, n: float = math.inf, bandwidth: float = 0.0, shrinkage: float = 0.0
) -> tuple[NDArray, NDArray]:
    """Expected variance and squared error of the mean in generations 1 to ``generations``, σ² = 1.

    Parameters
    ----------
    generations : int
        Number of fits.
    n : float
        Draws per generation; infinity switches sampling off.
    bandwidth : float
        Standard deviation of the kernel.
    shrinkage : float
        Share of the variance that the learner takes away.

    Returns
    -------
    (ndarray, ndarray)
        Shapes (generations,).
    """
    variance, error = 1.0, 0.0
    found = np.empty((2, generations))
    for t in range(generations):
        error += variance / n
        variance = (1 - shrinkage) * (1 - 1 / n) * variance + bandwidth**2
        found[:, t] = variance, error
    return found[0], found[1]
