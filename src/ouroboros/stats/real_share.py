r"""Closed forms and exact chains for recursions in which a part of every generation is real and drawn anew.

Generation t consists of n values: r drawn anew from the truth and k = n − r from the model that was fitted to
generation t − 1. Generation 0 is the truth, so that generation 1 holds real values only, whatever r is.

A normal law
------------
The model is N(μ_t, V_t) with the maximum-likelihood variance (divisor n), the truth N(0, 1). Splitting the sum of
squares of the mixed sample into those within its two parts and that between them gives, with M_t = E μ_t² and r and k
at least one,

    n E V_{t+1} = r − 1 + (k − 1) E V_t + (rk/n)(1/r + E V_t / k + M_t),
    n² M_{t+1} = r + k E V_t + k² M_t,

and E V_t + M_t = 1: the second moment is that of the truth in every generation. Hence
M_{t+1} = 1/n + k(k − 1)/n² · M_t, with the limit n/(n² − k(k − 1)); for r = 0 that limit is one and no variance is
left.

A symbol
--------
The number of times X_t that a symbol of probability p occurs in generation t is a Markov chain,
X_{t+1} = Bin(r, p) + Bin(k, X_t/n). `ouroboros.stats.wright_fisher` has its limit for many tokens; here n may be small.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def normal_moments(n: int, real: int, t: int) -> tuple[float, float]:
    """E V_t and E μ_t² of a normal law refitted by maximum likelihood, truth N(0, 1).

    Parameters
    ----------
    n, real : int
        Values of a generation, and how many of them are real.
    t : int
        Generation, from 0.
    """
    model = n - real
    ratio = model * (model - 1) / n**2
    error = (1 - ratio**t) / (n * (1 - ratio))
    return 1 - error, error


def normal_limit(n: int, real: int) -> float:
    """Limit of E V_t; zero if nothing is real."""
    model = n - real
    return 1 - n / (n**2 - model * (model - 1))


def survival(probabilities: ArrayLike, n: int, real: int, last: int) -> NDArray:
    """Probability that a symbol occurs in generation 1, …, ``last``, exactly.

    Parameters
    ----------
    probabilities : array_like
        Those of the symbols in the truth, shape (symbols,).
    n, real : int
        Tokens of a generation, and how many of them are real. The chain has n + 1 states: meant for n up to a few
        hundred.
    last : int
        Last generation.

    Returns
    -------
    numpy.ndarray
        Shape (last, symbols).
    """
    counts = np.arange(n + 1)
    copied = stats.binom.pmf(np.arange(n - real + 1), n - real, counts[:, None] / n)
    found = np.empty((last, len(np.atleast_1d(probabilities))))
    for symbol, p in enumerate(np.atleast_1d(probabilities)):
        fresh = stats.binom.pmf(np.arange(real + 1), real, p)
        chance = stats.binom.pmf(counts, n, p)
        for t in range(last):
            if t:
                chance = np.convolve(chance @ copied, fresh)
            found[t, symbol] = 1 - chance[0]
    return found


def zipf(symbols: int, exponent: float = 1.0) -> NDArray:
    """Probabilities of ``symbols`` words in order of rank, in proportion to rank to the minus ``exponent``."""
    weights = np.arange(1, symbols + 1, dtype=np.float64) ** -exponent
    return weights / weights.sum()
