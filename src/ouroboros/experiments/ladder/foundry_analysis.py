"""From the tables of the arithmetic foundry to its estimates: the frozen decision rule, contrasts, checks.

Four metrics decide, all at the last generation. As scores they are oriented so that more is better.

========== ===================================================================== ==============================
metric     as reported                                                            score
========== ===================================================================== ==============================
accuracy   mean greedy accuracy over the levels of the real data                  as reported
rare       greedy accuracy at the rarest level of the real data                   as reported
drift      total variation between the levels of free generation and the real mix its negative
forgetting largest loss of accuracy against the base over those levels            its negative
========== ===================================================================== ==============================
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ouroboros.experiments.ladder.proposer import REWARDS, best_solve_rate
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import bootstrap_mean, clopper_pearson

STAGES = ("copy", "filter", "curate", "evolve")
METRICS = {"accuracy": 1, "rare": 1, "drift": -1, "forgetting": -1}
SEEN = 4

PAGE_LEVEL = 0.01
# A seed counts as damaged if a metric is worse than in its base model by more than this.
DAMAGE = 0.02

# Paired contrasts beyond those of neighbouring stages: what changes between the two arms.
CONTRASTS = {
    ("evolve", "uniform"): "a learned instead of a uniform choice of levels",
    ("evolve", "evolve-random"): "a reward that depends on the solver instead of a random one",
    ("evolve", "curate"): "self-play instead of curation",
    ("evolve", "real"): "self-play instead of more training on real data",
    ("uniform", "filter"): "problems posed evenly by the environment instead of by the model itself",
    ("real", "copy"): "real data only instead of the model's own output",
    ("evolve-rzero", "evolve"): "the reward of R-Zero instead of that of SSR",
    ("evolve-replay", "evolve"): "a tenth of real data added to self-play",
    ("filter-reweight", "filter"): "verified output reweighted to the real mix",
    ("curate", "filter-reweight"): "real data and expert iteration added to reweighted verified output",
}
# Own prompts: selection by real share, a full two-by-two. Verified output without real data: three prompt sources.
SQUARE = {("none", "none"): "copy", ("verifier", "none"): "filter"} | {
    ("none", "half"): "copy-real",
    ("verifier", "half"): "filter-real",
}
SOURCES = {"own": "filter", "uniform": "uniform", "learned": "evolve"}
LEAKS = {"filter": 0.0, "filter-leak05": 0.05, "filter-leak20": 0.2, "filter-leak50": 0.5, "copy": 1.0}


def analyse_foundry(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Estimates of the arithmetic foundry.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `ouroboros.experiments.ladder.foundry.simulate`, with the leading column ``job``.
    parameters : mapping
        Those of the tier.
    """
    seeds = table[table["job"] != "proposer"]
    rng = np.random.default_rng(parameters["analysis_seed"])
    cells = seeds.set_index(["arm", "generation", "quantity", "level", "seed"])["value"].sort_index()
    results = _Results(cells, parameters, rng)
    found = [*_fixed_points(table, parameters, rng), *_levels(results), *_budgets(results)]
    if "filter" in parameters["arms"]:
        found += _filter_step(cells)
    found += _contrasts(results)
    found += [*_factorial(results), *_sampling_drift(results)]
    if set(STAGES) <= set(parameters["arms"]) and len(results.seeds) > 1:
        found += _decision(results, found)
    return found


class _Results:
    """Access to metrics by arm, generation and seed."""

    def __init__(self, cells: pd.Series, parameters: Mapping[str, Any], rng: np.random.Generator):
        self.cells, self.parameters, self.rng = cells, parameters, rng
        self.seeds = list(parameters["seeds"])
        self.arms = list(parameters["arms"])
        self.last = parameters["generations"]

    def values(self, arm: str, quantity: str, level: int = 0, generation: int | None = None) -> NDArray:
        """One value per seed."""
        when = generation if generation is not None else 0 if arm in ("base", "data") else self.last
        return self.cells.loc[arm, when, quantity, level].loc[self.seeds].to_numpy()

    def accuracies(self, arm: str, generation: int | None = None) -> NDArray:
        """Accuracy by seed and level of the real data."""
        return np.stack([self.values(arm, "accuracy", k, generation) for k in range(1, SEEN + 1)], axis=1)

    def metric(self, name: str, arm: str, generation: int | None = None) -> NDArray:
        """A metric as reported, by seed."""
        if name == "drift":
            shares = [self.values(arm, "mix", k, generation) for k in range(SEEN + 2)]
            return total_variation(np.stack(shares, axis=1), self.parameters["real_mix"])
        accuracies = self.accuracies(arm, generation)
        if name == "accuracy":
            return accuracies.mean(axis=1)
        if name == "rare":
            return accuracies[:, -1]
        return (self.accuracies("base") - accuracies).max(axis=1)

    def score(self, name: str, arm: str) -> NDArray:
        """A metric oriented so that more is better."""
        return METRICS[name] * self.metric(name, arm)

    def mean(self, name: str, sample: NDArray, description: str, unit: str = "") -> Estimate:
        """Mean over seeds with its bootstrap interval."""
        value = float(np.mean(sample))
        if len(sample) < 2:
            return Estimate(name, value, value, value, 1, unit, method="exact", description=description)
        ends = bootstrap_mean(sample, self.rng, resamples=4000)
        low, high = min(float(ends.low), value), max(float(ends.high), value)
        return Estimate(name, value, low, high, len(sample), unit, description=description)


