r"""The headline results under every reasonable choice: a specification curve [simonsohn2020specification]_.

A Gaussian is refitted to its own output. Three results are judged by one criterion each, under all combinations of
divisor, sample size, generation, metric, set of seeds and, where real data are mixed in, their share:

``copying``
    replacing all data loses at least half: the whole interval lies beyond the limit of the metric;
``mixing``
    with a real share, drawn anew in every generation, less than half is lost: the whole interval lies short of it;
``keeping``
    with all data kept, less than half is lost.

Half is half of the true spread for metrics of spread, and twice the risk of the first fit for the metric of risk.

Mean and variance of a normal sample are independent and have known laws, so that they are drawn instead of the values,
which is exact: n values from N(μ, V) have a mean of law N(μ, V/n) and a sum of squares of law V·χ²_{n−1}, and merging
two groups adds (n₁n₂/(n₁ + n₂)) times the squared difference of their means.

References
----------
.. [simonsohn2020specification] U. Simonsohn, J. P. Simmons and L. D. Nelson, Specification curve analysis, Nature Human
   Behaviour 4, 2020.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from ouroboros.stats import reporting
from ouroboros.stats.distances import squared_wasserstein2_normal
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.gaussian_recursion import (
    accumulated_variance,
    expected_log_variance,
    expected_wasserstein,
)
from ouroboros.stats.intervals import normal_interval, quantile_interval
from ouroboros.stats.job import Job
from ouroboros.stats.real_share import normal_moments

COLUMNS = [
    "result",
    "share",
    "ddof",
    "n",
    "t",
    "metric",
    "seeds",
    "value",
    "se",
    "low",
    "high",
    "replicates",
    "holds",
]

SPREAD = ("mean variance", "typical variance", "median variance", "tail weight")
RISK = "risk"
METRICS = (*SPREAD, RISK)
# A metric of spread has lost half at this value of itself over the truth, that of risk at this multiple of the first
# fit's.
_HALF, _TWICE = 0.5, 2.0
_TAIL = float(2 * ndtr(-2.0))


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per result, share and set of seeds.

    Parameters
    ----------
    parameters : mapping
        ``n`` sample sizes, ``ddof`` divisors, ``recorded`` generations, ``chains``; ``shares`` real shares (0.1 among
        them) of which every n has at least one value; ``sets`` how many sets of seeds.

    Raises
    ------
    ValueError
        If a share is too small for a sample size, or 0.1 is missing.
    """
    shares = parameters["shares"]
    if 0.1 not in shares or min(shares) * min(parameters["n"]) < 0.999:
        raise ValueError(f"shares: {shares} (must hold 0.1 and give each n at least one real value)")
    arms = [("copying", 0.0), *(("mixing", share) for share in shares), ("keeping", 0.0)]
    kept = {key: parameters[key] for key in ("n", "ddof", "recorded", "chains")}
    return [
        Job(
            f"{result}-{share:g}-{seeds}" if share else f"{result}-{seeds}",
            kept | {"result": result, "share": share, "seeds": seeds},
        )
        for result, share in arms
        for seeds in range(1, parameters["sets"] + 1)
    ]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all divisors and sample sizes of one result, share and set of seeds.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of all chance.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row per specification: ``value`` of the metric over its reference, its interval, and
        ``holds``, 1 if the result holds in this specification. ``se`` is that of the mean, of the mean logarithm for
        the typical variance, and 0 for the median, which has none.
    """
    result, share, recorded = parameters["result"], parameters["share"], sorted(parameters["recorded"])
    rows = []
    for n in parameters["n"]:
        for ddof in parameters["ddof"]:
            chains = _chains(result, n, round(share * n), ddof, parameters["chains"], rng)
            for t, (mean, variance) in zip(range(1, recorded[-1] + 1), chains, strict=False):
                if t not in recorded:
                    continue
                for metric, value, se, low, high in _measured(mean, variance, n, ddof):
                    holds = _lost(metric, low, high) if result == "copying" else _kept(metric, low, high)
                    rows.append(
                        (result, share, ddof, n, t, metric, parameters["seeds"], value, se, low, high)
                    )
                    rows[-1] += (parameters["chains"], float(holds))
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `simulate`, concatenated, with the leading column ``job``.
    parameters : mapping
        As for `jobs`.
    """
    return [*_checks(table, parameters), *_fractions(table)]


# --------------------------------------------------------------------------------------------------


def _chains(
    result: str, n: int, real: int, ddof: int, chains: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray, NDArray]]:
    """Mean and variance of generation 1, 2, … in all chains."""
    mean, variance = np.zeros(chains), np.ones(chains)
    pool: tuple[float, NDArray, NDArray] | None = None
    while True:
        if result == "keeping":
            new = _group(n, mean, variance, rng)
            pool = new if pool is None else _merge(pool, new)
            count, mean, squares = pool
        elif real:
            parts = _group(real, 0.0, np.ones(chains), rng), _group(n - real, mean, variance, rng)
            count, mean, squares = _merge(*parts)
        else:
            count, mean, squares = _group(n, mean, variance, rng)
        variance = squares / (count - ddof)
        yield mean, variance


def _group(
    count: int, mean: NDArray | float, variance: NDArray, rng: np.random.Generator
) -> tuple[float, NDArray, NDArray]:
    """Count, mean and sum of squares about it of a normal sample in each chain."""
    centre = mean + np.sqrt(variance / count) * rng.standard_normal(len(variance))
    squares = variance * rng.chisquare(count - 1, len(variance)) if count > 1 else np.zeros(len(variance))
    return float(count), centre, squares


