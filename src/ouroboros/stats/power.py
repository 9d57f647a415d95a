r"""Power of a conjunction of paired tests, by simulation, and an interval of a standardised difference."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ouroboros.stats.intervals import Interval


def conjunction_power(
    effects: Sequence[float],
    correlation: float,
    n: int,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    trials: int = 20_000,
) -> float:
    """Probability that every one of several one-sided paired t tests is significant.

    Parameters
    ----------
    effects : sequence of float
        True standardised mean differences, one per test.
    correlation : float
        Between the differences of any two tests of one replicate; 0.5 where all share one arm and all arms have
        the same independent error. Not negative.
    n : int
        Replicates.
    rng : numpy.random.Generator
    alpha : float
        Level of each test; a conjunction needs no correction.
    trials : int
        Simulated experiments.
    """
    shape = (trials, n)
    shared = np.sqrt(correlation) * rng.standard_normal(shape)
    cut = stats.t.isf(alpha, n - 1)
    passed = np.ones(trials, dtype=bool)
    for effect in effects:
        sample = effect + shared + np.sqrt(1 - correlation) * rng.standard_normal(shape)
        passed &= sample.mean(axis=1) / (sample.std(axis=1, ddof=1) / np.sqrt(n)) > cut
    return float(passed.mean())


def effect_interval(mean: float, deviation: float, n: int, *, level: float = 0.9) -> Interval:
    """Interval of the standardised mean of paired differences, by the noncentral t distribution.

    Its quantiles are those of Johnson and Welch (1940): with ``t`` observed on ``v`` degrees of freedom the ends of
    the noncentrality are ``t (1 - 1/4v) -+ z sqrt(1 + t^2 / 2v)``. From ten replicates on the interval is within 0.02
    of the exact one.

    Parameters
    ----------
    mean, deviation : float
        Mean and standard deviation (``ddof=1``) of the differences.
    n : int
        Replicates.
    level : float
        Coverage; 0.9 belongs to one-sided tests at 0.05.
    """
    observed, freedom = mean / deviation * np.sqrt(n), n - 1
    centre = observed * (1 - 1 / (4 * freedom))
    half = stats.norm.isf((1 - level) / 2) * np.sqrt(1 + observed**2 / (2 * freedom))
    return Interval(float((centre - half) / np.sqrt(n)), float((centre + half) / np.sqrt(n)))
