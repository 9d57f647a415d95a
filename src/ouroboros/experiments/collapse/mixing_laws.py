r"""What becomes of regressions and means that are refitted to data partly written by their predecessors.

``regression``: least squares with normal features. ``replace`` and ``accumulate`` on the same rows in every generation,
with the same noise, so that the two are paired; ``replace-fresh`` and ``accumulate-fresh`` on new rows every time;
``accumulate-subsample`` fits to as many rows as one generation has, taken from all so far.
``mean-k<k>``: a mean with weight w on fresh real values, k of them for each value of its predecessor.
``logistic``: logistic regression on a real table; each fit labels the rows anew, and all labels are kept.

`ouroboros.stats.mixing` has the laws.
"""

import functools
import importlib.util
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from ouroboros.stats import mixing, reporting
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS

COLUMNS = ["part", "arm", "at", "quantity", *SUMMARY_COLUMNS]

_REGRESSION = ("shared", "fresh", "subsample")
_BATCH = 250
_NEWTON_STEPS = 25


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per kind of regression, per ratio k, and one for the logistic regression.

    Parameters
    ----------
    parameters : mapping
        ``regression`` with ``features``, ``rows``, ``generations``, ``recorded``, ``designs`` (one number for each of
        shared, fresh, subsample); ``mean`` with ``ratios``, ``chains``, ``burn_in``, ``kept``; ``logistic`` with
        ``columns`` (positions in the table), ``chains``, ``generations``, ``recorded``.
    """
    regression = parameters["regression"]
    found = []
    for kind in _REGRESSION:
        cell = {key: regression[key] for key in ("features", "rows", "generations", "recorded")}
        cell |= {"part": "regression", "kind": kind, "designs": regression["designs"][kind]}
        found.append(Job(f"regression-{kind}", cell))
    mean = parameters["mean"]
    for k in mean["ratios"]:
        cell = {key: mean[key] for key in ("chains", "burn_in", "kept")}
        found.append(Job(f"mean-k{k:g}", cell | {"part": "mean", "k": k}))
    found.append(Job("logistic", parameters["logistic"] | {"part": "logistic"}))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all replicates of one kind of refitting.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of rows, noise and labels.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``at`` is the generation, for a mean the weight on fresh real data. ``error``: squared error
        in units of the first fit to real data (for a mean, of a fit to the fresh real data alone). ``growth``: its
        growth over the last third of the generations, paired by design. ``efficiency``: error of the fit to real labels
        over that of the last ``accumulate`` fit. ``best-weight``: weight with the least error, ``least-error``.
    """
    work = {"regression": _regression, "mean": _mean, "logistic": _logistic}[parameters["part"]]
    return pd.DataFrame(list(work(parameters, rng)), columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `simulate`, concatenated, with the leading column ``job``.
    parameters : mapping
        As for `jobs`.
    """
    cells = table.set_index(["part", "arm", "quantity", "at"]).sort_index()
    return [*_checks(cells, parameters), *_shown(cells, parameters)]


# --------------------------------------------------------------------------------------------------
# Linear regression. The true coefficients are zero, so that a fit is its own error.


def _least_squares(x: NDArray, y: NDArray) -> NDArray:
    """Fits of a batch of tables: ``x`` of shape (batch, rows, features), ``y`` (batch, rows)."""
    gram = np.swapaxes(x, 1, 2) @ x
    return np.linalg.solve(gram, np.einsum("bti,bt->bi", x, y)[..., None])[..., 0]


def _shared(x: NDArray, generations: int, rng: np.random.Generator) -> Iterator[dict[str, NDArray]]:
    """Replace and accumulate on the same rows, with the same noise."""
    batch, rows, features = x.shape
    projector = np.linalg.solve(np.swapaxes(x, 1, 2) @ x, np.swapaxes(x, 1, 2))
    replace, accumulate = np.zeros((2, batch, features))
    labels = np.zeros((batch, rows))
    for t in range(1, generations + 1):
        noise = rng.standard_normal((batch, rows))
        replace = np.einsum("bit,bt->bi", projector, np.einsum("bti,bi->bt", x, replace) + noise)
        # Least squares on t copies of the rows sees nothing but the mean of their labels.
        labels += (np.einsum("bti,bi->bt", x, accumulate) + noise - labels) / t
        accumulate = np.einsum("bit,bt->bi", projector, labels)
        yield {"replace": replace, "accumulate": accumulate}


def _fresh(x: NDArray, generations: int, rng: np.random.Generator) -> Iterator[dict[str, NDArray]]:
    """Replace and accumulate on new rows in every generation."""
    replace, accumulate = np.zeros((2, x.shape[0], x.shape[2]))
    gram, moment = 0.0, 0.0
    for t in range(1, generations + 1):
        if t > 1:
            x = rng.standard_normal(x.shape)
        noise = rng.standard_normal(x.shape[:2])
        replace = _least_squares(x, np.einsum("bti,bi->bt", x, replace) + noise)
        gram = gram + np.swapaxes(x, 1, 2) @ x
        moment = moment + np.einsum("bti,bt->bi", x, np.einsum("bti,bi->bt", x, accumulate) + noise)
        accumulate = np.linalg.solve(gram, moment[..., None])[..., 0]
        yield {"replace-fresh": replace, "accumulate-fresh": accumulate}


def _subsample(x: NDArray, generations: int, rng: np.random.Generator) -> Iterator[dict[str, NDArray]]:
    """Each fit sees as many rows as one generation has, taken without replacement from all so far."""
    batch, rows, features = x.shape
    fit = np.zeros((batch, features))
    pool = np.empty((batch, generations * rows))
    chosen = np.arange(batch)[:, None]
    for t in range(1, generations + 1):
        labels = np.einsum("bti,bi->bt", x, fit) + rng.standard_normal((batch, rows))
        pool[:, (t - 1) * rows : t * rows] = labels
        keys = rng.random((batch, t * rows))
        places = np.argpartition(keys, rows - 1, axis=1)[:, :rows]
        # The rows repeat from generation to generation, their labels do not.
        fit = _least_squares(x[chosen, places % rows], pool[chosen, places])
        yield {"accumulate-subsample": fit}


_KINDS = {"shared": _shared, "fresh": _fresh, "subsample": _subsample}


def _regression(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    d, rows, designs = parameters["features"], parameters["rows"], parameters["designs"]
    last, recorded = parameters["generations"], sorted(parameters["recorded"])
    unit = mixing.unit_error(d, rows)
    errors: dict[str, NDArray] = {}
    for start in range(0, designs, _BATCH):
        size = min(_BATCH, designs - start)
        x = rng.standard_normal((size, rows, d))
        for t, fits in enumerate(_KINDS[parameters["kind"]](x, last, rng), start=1):
            for arm, fit in fits.items():
                found = errors.setdefault(arm, np.empty((last, designs)))
                found[t - 1, start : start + size] = np.square(fit).sum(axis=1) / unit
    early = _growth_from(last)
    for arm, found in errors.items():
        keys = {"part": "regression", "arm": arm}
        summary = reporting.summarise(found[np.array(recorded) - 1], rng)
        yield from reporting.rows(keys | {"quantity": "error"}, "at", [float(t) for t in recorded], summary)
        growth = reporting.summarise((found[last - 1] - found[early - 1])[None], rng)
        yield from reporting.rows(keys | {"quantity": "growth"}, "at", [float(last)], growth)


def _growth_from(last: int) -> int:
    """Generation from which growth is measured: two thirds of the way."""
    return 2 * last // 3


# --------------------------------------------------------------------------------------------------
# Means.

_WEIGHTS = np.round(np.arange(0.1, 1.0001, 0.01), 2)


def _mean(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    """All weights in one run with the same noise, so that their errors can be compared closely."""
    k, chains, burn_in = parameters["k"], parameters["chains"], parameters["burn_in"]
    weights = np.union1d(_WEIGHTS, mixing.pooling_weight(k))
    estimate = np.zeros((len(weights), chains))
    squared = np.zeros_like(estimate)
    w = weights[:, None]
    for t in range(burn_in + parameters["kept"]):
        # Means of samples, in units of the standard error of a mean of the fresh real values.
        real, drawn = rng.standard_normal((2, chains))
        estimate = w * real + (1 - w) * (estimate + math.sqrt(k) * drawn)
        if t >= burn_in:
            squared += estimate**2
    squared /= parameters["kept"]
    keys = {"part": f"mean-k{k:g}", "arm": "weighted"}
    summary = reporting.summarise(squared, rng)
    yield from reporting.rows(keys | {"quantity": "error"}, "at", weights.tolist(), summary)
    # One estimate of the minimum from each tenth of the chains, for an interval.
    groups = np.array_split(squared, 10, axis=1)
    curves = np.stack([group.mean(axis=1) for group in groups], axis=1)
    best = reporting.summarise(weights[curves.argmin(axis=0)][None], rng)
    whole = summary["value"].argmin()
    best["value"] = np.array([weights[whole]])
    best["low"], best["high"] = (
        np.minimum(best["low"], best["value"]),
        np.maximum(best["high"], best["value"]),
    )
    yield from reporting.rows(keys | {"quantity": "best-weight"}, "at", [0.0], best)
    least = {
        name: np.atleast_1d(np.broadcast_to(summary[name], len(weights))[whole]) for name in SUMMARY_COLUMNS
    }
    yield from reporting.rows(keys | {"quantity": "least-error"}, "at", [0.0], least)


# --------------------------------------------------------------------------------------------------
# Logistic regression.


@functools.lru_cache(maxsize=2)
def breast_cancer(*columns: int) -> tuple[NDArray, NDArray]:
    """Standardised features and labels of the Wisconsin breast-cancer table that scikit-learn ships.

    Parameters
    ----------
    *columns : int
        Positions of the features that are used.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        Features with a leading column of ones, shape (569, 1 + columns), and labels 0 (malignant) or 1 (benign).

    Raises
    ------
    FileNotFoundError
        If scikit-learn is not installed.
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("scikit-learn is not installed (it ships the table; see requirements.txt)")
    path = Path(next(iter(spec.submodule_search_locations)), "datasets", "data", "breast_cancer.csv")
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    chosen = table[:, list(columns)]
    chosen = (chosen - chosen.mean(axis=0)) / chosen.std(axis=0)
    return np.column_stack([np.ones(len(chosen)), chosen]), table[:, -1]


def logistic_fit(x: NDArray, y: NDArray, start: NDArray) -> NDArray:
    """Maximum-likelihood coefficients of logistic regressions on the same rows, by Newton's method.

    Parameters
    ----------
    x : numpy.ndarray
        Rows × coefficients.
    y : numpy.ndarray
        Shape (batch, rows); shares between 0 and 1 where a row was labelled several times.
    start : numpy.ndarray
        Shape (batch, coefficients).

    Raises
    ------
    ArithmeticError
        If the method has not converged, as on labels that a plane separates.
    """
    beta = start.copy()
    for _ in range(_NEWTON_STEPS):
        p = expit(beta @ x.T)
        slope = (y - p) @ x
        curvature = np.einsum("bt,ti,tj->bij", p * (1 - p), x, x, optimize=True)
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            return beta
    raise ArithmeticError("logistic regression: Newton's method has not converged")


def _logistic(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    x, real = breast_cancer(*parameters["columns"])
    chains, last = parameters["chains"], parameters["generations"]
    recorded = sorted(parameters["recorded"])
    truth = logistic_fit(x, real[None], np.zeros((1, x.shape[1])))[0]
    p = expit(x @ truth)
    fisher = (x * (p * (1 - p))[:, None]).T @ x
    fit, labels = np.tile(truth, (chains, 1)), np.zeros((chains, len(x)))
    errors = np.empty((last, chains))
    for t in range(1, last + 1):
        drawn = rng.random(labels.shape) < expit(fit @ x.T)
        labels += (drawn - labels) / t
        fit = logistic_fit(x, labels, fit)
        off = fit - truth
        # The metric in which one fit to real labels has an expected error of about one for each coefficient.
        errors[t - 1] = np.einsum("bi,ij,bj->b", off, fisher, off) / x.shape[1]
    keys = {"part": "logistic", "arm": "accumulate"}
    summary = reporting.summarise(errors[np.array(recorded) - 1], rng)
    yield from reporting.rows(keys | {"quantity": "error"}, "at", [float(t) for t in recorded], summary)
    first, end = errors[0], errors[-1]
    ratio = first.mean() / end.mean()
    # Delta method for a ratio of paired means.
    se = (first - ratio * end).std(ddof=1) / math.sqrt(chains) / end.mean()
    summary = {
        "value": ratio,
        "se": se,
        "low": ratio - 1.96 * se,
        "high": ratio + 1.96 * se,
        "replicates": chains,
    }
    yield from reporting.rows(keys | {"quantity": "efficiency"}, "at", [float(last)], summary)


# --------------------------------------------------------------------------------------------------
# Estimates.


def _checks(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    regression = parameters["regression"]
    last = regression["generations"]
    checked = [float(t) for t in regression["recorded"] if t >= 10]
    laws = {
        "replace": lambda t: t,
        "accumulate": mixing.accumulated_units,
        "replace-fresh": lambda t: t,
    }
    for arm, law in laws.items():
        found = [cells.loc[("regression", arm, "error", t)] for t in checked]
        yield reporting.largest(
            f"max-z-{arm}",
            [(row["value"] - law(int(t))) / row["se"] for t, row in zip(checked, found, strict=True)],
            int(found[0]["replicates"]),
            f"Largest distance of the squared error under {arm} from its closed form",
        )
        yield reporting.exact(
            f"relative-{arm}",
            abs(found[-1]["value"] / law(last) - 1),
            int(found[-1]["replicates"]),
            f"Relative distance of the last squared error under {arm} from its closed form",
        )
    growth = cells.loc[("regression", "accumulate", "growth", float(last))]
    expected = mixing.accumulated_units(last) - mixing.accumulated_units(_growth_from(last))
    yield reporting.largest(
        "z-accumulate-growth",
        [(growth["value"] - expected) / growth["se"]],
        int(growth["replicates"]),
        "Distance of the growth under accumulate over the last third of the generations from its closed form",
    )
    mean = parameters["mean"]
    away, least, scores = [], [], []
    for k in mean["ratios"]:
        part = cells.loc[f"mean-k{k:g}", "weighted"]
        away.append(part.loc["best-weight", "value"].iloc[0] - mixing.best_weight(k))
        least.append(part.loc["least-error", "value"].iloc[0] / mixing.best_weight(k) - 1)
        errors = part.loc["error"]
        law = mixing.stationary_error(errors.index.to_numpy(), k)
        scores += [float(z) for z in (errors["value"] - law) / errors["se"]]
    yield reporting.largest(
        "best-weight-off-law",
        away,
        mean["chains"],
        "Largest distance of the best weight from w*",
        unit="weight",
    )
    yield reporting.largest(
        "least-error-off-law",
        least,
        mean["chains"],
        "Largest relative distance of the least error from w*·σ²/n",
        unit="relative",
    )
    yield reporting.largest(
        "max-z-weighted-mean",
        scores,
        mean["chains"],
        "Largest distance of the error of a weighted mean from its fixed point, all weights and ratios",
    )
    yield reporting.mean(
        "logistic-efficiency",
        cells.loc["logistic", "accumulate", "efficiency"].iloc[0],
        "Error of a logistic fit to real labels over that of the last fit to all labels so far",
    )


def _shown(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    last = float(parameters["regression"]["generations"])
    for arm in ("replace", "accumulate", "replace-fresh", "accumulate-fresh", "accumulate-subsample"):
        yield reporting.mean(
            f"{arm}-error",
            cells.loc[("regression", arm, "error", last)],
            f"Squared error of the last fit under {arm}, in units of the first fit to real data",
            unit="first fits",
        )
        yield reporting.mean(
            f"{arm}-growth",
            cells.loc[("regression", arm, "growth", last)],
            f"Growth of the squared error under {arm} over the last third of the generations",
            unit="first fits",
        )
    for k in parameters["mean"]["ratios"]:
        part = cells.loc[f"mean-k{k:g}", "weighted"]
        yield reporting.mean(
            f"best-weight-k{k:g}",
            part.loc["best-weight"].iloc[0],
            f"Weight on fresh real data with the least error, {k:g} real values for each generated one",
        )
        yield reporting.mean(
            f"least-error-k{k:g}",
            part.loc["least-error"].iloc[0],
            f"Least error over that of the fresh real data alone, {k:g} real values for each generated one",
        )
        errors = part.loc["error"]
        pooled = errors[np.isclose(errors.index, mixing.pooling_weight(k))].iloc[0]
        yield reporting.mean(
            f"pooled-error-k{k:g}", pooled, "The same if real and generated values all count alike"
        )
    yield reporting.mean(
        "logistic-accumulate-error",
        cells.loc["logistic", "accumulate", "error"].iloc[-1],
        "Squared error of the last logistic fit to all labels so far, per coefficient, in Fisher's metric",
        unit="first fits",
    )
