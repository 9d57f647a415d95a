"""From errors on the probe to areas under curves, paired contrasts, their power, and the side tests."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ouroboros.experiments.selfplay import kuhn, poker_trees, role_baselines
from ouroboros.experiments.selfplay.poker_trees import KUHN, LEDUC
from ouroboros.stats import reporting
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.power import conjunction_power, effect_interval

PROBES = ("linear", "tuned")
CONTROLS = ("none", "shuffled", "fixed")  # what transfer has to beat
SPECIFIC = (
    *CONTROLS,
    "imitation",
    "equilibrium",
)  # and what transfer that is special to self-play has to beat
SMALLEST = 0.5  # effect of interest, in standard deviations of the paired differences
_PLANNED = 20
_ONE_SIDED = 0.9  # level of an interval whose lower end is a one-sided test at 0.05
_KEYS = ["replicate", "arm", "probe"]


def areas(table: pd.DataFrame) -> pd.DataFrame:
    """Area under the curve of error against labels, mean of the three tasks, a row per replicate, arm and probe.

    The error is a mean squared error over the variance of the answer; the area is the mean over the logarithm of the
    number of labels (trapezium), so it has the unit of the error, and less is better.
    """
    asked = table[table["labels"] > 0]
    error = asked.groupby([*_KEYS, "labels"])["value"].mean().unstack("labels").sort_index(axis=1)
    labels = np.log2(error.columns.to_numpy(float))
    spread = labels[-1] - labels[0]
    area = np.trapezoid(error.to_numpy(), labels, axis=1) / spread if spread else error.to_numpy()[:, 0]
    return pd.Series(area, index=error.index, name="area").reset_index()


def estimates(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Every number that checks, criteria and the page use."""
    rng = np.random.default_rng(parameters["analysis_seed"])
    area = areas(table)
    return [
        *_of_the_code(parameters),
        *_of_power(parameters, rng),
        *_of_skill(table, rng),
        *_of_areas(area, rng),
        *_of_contrasts(area),
        *_of_roles(table, rng),
    ]


