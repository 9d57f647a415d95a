"""When selection itself narrows: rules of keeping, round after round, in a mixture of Gaussians and on digits.

A generator holds a share and a Gaussian for each class. In every generation it offers items, a rule keeps some
(`ouroboros.experiments.curation.selectors`), and its successor is refitted to what was kept and to nothing else.
Every rule keeps the same number. A rule that looks at real items sees either a fair reference or a siloed one, in
which the rare class is rarer still. How a generated set lies to unseen real items is told by precision, recall,
density and coverage (`ouroboros.stats.manifold`).

Two more jobs hold the code against closed forms: one Gaussian of which only the likeliest items are kept, and
pairs of samples of one law.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances

from ouroboros.experiments.curation import selectors
from ouroboros.experiments.curation.selection_analysis import ARMS, analyse_selection
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.manifold import set_scores

COLUMNS = ["world", "arm", "seed", "generation", "quantity", "value"]

# Fewer items give no covariance: the class is lost and stays lost.
_LEAST = 3


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per world and seed with all rules, one for one Gaussian, one for pairs of samples of one law.

    Parameters
    ----------
    parameters : mapping
        ``seeds``; ``mixture`` and ``digits``: ``shares`` of the classes, the last the rare one (of digits: the
        classes 0 to 9 with 8 and 9 exchanged), ``silo`` factor on the rare share in the siloed reference, ``keep`` and
        ``offer`` numbers of items, ``generations``, ``neighbours`` of scores and discriminator, ``widening`` of
        variances at each fit, and ``features``; of the mixture also ``radius`` and ``spreads`` of its classes.
        ``gaussian``: ``features``, ``keep``, ``offer``, ``generations``, ``chains``. ``same``: ``items``,
        ``neighbours``, ``pairs``. ``analysis_seed``.

    Raises
    ------
    ValueError
        If more is kept than offered or shares do not sum to 1.
    """
    found = []
    for world in ("mixture", "digits"):
        setup = parameters[world]
        if setup["keep"] > setup["offer"]:
            raise ValueError(f"{world}: keep {setup['keep']} of {setup['offer']} offered")
        if not np.isclose(sum(setup["shares"]), 1):
            raise ValueError(f"{world}: shares must sum to 1")
        found += [
            Job(f"{world}-{seed:02d}", {"world": world, "seed": seed, **setup})
            for seed in parameters["seeds"]
        ]
    found.append(Job("gaussian", {"world": "gaussian", **parameters["gaussian"]}))
    found.append(Job("same-law", {"world": "same", **parameters["same"]}))
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
        Columns `COLUMNS`. ``mixture`` and ``digits``: arm one of `ARMS` or ``real`` (other real items in the
        place of generated ones), ``precision``, ``recall``, ``density``, ``coverage``, ``rare`` share of the rare
        class in the generator, ``classes`` not lost, ``volume`` mean variance within a class against the first
        generator's. Arm ``transport-full`` in generation 1: ``excess``, its cost over that of an assignment by
        another library, relative. ``gaussian``: ``variance`` of each chain. ``same``: ``coverage``, ``density``.
    """
    rows = _WORLDS[parameters["world"]](parameters, rng)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(value=table["value"].round(9))


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use."""
    return analyse_selection(table, parameters)


class _Generator(NamedTuple):
    """Share, mean and covariance of each class; NaN for a class that is lost."""

    shares: NDArray
    means: NDArray
    covariances: NDArray


class _Items(NamedTuple):
    """Rows of features and the class that each was drawn from."""

    rows: NDArray
    classes: NDArray

    def take(self, places: NDArray) -> "_Items":
        return _Items(self.rows[places], self.classes[places])


def _fit(items: _Items, classes: int, widening: float) -> _Generator:
    features = items.rows.shape[1]
    counts = np.bincount(items.classes, minlength=classes)
    means = np.full((classes, features), np.nan)
    covariances = np.full((classes, features, features), np.nan)
    alive = np.flatnonzero(counts >= _LEAST)
    for k in alive:
        rows = items.rows[items.classes == k]
        means[k] = rows.mean(axis=0)
        covariances[k] = np.cov(rows, rowvar=False, ddof=0) + widening * np.eye(features)
    shares = np.where(counts >= _LEAST, counts, 0)
    return _Generator(shares / shares.sum(), means, covariances)


def _offer(generator: _Generator, count: int, rng: np.random.Generator) -> _Items:
    classes = rng.choice(len(generator.shares), size=count, p=generator.shares)
    noise = rng.standard_normal((count, generator.means.shape[1]))
    rows = np.empty_like(noise)
    for k in np.unique(classes):
        here = classes == k
        rows[here] = generator.means[k] + noise[here] @ np.linalg.cholesky(generator.covariances[k]).T
    return _Items(rows, classes)


def _likelihood(generator: _Generator, rows: NDArray) -> NDArray:
    """Density of the whole mixture at each row."""
    return sum(
        generator.shares[k]
        * stats.multivariate_normal(generator.means[k], generator.covariances[k]).pdf(rows)
        for k in np.flatnonzero(generator.shares)
    )


# --------------------------------------------------------------------------------------------------
# Rules of keeping, in two worlds


def _mixture_draw(setup: Mapping[str, Any], shares: NDArray, count: int, rng: np.random.Generator) -> _Items:
    """Real items: classes on a circle in the plane."""
    classes = rng.choice(len(shares), size=count, p=shares)
    angle = 2 * np.pi * classes / len(shares)
    middle = setup["radius"] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    spread = np.asarray(setup["spreads"])[classes]
    return _Items(middle + spread[:, None] * rng.standard_normal((count, 2)), classes)


