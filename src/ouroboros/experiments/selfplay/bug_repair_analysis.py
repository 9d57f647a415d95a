"""From the tables of bug injection and repair to its estimates: gains, paired contrasts, equivalence, checks.

All rates are in points, that is, per cent of attempts. A contrast pairs arms by seed: they share programs, tests,
base and the uniform numbers of the test. *Best curriculum* is not the best of several arms on the seeds on which it
is judged, which would flatter it: for each seed the arm is chosen by its mean over the other seeds.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ouroboros.experiments.ladder.proposer import best_solve_rate
from ouroboros.stats import reporting
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import bootstrap_mean

POINTS = "points"
EQUIVALENT = 2.0
CURRICULA = ("sp", "easy-hard", "hard")
CONTRASTS = {
    ("sp", "ro"): "self-play instead of repairing a frozen pool of another run's bugs",
    ("sp", "spc"): "solver feedback in the injector's reward instead of validity only",
    ("sp", "untrained"): "a trained injector instead of one as initialised",
    ("spc", "untrained"): "an injector trained for validity instead of one as initialised",
    ("sp", "uni"): "self-play instead of sizes posed evenly",
    ("sp", "hum"): "self-play instead of a small set of human bugs",
    ("sp", "no-gate"): "self-play with instead of without the consistency check",
    ("sp", "no-entropy"): "self-play with instead of without an entropy bonus for the injector",
    ("removal", "sp"): "taking steps out instead of replacing them",
    ("removal", "removal-untrained"): "a trained instead of an untrained injector, taking steps out",
    ("untrained", "uni"): "an injector as initialised instead of sizes posed evenly",
    ("easy-hard", "uni"): "sizes from small to large instead of evenly",
    ("hard", "uni"): "three substitutions throughout instead of sizes posed evenly",
}


def analyse_bug_repair(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Estimates of bug injection and repair.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `ouroboros.experiments.selfplay.bug_repair.simulate`, with the leading column ``job``.
    parameters : mapping
        Those of the tier.
    """
    results = _Results(table, parameters)
    found = [*_injector(results), *_levels(results)]
    if len(parameters["seeds"]) < 2:
        return found
    return [*found, *_gains(results), *_contrasts(results), *_equivalence(results), *_curriculum(results)]


