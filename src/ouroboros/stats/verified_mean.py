r"""Closed forms for a mean refitted to real values and to values of its predecessor that a verifier has passed.

The truth is N(0, 1). Generation 1 is the mean of n real values. Each later generation is the mean of r = γn values
drawn anew from the truth and n − r values drawn from N(θ_t, 1) and passed by a verifier, which keeps what lies within a
radius of its centre c. Let ρ be the variance of a standard normal truncated to ± the radius, 1 for no verifier. Close
to the centre the passed values have mean c + ρ(θ_t − c) and variance ρ (`ouroboros.stats.verification`), so that with
s = (1 − γ)ρ

    θ_{t+1} = (1 − γ)(1 − ρ) c + s θ_t + noise of variance (γ + s)/n.

A verifier that takes its centre from m real values of its own has E c² = 1/m. In units of the error 1/n of the first
fit the expected squared error is a variance that tends to (γ + s)/(1 − s²), and n/m times the square of a pull that
tends to (1 − γ)(1 − ρ)/(1 − s). Without a verifier all of this is exact.

Boundaries
----------
Recursion ends below the error of the first fit if (γ + s)/(1 − s²) + (pull)² n/m < 1. For a verifier that knows the
truth that is γ + s + s² < 1; with nothing real, ρ + ρ² < 1, a ρ below 0.618, one over the golden ratio.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

GOLDEN = (math.sqrt(5) - 1) / 2


def passed_moments(offset: ArrayLike, radius: float) -> tuple[NDArray, NDArray]:
    """Mean and variance of N(offset, 1) within ``radius`` of zero, as `verification.truncated_law` has them.

    That function goes through SciPy's general truncated law, a thousand times as slow; this is the textbook form, which
    loses digits only far outside of the radius.
    """
    offset = np.asarray(offset, dtype=np.float64)
    low, high = -radius - offset, radius - offset
    at_low, at_high = (np.exp(-np.square(x) / 2) / math.sqrt(2 * math.pi) for x in (low, high))
    mass = ndtr(high) - ndtr(low)
    shift = (at_low - at_high) / mass
    return offset + shift, 1 + (low * at_low - high * at_high) / mass - np.square(shift)


def expected_error(share: float, rate: float, knowledge: float, t: int) -> float:
    """Expected squared error of generation t in units of that of generation 1.

    Parameters
    ----------
    share : float
        Real share γ of a generation.
    rate : float
        ρ, how far the verifier lets a value stray: 1 for none.
    knowledge : float
        m/n, real values that the verifier has seen per value of a generation; infinite if it knows the truth.
    t : int
        Generation, from 1.
    """
    s = (1 - share) * rate
    variance, pull = 1.0, 0.0
    for _ in range(t - 1):
        variance = share + s + s**2 * variance
        pull = (1 - share) * (1 - rate) + s * pull
    return variance + (pull**2 / knowledge if pull else 0.0)


def knowledge_for(share: float, rate: float, times: float, t: int) -> float:
    """Knowledge m/n at which the error of generation t is ``times`` that of the first fit.

    Returns
    -------
    float
        Infinite if no knowledge suffices, zero if none is needed.
    """
    room = times - expected_error(share, rate, math.inf, t)
    pull = expected_error(share, rate, 1.0, t) - expected_error(share, rate, math.inf, t)
    if room <= 0:
        return math.inf
    return pull / room


def boundary(shares: NDArray, rate: float, times: float, t: int) -> NDArray:
    """`knowledge_for` at several real shares."""
    return np.array([knowledge_for(float(share), rate, times, t) for share in shares])
