"""What keeping only the most likely items does to a Gaussian."""

import itertools

import numpy as np
from scipy import integrate, special, stats


def kept_variance(features: int, kept: int, offered: int) -> float:
    """Factor by which one round of keeping the most likely items shrinks a fitted covariance, in expectation.

    Of ``offered`` independent items of a Gaussian in d dimensions the ``kept`` most likely ones are those with the
    smallest squared Mahalanobis lengths, which are order statistics of a chi-square law with d degrees of freedom.
    With Q its quantile function their mean is (M/m) ∫ Q(u) P(Binomial(M − 1, u) < m) du over the unit interval.
    Directions are independent of lengths and of each other, so that the kept items are uncorrelated and the
    covariance about their own mean is 1 − 1/m of that about the truth. Refitting and keeping again multiplies the
    factors exactly, because both are equivariant under linear maps. For large M the first part tends to
    F(Q(q); d + 2)/q with q = m/M.

    Parameters
    ----------
    features : int
        Dimension d.
    kept, offered : int
        Numbers m and M of items.

    Returns
    -------
    float
        Expected covariance after the round over that before it.
    """

    def integrand(u: float) -> float:
        return stats.chi2.ppf(u, features) * special.bdtr(kept - 1, offered - 1, u)

    # The step of the binomial tail lies around m/M; quadrature must be told where to look.
    place, width = kept / offered, np.sqrt(kept * (offered - kept) / offered**3) + 1 / offered
    cuts = sorted({0.0, *np.clip([place - 8 * width, place, place + 8 * width], 0, 1), 1.0})
    total = sum(integrate.quad(integrand, low, high, limit=200)[0] for low, high in itertools.pairwise(cuts))
    return offered / kept * total / features * (1 - 1 / kept)
