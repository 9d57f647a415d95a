r"""Share of generated documents among all, when the law of each kind is known.

Document i is generated with probability π. With log-likelihood ratio λ_i (generated over real), the log-likelihood
of π is Σ log(1 + π(e^{λ_i} − 1)) up to a constant. It is concave, so its maximum and the ends of the
likelihood-ratio interval are found by bisection. `corrected_share` answers the simpler question of a detector that
says yes or no [rogan1978prevalence]_.

References
----------
.. [rogan1978prevalence] W. J. Rogan and B. Gladen, Estimating prevalence from the results of a screening test, 1978.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import chi2

_STEPS = 60


def maximum_likelihood_share(log_ratios: ArrayLike) -> NDArray:
    """Share π of greatest likelihood, between 0 and 1; vectorised over all but the last axis.

    Parameters
    ----------
    log_ratios : array_like
        λ of each document, shape (..., documents).
    """
    ratios = np.asarray(log_ratios, dtype=np.float64)
    low, high = np.zeros(ratios.shape[:-1]), np.ones(ratios.shape[:-1])
    for _ in range(_STEPS):
        middle = (low + high) / 2
        rising = _slope(ratios, middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return (low + high) / 2


def likelihood_interval(log_ratios: ArrayLike, level: float = 0.95) -> tuple[NDArray, NDArray]:
    """Ends of the likelihood-ratio interval of π.

    Parameters
    ----------
    log_ratios : array_like
        λ of each document, shape (..., documents).
    level : float
        Coverage that the interval claims.
    """
    ratios = np.asarray(log_ratios, dtype=np.float64)
    best = maximum_likelihood_share(ratios)
    floor = _likelihood(ratios, best) - chi2.ppf(level, 1) / 2
    return _end(ratios, best, np.zeros_like(best), floor), _end(ratios, best, np.ones_like(best), floor)


def corrected_share(flagged: ArrayLike, true_positive: ArrayLike, false_positive: ArrayLike) -> NDArray:
    """Share of generated documents if a detector with these rates flags a share ``flagged`` [rogan1978prevalence]_."""
    return np.clip(np.subtract(flagged, false_positive) / np.subtract(true_positive, false_positive), 0, 1)


def _slope(ratios: NDArray, share: NDArray) -> NDArray:
    # (e^λ − 1)/(1 + π(e^λ − 1)) without overflow: the posterior probability a of "generated" gives (a − π)/(π(1 − π)).
    inside = np.clip(share, 1e-15, 1 - 1e-15)[..., None]
    posterior = expit(ratios + logit(inside))
    return np.sum((posterior - inside) / (inside * (1 - inside)), axis=-1)


def _likelihood(ratios: NDArray, share: NDArray) -> NDArray:
    inside = np.clip(share, 1e-300, 1 - 1e-16)[..., None]
    return np.sum(np.logaddexp(np.log1p(-inside), np.log(inside) + ratios), axis=-1)


def _end(ratios: NDArray, best: NDArray, edge: NDArray, floor: NDArray) -> NDArray:
    inside, outside = best.copy(), edge.copy()
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        above = _likelihood(ratios, middle) >= floor
        inside, outside = np.where(above, middle, inside), np.where(above, outside, middle)
    return np.where(_likelihood(ratios, edge) >= floor, edge, (inside + outside) / 2)