class _Results:
    """Access to measures by arm and seed."""

    def __init__(self, table: pd.DataFrame, parameters: Mapping[str, Any]):
        keys = ["arm", "quantity", "size", "iteration", "seed"]
        self.cells = table.set_index(keys)["value"].sort_index()
        self.parameters = parameters
        self.arms = parameters["arms"]
        self.last = parameters["iterations"]
        self.rng = np.random.default_rng(parameters["analysis_seed"])

    def points(
        self, arm: str, quantity: str = "human", size: int = 0, iteration: int | None = None
    ) -> NDArray:
        """Rates in points, one per seed in order of the seeds."""
        at = (0 if arm == "base" else self.last) if iteration is None else iteration
        return 100 * self.cells.loc[arm, quantity, size, at].to_numpy()

    def late(self, arm: str, quantity: str, size: int = 0) -> NDArray:
        """Mean over the last third of the iterations, one per seed."""
        part = self.cells.loc[arm, quantity, size].unstack("seed")
        return part[part.index > self.last - max(1, self.last // 3)].mean(axis=0).to_numpy()

    def mean(self, name: str, sample: NDArray, description: str, unit: str = POINTS) -> Estimate:
        """Mean over seeds with its bootstrap interval."""
        value = sample.mean()
        low, high = bootstrap_mean(sample, self.rng) if len(sample) > 1 else (value, value)
        ends = min(low, value), max(high, value)
        return reporting.interval(name, value, *ends, len(sample), description, unit=unit, method="bootstrap")


def _injector(results: _Results) -> Iterator[Estimate]:
    """The reward against its formula, its optimum against the closed form, and where the injector settles."""
    penalty, attempts = results.parameters["penalty"], results.parameters["attempts"]
    reward = results.cells.loc["injector", "reward"].to_numpy()
    share = np.arange(attempts + 1) / attempts
    formula = np.where((share > 0) & (share < 1), 1 - (1 + penalty) * share, -penalty)
    yield reporting.exact(
        "reward-deviation",
        np.abs(reward - formula).max(),
        len(share),
        "Largest deviation of the injector's reward from its published formula",
    )
    grid = np.linspace(0, 1, 10_001)
    expected = stats.binom.pmf(np.arange(attempts + 1)[:, None], attempts, grid).T @ reward
    yield reporting.exact(
        "reward-optimum",
        grid[expected.argmax()],
        1,
        f"Solve rate at which the injector's expected reward is largest with {attempts} attempts",
    )
    yield reporting.exact(
        "optimum-theory", best_solve_rate(attempts), 1, "The same in closed form, 1 − G^(−1/(G−1))"
    )
    yield reporting.exact(
        "settled-solve-rate",
        results.cells.loc["injector", "settled"].item(),
        1,
        "Solve rate at which the injector alone settles when every rate is on offer and the solver does not change",
    )


def _levels(results: _Results) -> Iterator[Estimate]:
    for arm in ("base", *results.arms):
        yield results.mean(
            f"{arm}-solved", results.points(arm), f"{arm}: attempts at unseen human bugs that succeed"
        )
        known = results.points(arm, "known")
        yield results.mean(f"{arm}-known", known, f"{arm}: the same in programs of the training set")
    for arm in results.arms:
        if ("solved", 0) not in results.cells.loc[arm].index.droplevel(["iteration", "seed"]):
            continue
        text = f"{arm}: share of attempts that succeed on what it trains on, last third of the iterations"
        yield results.mean(f"{arm}-solve-rate", results.late(arm, "solved"), text, unit="")
        if "valid" in results.cells.loc[arm].index.get_level_values("quantity"):
            text = f"{arm}: share of injected bugs that pass the consistency check, last third"
            yield results.mean(f"{arm}-valid", results.late(arm, "valid"), text, unit="")
            for size in (1, 2, 3):
                text = f"{arm}: share of bugs of {size} substitutions in what it trains on, last third"
                yield results.mean(f"{arm}-share-{size}", results.late(arm, "share", size), text, unit="")


def _gains(results: _Results) -> Iterator[Estimate]:
    for arm in results.arms:
        gain = results.points(arm) - results.points("base")
        yield results.mean(f"{arm}-gain", gain, f"{arm}: gain over the base on unseen human bugs")
        gain = results.points(arm, "human-any") - results.points("base", "human-any")
        text = f"{arm}: gain over the base in unseen human bugs that at least one attempt repairs"
        yield results.mean(f"{arm}-gain-any", gain, text)
        for size in (1, 2, 3):
            gain = results.points(arm, "even", size) - results.points("base", "even", size)
            text = (
                f"{arm}: gain over the base on evenly drawn bugs of {size} substitutions in unseen programs"
            )
            yield results.mean(f"{arm}-gain-size-{size}", gain, text)


def _contrasts(results: _Results) -> Iterator[Estimate]:
    for (first, second), text in CONTRASTS.items():
        if {first, second} <= set(results.arms):
            gain = results.points(first) - results.points(second)
            yield results.mean(f"{first}-over-{second}", gain, f"Unseen human bugs: {text}, paired by seed")
            even = np.mean(
                [results.points(first, "even", k) - results.points(second, "even", k) for k in (1, 2, 3)],
                axis=0,
            )
            text = f"Evenly drawn bugs, mean over sizes: {text}, paired by seed"
            yield results.mean(f"{first}-over-{second}-even", even, text)


def _equivalence(results: _Results) -> Iterator[Estimate]:
    """Two one-sided paired t tests of solver feedback against validity only."""
    if not {"sp", "spc"} <= set(results.arms):
        return
    gap = results.points("sp") - results.points("spc")
    error = gap.std(ddof=1) / np.sqrt(len(gap))
    scores = (gap.mean() + np.array([EQUIVALENT, -EQUIVALENT])) / max(error, 1e-12)
    upper, lower = stats.t.sf(scores[0], len(gap) - 1), stats.t.cdf(scores[1], len(gap) - 1)
    yield reporting.exact(
        "feedback-tost-p",
        max(upper, lower),
        len(gap),
        f"p of equivalence of solver feedback and validity only within {EQUIVALENT:g} points (TOST, paired)",
        method="tost",
    )
    low, high = bootstrap_mean(gap, results.rng)
    yield reporting.exact(
        "feedback-distance",
        max(low, -high),
        len(gap),
        "Distance from 0 of the interval of solver feedback over validity only (negative: it contains 0)",
        unit=POINTS,
        method="bootstrap",
    )


def _curriculum(results: _Results) -> Iterator[Estimate]:
    """The best of the curricula over sizes posed evenly, chosen for each seed by the other seeds."""
    offered = [arm for arm in CURRICULA if arm in results.arms]
    if "uni" not in results.arms or not offered:
        return
    rates = np.stack([results.points(arm) for arm in offered])
    others = (rates.sum(axis=1, keepdims=True) - rates) / (rates.shape[1] - 1)
    chosen = others.argmax(axis=0)
    gain = np.take_along_axis(rates, chosen[None], axis=0)[0] - results.points("uni")
    best = results.mean(
        "curriculum-over-uni", gain, "Best curriculum, chosen on the other seeds, over sizes posed evenly"
    )
    yield best
    yield reporting.exact(
        "curriculum-claim",
        float(best.value >= 5 and best.low > 0),
        best.n,
        "1 if that gain is at least 5 points with an interval above 0",
        method="rule",
    )
    share = np.bincount(chosen, minlength=len(offered)) / len(chosen)
    for arm, value in zip(offered, share, strict=True):
        text = f"Share of seeds whose other seeds choose {arm} as the best curriculum"
        yield reporting.exact(f"chosen-{arm}", value, len(chosen), text)
