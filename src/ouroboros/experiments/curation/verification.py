r"""What a verifier can and cannot do for training on generated data.

Three worlds. ``breakdown``: labels are wrong with probability p, a verifier keeps right ones with probability φ
and wrong ones with ψ, and a linear classifier learns from what is kept. ``centre``: an estimate is refitted to
its own samples that lie close to what a verifier believes, which may differ from the truth by a bias.
``digits``: per-class Gaussians on images of digits are refitted to what a judge, trained on few or many real
images, accepts.

In ``breakdown`` the classifier is the mean of label times item. Given the numbers of right and wrong labels
kept, that mean is normal with known moments, so it is drawn from its exact law; the ``raw`` arm draws items and
solves least squares, as a peer that shares nothing but the question.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ouroboros.experiments.curation import digits
from ouroboros.experiments.curation.verification_analysis import analyse_verification
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.verification import breakdown_point, regression_shrinkage, truncated_law

COLUMNS = ["world", "arm", "replicate", "size", "x", "quantity", "value"]


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per verifier of ``breakdown``, per bias and tolerance of ``centre``, per seed of ``digits``.

    Parameters
    ----------
    parameters : mapping
        ``breakdown``: ``pairs`` [φ, ψ], ``sizes`` generated items, ``fits`` per cell, ``raw_pairs``,
        ``raw_sizes``, ``raw_fits``, ``features``, ``separation`` (length of a class mean in standard
        deviations), ``points`` of the error rate around the breakdown point, ``beside``, a distance from it
        at which all sizes are compared, ``coarse`` error rates and ``coarse_size`` of the phase diagram.
        ``centre``: ``biases``, ``radii``, ``starts``, ``rounds``, ``chains``, ``draws`` per round, and
        ``wide`` (bias, radius, start, rounds) for a lenient verifier. ``regression``: ``features``,
        ``draws``, ``chains``, ``rounds``, ``radius``. ``digits``: ``seeds``, ``judges`` numbers of real
        images, ``first``, ``features``, ``widening``, ``each``, ``rounds``. ``analysis_seed``.
    """
    found = []
    for phi, psi in parameters["breakdown"]["pairs"]:
        name = f"breakdown-{round(100 * phi):03d}-{round(100 * psi):03d}"
        found.append(Job(name, {"world": "breakdown", "phi": phi, "psi": psi, **parameters["breakdown"]}))
    centre = parameters["centre"]
    for bias in centre["biases"]:
        for radius in centre["radii"]:
            name = f"centre-b{round(100 * bias):03d}-r{round(100 * radius):03d}"
            found.append(Job(name, {"world": "centre", "bias": bias, "radius": radius, **centre}))
    if wide := centre.get("wide"):
        alone = centre | {"starts": [wide["start"]], "rounds": wide["rounds"]}
        found.append(
            Job("centre-wide", {"world": "centre", "bias": wide["bias"], "radius": wide["radius"], **alone})
        )
    found.append(Job("regression", {"world": "regression", **parameters["regression"]}))
    for seed in parameters["digits"]["seeds"]:
        found.append(Job(f"digits-{seed:02d}", {"world": "digits", "seed": seed, **parameters["digits"]}))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run one job.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. ``breakdown``, ``beside``, ``phase``, ``raw``: arm φ/ψ, x error rate, ``accuracy``
        mean over fits, ``accuracy-se`` its standard error, ``kept`` mean number of items. ``centre`` and
        ``regression``: arm bias/radius/start, x round, ``estimate`` mean over chains, ``error`` mean distance
        from the truth and ``error-se`` its standard error, or ``residual``, the pooled z value of all steps
        against the closed form, and ``rate``, the fitted contraction. ``digits``: arm number of real images
        behind the judge (0: none), x round, ``accuracy`` of a student and ``kept`` share.
    """
    rows = _WORLDS[parameters["world"]](parameters, rng)
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use."""
    return analyse_verification(table, parameters)


# --------------------------------------------------------------------------------------------------
# Breakdown


