"""From the tables of the experiment on selection to its estimates."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import bootstrap_mean
from ouroboros.stats.manifold import expected_coverage
from ouroboros.stats.reporting import exact, interval, largest, share
from ouroboros.stats.truncation import kept_variance

ARMS = {
    "none": "a random half is kept",
    "likely": "the items of highest likelihood are kept",
    "discriminator-full": "the items that look most real beside a fair reference are kept",
    "discriminator-siloed": "the same beside a siloed reference",
    "transport-full": "the items nearest to a fair reference by optimal transport are kept",
    "transport-siloed": "the same with a siloed reference",
    "spread": "items far from each other are kept",
}
WORLDS = ("mixture", "digits")
SCORES = ("precision", "recall", "coverage", "rare")

# The generation at which rules are compared with no selection; the protocol fixed it.
EARLY = 3


def analyse_selection(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Estimates of the experiment on selection.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `ouroboros.experiments.curation.selection.simulate`, with the leading column ``job``.
    parameters : mapping
        Those of the tier.
    """
    rng = np.random.default_rng(parameters["analysis_seed"])
    found = [_shrinkage(table, parameters["gaussian"]), *_same_law(table, parameters["same"])]
    excess = table.loc[table["quantity"] == "excess", "value"]
    words = "cost of a selection by transport over that of an assignment by another library, relative"
    found.append(largest("transport-excess", excess, len(excess), words, unit=""))
    found.append(_martingale(table, parameters))
    for world in WORLDS:
        cells = table[table["world"] == world]
        wide = cells.set_index(["arm", "generation", "quantity", "seed"])["value"].sort_index()
        found += _world(world, wide, parameters, rng)
    return found


def _mean(name: str, sample: NDArray, rng: np.random.Generator, description: str) -> Estimate:
    value = float(np.mean(sample))
    if len(sample) < 2:
        return exact(name, value, 1, description)
    ends = bootstrap_mean(sample, rng, resamples=4000)
    low, high = min(float(ends.low), value), max(float(ends.high), value)
    return interval(name, value, low, high, len(sample), description, method="bootstrap")


def _world(
    world: str, cells: pd.Series, parameters: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[Estimate]:
    seeds = list(parameters["seeds"])
    last = parameters[world]["generations"]

    def values(arm: str, generation: int, quantity: str) -> NDArray:
        return cells.loc[arm, generation, quantity].loc[seeds].to_numpy()

    for quantity in ("precision", "recall", "density", "coverage"):
        words = f"{quantity} of other real items"
        yield _mean(f"{world}-real-{quantity}", values("real", 0, quantity), rng, words)
    for quantity in SCORES:
        words = f"{quantity} of the first generator"
        yield _mean(f"{world}-first-{quantity}", values("none", 0, quantity), rng, words)
    for arm, rule in ARMS.items():
        for quantity in (*SCORES, "volume"):
            words = f"{quantity} after {last} generations if {rule}"
            yield _mean(f"{world}-{arm}-{quantity}", values(arm, last, quantity), rng, words)
        alive = np.count_nonzero(values(arm, last, "rare") > 0)
        words = f"share of seeds in which the rare class is left after {last} generations if {rule}"
        yield share(f"{world}-{arm}-rare-alive", alive, len(seeds), words)
        kept = values(arm, last, "recall") / values("real", 0, "recall")
        words = f"recall after {last} generations over that of other real items if {rule}"
        yield _mean(f"{world}-{arm}-recall-kept", kept, rng, words)
        if arm == "none":
            continue
        for quantity in SCORES:
            gain = values(arm, EARLY, quantity) - values("none", EARLY, quantity)
            words = f"{quantity} in generation {EARLY} against no selection if {rule}"
            yield _mean(f"{world}-{arm}-over-none-{quantity}", gain, rng, words)
        lower = np.count_nonzero(values(arm, EARLY, "recall") < values("none", EARLY, "recall"))
        words = f"share of seeds whose recall in generation {EARLY} is below that of no selection if {rule}"
        yield share(f"{world}-{arm}-narrower", lower, len(seeds), words)
    for rule in ("transport", "discriminator"):
        for quantity in ("coverage", "rare"):
            gain = values(f"{rule}-full", last, quantity) - values(f"{rule}-siloed", last, quantity)
            words = f"{quantity} after {last} generations, a fair instead of a siloed reference, {rule}"
            yield _mean(f"{world}-{rule}-reference-{quantity}", gain, rng, words)


def _shrinkage(table: pd.DataFrame, setup: Mapping[str, Any]) -> Estimate:
    """Variance of one Gaussian that keeps its likeliest items, against its exact expectation."""
    rows = table[table["world"] == "gaussian"]
    factor = kept_variance(setup["features"], setup["keep"], setup["offer"])
    scores = []
    for generation, part in rows.groupby("generation"):
        # Sums must not depend on the order in which jobs finished.
        sample = np.sort(part["value"].to_numpy())
        error = sample.std(ddof=1) / math.sqrt(len(sample))
        scores.append((sample.mean() - factor ** int(generation)) / error)
    words = f"variance after each generation against {factor:.4f} to its power"
    return largest("gaussian-max-z", scores, setup["chains"], words)


def _same_law(table: pd.DataFrame, setup: Mapping[str, Any]) -> Iterator[Estimate]:
    rows = table[table["world"] == "same"]
    items = setup["items"]
    expected = {"coverage": expected_coverage(items, items, setup["neighbours"]), "density": 1.0}
    for quantity, target in expected.items():
        sample = np.sort(rows.loc[rows["quantity"] == quantity, "value"].to_numpy())
        z = (sample.mean() - target) / (sample.std(ddof=1) / math.sqrt(len(sample)))
        words = f"mean {quantity} of pairs of samples of one law against its expectation {target:.4f}"
        yield largest(f"same-law-{quantity}-z", [z], setup["pairs"], words)


def _martingale(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Estimate:
    """Without selection the share of the rare class must not move on average, and drift as Wright and Fisher say."""
    setup = parameters["mixture"]
    rows = table[(table["world"] == "mixture") & (table["arm"] == "none") & (table["quantity"] == "rare")]
    wide = rows.pivot(index="seed", columns="generation", values="value").sort_index()
    start, end = wide[0].to_numpy(), wide[setup["generations"]].to_numpy()
    lost = 1 - (1 - 1 / setup["keep"]) ** setup["generations"]
    z = (end - start).sum() / math.sqrt((start * (1 - start) * lost).sum())
    words = "change of the rare share without selection against 0, in exact standard errors of sampling"
    return largest("none-rare-z", [z], len(start), words)
