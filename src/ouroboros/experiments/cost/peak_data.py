r"""When the largest training set would meet the stock of public human text.

The stock [villalobos2024data]_ is a product of uncertain factors: indexed pages × bytes per page ÷ bytes per token,
times the share that survives quality filters, times what repetition adds; it grows slowly. The largest training set
starts from a known order of magnitude in 2024 and grows by g orders of magnitude a year. Both are straight lines in
log tokens, so that every draw of the inputs gives its own date of full use in closed form,

    T = 2024 + (log10 S − log10 D) / (g − s).

Scenarios change one thing: what counts as stock, how heavily models are overtrained (k times the compute-optimal
tokens per parameter at the same compute needs √k times the tokens), whether demand follows training sets or compute
(D = 20·√(C/120) for C = 6ND and 20 tokens a parameter), whether new pages count, and what synthetic tokens add.
All scenarios use the same draws.

A multiplier m on the stock postpones the date by log10(m)/(g − s): against exponential demand every finite multiplier
is a delay.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ouroboros.experiments.cost.scaling_laws import DataConstrainedLaw, ScalingLaw, effective_multiple
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import clopper_pearson
from ouroboros.stats.job import Job

COLUMNS = ["scenario", "quantity", "at", "value", "low", "high", "draws"]
ORIGIN = 2024.0
TRILLION = 1e12

# A spread of a date is shown as the published one is: its central 80 %.
_DATE_LEVEL = 0.80
_STOCK_LEVEL = 0.95
_DELAY_LEVEL = 0.90


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job for the Monte Carlo and one for the value of repeated tokens.

    Parameters
    ----------
    parameters : mapping
        ``draws`` and ``inputs``: ``stock`` with ranges [low, high, coverage] of pages, page-bytes, token-bytes
        (subtracted from 6), quality, repetition, page-size-growth, page-count-growth; ``demand`` with
        ``growth`` (orders of magnitude a year, normal), ``largest`` (tokens in 2024), ``compute`` (FLOP in 2024)
        and ``compute-growth`` (factor a year); ``scenarios`` by name; ``years`` of the distribution functions;
        ``dates`` by name; ``multipliers`` of the stock; ``published`` values; ``repetition`` with the
        data-constrained law and its unit values.
    """
    inputs = parameters["inputs"]
    if "base" not in inputs["scenarios"]:
        raise ValueError("scenarios: 'base' is missing (every comparison is against it)")
    return [
        Job("monte-carlo", {**inputs, "part": "monte-carlo", "draws": parameters["draws"]}),
        Job("repetition", {"part": "repetition", "repetition": inputs["repetition"]}),
    ]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Compute one part.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: stocks in trillion tokens (central 95 % in ``low`` and ``high``), dates as decimal years
        (central 80 %), delays in years (central 90 %), probabilities with exact binomial intervals, and the
        distribution function of the date at every year.
    """
    part = {"monte-carlo": _monte_carlo, "repetition": _repetition}[parameters["part"]]
    return pd.DataFrame(list(part(parameters, rng)), columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn rows into the numbers that checks, criteria and page use."""
    inputs = parameters["inputs"]
    rows = table[table["quantity"] != "cdf"]
    found = [_estimate(row) for row in rows.itertuples(index=False)]
    by_name = {estimate.name: estimate for estimate in found}
    published = inputs["published"]
    departures, ends = [], []
    for kind, (middle, low, high) in published["stock"].items():
        ours = by_name[f"stock-{kind}"]
        departures.append(abs(ours.value / middle - 1))
        ends += [abs(ours.low / low - 1), abs(ours.high / high - 1)]
    year = by_name["year-base"]
    year_ends = [abs(year.low - published["year"][1]), abs(year.high - published["year"][2])]
    for name, value, unit, words in (
        ("stock-median-departure", max(departures), "", "Largest relative departure of a median stock"),
        ("stock-ends-departure", max(ends), "", "Largest relative departure of an end of a stock's interval"),
        ("year-departure", abs(year.value - published["year"][0]), "years", "Departure of the median date"),
        (
            "year-ends-departure",
            max(year_ends),
            "years",
            "Largest departure of an end of the date's interval",
        ),
    ):
        found.append(_exact(name, value, year.n, unit, f"{words} from the reference"))
    return found


