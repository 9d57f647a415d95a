r"""Closed forms for models with a Gaussian latent code.

The bound that a variational autoencoder climbs [kingma2014auto]_ is

.. math:: \log p(x) \ge \mathbb{E}_{q(z \mid x)} \log p(x \mid z) - \mathrm{KL}(q(z \mid x) \,\|\, N(0, I)),

with equality where q is the exact posterior. For a linear decoder with Gaussian noise, probabilistic principal
components [tipping1999probabilistic]_, posterior and evidence are known.

At every stationary point of the mean bound, whatever the decoder, if its first layer is linear in z, the codes
satisfy :math:`\mathbb{E}[\mu_k^2 + \sigma_k^2] = 1` in each dimension k: scale a code by a and that layer by 1/a, and
only the divergence changes, with derivative :math:`\mathbb{E}[\mu_k^2 + \sigma_k^2] - 1` at a = 1.

References
----------
.. [kingma2014auto] D. P. Kingma and M. Welling, Auto-Encoding Variational Bayes, 2014.
.. [tipping1999probabilistic] M. E. Tipping and C. M. Bishop, Probabilistic principal component analysis, 1999.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def divergence_from_prior(mean: ArrayLike, log_variance: ArrayLike) -> NDArray:
    """Kullback-Leibler divergence of a diagonal Gaussian from the standard normal law, in nats.

    Parameters
    ----------
    mean, log_variance : array_like
        Codes, dimensions along the last axis.
    """
    mean, log_variance = np.asarray(mean, dtype=np.float64), np.asarray(log_variance, dtype=np.float64)
    return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=-1)


def linear_posterior(x: ArrayLike, weights: ArrayLike, noise: float) -> tuple[NDArray, NDArray]:
    """Posterior of z given x = W z + noise, for orthogonal columns of W (else it is not diagonal).

    Parameters
    ----------
    x : array_like
        Observations, shape (n, p).
    weights : array_like
        W, shape (p, d).
    noise : float
        Standard deviation of the isotropic noise.

    Returns
    -------
    (ndarray, ndarray)
        Means and logarithms of variances, each of shape (n, d).

    Raises
    ------
    ValueError
        If the columns are not orthogonal.
    """
    x, weights = np.asarray(x, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    gram = weights.T @ weights
    if not np.allclose(gram, np.diag(np.diag(gram))):
        raise ValueError("weights: the columns are not orthogonal")
    precision = 1 + np.diag(gram) / noise**2
    means = x @ weights / noise**2 / precision
    return means, np.broadcast_to(-np.log(precision), means.shape).copy()


def linear_log_evidence(x: ArrayLike, weights: ArrayLike, noise: float) -> NDArray:
    """Logarithm of the density of x = W z + noise with z standard normal; shape (n,)."""
    x, weights = np.asarray(x, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    covariance = weights @ weights.T + noise**2 * np.eye(len(weights))
    return np.atleast_1d(stats.multivariate_normal(np.zeros(len(weights)), covariance).logpdf(x))
