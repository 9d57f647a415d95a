"""From replicates to summaries, and from summaries to named estimates.

A summary is what an experiment keeps of many replicates: ``value`` (mean), ``se`` (standard error of the mean),
``low`` and ``high`` (ends of its interval) and ``replicates``. A row of an experiment's table that has these
columns serves wherever a summary is asked for.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import bootstrap_mean, clopper_pearson, normal_interval

SUMMARY_COLUMNS = ["value", "se", "low", "high", "replicates"]

# Beyond this number of replicates the bootstrap of a mean tells what the central limit theorem tells for less.
MANY = 100


def summarise(sample: ArrayLike, rng: np.random.Generator) -> dict[str, Any]:
    """Summarise a mean over replicates, vectorised over the other axes.

    Parameters
    ----------
    sample : array_like
        Replicates along the last axis, at least two.
    rng : numpy.random.Generator
        Source of the resamples; used only up to `MANY` replicates.

    Returns
    -------
    dict
        Keys `SUMMARY_COLUMNS`; arrays of the shape of ``sample`` without its last axis. The interval has level
        0.95: bootstrap (BCa) up to `MANY` replicates, else normal.
    """
    data = np.asarray(sample, dtype=np.float64)
    replicates = data.shape[-1]
    mean, se = data.mean(axis=-1), data.std(axis=-1, ddof=1) / math.sqrt(replicates)
    ends = bootstrap_mean(data, rng) if replicates <= MANY else normal_interval(mean, se)
    # A skewed sample may have a bootstrap interval that its own mean touches but for rounding.
    low, high = np.minimum(ends.low, mean), np.maximum(ends.high, mean)
    return {"value": mean, "se": se, "low": low, "high": high, "replicates": replicates}


def rows(keys: Mapping[str, Any], along: str, at: Sequence[Any], summary: Mapping[str, Any]) -> list[dict]:
    """Rows of a table from a summary with one axis.

    Parameters
    ----------
    keys : mapping
        Columns that are the same in every row.
    along : str
        Column of the axis.
    at : sequence
        Its values, one per entry of the summary.
    summary : mapping
        As `summarise` returns it.
    """
    columns = {name: np.broadcast_to(summary[name], len(at)) for name in SUMMARY_COLUMNS}
    return [
        {**keys, along: place, **{name: column[i].item() for name, column in columns.items()}}
        for i, place in enumerate(at)
    ]


def exact(
    name: str, value: float, n: int, description: str, *, unit: str = "", method: str = "exact"
) -> Estimate:
    """Estimate without an interval."""
    number = float(value)
    return Estimate(name, number, number, number, int(n), unit=unit, method=method, description=description)


def interval(
    name: str,
    value: float,
    low: float,
    high: float,
    n: int,
    description: str,
    *,
    unit: str = "",
    method: str = "normal",
) -> Estimate:
    """Estimate with the given interval."""
    return Estimate(
        name, float(value), float(low), float(high), int(n), unit=unit, method=method, description=description
    )


def mean(name: str, row: Mapping[str, Any], description: str, *, unit: str = "") -> Estimate:
    """Estimate of a mean from its summary."""
    n = int(row["replicates"])
    method = "bootstrap" if n <= MANY else "normal"
    ends = row["low"], row["high"]
    return interval(name, row["value"], *ends, n, description, unit=unit, method=method)


def difference(
    name: str, first: Mapping[str, Any], second: Mapping[str, Any], description: str, *, unit: str = ""
) -> Estimate:
    """Estimate of ``first - second`` from summaries of independent replicates, with a normal interval."""
    value, se = first["value"] - second["value"], math.hypot(first["se"], second["se"])
    n = int(min(first["replicates"], second["replicates"]))
    return interval(name, value, *normal_interval(value, se), n, description, unit=unit)


def ratio(
    name: str, first: Mapping[str, Any], second: Mapping[str, Any], description: str, *, unit: str = ""
) -> Estimate:
    """Estimate of ``first / second`` from summaries of independent replicates, normal on the log scale.

    Raises
    ------
    ValueError
        If a mean is not positive: its logarithm has no meaning.
    """
    if min(first["value"], second["value"]) <= 0:
        raise ValueError(f"estimate {name}: a ratio needs positive means")
    value = first["value"] / second["value"]
    se = math.hypot(first["se"] / first["value"], second["se"] / second["value"])
    low, high = np.exp(normal_interval(math.log(value), se))
    n = int(min(first["replicates"], second["replicates"]))
    return interval(name, value, min(low, value), max(high, value), n, description, unit=unit)


def share(name: str, successes: int, trials: int, description: str) -> Estimate:
    """Estimate of a proportion with its exact interval."""
    ends = clopper_pearson(successes, trials)
    return interval(name, successes / trials, *ends, trials, description, method="clopper-pearson")


def largest(name: str, scores: Iterable[float], n: int, description: str, *, unit: str = "SE") -> Estimate:
    """Largest absolute score over all comparisons that a check makes at once.

    Raises
    ------
    ValueError
        If there is nothing to compare.
    """
    found = [abs(float(score)) for score in scores]
    if not found:
        raise ValueError(f"estimate {name}: nothing to compare")
    words = f"{description}; {len(found)} comparisons"
    return exact(name, max(found), n, words, unit=unit, method="max-z" if unit == "SE" else "largest")


def extreme(
    name: str, estimates: Sequence[Estimate], description: str, *, end: str = "low", largest: bool = False
) -> Estimate:
    """One of several estimates under a new name: that with the smallest (or largest) ``end``.

    A criterion that all of them must satisfy needs no more than this one.
    """
    pick = max if largest else min
    worst = pick(estimates, key=lambda estimate: getattr(estimate, end))
    return interval(
        name, worst.value, worst.low, worst.high, worst.n, description, unit=worst.unit, method=worst.method
    )