def metric_paths(table: pd.DataFrame, arm: str, metric: str, real_mix: Sequence[float]) -> pd.DataFrame:
    """Generation by generation a metric as reported, with a column for each seed; generation 0 is the base.

    Parameters
    ----------
    table : pandas.DataFrame
        As in `analyse_foundry`.
    arm, metric : str
        One of the arms, one of `METRICS`.
    real_mix : sequence of float
        Shares of the real levels.
    """
    cells = table.pivot_table(
        index=["arm", "generation", "seed"], columns=["quantity", "level"], values="value"
    )
    paths = pd.concat([cells.loc["base"], cells.loc[arm]]).sort_index()
    accuracy = paths["accuracy"][list(range(1, SEEN + 1))]
    if metric == "drift":
        mix = np.asarray(paths["mix"][list(range(SEEN + 2))])
        found = pd.Series(total_variation(mix, real_mix), index=paths.index)
    elif metric == "forgetting":
        start = accuracy.xs(0, level="generation")
        found = (start.reindex(paths.index, level="seed") - accuracy).max(axis=1)
    else:
        found = accuracy.mean(axis=1) if metric == "accuracy" else accuracy[SEEN]
    return found.unstack("seed")


def total_variation(mix: NDArray, real: NDArray) -> NDArray:
    """Distance between shares of levels 0 to 5 (0: no problem posed) and the real mix of levels 1 to 4."""
    target = np.zeros(mix.shape[-1])
    target[1 : 1 + len(real)] = real
    return np.abs(mix - target).sum(axis=-1) / 2


def replicator(shares: NDArray, accuracy: NDArray) -> NDArray:
    """Mix of types after a filter for correctness: each share grows by its accuracy, then all are normalised."""
    kept = np.asarray(shares) * np.asarray(accuracy)
    return kept / kept.sum()


# --------------------------------------------------------------------------------------------------
# What each arm came to


def _levels(results: _Results) -> Iterator[Estimate]:
    last = results.last
    for arm in ["base", *results.arms]:
        for metric in METRICS:
            if arm == "base" and metric == "forgetting":
                continue
            words = f"{metric} of {arm}" + ("" if arm == "base" else f" after {last} generations")
            yield results.mean(f"{arm}-{metric}", results.metric(metric, arm), words)
        yield results.mean(f"{arm}-rare-share", results.values(arm, "mix", SEEN), f"share of level {SEEN}")
        yield results.mean(
            f"{arm}-right", results.values(arm, "right"), "share of free strings that are right"
        )
        yield results.mean(
            f"{arm}-distinct-long", results.values(arm, "distinct-long"), "different problems, level 3 and up"
        )
        if arm != "base":
            yield from _against_base(results, arm)
        yield from _beyond(results, arm)
    yield results.mean(
        "data-drift", results.metric("drift", "data"), "drift of as many real items: its floor"
    )
    for arm in ("evolve", "evolve-rzero", "evolve-random"):
        if arm in results.arms:
            for when, generation in (("first", 1), ("last", last)):
                yield results.mean(
                    f"{arm}-solve-rate-{when}",
                    results.values(arm, "solved", 0, generation),
                    f"share of attempts that succeed at what the proposer poses, {when} generation",
                )
    if "real" in results.arms:
        for arm in ("curate", "evolve"):
            if arm in results.arms:
                yield _steps_to_real(results, arm)


def _against_base(results: _Results, arm: str) -> Iterator[Estimate]:
    for metric in METRICS:
        score = results.score(metric, arm)
        if metric != "forgetting":
            start = METRICS[metric] * results.metric(metric, "base")
            score = score - start
            yield results.mean(
                f"{arm}-gain-{metric}", score, f"{metric} of {arm} against its base, more is better"
            )
        damaged = int(np.count_nonzero(score < -DAMAGE))
        ends = clopper_pearson(damaged, len(score))
        yield Estimate(
            f"{arm}-risk-{metric}",
            damaged / len(score),
            float(ends.low),
            float(ends.high),
            len(score),
            method="clopper-pearson",
            description=f"share of seeds whose {metric} is worse than in the base by more than {DAMAGE}",
        )


