r"""Where recursion helps, holds and destroys, by the share of real data and by what a verifier knows.

A mean is estimated again and again (`ouroboros.stats.verified_mean` has the set-up and its laws). Every generation has
n values: some drawn anew from the truth, the rest written by the last generation and passed by a verifier. Two grids
over the real share:

``knowledge``
    no verifier, or one of fixed radius whose centre is the mean of m real values that it has seen for good;
``strictness``
    a verifier that knows the truth, of several radii.

Real values and values that nobody verifies are normal, so that only their mean is drawn, which is exact. What a
verifier passes is drawn value by value, from the law of a normal value given that it is passed: the loop waits until it
has enough.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from ouroboros.stats import reporting, verified_mean
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS
from ouroboros.stats.verification import contraction

COLUMNS = ["grid", "verifier", "rate", "share", "quantity", "t", *SUMMARY_COLUMNS]

# Up to 1 first fit recursion has helped, beyond DESTROYED it has destroyed, between the two it holds.
DESTROYED = 10.0
# The map of a verifier is taken as linear by the theory, which is held only where its centre is off by little.
_KNOWING = 1.0


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per verifier.

    Parameters
    ----------
    parameters : mapping
        ``n`` values of a generation, ``chains``, ``generations``, ``recorded`` generations; ``shares`` real shares
        (0 and 0.1 among them); ``radius`` and ``seen`` (values m, ascending) of the first grid; ``radii`` of the
        second.

    Raises
    ------
    ValueError
        If a share or a generation that criteria need is missing.
    """
    shares, last = parameters["shares"], parameters["generations"]
    if not {0.0, 0.1} <= set(shares):
        raise ValueError(f"shares: {shares} (must hold 0 and 0.1)")
    if not {1, last} <= set(parameters["recorded"]) or max(parameters["recorded"]) > last:
        raise ValueError(f"recorded: must hold 1 and {last} and nothing later")
    kept = {key: parameters[key] for key in ("n", "chains", "generations", "recorded", "shares")}
    found = [Job("none", kept | {"grid": "knowledge", "radius": None, "seen": None})]
    for seen in parameters["seen"]:
        found.append(
            Job(f"seen-{seen}", kept | {"grid": "knowledge", "radius": parameters["radius"], "seen": seen})
        )
    for radius in parameters["radii"]:
        found.append(Job(f"radius-{radius:g}", kept | {"grid": "strictness", "radius": radius, "seen": None}))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all chains of one verifier at all real shares.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of every value.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``verifier`` is m for the first grid (0: none) and the radius for the second, ``rate`` its
        ρ. ``error``: squared error in units of that of the first fit. ``residual`` and ``residual-square``: sum and
        sum of squares of all steps, standardised by their exact law given the last generation, themselves as a
        standard score.
    """
    n, chains, last = parameters["n"], parameters["chains"], parameters["generations"]
    radius, recorded = parameters["radius"], sorted(parameters["recorded"])
    seen = parameters["seen"]
    keys = {
        "grid": parameters["grid"],
        "verifier": 0 if radius is None else (radius if seen is None else seen),
        "rate": 1.0 if radius is None else contraction(radius),
    }
    rows = []
    for share in parameters["shares"]:
        real = round(share * n)
        centre = np.zeros(chains) if seen is None else rng.standard_normal(chains) / math.sqrt(seen)
        theta = rng.standard_normal(chains) / math.sqrt(n)
        errors, steps = {}, []
        for t in range(1, last + 1):
            if t in recorded:
                errors[t] = n * theta**2
            if t < last:
                made, residual = _passed(theta, centre, radius, n - real, rng)
                steps.append(residual)
                fresh = rng.standard_normal(chains) / math.sqrt(real) if real else 0.0
                theta = share * fresh + (1 - share) * made
        named = keys | {"share": share}
        summary = reporting.summarise(np.array([errors[t] for t in recorded]), rng)
        rows += reporting.rows(named | {"quantity": "error"}, "t", recorded, summary)
        rows += [named | row for row in _residuals(np.concatenate(steps), last)]
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
    final = table[(table["quantity"] == "error") & (table["t"] == parameters["generations"])]
    return [*_checks(table, final, parameters), *_findings(final, parameters)]


def outcome(low: float, high: float) -> str:
    """What recursion did, by the interval of its error in units of the first fit."""
    if high < 1:
        return "helps"
    if low > DESTROYED:
        return "destroys"
    if low >= 1 and high <= DESTROYED:
        return "holds"
    return "undecided"


# --------------------------------------------------------------------------------------------------


def _passed(
    theta: NDArray, centre: NDArray, radius: float | None, count: int, rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    """Mean of ``count`` passed values of each chain, and the same standardised by its exact law."""
    if radius is None:
        noise = rng.standard_normal(len(theta))
        return theta + noise / math.sqrt(count), noise
    low, high = ndtr(centre - radius - theta), ndtr(centre + radius - theta)
    values = ndtri(low + (high - low) * rng.random((count, len(theta))))
    made = theta + values.mean(axis=0)
    # Truncation is symmetric about the centre: only how far off it is counts.
    mean, variance = verified_mean.passed_moments(theta - centre, radius)
    return made, (made - centre - mean) / np.sqrt(variance / count)


def _residuals(steps: NDArray, last: int) -> Iterator[dict]:
    scores = {
        "residual": steps.sum() / math.sqrt(len(steps)),
        "residual-square": (np.square(steps).mean() - 1) * math.sqrt(len(steps) / 2),
    }
    for quantity, value in scores.items():
        ends = {"se": np.nan, "low": value, "high": value, "replicates": len(steps)}
        yield {"quantity": quantity, "t": last, "value": float(value), **ends}


def _checks(table: pd.DataFrame, final: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    n, last, chains = parameters["n"], parameters["generations"], parameters["chains"]
    scores = table[table["quantity"].isin(["residual", "residual-square"])]["value"]
    yield reporting.largest(
        "max-z-steps", scores, chains, "mean and variance of all steps against their exact law, every cell"
    )
    errors = table[table["quantity"] == "error"]
    plain = errors[errors["verifier"] == 0]
    knowing = final[(final["verifier"] >= _KNOWING * n) | (final["grid"] == "strictness")]
    for name, rows, words in (
        ("max-z-no-verifier", plain, "mean error without a verifier against its closed form"),
        ("max-z-verifier", knowing, "mean error with a verifier that has seen at least as much as the model"),
    ):
        yield reporting.largest(name, [_score(row, n) for row in rows.to_dict("records")], chains, words)
    strict = final[(final["grid"] == "strictness") & (final["share"] == 0.0)].sort_values("rate")
    crossing = float(np.interp(1.0, strict["value"], strict["rate"]))
    words = f"rate of a verifier that knows the truth at which generation {last} is as good as the first fit"
    yield reporting.exact("rate-at-break-even", crossing, chains, words, method="interpolated")


def _score(row: Mapping[str, Any], n: int) -> float:
    knowledge = math.inf if row["grid"] == "strictness" or row["verifier"] == 0 else row["verifier"] / n
    law = verified_mean.expected_error(row["share"], row["rate"], knowledge, int(row["t"]))
    # Errors of a normal mean are χ² with one degree of freedom, whose standard deviation is √2 times the mean.
    return (row["value"] - law) / (math.sqrt(2 / row["replicates"]) * law)


def _findings(final: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    n, last = parameters["n"], parameters["generations"]
    grid = final[final["grid"] == "knowledge"].set_index(["verifier", "share"]).sort_index()
    most, least = max(parameters["seen"]), min(parameters["seen"])
    cells = {
        "copy-error": (0, 0.0, "copying alone"),
        "tenth-error": (0, 0.1, "a tenth real, no verifier"),
        "verifier-alone-error": (most, 0.0, f"nothing real, a verifier that has seen {most} values"),
        "ignorant-verifier-error": (least, 0.0, f"nothing real, a verifier that has seen {least} values"),
    }
    for name, (seen, share, words) in cells.items():
        words = f"squared error of generation {last} with {n} values each: {words}"
        yield reporting.mean(name, grid.loc[(seen, share)], words, unit="first fits")
    ratios = [
        reporting.ratio("worst", grid.loc[(seen, 0.1)], grid.loc[(0, 0.1)], "") for seen in parameters["seen"]
    ]
    yield reporting.extreme(
        "worst-verifier-ratio",
        ratios,
        "error with a tenth real and a verifier over that without one, the least favourable verifier",
        end="high",
        largest=True,
    )
    found = [outcome(row.low, row.high) for row in grid.itertuples()]
    for kind in ("helps", "holds", "destroys", "undecided"):
        words = f"cells of the map in which recursion {kind}" if kind != "undecided" else "cells undecided"
        yield reporting.exact(f"cells-{kind}", found.count(kind), len(found), words, unit="cells")
    real = grid[grid.index.get_level_values("share") >= 0.1]
    worst = real.loc[real["value"].idxmax()]
    words = f"squared error of generation {last}, the worst cell with at least a tenth real"
    yield reporting.mean("worst-with-a-tenth", worst, words, unit="first fits")
    rate = contraction(parameters["radius"])
    needed = verified_mean.knowledge_for(0.0, rate, 1.0, last)
    words = "values that the verifier must have seen per value of the model, for recursion to help with nothing real"
    yield reporting.exact("knowledge-needed-alone", needed, parameters["chains"], words, method="closed form")
    needed = verified_mean.knowledge_for(0.5, rate, 1.0, last)
    words = words.replace("nothing", "half")
    yield reporting.exact("knowledge-needed-half", needed, parameters["chains"], words, method="closed form")
