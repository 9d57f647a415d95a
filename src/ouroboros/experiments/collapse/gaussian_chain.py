r"""A Gaussian refitted, generation after generation, to samples drawn from its own last fit.

Generation 0 is the true law N(0, σ²). Each generation t ≥ 1 fits mean μ_t and variance V_t (divisor
count − ddof) and is the source of the next n values. The arms differ in what generation t is fitted to:

``replace``
    the n values drawn from generation t − 1 and nothing else;
``accumulate``
    all t·n values drawn so far, the n real ones included;
``accumulate-subsample``
    n values taken without replacement from the t·n drawn so far.

Everything is reported in units of the true σ² (and relative to the true mean), so σ drops out.

The closed forms that the arms are held against are those of `ouroboros.stats.gaussian_recursion`.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ouroboros.stats.distances import squared_wasserstein2_normal
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.gaussian_recursion import (
    accumulated_variance,
    accumulated_variance_limit,
    expected_log_variance,
    expected_mean_error,
    expected_variance,
    expected_wasserstein,
    squared_cv,
    subsampled_variance,
    tail_bound,
)
from ouroboros.stats.goodness_of_fit import kolmogorov_smirnov_p, z_score
from ouroboros.stats.intervals import clopper_pearson, normal_interval, quantile_interval
from ouroboros.stats.job import Job

ARMS = ("replace", "accumulate", "accumulate-subsample")
DDOFS = (0, 1)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COLUMNS = ["arm", "n", "ddof", "t", "quantity", "value", "se", "low", "high", "chains"]

# The values of one batch of chains in one generation (replace, accumulate) should fit a processor's cache;
# the pools of one batch of accumulate-subsample should fit memory several times over.
_BATCH_VALUES = 32_768
_POOL_VALUES = 8_000_000

# Means of V, of the squared mean error and of W2² are compared with their expectation only while V has a
# coefficient of variation of at most 1; beyond, the mean of 4,000 chains misses the tail that carries it.
_MAX_SQUARED_CV = 1.0

# Family-wise level of the claim "no survival probability exceeds the bound" over some hundred comparisons.
_TAIL_LEVEL = 1 - 1e-4

# The language-model study that made collapse famous went on for about this many generations.
_EARLY = 10


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per arm, sample size and divisor.

    Parameters
    ----------
    parameters : mapping
        ``n`` list of sample sizes, two or more, one of them at least 100; ``chains`` per arm the number of
        chains for each entry of ``n``; ``generations`` last generation; ``recorded`` generations kept in the
        table, 10 among them; ``checked`` those compared with closed forms; ``reported`` those that become
        estimates; ``thresholds`` standard deviations (in σ) of the tail bound; ``plateau`` (optional) the
        ``n`` and ``t`` of the accumulate-subsample cell that is held against a published value; ``sigma``
        (optional) true standard deviation.

    Raises
    ------
    ValueError
        If a parameter does not allow the estimates that checks and criteria need.
    """
    recorded, last = set(parameters["recorded"]), parameters["generations"]
    wanted = {*parameters["checked"], *parameters["reported"], _EARLY, last}
    if plateau := parameters.get("plateau"):
        wanted.add(plateau["t"])
    if not wanted <= recorded or min(recorded) < 1 or max(recorded) > last:
        raise ValueError(f"recorded: must lie in 1..{last} and hold {sorted(wanted)}")
    sizes = parameters["n"]
    if len(set(sizes)) < 2 or len(set(sizes)) < len(sizes) or min(sizes) < 3 or max(sizes) < 100:
        raise ValueError(f"n: {sizes} (two or more different sizes of at least 3, one of at least 100)")
    found = []
    for arm in ARMS:
        if len(parameters["chains"][arm]) != len(parameters["n"]):
            raise ValueError(
                f"chains: {arm} needs one number for each of the {len(parameters['n'])} sample sizes"
            )
        for n, chains in zip(parameters["n"], parameters["chains"][arm], strict=True):
            for ddof in DDOFS:
                cell = {
                    "arm": arm,
                    "n": n,
                    "ddof": ddof,
                    "chains": chains,
                    "sigma": parameters.get("sigma", 1.0),
                }
                kept = {key: parameters[key] for key in ("generations", "recorded", "thresholds")}
                found.append(Job(f"{arm}-n{n:04d}-ddof{ddof}", cell | kept))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all chains of one cell and summarise them.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of every sample.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row per generation and quantity. ``se`` is the standard error of a mean from
        the spread over chains; ``low`` and ``high`` bound a quantile, a share or the half-life at level 0.95.
        Quantities: ``variance``, ``log-variance``, ``mean-error`` (squared), ``wasserstein`` (squared W2),
        ``variance-q05`` …, ``half-life`` (first generation whose median variance is at most σ²/2). For
        ``replace`` also the Kolmogorov-Smirnov p values ``ks-p-variance-step`` and ``ks-p-mean-step`` over
        all chains and generations, and with ddof 1 ``exceeds-<x>``, the share of chains with √V above x·σ.
    """
    arm, n, ddof, sigma = parameters["arm"], parameters["n"], parameters["ddof"], float(parameters["sigma"])
    chains, last = parameters["chains"], parameters["generations"]
    mean = np.empty((last, chains))
    variance = np.empty((last, chains))
    start = 0
    for size in _batches(chains, n * last if arm == "accumulate-subsample" else n, arm):
        columns = slice(start, start + size)
        fits = _CHAINS[arm](n, ddof, sigma, size, rng)
        for t in range(last):
            mean[t, columns], variance[t, columns] = next(fits)
        start += size

    cell = {"arm": arm, "n": n, "ddof": ddof, "chains": chains}
    mean /= sigma
    variance /= sigma**2
    rows = list(_summaries(mean, variance, parameters))
    if arm == "replace":
        rows += _step_identities(mean, variance, n, ddof)
    return pd.DataFrame([cell | row for row in rows], columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `simulate`, concatenated, with the leading column ``job``.
    parameters : mapping
        As for `jobs`.
    """
    cells = table.set_index(["arm", "n", "ddof", "quantity", "t"]).sort_index()
    return [
        *_check_estimates(cells, parameters),
        *_criterion_estimates(cells, parameters),
        *_page_estimates(cells, parameters),
    ]