def _beyond(results: _Results, arm: str) -> Iterator[Estimate]:
    share = results.values(arm, "beyond")
    yield results.mean(f"{arm}-beyond", share, "level-5 problems unsolved by the base that are solved now")
    if arm != "base":
        again = share - results.values("base", "beyond")
        yield results.mean(f"{arm}-beyond-over-base", again, "the same against a second try of the base")
    some = int(np.count_nonzero(share > 0))
    ends = clopper_pearson(some, len(share))
    yield Estimate(
        f"{arm}-beyond-seeds",
        some / len(share),
        float(ends.low),
        float(ends.high),
        len(share),
        method="clopper-pearson",
        description="share of seeds with at least one such problem",
    )


def _steps_to_real(results: _Results, arm: str) -> Estimate:
    """Gradient steps until the accuracy of more real data is reached; a generation late if it never is."""
    goal = results.metric("accuracy", "real")
    path = np.stack([results.metric("accuracy", arm, t) for t in range(1, results.last + 1)])
    reached = path >= goal
    first = np.where(reached.any(axis=0), reached.argmax(axis=0), results.last) + 1
    return results.mean(
        f"{arm}-steps-to-real",
        first * float(results.parameters["steps"]),
        f"steps until {arm} has the final accuracy of training on real data, "
        f"{(results.last + 1) * results.parameters['steps']} where it never has",
        "steps",
    )


def _budgets(results: _Results) -> Iterator[Estimate]:
    for arm in results.arms:
        for what in ("steps", "samples", "verifier", "real"):
            used = results.values(arm, f"used-{what}")
            yield results.mean(f"{arm}-used-{what}", used, f"{what} used by {arm} in all", "count")
    yield results.mean(
        "base-used-steps", results.values("base", "used-steps"), "steps of the base model", "count"
    )


# --------------------------------------------------------------------------------------------------
# Checks against closed forms


def _filter_step(cells: pd.Series) -> Iterator[Estimate]:
    """First filter step against replicator dynamics with exact accuracies."""
    counts = {
        name: cells.loc["filter", 1, name].groupby("level").sum().to_numpy()
        for name in ("posed", "passed", "expected", "variance")
    }
    n = int(counts["posed"].sum())
    # A level whose answers are all but certain either way has no spread to measure a deviation in.
    loose = counts["variance"] > 1
    z = (counts["passed"] - counts["expected"])[loose] / np.sqrt(counts["variance"][loose])
    worst = float(np.abs(z).max())
    yield Estimate(
        "filter-step-max-z",
        worst,
        worst,
        worst,
        n,
        method="max-z",
        description="right answers among sampled strings against the model's exact probabilities, by level",
    )
    accuracy = counts["expected"] / np.maximum(counts["posed"], 1)
    predicted = replicator(counts["posed"] / n, accuracy)
    after = counts["passed"] / counts["passed"].sum()
    off = float(np.abs(after - predicted).max())
    words = "largest deviation of a level's share after the first filter from replicator dynamics"
    yield Estimate("filter-step-deviation", off, off, off, n, method="exact", description=words)


