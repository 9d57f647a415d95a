r"""Three sources of error, switched on one by one: sampling, a family that is too small, a biased learner.

The truth is a mixture of two normal laws with variance 1, and every model is a vector of probabilities on a fine
grid, so that "infinite data" can be computed instead of approximated. A generation

* draws n values from the last model (*sampling*) or hands the model on as it is,
* fits one normal law (*expressivity*) or keeps the distribution as it is,
* smooths with a kernel (*approximation*) or not.

That is a 2×2×2 factorial [shumailov2024collapse]_. Two further cells replace the kernel by a learner that
shrinks the variance, and one repeats sampling with many more draws, where its effect must vanish.
`ouroboros.stats.error_sources` has the exact moments.

References
----------
.. [shumailov2024collapse] I. Shumailov et al., AI models collapse when trained on recursively generated data, 2024.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.stats.error_sources import expected_moments
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.gaussian_recursion import squared_cv
from ouroboros.stats.intervals import normal_interval
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import (
    SUMMARY_COLUMNS,
    difference,
    exact,
    extreme,
    interval,
    largest,
    mean,
    ratio,
    rows,
    summarise,
)

COLUMNS = ["cell", "t", "quantity", *SUMMARY_COLUMNS]
SOURCES = ("sampling", "expressivity", "approximation")
QUANTITIES = ("variance", "mean-error", "wasserstein", "valley")

# Wide enough that a law with twice the true variance loses less than 1e-15 of its mass at the edges.
_REACH = 12.0
_POINTS = 601


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per cell.

    Parameters
    ----------
    parameters : mapping
        ``n`` draws a generation and ``many`` in the control, ``bandwidth`` h of the kernel, ``shrinkage`` λ,
        ``separation`` (half the distance of the two modes, below 1), ``generations``, ``at`` generations that
        are kept, ``chains`` of each cell with sampling, ``skew``, the squared coefficient of variation of the
        variance up to which standard errors are trusted.

    Raises
    ------
    ValueError
        If the modes would leave no variance to either, or a kept generation lies outside the run.
    """
    if not 0 < parameters["separation"] < 1:
        raise ValueError(f"separation: {parameters['separation']} (between 0 and 1: the variance is 1)")
    if not set(parameters["at"]) <= set(range(1, parameters["generations"] + 1)):
        raise ValueError(f"at: {parameters['at']} (generations from 1 to {parameters['generations']})")
    common = {k: parameters[k] for k in ("n", "separation", "generations", "at", "chains")}
    off = {"sampling": False, "expressivity": False, "bandwidth": 0.0, "shrinkage": 0.0}
    found = []
    for chosen in product((False, True), repeat=3):
        switched = dict(zip(SOURCES, chosen, strict=True))
        cell = off | {"sampling": switched["sampling"], "expressivity": switched["expressivity"]}
        cell["bandwidth"] = parameters["bandwidth"] if switched["approximation"] else 0.0
        found.append(Job(cell_name(*chosen), common | cell))
    for sampling in (False, True):
        cell = off | {"sampling": sampling, "expressivity": True, "shrinkage": parameters["shrinkage"]}
        found.append(Job("shrinkage-sampling" if sampling else "shrinkage", common | cell))
    control = off | {"sampling": True, "n": parameters["many"], "control": True}
    return [*found, Job("sampling-many", common | control)]