# --------------------------------------------------------------------------------------------------
# Chains. Each generator yields (mean, variance) of generation 1, 2, ... for a batch of chains.


def _batches(chains: int, values_per_chain: int, arm: str) -> list[int]:
    """Sizes of the batches that the chains are run in."""
    budget = _POOL_VALUES if arm == "accumulate-subsample" else _BATCH_VALUES
    size = max(1, budget // values_per_chain)
    return [min(size, chains - start) for start in range(0, chains, size)]


def _fit(sample: NDArray, ddof: int) -> tuple[NDArray, NDArray]:
    """Mean and variance of each column."""
    mean = sample.mean(axis=0)
    return mean, sample.var(axis=0, ddof=ddof, mean=mean[None, :])


def _draw(mean: NDArray, variance: NDArray, out: NDArray, rng: np.random.Generator) -> NDArray:
    """Fill ``out`` (values × chains) with samples of the fitted law of each chain."""
    rng.standard_normal(out=out)
    out *= np.sqrt(variance)
    out += mean
    return out


def _replace(
    n: int, ddof: int, sigma: float, chains: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray, NDArray]]:
    sample = np.empty((n, chains))
    mean, variance = np.zeros(chains), np.full(chains, sigma**2)
    while True:
        mean, variance = _fit(_draw(mean, variance, sample, rng), ddof)
        yield mean, variance


def _accumulate(
    n: int, ddof: int, sigma: float, chains: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray, NDArray]]:
    sample = np.empty((n, chains))
    mean, variance = np.zeros(chains), np.full(chains, sigma**2)
    pool_mean, pool_squares, generation = np.zeros(chains), np.zeros(chains), 0
    while True:
        new_mean, new_variance = _fit(_draw(mean, variance, sample, rng), 0)
        # Merging two groups by their counts, means and sums of squares (Chan, Golub and LeVeque 1983).
        shift = new_mean - pool_mean
        pool_squares = pool_squares + n * new_variance + shift**2 * (n * generation / (generation + 1))
        pool_mean = pool_mean + shift / (generation + 1)
        generation += 1
        mean, variance = pool_mean, pool_squares / (n * generation - ddof)
        yield mean, variance