def _of_the_code(parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    games = poker_trees.grown(KUHN, LEDUC)
    even = poker_trees.uniform(games)
    solved = poker_trees.equilibrium((KUHN, LEDUC), parameters["iterations"])
    yield reporting.exact(
        "kuhn-uniform-exploitability",
        poker_trees.exploitability(games, even, 0),
        1,
        "Exploitability of choosing at random in Kuhn poker",
    )
    yield reporting.exact(
        "kuhn-value", poker_trees.values(games, solved, 0), 1, "Value of the solved Kuhn poker"
    )
    yield reporting.exact(
        "leduc-value", poker_trees.values(games, solved, 1), 1, "Value of the solved Leduc poker"
    )
    for game, name in enumerate(("kuhn", "leduc")):
        yield reporting.exact(
            f"solved-exploitability-{name}",
            poker_trees.exploitability(games, solved, game),
            1,
            f"Exploitability of the solution that two arms learn from, {name}",
        )
    yield reporting.exact(
        "role-saving",
        max(role_baselines.saving(kuhn.equilibrium(alpha)) for alpha in (0, 1 / 6, 1 / 3)),
        3,
        "Share of the squared advantage that a baseline for each role removes, Kuhn poker, largest of three equilibria",
    )


def _of_power(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[Estimate]:
    for name, tests in (("transfer", len(CONTROLS)), ("specific", len(SPECIFIC))):
        for label, n in (("planned", _PLANNED), ("run", parameters["seeds"])):
            if n > 1:
                power = conjunction_power([SMALLEST] * tests, 0.5, n, rng)
                words = (
                    f"Power of the conjunction of {tests} tests at effects of {SMALLEST} SD, {n} replicates"
                )
                yield reporting.exact(f"power-{name}-{label}", power, n, words, method="simulated")


def _mean(name: str, values: np.ndarray, rng: np.random.Generator, words: str) -> Estimate:
    return reporting.mean(name, reporting.summarise(values, rng), words)


def _of_skill(table: pd.DataFrame, rng: np.random.Generator) -> Iterator[Estimate]:
    for game in ("kuhn", "leduc"):
        rows = table[table["quantity"] == f"exploitability-{game}"]
        for arm in rows["arm"].unique():
            values = rows[rows["arm"] == arm].sort_values("replicate")["value"].to_numpy(float)
            yield _mean(f"{arm}-exploitability-{game}", values, rng, f"{arm}: exploitability in {game} poker")


def _of_areas(area: pd.DataFrame, rng: np.random.Generator) -> Iterator[Estimate]:
    for (arm, probe), rows in area.groupby(["arm", "probe"], sort=False):
        values = rows.sort_values("replicate")["area"].to_numpy(float)
        yield _mean(f"{arm}-area-{probe}", values, rng, f"{arm}: area under the error curve, {probe} probe")


def _paired(area: pd.DataFrame, probe: str, better: str, worse: str) -> np.ndarray:
    wide = area[area["probe"] == probe].pivot(index="replicate", columns="arm", values="area").sort_index()
    return (wide[worse] - wide[better]).to_numpy(float)


def contrast(name: str, gain: np.ndarray, words: str) -> Estimate:
    """Mean of paired differences with the interval of a one-sided t test at 0.05."""
    n, mean = len(gain), float(gain.mean())
    half = stats.t.isf((1 - _ONE_SIDED) / 2, n - 1) * gain.std(ddof=1) / np.sqrt(n)
    return Estimate(name, mean, mean - half, mean + half, n, level=_ONE_SIDED, method="t", description=words)


def _effect(name: str, gain: np.ndarray, words: str) -> Estimate:
    mean, deviation, n = float(gain.mean()), float(gain.std(ddof=1)), len(gain)
    low, high = effect_interval(mean, deviation, n, level=_ONE_SIDED)
    d = mean / deviation
    return Estimate(
        name,
        d,
        min(low, d),
        max(high, d),
        n,
        unit="SD",
        level=_ONE_SIDED,
        method="noncentral-t",
        description=words,
    )


def _of_contrasts(area: pd.DataFrame) -> Iterator[Estimate]:
    for probe in PROBES:
        found = {}
        for other in (*SPECIFIC, "other-game", "direct"):
            gain = _paired(area, probe, "self", other)
            words = f"Area of {other} minus area of self-play, {probe} probe (positive: self-play is better)"
            found[other] = contrast(f"self-over-{other}-{probe}", gain, words)
            yield found[other]
            yield _effect(f"self-over-{other}-{probe}-d", gain, f"The same in standard deviations: {words}")
        for name, others in (("transfer", CONTROLS), ("specific", SPECIFIC)):
            yield reporting.extreme(
                f"{name}-{probe}",
                [found[other] for other in others],
                f"Contrast of self-play with the lowest lower end among {', '.join(others)}; {probe} probe",
            )
        gain = _paired(area, probe, "direct", "none")
        yield contrast(
            f"direct-over-none-{probe}",
            gain,
            f"Positive control: area of none minus area of direct, {probe} probe",
        )
        flag = _paired(area, probe, "self-flag", "none-flag")
        yield contrast(
            f"self-over-none-flag-{probe}",
            flag,
            f"Self-play over none where the encoding gives a pair away, {probe} probe",
        )
        leak = _paired(area, probe, "none-flag", "none")
        yield contrast(
            f"flag-gain-{probe}", leak, f"What that feature gains an untrained trunk, {probe} probe"
        )


def _of_roles(table: pd.DataFrame, rng: np.random.Generator) -> Iterator[Estimate]:
    for quantity in ("exploitability-average", "entropy"):
        rows = table[table["quantity"] == quantity]
        by_arm = {
            arm: rows[rows["arm"] == arm].sort_values("replicate")["value"].to_numpy(float)
            for arm in role_baselines.ARMS
        }
        for arm, values in by_arm.items():
            yield _mean(f"{arm}-{quantity}", values, rng, f"REINFORCE in Kuhn poker, {arm}: {quantity}")
        gain = by_arm["one-baseline"] - by_arm["role-baselines"]
        yield contrast(
            f"one-minus-role-{quantity}", gain, f"{quantity}: one baseline minus one for each role"
        )