def cell_name(*chosen: bool) -> str:
    """Name of the cell in which these of `SOURCES` act."""
    return "-".join(name for name, on in zip(SOURCES, chosen, strict=True) if on) or "none"


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all chains of one cell.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: variance of the model, squared error of its mean, Wasserstein distance W1 to the truth, and
        ``valley``, the mass within a quarter of a standard deviation of the middle; means over chains. A cell
        without sampling is one exact chain, counted as one replicate without error.
    """
    grid = np.linspace(-_REACH, _REACH, _POINTS)
    truth = two_modes(grid, parameters["separation"])
    kernel = _kernel(grid, parameters["bandwidth"])
    chains = parameters["chains"] if parameters["sampling"] else 1
    model = np.broadcast_to(truth, (chains, _POINTS))
    kept = []
    for t in range(1, parameters["generations"] + 1):
        seen = rng.multinomial(parameters["n"], model) / parameters["n"] if parameters["sampling"] else model
        model = _fit(grid, seen, parameters["expressivity"], parameters["shrinkage"])
        if kernel is not None:
            model = model @ kernel
            model = model / model.sum(axis=1, keepdims=True)
        if t in parameters["at"]:
            kept.append(_measure(grid, model, truth))
    values = np.stack(kept, axis=1)
    cell = "sampling-many" if parameters.get("control") else _name(parameters)
    tables = []
    for quantity, sample in zip(QUANTITIES, values, strict=True):
        summary = summarise(sample, rng) if parameters["sampling"] else _without_error(sample[:, 0])
        tables += rows({"cell": cell, "quantity": quantity}, "t", parameters["at"], summary)
    return pd.DataFrame(tables, columns=COLUMNS)


def two_modes(grid: NDArray, separation: float) -> NDArray:
    """Probabilities on the grid of an even mixture of two normal laws at ±separation with variance 1 in all."""
    spread = math.sqrt(1 - separation**2)
    weights = np.exp(-0.5 * ((grid[:, None] - separation * np.array([-1, 1])) / spread) ** 2).sum(axis=1)
    return weights / weights.sum()


def _name(parameters: Mapping[str, Any]) -> str:
    if parameters["shrinkage"]:
        return "shrinkage-sampling" if parameters["sampling"] else "shrinkage"
    return cell_name(parameters["sampling"], parameters["expressivity"], parameters["bandwidth"] > 0)


def _kernel(grid: NDArray, bandwidth: float) -> NDArray | None:
    """Matrix that smooths a row of probabilities; None for no smoothing."""
    if bandwidth == 0:
        return None
    weights = np.exp(-0.5 * (np.subtract.outer(grid, grid) / bandwidth) ** 2)
    return weights / weights.sum(axis=1, keepdims=True)


def _fit(grid: NDArray, seen: NDArray, one_normal: bool, shrinkage: float) -> NDArray:
    """Model fitted to probabilities: these themselves, or the normal law with their mean and variance."""
    if not one_normal:
        return seen
    centre = seen @ grid
    variance = seen @ grid**2 - centre**2
    variance = np.maximum(variance * (1 - shrinkage), np.finfo(float).tiny)
    exponent = -0.5 * (grid - centre[:, None]) ** 2 / variance[:, None]
    weights = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def _measure(grid: NDArray, model: NDArray, truth: NDArray) -> NDArray:
    """`QUANTITIES` of every chain; shape (4, chains)."""
    centre = model @ grid
    variance = model @ grid**2 - centre**2
    step = grid[1] - grid[0]
    distance = step * np.abs(np.cumsum(model - truth, axis=1)).sum(axis=1)
    valley = model[:, np.abs(grid) < 0.25].sum(axis=1)
    return np.stack([variance, centre**2, distance, valley])


def _without_error(values: NDArray) -> dict[str, Any]:
    return {"value": values, "se": np.zeros_like(values), "low": values, "high": values, "replicates": 1}


# --------------------------------------------------------------------------------------------------
# Estimates


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    cells = {(row["cell"], row["quantity"], row["t"]): row for row in table.to_dict(orient="records")}
    return [*_checks(cells, parameters), *_growth(cells, parameters), *_effects(cells, parameters)]


def _theory(cell: str, parameters: Mapping[str, Any]) -> tuple[NDArray, NDArray]:
    draws = parameters["many" if cell.endswith("many") else "n"]
    return expected_moments(
        parameters["generations"],
        n=draws if "sampling" in cell else math.inf,
        bandwidth=parameters["bandwidth"] if "approximation" in cell else 0.0,
        shrinkage=parameters["shrinkage"] if "shrinkage" in cell else 0.0,
    )


def _checks(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    """Scores of sampled cells, and departures of exact ones, from the closed forms."""
    scores, departures = [], []
    for (cell, quantity, t), row in cells.items():
        if quantity not in ("variance", "mean-error"):
            continue
        expected = _theory(cell, parameters)[quantity == "mean-error"][t - 1]
        if "sampling" not in cell:
            departures.append(abs(row["value"] - expected))
        # Beyond that the variance is so skewed that the standard error of its mean is no guide.
        elif squared_cv(parameters["n"], t) <= parameters["skew"]:
            scores.append((row["value"] - expected) / row["se"])
    chains = parameters["chains"]
    yield largest("moments-max-z", scores, chains, "Largest departure of mean variance or error of the mean")
    words = "Largest departure of an exact cell's variance or error of the mean from its closed form"
    yield exact("exact-departure", max(departures), len(departures), words)
    growth = _grown(cells, "none", parameters).value
    yield exact("none-growth", abs(growth), 1, "Growth of the distance with every source off")


def _grown(cells: Mapping[tuple, Mapping], cell: str, parameters: Mapping[str, Any]) -> Estimate:
    first, last = parameters["at"][0], parameters["at"][-1]
    a, b = cells[cell, "wasserstein", first], cells[cell, "wasserstein", last]
    # Early and late values of a chain are positively correlated, so treating them as independent is cautious.
    words = f"Growth of the distance to the truth from generation {first} to {last}"
    return difference(f"growth-{cell}", b, a, words)


def _growth(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    names = sorted({cell for cell, *_ in cells})
    first, last = parameters["at"][0], parameters["at"][-1]
    for cell in names:
        yield _grown(cells, cell, parameters)
        for t in (first, last):
            for quantity in QUANTITIES:
                words = f"{_WORDS[quantity]} in generation {t}"
                yield mean(f"{quantity}-{cell}-t{t}", cells[cell, quantity, t], words)
    step = _grown(cells, "expressivity", parameters).value
    yield exact(
        "expressivity-later-growth", abs(step), 1, "Growth after the first generation, expressivity alone"
    )
    few, many = cells["sampling", "wasserstein", last], cells["sampling-many", "wasserstein", last]
    yield ratio("many-over-few", many, few, "Distance in the last generation, many draws over few")
    alone = [_grown(cells, name, parameters) for name in ("approximation", "shrinkage")]
    words = "Larger growth of the two biased learners without sampling"
    biased = extreme("growth-biased-most", alone, words, end="high", largest=True)
    yield biased
    sampled = _grown(cells, "sampling", parameters)
    yield interval(
        "sampling-over-biased",
        sampled.value - biased.value,
        sampled.low - biased.high,
        sampled.high - biased.low,
        sampled.n,
        "Growth by sampling alone minus the larger growth by a biased learner alone",
    )


def _effects(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    """Main effects and interactions of the factorial on the distance and the variance of the last generation."""
    last = parameters["at"][-1]
    for quantity in ("wasserstein", "variance"):
        for signs in product((0, 1), repeat=3):
            if not any(signs):
                continue
            value = variance = 0.0
            for chosen in product((False, True), repeat=3):
                row = cells[cell_name(*chosen), quantity, last]
                sign = math.prod(1 if on else -1 for on, used in zip(chosen, signs, strict=True) if used)
                value += sign * row["value"] / 4
                variance += row["se"] ** 2 / 16
            name = "-by-".join(source for source, used in zip(SOURCES, signs, strict=True) if used)
            words = f"Effect of {name.replace('-by-', ' × ')} on the {_WORDS[quantity].lower()} in generation {last}"
            ends = normal_interval(value, math.sqrt(variance))
            yield interval(f"effect-{quantity}-{name}", value, *ends, parameters["chains"], words)


_WORDS = {
    "variance": "Variance of the model",
    "mean-error": "Squared error of the mean",
    "wasserstein": "Wasserstein distance to the truth",
    "valley": "Mass in the valley between the modes",
}