def _accumulate_subsample(
    n: int, ddof: int, sigma: float, chains: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray, NDArray]]:
    mean, variance = np.zeros(chains), np.full(chains, sigma**2)
    pool = np.empty((0, chains))
    rows, every = 0, np.arange(chains)
    while True:
        if rows + n > len(pool):
            grown = np.empty((max(2 * len(pool), 4 * n), chains))
            grown[:rows] = pool[:rows]
            pool = grown
        _draw(mean, variance, pool[rows : rows + n], rng)
        rows += n
        if rows > n:
            # The first n steps of a Fisher-Yates shuffle in place: a uniform draw without replacement moves
            # to the front. The order of a pool has no meaning, so the swaps may stay.
            partners = rng.integers(np.arange(n)[:, None], rows, size=(n, chains))
            for row, partner in enumerate(partners):
                drawn = pool[partner, every]
                pool[partner, every] = pool[row]
                pool[row] = drawn
        mean, variance = _fit(pool[:n], ddof)
        yield mean, variance


_CHAINS: dict[str, Callable[..., Iterator[tuple[NDArray, NDArray]]]] = {
    "replace": _replace,
    "accumulate": _accumulate,
    "accumulate-subsample": _accumulate_subsample,
}


# --------------------------------------------------------------------------------------------------
# Summaries of one cell. `mean` and `variance` have shape (generations, chains), in units of σ and σ².


def _summaries(mean: NDArray, variance: NDArray, parameters: Mapping[str, Any]) -> Iterator[dict]:
    chains = variance.shape[1]
    # The bound on survival holds for replacement with the unbiased divisor; no other cell needs the shares.
    thresholds = parameters["thresholds"] if (parameters["arm"], parameters["ddof"]) == ("replace", 1) else ()
    for t in sorted(parameters["recorded"]):
        m, v = mean[t - 1], variance[t - 1]
        averaged = {
            "variance": v,
            "log-variance": np.log(v),
            "mean-error": m**2,
            "wasserstein": squared_wasserstein2_normal(m, np.sqrt(v)),
        }
        for quantity, sample in averaged.items():
            se = sample.std(ddof=1) / math.sqrt(chains)
            yield {"t": t, "quantity": quantity, "value": sample.mean(), "se": se}
        for probability in QUANTILES:
            ends = quantile_interval(v, probability)
            row = {"t": t, "quantity": f"variance-q{round(100 * probability):02d}"}
            yield row | {"value": np.quantile(v, probability), "low": ends.low, "high": ends.high}
        for threshold in thresholds:
            above = int(np.count_nonzero(np.sqrt(v) > threshold))
            ends = clopper_pearson(above, chains)
            row = {"t": t, "quantity": f"exceeds-{threshold:g}", "value": above / chains}
            yield row | {"low": ends.low, "high": ends.high}
    yield from _half_life(variance)


def _half_life(variance: NDArray) -> Iterator[dict]:
    """First generation at which the median variance is at most half the true one, if it comes to that."""
    band = quantile_interval(variance, 0.5)
    reached = [_first(curve <= 0.5) for curve in (band.low, np.median(variance, axis=1), band.high)]
    if reached[1] is not None:
        low, middle, high = (math.inf if t is None else float(t) for t in reached)
        yield {"t": len(variance), "quantity": "half-life", "value": middle, "low": low, "high": high}


def _first(condition: NDArray) -> int | None:
    """Generation (from 1) at which the condition first holds."""
    return int(np.argmax(condition)) + 1 if condition.any() else None