def _fixed_points(
    table: pd.DataFrame, parameters: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[Estimate]:
    """Solve rate at which the proposer on its own settles."""
    alone = table[table["job"] == "proposer"]
    target = {"ssr": best_solve_rate(parameters["attempts"]), "rzero": 0.5}
    for name in REWARDS:
        # Sorted: the bootstrap must not depend on the order in which jobs finished.
        settled = np.sort(alone.loc[alone["arm"] == f"proposer-{name}", "value"].to_numpy())
        ends = bootstrap_mean(settled, rng)
        value = float(settled.mean())
        yield Estimate(
            f"proposer-{name}-solve-rate",
            value,
            min(float(ends.low), value),
            max(float(ends.high), value),
            len(settled),
            description=f"where the proposer settles if all solve rates are on offer; best is {target[name]:.3f}",
        )


# --------------------------------------------------------------------------------------------------
# The decision rule


def _contrasts(results: _Results) -> Iterator[Estimate]:
    pairs: dict[tuple[str, str], str] = {
        (better, worse): f"{better} instead of {worse}" for worse, better in itertools.pairwise(STAGES)
    }
    for (first, second), words in (CONTRASTS | pairs).items():
        if {first, second} <= set(results.arms):
            for metric in METRICS:
                gain = results.score(metric, first) - results.score(metric, second)
                yield results.mean(
                    f"{first}-over-{second}-{metric}", gain, f"{metric}, more is better: {words}"
                )
    if set(LEAKS) <= set(results.arms):
        leak = np.array(list(LEAKS.values()))
        scores = np.stack([results.metric("accuracy", arm) for arm in LEAKS])
        slopes = (leak - leak.mean()) @ scores / np.sum((leak - leak.mean()) ** 2)
        yield results.mean("leak-slope", slopes, "change of accuracy per unit of false acceptance")


def _factorial(results: _Results) -> Iterator[Estimate]:
    """Main effects and interaction of selection and real share, and steps from one prompt source to the next."""
    for metric in METRICS:
        if set(SQUARE.values()) <= set(results.arms):
            score = {cell: results.score(metric, arm) for cell, arm in SQUARE.items()}
            plain, filtered = score["none", "none"], score["verifier", "none"]
            mixed, both = score["none", "half"], score["verifier", "half"]
            for name, effect, words in (
                ("selection", (filtered - plain + both - mixed) / 2, "an exact verifier instead of none"),
                ("real", (mixed - plain + both - filtered) / 2, "half of each batch real instead of none"),
                (
                    "interaction",
                    both - mixed - filtered + plain,
                    "the verifier's effect with real data less that",
                ),
            ):
                close = " without" if name == "interaction" else ", mean over the other factor"
                words = f"{metric}, more is better: {words}{close}"
                yield results.mean(f"factorial-{name}-{metric}", effect, words)
        if set(SOURCES.values()) <= set(results.arms):
            source = {name: results.score(metric, arm) for name, arm in SOURCES.items()}
            for first, second in (("uniform", "own"), ("learned", "own"), ("learned", "uniform")):
                words = (
                    f"{metric}, more is better: prompts {first} instead of {second}, verified, no real data"
                )
                gain = source[first] - source[second]
                yield results.mean(f"factorial-{first}-over-{second}-{metric}", gain, words)


def _sampling_drift(results: _Results) -> Iterator[Estimate]:
    """How far copying moved the mix, in units of what resampling it that often would do (Wright and Fisher)."""
    if "copy" not in results.arms:
        return
    mix = [
        np.stack([results.values(arm, "mix", k) for k in range(SEEN + 2)], axis=1) for arm in ("base", "copy")
    ]
    # Neither mix is known exactly: each is read off so many free strings.
    mass = 1 - (mix[0] ** 2).sum(axis=1)
    lost = 1 - (1 - 1 / results.parameters["samples"]) ** results.last
    chance = mass * (lost + 2 / results.parameters["free_items"])
    ratio = ((mix[1] - mix[0]) ** 2).sum(axis=1) / chance
    words = (
        "squared move of the mix under copying over that of sampling alone; 1 without any bias of the model"
    )
    yield results.mean("copy-move-over-sampling", ratio, words)


def _decision(results: _Results, found: list[Estimate]) -> Iterator[Estimate]:
    known = {estimate.name: estimate for estimate in found}
    follows, reverses = {}, {}
    for metric in METRICS:
        scores = np.stack([results.score(metric, arm) for arm in STAGES], axis=1)
        forward = stats.page_trend_test(scores).pvalue
        backward = stats.page_trend_test(-scores).pvalue
        neighbours = [
            known[f"{better}-over-{worse}-{metric}"] for worse, better in itertools.pairwise(STAGES)
        ]
        trend = forward < PAGE_LEVEL
        follows[metric] = trend and all(contrast.low > 0 for contrast in neighbours)
        reverses[metric] = backward < PAGE_LEVEL
        yield _exact(f"page-p-{metric}", forward, results, "Page's trend test, order as predicted")
        yield _exact(f"page-p-reverse-{metric}", backward, results, "Page's trend test, order reversed")
        yield _exact(f"follows-{metric}", follows[metric], results, "1 if the metric follows the order")
        only = trend and not follows[metric]
        yield _exact(f"trend-only-{metric}", only, results, "1 if the trend is there and a contrast is not")
    capability = follows["accuracy"] and follows["rare"]
    lost = reverses["drift"] or reverses["forgetting"]
    yield _exact("ladder-supported", all(follows.values()), results, "1 if all four metrics follow the order")
    yield _exact(
        "ladder-capability-only",
        capability and lost,
        results,
        "1 if accuracy and rare follow the order and drift or forgetting is significantly reversed",
    )
    yield from _claims(results, known)


def _claims(results: _Results, known: Mapping[str, Estimate]) -> Iterator[Estimate]:
    if "uniform" in results.arms:
        gain = known["evolve-over-uniform-rare"]
        words = (
            "1 if a learned choice of levels gains five points or more at the rare level, interval above 0"
        )
        yield _exact("curriculum-claim", gain.value >= 0.05 and gain.low > 0, results, words)


def _exact(name: str, value: float, results: _Results, description: str) -> Estimate:
    value = float(value)
    return Estimate(name, value, value, value, len(results.seeds), method="exact", description=description)
