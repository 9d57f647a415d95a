r"""The statistics of a watermark that prefers a secret, context-dependent "green" share of the words.

The scheme is that of [kirchenbauer2023]_ with the word to the left as context: a key and the left word decide, for
every word, whether it is green, with probability γ; the writer multiplies the odds of green words by α = e^δ. A
detector that knows the key counts the green words among those scored, g of T.

One choice differs from the authors' code: each pair of words is green or not by a hash of its own, where they cut a
shuffled vocabulary at the share γ. No list of words is needed then, and the count of green words in a text that was
written without the key is exactly binomial as long as no pair is counted twice.

References
----------
.. [kirchenbauer2023] J. Kirchenbauer et al., A Watermark for Large Language Models, ICML 2023.
.. [steele2014] G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

_STEP = np.uint64(0x9E3779B97F4A7C15)


def _mix(x: NDArray) -> NDArray:
    """Finaliser of SplitMix64 [steele2014]_: every input bit moves every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def green(key: ArrayLike, left: ArrayLike, word: ArrayLike, gamma: float) -> NDArray[np.bool_]:
    """Whether words are green after the words to their left.

    Parameters
    ----------
    key, left, word : array_like of uint64
        Secret and identifiers of words; they broadcast.
    gamma : float
        Share of words that are green after any word, between 0 and 1.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.
    """
    if not 0 < gamma < 1:
        raise ValueError(f"gamma: {gamma} (a number between 0 and 1 needed)")
    # Arrays of at least one dimension wrap around silently; scalars would warn.
    secret, before, this = (np.atleast_1d(np.asarray(x, dtype=np.uint64)) for x in (key, left, word))
    mixed = _mix(_mix(_mix(secret + _STEP) ^ before) + _STEP ^ this)
    found = (mixed >> np.uint64(11)) < np.uint64(round(gamma * 2**53))
    return found.reshape(np.broadcast_shapes(np.shape(key), np.shape(left), np.shape(word)))


def first_uses(pairs: ArrayLike) -> NDArray[np.bool_]:
    """Mark the first use of every value along the last axis; a repeated pair of words tells nothing new."""
    values = np.asarray(pairs)
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    new = np.ones(values.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    found = np.empty_like(new)
    np.put_along_axis(found, order, new, axis=-1)
    return found


def z_statistic(greens: ArrayLike, scored: ArrayLike, gamma: float) -> NDArray:
    """Standard score (g − γT)/√(Tγ(1 − γ)) of a count of green words."""
    g, t = np.asarray(greens, dtype=np.float64), np.asarray(scored, dtype=np.float64)
    return (g - gamma * t) / np.sqrt(t * gamma * (1 - gamma))


def p_value(greens: ArrayLike, scored: ArrayLike, gamma: float) -> NDArray:
    """Exact P(G ≥ g) for G ~ Binomial(T, γ), as the incomplete beta function I_γ(g, T − g + 1)."""
    g, t = np.broadcast_arrays(np.asarray(greens, dtype=np.float64), np.asarray(scored, dtype=np.float64))
    tail = special.betainc(np.maximum(g, 1), t - np.maximum(g, 1) + 1, gamma)
    return np.where(g <= 0, 1.0, tail)[()]


def log10_p_value(greens: ArrayLike, scored: ArrayLike, gamma: float) -> NDArray:
    """Decimal logarithm of `p_value`, finite where the value itself underflows.

    There the tail is P(G = g) times 1 + Σ_j Π_{i≤j} (T − g − i + 1)γ/((g + i)(1 − γ)), whose terms shrink at least
    geometrically because g lies far above γT.
    """
    g, t = np.broadcast_arrays(np.asarray(greens, dtype=np.float64), np.asarray(scored, dtype=np.float64))
    tail = p_value(g, t, gamma)
    step = np.arange(1, 1001)
    ratios = (
        np.maximum(t[..., None] - g[..., None] - step + 1, 0) / (g[..., None] + step) * gamma / (1 - gamma)
    )
    with np.errstate(divide="ignore", over="ignore"):
        series = np.log1p(np.sum(np.cumprod(np.minimum(ratios, 1.0), axis=-1), axis=-1))
        found = np.where(tail > 1e-280, np.log(tail), stats.binom.logpmf(g, t, gamma) + series)
    return (found / math.log(10))[()]


def randomised_p_value(greens: ArrayLike, scored: ArrayLike, gamma: float, uniform: ArrayLike) -> NDArray:
    """P(G > g) + U·P(G = g): uniform on [0, 1] for a text without the mark, where the exact value is discrete."""
    beyond = p_value(np.asarray(greens) + 1, scored, gamma)
    return beyond + np.asarray(uniform) * (p_value(greens, scored, gamma) - beyond)


def marked_green_probability(green_mass: ArrayLike, delta: float) -> NDArray:
    """Probability that a marked writer puts a green word where the unmarked one would with ``green_mass``."""
    mass = np.asarray(green_mass, dtype=np.float64)
    return math.exp(delta) * mass / (1 + math.expm1(delta) * mass)


def spike_entropy(probabilities: ArrayLike, gamma: float, delta: float) -> NDArray:
    """Σ p/(1 + zp) along the last axis, z = (1 − γ)(α − 1)/(1 + (α − 1)γ) [kirchenbauer2023]_."""
    p = np.asarray(probabilities, dtype=np.float64)
    modulus = (1 - gamma) * math.expm1(delta) / (1 + math.expm1(delta) * gamma)
    return np.sum(p / (1 + modulus * p), axis=-1)


def green_rate_bound(spike: ArrayLike, gamma: float, delta: float) -> NDArray:
    """Least expected share of green words, γα/(1 + (α − 1)γ) times the spike entropy.

    For one word with probability p, given that it is green, the others add green mass γ(1 − p) on average; the
    inverse of the normaliser is convex, so by Jensen the word is written with at least αp/(1 + (α − 1)(p + γ(1 − p))).
    Sum over words, each green with probability γ. The average is over keys.
    """
    return gamma * math.exp(delta) / (1 + math.expm1(delta) * gamma) * np.asarray(spike, dtype=np.float64)