def _step_identities(mean: NDArray, variance: NDArray, n: int, ddof: int) -> list[dict]:
    """P values of the laws of one generation given the last: χ² with n − 1 and with 1 degrees of freedom.

    Steps of different generations and chains are independent, so all of them form one sample.
    """
    before = np.vstack([np.ones((1, variance.shape[1])), variance[:-1]])
    start = np.vstack([np.zeros((1, mean.shape[1])), mean[:-1]])
    laws = {
        "ks-p-variance-step": (variance / before * (n - ddof), stats.chi2(n - 1)),
        "ks-p-mean-step": (n * (mean - start) ** 2 / before, stats.chi2(1)),
    }
    return [
        {"t": len(variance), "quantity": quantity, "value": kolmogorov_smirnov_p(sample, law.cdf)}
        for quantity, (sample, law) in laws.items()
    ]


# --------------------------------------------------------------------------------------------------
# Estimates.

# Expectation, and the standard deviation of one chain, of what is compared at the checked generations.
_REPLACE_LAWS: dict[str, tuple[str, Callable[[int, int, int], tuple[float, float]], str]] = {
    "max-z-log-variance": ("log-variance", expected_log_variance, "mean log variance"),
    "max-z-variance": ("variance", expected_variance, "mean variance"),
    "max-z-mean-error": ("mean-error", expected_mean_error, "mean squared error of the mean"),
    "max-z-wasserstein": ("wasserstein", expected_wasserstein, "mean squared 2-Wasserstein distance"),
}


