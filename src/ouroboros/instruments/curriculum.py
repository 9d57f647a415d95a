"""Runs a schedule of difficulty in the world of planted bugs, beside the built-in ones on the same seeds.

The world, the solver and the measure are those of the experiment `self-play.bug-repair`; only the choice of what the
solver practises on differs. Intervals are paired t intervals over seeds, because the seeds are few.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ouroboros.experiments.selfplay import bug_repair
from ouroboros.experiments.selfplay.bug_repair import ARMS, Arm
from ouroboros.instruments.curriculum_input import Schedule
from ouroboros.instruments.errors import InstrumentError

BUILT_IN = {
    "uni": "one, two and three substitutions evenly",
    "easy-hard": "one substitution, then two, then three",
    "hard": "three substitutions throughout",
    "sp": "self-play: an injector rewarded by how often its bugs are repaired",
    "untrained": "an injector as initialised",
    "hum": "a small set of human bugs",
}
# Those of the publish tier of the experiment; a test holds them equal.
WORLD = {
    "concentration": 0.3,
    "repositories": 3000,
    "held_out": 1000,
    "width": 128,
    "base": {"steps": 600, "batch": 128, "rate": 0.002, "repositories": 500, "mix": [0.7, 0.2, 0.1]},
    "steps": 40,
    "batch": 64,
    "proposals": 128,
    "attempts": 8,
    "rate": 0.001,
    "penalty": 0.8,
    "entropy": 0.3,
    "human_set": 500,
    "test_items": 1000,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How one choice of tasks ends, over seeds, in points.

    Attributes
    ----------
    name : str
        Of the schedule.
    solved : float
        Attempts at unseen human bugs that succeed.
    gain, against : tuple of float
        Mean, low, high: over the base; of the user's schedule over this one (None for the user's own).
    """

    name: str
    solved: float
    gain: tuple[float, float, float]
    against: tuple[float, float, float] | None

    @property
    def word(self) -> str:
        """Reading of the comparison."""
        if self.against is None:
            return "yours"
        _, low, high = self.against
        return "yours better" if low > 0 else "yours worse" if high < 0 else "undecided"


@dataclass(frozen=True, slots=True)
class Report:
    """What came out.

    Attributes
    ----------
    findings : list of Finding
        The user's schedule first.
    paths : pandas.DataFrame
        Columns ``schedule, seed, iteration, solved``; iteration 0 is the base.
    """

    findings: list[Finding]
    paths: pd.DataFrame


def compare(
    schedule: Schedule,
    against: Sequence[str] = ("uni", "easy-hard", "hard", "sp"),
    *,
    seeds: int = 5,
    seed: int = 1,
    advance: Callable[[], None] = lambda: None,
    world: dict | None = None,
) -> Report:
    """Train the same base by each choice of tasks.

    Parameters
    ----------
    schedule : Schedule
        The user's; the built-in ones get as many iterations.
    against : sequence of str
        Names of `BUILT_IN`.
    seeds : int
        Worlds; at least 2.
    seed : int
        Same seed, same report.
    advance : callable
        Called after each training.
    world : dict, optional
        Parameters other than `WORLD`.

    Raises
    ------
    InstrumentError
        If a name is unknown, occurs twice, or there are too few seeds.
    """
    for name in against:
        if name not in BUILT_IN:
            raise InstrumentError(f"--against {name}: not one of {', '.join(BUILT_IN)}")
    if len(set(against)) < len(against):
        raise InstrumentError(f"--against {' '.join(against)}: a name occurs twice")
    if schedule.name in BUILT_IN:
        raise InstrumentError(f"schedule {schedule.name!r}: the name of a built-in one (another one needed)")
    if seeds < 2:
        raise InstrumentError(f"--seeds {seeds}: at least 2 needed for an interval")
    arms = {schedule.name: Arm("posed", schedule=schedule.shares)} | {name: ARMS[name] for name in against}
    parameters = (world or WORLD) | {"base_entropy": seed, "iterations": schedule.iterations}
    rows = []
    for index in range(seeds):
        prepared = bug_repair.prepare(parameters | {"index": index})
        base = 100 * prepared.solved(prepared.base, prepared.human)
        for name, arm in arms.items():
            rows.append((name, index, 0, base))
            rng = np.random.default_rng([seed, index, zlib.crc32(name.encode())])

            def note(iteration, state, found, name=name, index=index, prepared=prepared):
                rows.append((name, index, iteration, 100 * prepared.solved(state, prepared.human)))

            bug_repair.train(prepared, arm, rng, note)
            advance()
    paths = pd.DataFrame(rows, columns=["schedule", "seed", "iteration", "solved"])
    return Report(_findings(paths, list(arms)), paths)


def _findings(paths: pd.DataFrame, names: list[str]) -> list[Finding]:
    table = paths.pivot(index="seed", columns=["schedule", "iteration"], values="solved")
    last = paths["iteration"].max()
    own = table[names[0], last].to_numpy()
    found = []
    for name in names:
        end = table[name, last].to_numpy()
        against = None if name == names[0] else _interval(own - end)
        found.append(Finding(name, float(end.mean()), _interval(end - table[name, 0].to_numpy()), against))
    return found


def _interval(sample: NDArray) -> tuple[float, float, float]:
    """Mean with its 95 % t interval."""
    mean, error = sample.mean(), sample.std(ddof=1) / np.sqrt(len(sample))
    half = stats.t.isf(0.025, len(sample) - 1) * error
    return float(mean), float(mean - half), float(mean + half)
