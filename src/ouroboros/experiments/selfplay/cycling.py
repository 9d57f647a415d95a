r"""Does play against oneself settle? The last iterate and the average, on three games with known solutions.

Rock-paper-scissors under Hedge, the bilinear game ``x y`` under simultaneous gradient steps, Kuhn poker under
exact policy gradient and under counterfactual regret minimisation. The control plays the same gradient against
an opponent that never learns.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ouroboros.experiments.selfplay import kuhn, learners
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import bootstrap_mean
from ouroboros.stats.job import Job

COLUMNS = ["arm", "setting", "replicate", "step", "quantity", "value"]
_CARDS = ("jack", "queen", "king")
_MOVES = ("rock", "paper", "scissors")


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job for CFR, one for each learning rate of Hedge, one each for gradient, control and bilinear game.

    Parameters
    ----------
    parameters : mapping
        ``replicates`` random starts; ``cfr_recorded`` iterations kept; ``gradient`` with ``rate, steps, burn_in,
        recorded``; ``hedge`` with ``rates, steps, recorded, spread, traced``; ``bilinear`` with ``rate, steps``;
        ``analysis_seed``.
    """
    shared = {"replicates": parameters["replicates"]}
    listed = [Job("cfr", {"arm": "cfr", "recorded": parameters["cfr_recorded"]})]
    for arm in ("gradient", "control"):
        listed.append(Job(arm, {"arm": arm, **shared, **parameters["gradient"]}))
    for k, rate in enumerate(parameters["hedge"]["rates"]):
        rest = {name: v for name, v in parameters["hedge"].items() if name != "rates"}
        listed.append(Job(f"hedge-{k}", {"arm": "hedge", "rate": rate, **shared, **rest}))
    listed.append(Job("bilinear", {"arm": "bilinear", **shared, **parameters["bilinear"]}))
    return listed


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run one arm; a row for each replicate, recorded step and quantity."""
    arm = parameters["arm"]
    rows = {"cfr": _cfr, "gradient": _gradient, "control": _gradient, "hedge": _hedge, "bilinear": _bilinear}
    return pd.DataFrame(list(rows[arm](parameters, rng)), columns=COLUMNS)


def _cfr(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    recorded = set(parameters["recorded"])
    last = max(recorded)
    for step, current, average in learners.counterfactual_regret(recorded):
        for name, play in (("last", current), ("average", average)):
            yield "cfr", "", 0, step, f"exploitability-{name}", float(kuhn.exploitability(play))
    yield "cfr", "", 0, last, "game-value", float(kuhn.value(average))
    for decision in kuhn.Strategy._fields:
        for card, probability in zip(_CARDS, getattr(average, decision), strict=True):
            yield "cfr", "", 0, last, f"{decision}-{card}", float(probability)


def _gradient(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    arm, replicates = parameters["arm"], parameters["replicates"]
    start = kuhn.Strategy(*rng.normal(size=(4, replicates, 3)))
    opponent = kuhn.Strategy.constant(0.5) if arm == "control" else None
    recorded = set(parameters["recorded"])
    late = []
    run = learners.policy_gradient(start, parameters["rate"], parameters["steps"], opponent)
    for step, (current, average) in enumerate(run, start=1):
        if step < parameters["burn_in"] and step not in recorded:
            continue
        last_play = kuhn.exploitability(current)
        if step >= parameters["burn_in"]:
            late.append(last_play)
        if step in recorded:
            for name, values in (("last", last_play), ("average", kuhn.exploitability(average))):
                for k in range(replicates):
                    yield arm, "", k, step, f"exploitability-{name}", float(values[k])
    means = np.mean(late, axis=0)
    for k in range(replicates):
        yield arm, "", k, parameters["steps"], "exploitability-last-mean", float(means[k])


def _hedge(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    replicates, setting = parameters["replicates"], f"rate {parameters['rate']:g}"
    start = rng.dirichlet(np.full(3, parameters["spread"]), size=(replicates, 2))
    recorded = set(parameters["recorded"])
    run = learners.hedge(start, parameters["rate"], parameters["steps"])
    for step, (play, average) in enumerate(run, start=1):
        if step in recorded:
            divergence = (play * np.log(3 * play)).sum(-1).sum(-1)
            gain = learners.rps_exploitability(average)
            for k in range(replicates):
                yield "hedge", setting, k, step, "divergence-last", float(divergence[k])
                yield "hedge", setting, k, step, "exploitability-average", float(gain[k])
        if step % parameters["traced"] == 1:
            for name, shown in (("last", play), ("average", average)):
                for move, share in zip(_MOVES, shown[0, 0], strict=True):
                    yield "hedge", setting, 0, step, f"{name}-{move}", float(share)


def _bilinear(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    rate, steps = parameters["rate"], parameters["steps"]
    start = rng.normal(size=(parameters["replicates"], 2))
    norms = learners.bilinear_steps(start, rate, steps)
    growth = norms / norms[0]
    exact = (1 + rate**2) ** np.arange(steps + 1)
    off = np.abs(growth / exact[:, None] - 1).max(axis=0)
    for k, value in enumerate(off):
        yield "bilinear", f"rate {rate:g}", k, steps, "growth-deviation", float(value)
    yield "bilinear", f"rate {rate:g}", 0, steps, "growth", float(growth[-1, 0])


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Every number that checks, criteria and the page use."""
    return [*_of_cfr(table, parameters), *_of_gradient(table, parameters), *_of_hedge(table, parameters)]