def _check_estimates(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    sizes, checked = parameters["n"], sorted(parameters["checked"])
    grid = [(n, ddof, t) for n in sizes for ddof in DDOFS for t in checked]
    light = [(n, ddof, t) for n, ddof, t in grid if squared_cv(n, t) <= _MAX_SQUARED_CV]

    for name, (quantity, law, words) in _REPLACE_LAWS.items():
        points = grid if quantity == "log-variance" else light
        scores, chains = [], 0
        for n, ddof, t in points:
            row = cells.loc[("replace", n, ddof, quantity, t)]
            expectation, deviation = law(n, ddof, t)
            scores.append(float(z_score(row["value"], expectation, deviation / math.sqrt(row["chains"]))))
            chains += int(row["chains"])
        where = "" if points is grid else " where the variance has a coefficient of variation of at most 1"
        yield _largest(
            name,
            scores,
            chains,
            f"Largest distance of the {words} under replacement from its closed form{where}",
        )

    for name, quantity, words in (
        (
            "min-p-variance-step",
            "ks-p-variance-step",
            "variance ratios of one step to the χ² law with n−1 degrees",
        ),
        ("min-p-mean-step", "ks-p-mean-step", "squared mean shifts of one step to the χ² law with 1 degree"),
    ):
        rows = cells.loc["replace"].xs(quantity, level="quantity")
        steps = int(rows["chains"].sum()) * parameters["generations"]
        yield _exact(
            name, rows["value"].min(), steps, "Kolmogorov-Smirnov", f"Smallest p value of the fit of {words}"
        )

    yield _tail_excess(cells, parameters)
    yield from _accumulation_checks(cells, parameters)


def _tail_excess(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Estimate:
    """Largest excess of a survival share (lower end of its interval) over a bound below 1."""
    excess, chains = [], 0
    for n in parameters["n"]:
        for t in sorted(parameters["recorded"]):
            for threshold in parameters["thresholds"]:
                bound = tail_bound(n, threshold, t)
                if bound < 1:
                    row = cells.loc[("replace", n, 1, f"exceeds-{threshold:g}", t)]
                    total = int(row["chains"])
                    above = round(row["value"] * total)
                    excess.append(float(clopper_pearson(above, total, level=_TAIL_LEVEL).low) - bound)
                    chains += total
    if not excess:
        raise ValueError("thresholds: the tail bound says nothing at any recorded generation")
    return _exact(
        "max-tail-bound-excess",
        max(excess),
        chains,
        "clopper-pearson",
        "Largest excess of the share of chains above a standard deviation over its bound (negative: none)",
    )


def _accumulation_checks(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    sizes, checked, last = parameters["n"], sorted(parameters["checked"]), parameters["generations"]

    def scores(arm: str, quantity: str, ddofs: Iterable[int], expected: Callable) -> tuple[list[float], int]:
        found, chains = [], 0
        for n in sizes:
            for ddof in ddofs:
                for t in checked:
                    row = cells.loc[(arm, n, ddof, quantity, t)]
                    found.append(float(z_score(row["value"], expected(n, ddof, t), row["se"])))
                    chains += int(row["chains"])
        return found, chains

    yield _largest(
        "max-z-accumulate-variance",
        *scores("accumulate", "variance", [0], accumulated_variance),
        "Largest distance of the mean variance under accumulation (ddof 0) from its exact product",
    )
    yield _largest(
        "max-z-accumulate-variance-unbiased",
        *scores("accumulate", "variance", [1], accumulated_variance),
        "Largest distance of the mean variance under accumulation (ddof 1) from its exact product",
    )
    yield _largest(
        "max-z-accumulate-mean-error",
        *scores("accumulate", "mean-error", [0], lambda *cell: 1 - accumulated_variance(*cell)),
        "Largest distance of the squared error of the mean under accumulation (ddof 0) from its exact value",
    )
    yield _largest(
        "max-z-subsample-variance",
        *scores("accumulate-subsample", "variance", DDOFS, subsampled_variance),
        "Largest distance of the mean variance under accumulate-subsample from its exact recursion",
    )
    ends = [cells.loc[("accumulate", n, 0, "variance", last)] for n in sizes]
    yield _exact(
        "max-accumulate-limit-deviation",
        max(abs(row["value"] - accumulated_variance_limit(n)) for n, row in zip(sizes, ends, strict=True)),
        min(int(row["chains"]) for row in ends),
        "largest",
        "Largest distance of the last mean variance under accumulation (ddof 0) from its limit",
        unit="σ²",
    )
    plateau = parameters.get("plateau")
    if plateau:
        n, t = plateau["n"], plateau["t"]
        yield _mean(
            "subsample-plateau",
            cells.loc[("accumulate-subsample", n, 0, "variance", t)],
            f"Mean variance under accumulate-subsample (ddof 0), n = {n}, generation {t}",
            unit="σ²",
        )


def _criterion_estimates(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    sizes, last = parameters["n"], parameters["generations"]
    moderate = [n for n in sizes if n >= 32]

    def means(arm: str, quantity: str, over: Iterable[int], ddofs: Iterable[int] = DDOFS) -> list[tuple]:
        rows = [cells.loc[(arm, n, ddof, quantity, last)] for n in over for ddof in ddofs]
        return [(row["value"], *normal_interval(row["value"], row["se"]), int(row["chains"])) for row in rows]

    lost = max(means("replace", "log-variance", sizes), key=lambda end: end[2])
    yield _interval(
        "replace-log-variance-worst",
        *lost,
        unit="nats",
        description="Mean log variance under replacement at the last generation, in the cell that lost least",
    )
    yield _interval(
        "accumulate-variance-lowest",
        *min(means("accumulate", "variance", moderate), key=lambda end: end[1]),
        unit="σ²",
        description="Last mean variance under accumulation, lowest cell with n of at least 32",
    )
    departures = []
    for value, low, high, chains in means("accumulate-subsample", "variance", moderate):
        farthest = max(abs(low - 1), abs(high - 1))
        nearest = 0.0 if low <= 1 <= high else min(abs(low - 1), abs(high - 1))
        departures.append((abs(value - 1), nearest, farthest, chains))
    yield _interval(
        "subsample-variance-departure",
        *max(departures, key=lambda end: end[2]),
        unit="σ²",
        description="Distance of the last mean variance under accumulate-subsample from σ², largest, n >= 32",
    )

    steps = []
    for small, large in zip(sorted(sizes), sorted(sizes)[1:], strict=False):
        for ddof in DDOFS:
            a, b = (cells.loc[("replace", n, ddof, "log-variance", last)] for n in (small, large))
            gap, se = b["value"] - a["value"], math.hypot(a["se"], b["se"])
            steps.append((gap, *normal_interval(gap, se), min(int(a["chains"]), int(b["chains"]))))
    yield _interval(
        "replace-loss-order",
        *min(steps, key=lambda end: end[1]),
        unit="nats",
        description="Log variance kept by the larger of two neighbouring sample sizes beyond the smaller, least",
    )

    ratios = []
    for n in moderate:
        row = cells.loc[("accumulate", n, 0, "wasserstein", last)]
        first_fit = expected_wasserstein(n, 0, 1)[0]
        ratio, se = row["value"] / first_fit, row["se"] / first_fit
        ratios.append((ratio, *normal_interval(ratio, se), int(row["chains"])))
    yield _interval(
        "accumulate-risk-ratio",
        *max(ratios, key=lambda end: end[2]),
        description=(
            "Last squared 2-Wasserstein distance under accumulation (ddof 0) over that of the first fit, to "
            "real data, largest over n of at least 32"
        ),
    )

    large = [n for n in sizes if n >= 100]
    medians = [cells.loc[("replace", n, ddof, "variance-q50", _EARLY)] for n in large for ddof in DDOFS]
    slowest = max(medians, key=lambda row: row["high"])
    yield _interval(
        f"replace-median-variance-t{_EARLY}",
        slowest["value"],
        slowest["low"],
        slowest["high"],
        int(slowest["chains"]),
        unit="σ²",
        method="order-statistics",
        description=f"Median variance under replacement in generation {_EARLY}, highest with n of at least 100",
    )


def _page_estimates(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    last = parameters["generations"]
    for n in parameters["n"]:
        for ddof in DDOFS:
            cell = f"n = {n}, divisor n − {ddof}"
            for t in sorted({*parameters["reported"], last}):
                at = f"ddof{ddof}-n{n}-t{t}"
                words = f"{cell}, generation {t}"
                yield _mean(
                    f"replace-log-variance-{at}",
                    cells.loc[("replace", n, ddof, "log-variance", t)],
                    f"Mean log of the variance ratio under replacement, {words}",
                    unit="nats",
                )
                if ddof == 0 or t == last:
                    for arm, name in (("accumulate", "accumulate"), ("accumulate-subsample", "subsample")):
                        yield _mean(
                            f"{name}-variance-{at}",
                            cells.loc[(arm, n, ddof, "variance", t)],
                            f"Mean variance under {arm}, {words}",
                            unit="σ²",
                        )
            row = cells.loc[("replace", n, ddof, "variance-q50", last)]
            yield _interval(
                f"replace-median-variance-ddof{ddof}-n{n}-t{last}",
                row["value"],
                row["low"],
                row["high"],
                int(row["chains"]),
                unit="σ²",
                method="order-statistics",
                description=f"Median variance under replacement, {words}",
            )
            key = ("replace", n, ddof, "half-life", last)
            if key in cells.index:
                row = cells.loc[key]
                yield _interval(
                    f"replace-half-life-ddof{ddof}-n{n}",
                    row["value"],
                    row["low"],
                    row["high"],
                    int(row["chains"]),
                    unit="generations",
                    method="order-statistics",
                    description=f"First generation with a median variance of at most σ²/2, {cell}",
                )


def _largest(name: str, scores: list[float], chains: int, description: str) -> Estimate:
    return _exact(
        name, max(map(abs, scores)), chains, "max-z", f"{description}; {len(scores)} comparisons", "SE"
    )


def _exact(name: str, value: float, n: int, method: str, description: str, unit: str = "") -> Estimate:
    value = float(value)
    return Estimate(name, value, value, value, n, unit=unit, method=method, description=description)


def _mean(name: str, row: pd.Series, description: str, unit: str) -> Estimate:
    ends = normal_interval(row["value"], row["se"])
    return _interval(name, row["value"], *ends, int(row["chains"]), unit=unit, description=description)


def _interval(
    name: str,
    value: float,
    low: float,
    high: float,
    n: int,
    *,
    description: str,
    unit: str = "",
    method: str = "normal",
) -> Estimate:
    return Estimate(
        name, float(value), float(low), float(high), n, unit=unit, method=method, description=description
    )