# --- Monte Carlo -------------------------------------------------------------------------------------------


def lognormal(ends: tuple[float, float, float], draws: int, rng: np.random.Generator) -> NDArray:
    """Draws of a lognormal law that holds ``coverage`` of its mass between two positive ends."""
    low, high, coverage = ends
    half = stats.norm.isf((1 - coverage) / 2)
    middle, spread = math.log(low * high) / 2, math.log(high / low) / 2 / half
    return np.exp(rng.normal(middle, spread, draws))


def full_use_year(
    stock: ArrayLike, stock_growth: ArrayLike, demand: ArrayLike, demand_growth: ArrayLike
) -> NDArray:
    """Decimal year in which demand meets the stock, growth in orders of magnitude a year.

    Infinite where demand starts below the stock and does not grow faster.
    """
    gap = np.log10(stock) - np.log10(demand)
    speed = np.subtract(demand_growth, stock_growth)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((speed <= 0) & (gap > 0), np.inf, ORIGIN + gap / speed)


def compute_optimal_tokens(compute: ArrayLike) -> NDArray:
    """Tokens of a compute-optimal run, C = 6ND at 20 tokens a parameter."""
    return 20 * np.sqrt(np.asarray(compute) / 120)


def _monte_carlo(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    draws = parameters["draws"]
    stocks, growth = _stocks(parameters["stock"], draws, rng)
    demand = _demand(parameters["demand"], draws, rng)

    def row(scenario: str, quantity: str, value: float, low: float, high: float, at: str = "") -> dict:
        return {
            "scenario": scenario,
            "quantity": quantity,
            "at": at,
            "value": value,
            "low": low,
            "high": high,
            "draws": draws,
        }

    for kind, sample in stocks.items():
        low, middle, high = _spread(sample / TRILLION, _STOCK_LEVEL)
        yield row(kind, "stock", middle, low, high)
    base = None
    for name, scenario in parameters["scenarios"].items():
        tokens, pace = demand[scenario.get("demand", "sets")]
        need = tokens * math.sqrt(scenario.get("overtraining", 1.0))
        stock = stocks[scenario.get("stock", "effective")] * scenario.get("multiplier", 1.0)
        pages = growth if scenario.get("new-pages", True) else 0.0
        years = full_use_year(stock, pages, need, pace)
        base = years if name == "base" else base
        low, middle, high = _spread(years, _DATE_LEVEL)
        yield row(name, "year", middle, low, high)
        for label, date in parameters["dates"].items():
            used = int(np.count_nonzero(years <= date))
            ends = clopper_pearson(used, draws)
            yield row(name, f"used-by-{label}", used / draws, float(ends.low), float(ends.high))
        for year in parameters["years"]:
            share = float(np.mean(years <= year))
            yield row(name, "cdf", share, share, share, at=f"{year:g}")
    _, pace = demand["sets"]
    for label, multiplier in parameters["multipliers"].items():
        low, middle, high = _spread(math.log10(multiplier) / (pace - growth), _DELAY_LEVEL)
        yield row(label, "delay", middle, low, high)


def _stocks(
    ranges: Mapping[str, Any], draws: int, rng: np.random.Generator
) -> tuple[dict[str, NDArray], NDArray]:
    """Stocks in tokens by kind, and growth in orders of magnitude a year."""
    drawn = {name: lognormal(ends, draws, rng) for name, ends in ranges.items()}
    # The published model subtracts a lognormal value from 6, which leaves nothing or less in one draw of a thousand.
    bytes_per_token = np.maximum(6 - drawn["token-bytes"], 0.5)
    raw = drawn["pages"] * drawn["page-bytes"] / bytes_per_token
    quality = raw * drawn["quality"]
    growth = np.log10(drawn["page-size-growth"] * drawn["page-count-growth"])
    return {"raw": raw, "quality": quality, "effective": quality * drawn["repetition"]}, growth


def _demand(
    ranges: Mapping[str, Any], draws: int, rng: np.random.Generator
) -> dict[str, tuple[NDArray, NDArray]]:
    """Tokens in 2024 and growth in orders of magnitude a year, by what demand follows."""
    low, high, coverage = ranges["growth"]
    half = stats.norm.isf((1 - coverage) / 2)
    pace = rng.normal((low + high) / 2, (high - low) / 2 / half, draws)
    sets = lognormal(ranges["largest"], draws, rng)
    compute = compute_optimal_tokens(lognormal(ranges["compute"], draws, rng))
    # Tokens grow with the square root of compute.
    compute_pace = np.log10(lognormal(ranges["compute-growth"], draws, rng)) / 2
    return {"sets": (sets, pace), "compute": (compute, compute_pace)}


def _spread(sample: NDArray, level: float) -> tuple[float, float, float]:
    tail = (1 - level) / 2
    return tuple(float(x) for x in np.quantile(sample, [tail, 0.5, 1 - tail]))


# --- repetition --------------------------------------------------------------------------------------------


def _repetition(parameters: Mapping[str, Any], _: np.random.Generator) -> Iterator[dict]:
    repetition = parameters["repetition"]
    law = DataConstrainedLaw(ScalingLaw.of(repetition["law"]), repetition["r-d"], repetition["r-n"])

    def row(quantity: str, value: float, at: str = "") -> dict:
        return {
            "scenario": "",
            "quantity": quantity,
            "at": at,
            "value": value,
            "low": value,
            "high": value,
            "draws": 1,
        }

    worth = effective_multiple(list(repetition["epochs"].values()), law.r_d)
    errors = [
        abs(law.loss(*point) - value) for *point, value in (tuple(unit) for unit in repetition["unit-values"])
    ]
    yield row("loss-error", max(errors))
    for label, value in zip(repetition["epochs"], worth, strict=True):
        yield row(f"epochs-{label}", float(value))
    published = repetition["multiples"]
    yield row("epochs-error", max(abs(float(worth[k]) - value) for k, value in enumerate(published)))
    yield row("epochs-limit", 1 + law.r_d)
    # A further pass is worth exp(-(epochs - 1)/R) of a first one.
    yield row("epochs-half-worth", 1 + law.r_d * math.log(2))
    for label, value in repetition.get("worths", {}).items():
        yield row(f"epochs-before-{label}", 1 - law.r_d * math.log(value))


# --- estimates ---------------------------------------------------------------------------------------------

_LEVELS = {"stock": _STOCK_LEVEL, "year": _DATE_LEVEL, "delay": _DELAY_LEVEL}
_UNITS = {"stock": "trillion tokens", "year": "calendar year", "delay": "years", "loss-error": "nats"}
_DESCRIPTIONS = {
    "stock": "Stock of public text in 2024, median and central 95 %",
    "year": "Year of full use, median and central 80 %",
    "delay": "Delay of full use by a larger stock, median and central 90 %",
    "loss-error": "Largest error of the data-constrained law at its published unit values",
    "epochs-error": "Largest error of the worth of repeated tokens at the reference's epochs",
    "epochs-limit": "Worth of endless repetition in units of one pass",
    "epochs-before-tenth": "Passes after which a synthetic token worth a tenth of a human one beats another pass",
    "epochs-before-third": "Passes after which a synthetic token worth a third of a human one beats another pass",
    "epochs-half-worth": "Passes after which one more is worth half a first one",
}


def _estimate(row: Any) -> Estimate:
    kind = row.quantity
    name = f"{kind}-{row.scenario}" if isinstance(row.scenario, str) and row.scenario else kind
    if kind.startswith("used-by-"):
        words, level, method = "Probability that the stock is in full use by then", 0.95, "clopper-pearson"
    else:
        words = _DESCRIPTIONS.get(kind, "Worth of that many passes over a text in units of one pass")
        level = _LEVELS.get(kind, 0.95)
        method = "monte-carlo" if kind in _LEVELS else "exact"
    return Estimate(
        name, row.value, row.low, row.high, int(row.draws), _UNITS.get(kind, ""), level, method, words
    )


def _exact(name: str, value: float, n: int, unit: str, description: str) -> Estimate:
    return Estimate(name, value, value, value, n, unit, 0.95, "exact", description)