def _values(table: pd.DataFrame, arm: str, quantity: str, step: int, setting: str = "") -> np.ndarray:
    rows = table[
        (table["arm"] == arm)
        & (table["quantity"] == quantity)
        & (table["step"] == step)
        & (table["setting"].fillna("") == setting)
    ]
    return rows.sort_values("replicate")["value"].to_numpy(float)


def _exact(name: str, value: float, description: str, unit: str = "") -> Estimate:
    value = float(value)
    return Estimate(name, value, value, value, 1, unit=unit, method="exact", description=description)


def _mean(name: str, sample: np.ndarray, rng: np.random.Generator, description: str) -> Estimate:
    low, high = bootstrap_mean(sample, rng)
    return Estimate(name, float(sample.mean()), float(low), float(high), len(sample), description=description)


def _of_cfr(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    steps = parameters["cfr_recorded"]
    last = max(steps)
    average = {t: _values(table, "cfr", "exploitability-average", t)[0] for t in steps}
    play = {
        f"{d}-{c}": _values(table, "cfr", f"{d}-{c}", last)[0] for d in kuhn.Strategy._fields for c in _CARDS
    }
    yield _exact(
        "uniform-exploitability",
        kuhn.exploitability(kuhn.Strategy.constant(0.5)),
        "Exploitability of choosing at random in Kuhn poker",
    )
    published = {1: 0.4583333333, 10: 0.0686987938, 30: 0.0229766628, 100: 0.0082259773}
    published |= {300: 0.0030339606, 1000: 0.0009376166, 3000: 0.0004186307}
    off = [abs(average[t] / published[t] - 1) for t in steps if t in published]
    yield _exact(
        "max-cfr-deviation",
        max(off),
        f"Largest relative deviation of CFR's average from OpenSpiel's solver, {len(off)} iterations",
    )
    value = _values(table, "cfr", "game-value", last)[0]
    yield _exact("cfr-value-error", abs(value - kuhn.VALUE), "Deviation of CFR's value from -1/18")
    alpha = play["bet-jack"]
    family = {
        "bet-king": 3 * alpha,
        "call-queen": alpha + 1 / 3,
        "bet-queen": 0,
        "reply-queen": 1 / 3,
        "raid-jack": 1 / 3,
    }
    yield _exact(
        "max-family-deviation",
        max(abs(play[name] - expected) for name, expected in family.items()),
        "Largest deviation of CFR's average from the family of equilibria that its own bluffing rate selects",
    )
    yield _exact("cfr-alpha", alpha, "Bluffing rate of the first player at the end of CFR")
    fitted = [t for t in steps if t >= 10]
    slope = np.polyfit(np.log(fitted), np.log([average[t] for t in fitted]), 1)[0]
    yield _exact("cfr-slope", slope, "Slope of log exploitability on log iterations")
    yield _exact("cfr-average-exploitability", average[last], f"CFR, average play, {last} iterations")
    final = _values(table, "cfr", "exploitability-last", last)[0]
    yield _exact("cfr-last-exploitability", final, f"CFR, last iterate, {last} iterations")
    deviation = table[table["quantity"] == "growth-deviation"]["value"].max()
    yield _exact(
        "max-growth-deviation",
        deviation,
        "Largest relative deviation of the squared distance from its exact growth in the bilinear game",
    )


def _of_gradient(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    steps = parameters["gradient"]["steps"]
    rng = np.random.default_rng(parameters["analysis_seed"])
    last = _values(table, "gradient", "exploitability-last-mean", steps)
    average = _values(table, "gradient", "exploitability-average", steps)
    control = _values(table, "control", "exploitability-average", steps)
    yield _mean("gradient-last", last, rng, "Exploitability of the last iterate, mean over the later steps")
    yield _mean("gradient-average", average, rng, "Exploitability of the average strategy at the end")
    yield _mean("control-average", control, rng, "The same, trained against a frozen random player")
    # A ratio of means, paired: starts with a slow average count with their weight instead of by their ratio.
    picks = rng.integers(len(last), size=(4000, len(last)))
    ratios = last[picks].mean(axis=1) / average[picks].mean(axis=1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    point = float(last.mean() / average.mean())
    yield Estimate(
        "gradient-last-over-average",
        point,
        float(min(low, point)),
        float(max(high, point)),
        len(last),
        description="Mean exploitability of the last iterates over that of the average strategies, paired starts",
    )
    share = float(np.mean(last > average))
    yield _exact(
        "gradient-share-worse", share, "Share of starts whose last iterate is worse than its average"
    )


def _of_hedge(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    hedge = parameters["hedge"]
    rng = np.random.default_rng(parameters["analysis_seed"] + 1)
    excess = []
    for rate in hedge["rates"]:
        setting = f"rate {rate:g}"
        for t in hedge["recorded"]:
            bound = 2 * (np.log(3) / (rate * t) + rate / 2)
            excess.append(_values(table, "hedge", "exploitability-average", t, setting).max() - bound)
    yield _exact(
        "max-hedge-excess",
        max(excess),
        f"Largest excess of the average's summed exploitability over the Hedge bound, {len(excess)} cells",
    )
    setting = f"rate {hedge['rates'][0]:g}"
    path = [_values(table, "hedge", "divergence-last", t, setting) for t in sorted(hedge["recorded"])]
    steps = np.log(np.array(path[1:]) / np.array(path[:-1]))
    smallest = min(range(len(steps)), key=lambda k: steps[k].mean())
    yield _mean(
        "hedge-divergence-step",
        steps[smallest],
        rng,
        "Smallest mean log growth of the last iterate's divergence from equilibrium between recorded rounds",
    )
    yield _mean("hedge-divergence-start", path[0], rng, f"Divergence after {hedge['recorded'][0]} rounds")
    yield _mean("hedge-divergence-end", path[-1], rng, f"Divergence after {hedge['recorded'][-1]} rounds")
    gain = _values(table, "hedge", "exploitability-average", hedge["recorded"][-1], setting)
    yield _mean("hedge-average-exploitability", gain, rng, "Summed exploitability of average play at the end")