class _Digits:
    """Images without replacement, so that no two sets share one."""

    def __init__(self, features: int, rng: np.random.Generator):
        pixels, labels = load_digits(return_X_y=True)
        # Eights are the rare class: they stand last.
        order = np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 8])
        self.rows = PCA(features, svd_solver="full").fit_transform(pixels / 16)
        self.classes = order[labels]
        self.left = rng.permutation(len(labels))

    def draw(self, shares: NDArray, count: int, rng: np.random.Generator) -> _Items:
        wanted = rng.multinomial(count, shares)
        of_class = self.classes[self.left]
        places = np.concatenate([self.left[of_class == k][:number] for k, number in enumerate(wanted)])
        if len(places) < count:
            raise ValueError(f"digits: {count} images asked for, {len(places)} left of the wanted classes")
        self.left = np.setdiff1d(self.left, places)
        self.left = rng.permutation(self.left)
        return _Items(self.rows[places], self.classes[places])


def _rules(setup: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """All arms of one seed, from one first generator."""
    world, seed, keep = setup["world"], setup["seed"], setup["keep"]
    shares = np.asarray(setup["shares"], dtype=np.float64)
    narrow = shares.copy()
    narrow[-1] *= setup["silo"]
    narrow /= narrow.sum()
    if world == "digits":
        images = _Digits(setup["features"], rng)
        first, test, other, fair = (images.draw(shares, keep, rng) for _ in range(4))
        silo = images.draw(narrow, keep, rng)
    else:
        first, test, other, fair = (_mixture_draw(setup, shares, keep, rng) for _ in range(4))
        silo = _mixture_draw(setup, narrow, keep, rng)
    start = _fit(first, len(shares), setup["widening"])
    volume = _volume(start)
    for name, value in set_scores(test.rows, other.rows, setup["neighbours"])._asdict().items():
        yield (world, "real", seed, 0, name, value)
    for arm in ARMS:
        generator = start
        for generation in range(setup["generations"] + 1):
            shown = _offer(generator, keep, rng)
            for name, value in set_scores(test.rows, shown.rows, setup["neighbours"])._asdict().items():
                yield (world, arm, seed, generation, name, value)
            yield (world, arm, seed, generation, "rare", generator.shares[-1])
            yield (world, arm, seed, generation, "classes", np.count_nonzero(generator.shares))
            yield (world, arm, seed, generation, "volume", _volume(generator) / volume)
            if generation == setup["generations"]:
                break
            offered = _offer(generator, setup["offer"], rng)
            reference = silo.rows if arm.endswith("siloed") else fair.rows
            kept, cost = _keep(arm, generator, offered.rows, reference, setup, rng)
            if arm == "transport-full" and generation == 0:
                yield (world, arm, seed, 1, "excess", cost / _assignment(offered.rows, reference) - 1)
            generator = _fit(offered.take(kept), len(shares), setup["widening"])


def _keep(
    arm: str,
    generator: _Generator,
    offered: NDArray,
    reference: NDArray,
    setup: Mapping[str, Any],
    rng: np.random.Generator,
) -> tuple[NDArray, float]:
    """Places of what a rule keeps, and the cost of transport where there is one."""
    keep = setup["keep"]
    if arm == "none":
        return selectors.blind(offered, keep, rng), 0.0
    if arm == "likely":
        return selectors.most_likely(_likelihood(generator, offered), keep), 0.0
    if arm.startswith("discriminator"):
        return selectors.most_real(offered, reference, keep, setup["neighbours"]), 0.0
    if arm == "spread":
        return selectors.spread_out(offered, keep, rng), 0.0
    return selectors.transport(offered, reference, keep)


def _assignment(offered: NDArray, reference: NDArray) -> float:
    """Least cost per item of giving every reference an offered item of its own, by the Hungarian method."""
    cost = pairwise_distances(reference, offered, metric="sqeuclidean")
    rows, columns = optimize.linear_sum_assignment(cost)
    return float(cost[rows, columns].mean())


def _volume(generator: _Generator) -> float:
    """Mean variance of a feature within the classes that are not lost, by share."""
    alive = np.flatnonzero(generator.shares)
    traces = np.trace(generator.covariances[alive], axis1=1, axis2=2)
    return float(generator.shares[alive] @ traces / generator.means.shape[1])


# --------------------------------------------------------------------------------------------------
# Closed forms


def _gaussian(setup: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """One Gaussian, refitted to its likeliest items; variance of a feature, mean over features."""
    d, keep = setup["features"], setup["keep"]
    for chain in range(setup["chains"]):
        generator = _Generator(np.ones(1), np.zeros((1, d)), np.eye(d)[None])
        for generation in range(1, setup["generations"] + 1):
            offered = _offer(generator, setup["offer"], rng)
            kept = selectors.most_likely(_likelihood(generator, offered.rows), keep)
            generator = _fit(offered.take(kept), 1, 0.0)
            yield ("gaussian", "likely", chain, generation, "variance", _volume(generator))


def _same(setup: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """Pairs of samples of one law: uniform in a square."""
    for pair in range(setup["pairs"]):
        real, generated = rng.random((2, setup["items"], 2))
        scores = set_scores(real, generated, setup["neighbours"])
        yield ("same", "real", pair, 0, "coverage", scores.coverage)
        yield ("same", "real", pair, 0, "density", scores.density)


_WORLDS = {"mixture": _rules, "digits": _rules, "gaussian": _gaussian, "same": _same}
