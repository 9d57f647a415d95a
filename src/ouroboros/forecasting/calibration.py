"""Do things said to be 70 % likely happen 70 % of the time? And how many questions it takes to tell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ouroboros.forecasting.scoring import scored
from ouroboros.forecasting.sets import Item
from ouroboros.stats.intervals import clopper_pearson

BINS = 5
#: Fewer questions than this are listed, not drawn as a curve.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose probability fell into a range: how many, what was said, what came true (95 % interval)."""

    low: float
    high: float
    n: int
    said: float
    came: float
    came_low: float
    came_high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of a set, past the scheduled close only: early answers are mostly YES and would look like bias."""

    n: int
    bins: tuple[Bin, ...]
    sentence: str


def calibration(items: Sequence[Item]) -> Calibration:
    """Bin the questions whose scheduled close has passed and that were answered."""
    kept = [item for item in scored(items) if item.past_close]
    said = np.array([_last(item) for item in kept])
    came = np.array([item.outcome for item in kept])
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    bins = []
    for k in range(BINS):
        inside = places == k
        if n := int(inside.sum()):
            low, high = clopper_pearson(int(came[inside].sum()), n)
            bins.append(
                Bin(
                    k / BINS,
                    (k + 1) / BINS,
                    n,
                    float(said[inside].mean()),
                    float(came[inside].mean()),
                    float(low),
                    float(high),
                )
            )
    return Calibration(len(kept), tuple(bins), sentence(len(kept), int(came.sum()) if len(kept) else 0))


def _last(item: Item) -> float:
    return item.held[-1].probability


def sentence(n: int, came: int) -> str:
    """Return what a number of questions allows one to say about calibration, in plain words."""
    needed = questions_needed(0.93, 0.75)
    if n == 0:
        return (
            "No question has passed its close and been answered, so nothing can be said about calibration. To tell "
            f"a claim that holds 93 % of the time from one that holds 75 % takes about {needed} answers."
        )
    low, high = clopper_pearson(came, n)
    span = f"{came} of {n} came true, which fits true rates from {100 * low:.0f} % to {100 * high:.0f} %"
    if n < ENOUGH:
        return (
            f"With n = {n} past the close calibration cannot be judged: {span}. To tell a claim that holds 93 % "
            f"of the time from one that holds 75 % takes about {needed} answers."
        )
    return f"With n = {n} past the close: {span}. Each bin holds fewer, so read its interval, not its point."


def questions_needed(true: float, claimed: float, *, level: float = 0.05, power: float = 0.8) -> int:
    """Smallest n at which a one-sided exact binomial test tells two rates apart from then on.

    Parameters
    ----------
    true, claimed : float
        Two different rates strictly between 0 and 1.
    level, power : float
        Chance of a false alarm at most, and chance of noticing at least.

    Returns
    -------
    int
        From this n on the test has that power for each of the next 50 sizes (power is not monotone in n).
    """
    sizes = np.arange(1, 5000)
    if true < claimed:
        critical = stats.binom.ppf(level, sizes, claimed) - 1
        noticing = stats.binom.cdf(critical, sizes, true)
    else:
        critical = stats.binom.isf(level, sizes, claimed)
        noticing = stats.binom.sf(critical, sizes, true)
    enough = noticing >= power
    run = np.lib.stride_tricks.sliding_window_view(enough, 50).all(axis=1)
    return int(sizes[np.argmax(run)])