def _merge(
    one: tuple[float, NDArray, NDArray], two: tuple[float, NDArray, NDArray]
) -> tuple[float, NDArray, NDArray]:
    count = one[0] + two[0]
    shift = two[1] - one[1]
    squares = one[2] + two[2] + one[0] * two[0] / count * np.square(shift)
    return count, one[1] + shift * two[0] / count, squares


def _measured(mean: NDArray, variance: NDArray, n: int, ddof: int) -> Iterator[tuple]:
    chains = len(variance)
    first = expected_wasserstein(n, ddof, 1)[0]
    deviation = np.sqrt(variance)
    tail = ndtr((-2 - mean) / deviation) + ndtr((mean - 2) / deviation)
    samples = {
        "mean variance": variance,
        "tail weight": tail / _TAIL,
        RISK: squared_wasserstein2_normal(mean, deviation) / first,
    }
    for metric, sample in samples.items():
        value, se = sample.mean(), sample.std(ddof=1) / math.sqrt(chains)
        ends = normal_interval(value, se)
        yield metric, float(value), float(se), float(ends.low), float(ends.high)
    logs = np.log(variance)
    value, se = logs.mean(), logs.std(ddof=1) / math.sqrt(chains)
    ends = normal_interval(value, se)
    yield "typical variance", math.exp(value), float(se), math.exp(ends.low), math.exp(ends.high)
    ends = quantile_interval(variance, 0.5)
    yield "median variance", float(np.median(variance)), 0.0, float(ends.low), float(ends.high)


def margin(metric: str, value: float) -> float:
    """How far a value lies beyond the limit of its metric, in factors of two; positive if at least half is lost."""
    return math.log2(value / _TWICE if metric == RISK else _HALF / value)


def _lost(metric: str, low: float, high: float) -> bool:
    """Whether at least half is lost, by the whole interval."""
    return low >= _TWICE if metric == RISK else high <= _HALF


def _kept(metric: str, low: float, high: float) -> bool:
    """Whether less than half is lost, by the whole interval."""
    return high < _TWICE if metric == RISK else low > _HALF


def _checks(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    means = table[(table["metric"] == "mean variance") & (table["ddof"] == 0)]
    scores: dict[str, list[float]] = {"mixing": [], "keeping": []}
    for row in means[means["result"] != "copying"].itertuples():
        if row.result == "mixing":
            law = normal_moments(row.n, round(row.share * row.n), row.t)[0]
        else:
            law = accumulated_variance(row.n, 0, row.t)
        scores[row.result].append((row.value - law) / row.se)
    words = {"mixing": "with a real share", "keeping": "with all data kept"}
    for result, found in scores.items():
        yield reporting.largest(
            f"max-z-{result}",
            found,
            parameters["chains"],
            f"mean variance {words[result]} against its closed form, divisor n",
        )
    copied = table[(table["metric"] == "typical variance") & (table["result"] == "copying")]
    found = []
    for row in copied.itertuples():
        law, spread = expected_log_variance(row.n, row.ddof, row.t)
        found.append((math.log(row.value) - law) / (spread / math.sqrt(row.replicates)))
    words_ = "mean log variance under copying against its closed form, both divisors"
    yield reporting.largest("max-z-copying", found, parameters["chains"], words_)


def _fractions(table: pd.DataFrame) -> Iterator[Estimate]:
    def fraction(name: str, rows: pd.DataFrame, words: str) -> Estimate:
        return reporting.exact(name, rows["holds"].mean(), len(rows), words, method="enumeration")

    claims = {
        "copying": "replacing loses at least half",
        "mixing": "a real share keeps more than half",
        "keeping": "keeping all data keeps more than half",
    }
    for result, words in claims.items():
        rows = table[table["result"] == result]
        yield fraction(f"fraction-{result}", rows, f"specifications in which {words}, as a share")
        for metric in METRICS:
            name = f"fraction-{result}-{metric.replace(' ', '-')}"
            yield fraction(name, rows[rows["metric"] == metric], f"the same, {metric} only")
        for n in sorted(rows["n"].unique()):
            yield fraction(f"fraction-{result}-n{n}", rows[rows["n"] == n], f"the same, n = {n} only")
        for t in sorted(rows["t"].unique()):
            yield fraction(f"fraction-{result}-t{t}", rows[rows["t"] == t], f"the same, generation {t} only")
        for ddof in sorted(rows["ddof"].unique()):
            yield fraction(
                f"fraction-{result}-ddof{ddof}", rows[rows["ddof"] == ddof], f"the same, ddof {ddof} only"
            )
    mixed = table[table["result"] == "mixing"]
    for share in sorted(mixed["share"].unique()):
        words = f"specifications with a real share of {share:g} in which more than half is kept, as a share"
        yield fraction(f"fraction-share-{share:g}", mixed[mixed["share"] == share], words)
    keys = ["result", "share", "ddof", "n", "t", "metric"]
    agreed = table.groupby(keys)["holds"].nunique() == 1
    words = "specifications that come out alike for every set of seeds, as a share"
    yield reporting.exact("seeds-agree", float(agreed.mean()), len(agreed), words, method="enumeration")
    yield reporting.exact(
        "specifications", len(table), len(table), "specifications in all", unit="specifications"
    )