def _breakdown(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    phi, psi = parameters["phi"], parameters["psi"]
    arm = f"{phi:g}/{psi:g}"
    grids = {size: _around(size, parameters) for size in parameters["sizes"]}
    coarse = parameters["coarse_size"]
    beside = breakdown_point(phi, psi) + parameters["beside"] * np.array([-1, 1])
    for world, size, errors in [
        *(("breakdown", size, grid) for size, grid in grids.items()),
        *(("beside", size, beside) for size in parameters["sizes"]),
        ("phase", coarse, np.asarray(parameters["coarse"])),
    ]:
        for p in errors:
            accuracy, kept = _exact_fits(p, size, parameters, rng)
            place = (world, arm, 0, size, round(float(p), 9))
            yield (*place, "accuracy", accuracy.mean())
            yield (*place, "accuracy-se", accuracy.std(ddof=1) / math.sqrt(len(accuracy)))
            yield (*place, "kept", kept.mean())
    if [phi, psi] in parameters["raw_pairs"]:
        for size in parameters["raw_sizes"]:
            for p in _around(size, parameters):
                accuracy, kept = _raw_fits(p, size, parameters, rng)
                yield ("raw", arm, 0, size, round(float(p), 9), "accuracy", accuracy.mean())
                yield ("raw", arm, 0, size, round(float(p), 9), "kept", kept.mean())


def _around(size: int, parameters: Mapping[str, Any]) -> NDArray:
    """Error rates around the breakdown point, as wide as the transition of that sample size."""
    phi, psi = parameters["phi"], parameters["psi"]
    kept = 2 * size * phi * psi / (phi + psi)
    slope = (phi + psi) ** 2 / (4 * phi * psi)
    noise = math.sqrt(parameters["features"] / kept) / parameters["separation"]
    centre = breakdown_point(phi, psi)
    reach = min(3 * noise / slope, 0.95 * centre, 0.95 * (1 - centre))
    return centre + np.linspace(-reach, reach, parameters["points"])


def _exact_fits(
    p: float, size: int, parameters: Mapping[str, Any], rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    """Accuracies of classifiers drawn from their exact law, and the numbers of items kept."""
    fits, features = parameters["fits"], parameters["features"]
    keep_right, keep_wrong = (1 - p) * parameters["phi"], p * parameters["psi"]
    right = rng.binomial(size, keep_right, size=fits)
    wrong = rng.binomial(size - right, min(keep_wrong / (1 - keep_right), 1.0))
    kept = np.maximum(right + wrong, 1)
    # Class mean along the first axis; the other directions carry noise only.
    weights = rng.standard_normal((fits, features)) / np.sqrt(kept)[:, None]
    weights[:, 0] += parameters["separation"] * (right - wrong) / kept
    return _accuracy(weights, parameters["separation"]), kept


def _raw_fits(
    p: float, size: int, parameters: Mapping[str, Any], rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    """The same from items: draw, mislabel, verify, solve least squares."""
    weights, kept = [], []
    for _ in range(parameters["raw_fits"]):
        truth = np.where(rng.random(size) < 0.5, 1.0, -1.0)
        items = rng.standard_normal((size, parameters["features"]))
        items[:, 0] += parameters["separation"] * truth
        wrong = rng.random(size) < p
        passed = rng.random(size) < np.where(wrong, parameters["psi"], parameters["phi"])
        chosen, labels = items[passed], np.where(wrong, -truth, truth)[passed]
        weights.append(np.linalg.solve(chosen.T @ chosen, chosen.T @ labels))
        kept.append(len(labels))
    return _accuracy(np.array(weights), parameters["separation"]), np.array(kept)


def _accuracy(weights: NDArray, separation: float) -> NDArray:
    """Probability that the sign of a linear score is right for two unit Gaussians at ±separation."""
    return stats.norm.cdf(separation * weights[:, 0] / np.linalg.norm(weights, axis=1))


# --------------------------------------------------------------------------------------------------
# Knowledge centre


def _centre(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """The truth is 0, the verifier believes the bias; both in standard deviations of one observation."""
    bias, radius, draws = parameters["bias"], parameters["radius"], parameters["draws"]
    for start in parameters["starts"]:
        arm = f"{bias:g}/{radius:g}/{start:g}"
        theta = np.full(parameters["chains"], float(start))
        residuals, near = [], []
        for t in range(parameters["rounds"] + 1):
            yield ("centre", arm, 0, draws, t, "estimate", theta.mean())
            yield ("centre", arm, 0, draws, t, "error", np.abs(theta).mean())
            spread = np.abs(theta).std(ddof=1) / math.sqrt(len(theta))
            yield ("centre", arm, 0, draws, t, "error-se", spread)
            if t == parameters["rounds"]:
                break
            mean, variance = truncated_law(theta, bias, radius)
            values = theta[:, None] + rng.standard_normal((len(theta), draws))
            passed = np.abs(values - bias) <= radius
            count = np.maximum(passed.sum(axis=1), 1)
            after = (values * passed).sum(axis=1) / count
            residuals.append((after - mean) / np.sqrt(variance / count))
            close = np.abs(theta - bias) <= 0.3
            near.append(np.stack([theta[close] - bias, after[close] - bias]))
            theta = after
        pooled = np.concatenate(residuals)
        yield ("centre", arm, 0, draws, 0, "residual", pooled.sum() / math.sqrt(pooled.size))
        before, after = np.concatenate(near, axis=1)
        yield ("centre", arm, 0, draws, 0, "rate", (before @ after) / (before @ before))


def _regression(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """Linear regression against the closed-form shrinkage of the distance to the verifier's coefficients."""
    features, draws, radius = parameters["features"], parameters["draws"], parameters["radius"]
    factors: list[list[float]] = [[] for _ in range(parameters["rounds"])]
    for _ in range(parameters["chains"]):
        # Distance from the verifier's coefficients, which are the origin without loss of generality.
        offset = rng.standard_normal(features)
        offset /= np.linalg.norm(offset)
        for t in range(parameters["rounds"]):
            items = rng.standard_normal((draws, features))
            responses = items @ offset + rng.standard_normal(draws)
            passed = np.abs(responses) <= radius
            chosen = items[passed]
            after = np.linalg.solve(chosen.T @ chosen, chosen.T @ responses[passed])
            length = float(np.linalg.norm(offset))
            observed = after @ offset / length**2
            factors[t].append(observed - regression_shrinkage(length, radius))
            offset = after
    for t, differences in enumerate(factors):
        z = np.mean(differences) / (np.std(differences, ddof=1) / math.sqrt(len(differences)))
        yield ("regression", f"{radius:g}", 0, draws, t + 1, "residual", z)


# --------------------------------------------------------------------------------------------------
# Digits


def _digits(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    seed, each = parameters["seed"], parameters["each"]
    streams = np.random.default_rng(rng.integers(2**63)).spawn(len(parameters["judges"]) + 1)
    data = digits.split(parameters["features"], parameters["first"], streams[0])
    start = digits.fit(data.first, parameters["widening"])
    for judge, stream in zip(parameters["judges"], streams[1:], strict=True):
        verifier = digits.train(data.judge.take(np.arange(judge))) if judge else None
        generator = start
        for t in range(1, parameters["rounds"] + 1):
            made = digits.generate(generator, each, stream)
            if t == 1:
                plain = digits.accuracy(made, data.test)
                yield ("digits", str(judge), seed, len(made.labels), 0, "accuracy", plain)
            kept = made
            if verifier is not None:
                kept = made.take(verifier.predict(made.rows) == made.labels)
            yield (
                "digits",
                str(judge),
                seed,
                len(made.labels),
                t,
                "accuracy",
                digits.accuracy(kept, data.test),
            )
            yield (
                "digits",
                str(judge),
                seed,
                len(made.labels),
                t,
                "kept",
                len(kept.labels) / len(made.labels),
            )
            generator = digits.fit(kept, parameters["widening"])


_WORLDS = {"breakdown": _breakdown, "centre": _centre, "regression": _regression, "digits": _digits}
