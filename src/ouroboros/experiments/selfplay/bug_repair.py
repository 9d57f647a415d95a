r"""Self-play on bugs: who should choose what a solver practises on, and does it matter?

A world has a style of code, three thousand programs with tests, and a law by which people make mistakes
(`ouroboros.experiments.selfplay.list_programs`). A small network imitates repairs until it solves some bugs; every
arm continues from there for the same number of steps on batches of the same size, and differs only in where its
bugs come from (`ARMS`). The network is judged on human bugs, which no arm but one trains on, in programs that none
has seen.
"""

import functools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.experiments.selfplay import list_programs, repair_network
from ouroboros.experiments.selfplay.bug_repair_analysis import analyse_bug_repair
from ouroboros.experiments.selfplay.list_programs import LENGTH, MOST_EDITS, Bugs, Habits
from ouroboros.experiments.selfplay.repair_network import Rules, State
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job

COLUMNS = ["seed", "arm", "iteration", "quantity", "size", "value"]

# The injector alone: long enough to settle, with little entropy so that it can.
_ALONE_STEPS, _ALONE_ENTROPY = 600, 0.02

Shares = tuple[float, ...]
Found = tuple[str, int, float]
Report = Callable[[int, State, list[Found]], Any]


@dataclass(frozen=True, slots=True)
class Arm:
    """Where an arm's bugs come from.

    Attributes
    ----------
    source : str
        ``play`` (planted by the network itself), ``posed`` (drawn by a schedule), ``pool`` (those that another
        run of self-play had planted), ``human`` (a small set of human bugs).
    rules : dict
        For ``play``: what differs from plain self-play, see `repair_network.Rules`.
    schedule : tuple
        For ``posed``: shares of one, two, three substitutions, for equal parts of the iterations in turn.
    """

    source: str
    rules: dict[str, float] = field(default_factory=dict)
    schedule: tuple[Shares, ...] = ()


_EVEN, _ONE, _TWO, _THREE = (1 / 3, 1 / 3, 1 / 3), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
ARMS = {
    "sp": Arm("play"),
    "spc": Arm("play", {"feedback": 0.0}),
    "untrained": Arm("play", {"injector": 0.0}),
    "io": Arm("play", {"solver": 0.0}),
    "ro": Arm("pool"),
    "removal": Arm("play", {"removal": 1.0}),
    "removal-untrained": Arm("play", {"removal": 1.0, "injector": 0.0}),
    "no-gate": Arm("play", {"gate": 0.0}),
    "no-entropy": Arm("play", {"entropy": 0.0}),
    "shuffled": Arm("play", {"shuffled": 1.0}),
    "uni": Arm("posed", schedule=(_EVEN,)),
    "easy-hard": Arm("posed", schedule=(_ONE, _TWO, _THREE)),
    "hard": Arm("posed", schedule=(_THREE,)),
    "hum": Arm("human"),
}


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per seed and arm, one per seed for the base itself, and one for the injector alone.

    World, tests and base of a seed follow from ``base_entropy`` and the index of the seed alone, so all arms of a
    seed share them although their jobs are independent; a process keeps the last that it made.

    Parameters
    ----------
    parameters : mapping
        ``seeds`` list of indices; ``arms`` names of `ARMS`; ``base_entropy``; ``concentration`` of the style;
        ``repositories`` to train on and ``held_out``; ``width`` of the network; ``base`` with ``steps, batch,
        rate``, the number of ``repositories`` it learns from and the ``mix`` of sizes; ``iterations``, ``steps``
        per iteration, ``batch`` bugs per step, ``proposals`` injected per step, ``attempts`` at each bug,
        learning ``rate``; ``penalty`` and ``entropy`` of the injector's reward; ``human_set`` bugs of the arm
        ``hum``; ``test_items`` human bugs and as many evenly drawn ones of each size; ``analysis_seed``.

    Raises
    ------
    ValueError
        If an arm is unknown, or fewer bugs are proposed than trained on.
    """
    unknown = [name for name in parameters["arms"] if name not in ARMS]
    if unknown:
        raise ValueError(f"arms: {unknown[0]!r} is none of {', '.join(ARMS)}")
    if parameters["proposals"] < parameters["batch"]:
        raise ValueError("proposals: at least as many as batch")
    shared = {
        key: value for key, value in parameters.items() if key not in ("seeds", "arms", "analysis_seed")
    }
    found = [
        Job(f"seed-{index:02d}-{arm}", {"index": index, "arm": arm, **shared})
        for index in parameters["seeds"]
        for arm in ("base", *parameters["arms"])
    ]
    return [*found, Job("injector", {"arm": "injector", "index": 0, **shared})]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run one arm of one seed, measure its base, or run the injector alone.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of all randomness beyond what the seed's world fixes.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. After each iteration, as shares of attempts: ``human`` (human bugs in unseen programs),
        ``human-any`` (share of those bugs that at least one attempt repairs), ``even`` by size (evenly drawn bugs
        in unseen programs). While training: ``solved``, ``share`` by size, ``valid``. At the end ``known``: human
        bugs in programs of the training set.
    """
    if parameters["arm"] == "injector":
        return pd.DataFrame(list(_injector_alone(parameters, rng)), columns=COLUMNS)
    world = prepare(parameters)
    rows: list[tuple] = []

    def report(iteration: int, state: State, found: list[Found]) -> None:
        measured = [*found, *world.measure(state)]
        if iteration in (0, parameters["iterations"]):
            measured.append(("known", 0, world.solved(state, world.known)))
        rows.extend(
            (parameters["index"], parameters["arm"], iteration, quantity, size, round(float(value), 9))
            for quantity, size, value in measured
        )

    if parameters["arm"] == "base":
        report(0, world.base, [])
    else:
        train(world, ARMS[parameters["arm"]], rng, report)
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Every number that checks, criteria and the page use; rates in points, that is, per cent of attempts."""
    return analyse_bug_repair(table, parameters)


# --------------------------------------------------------------------------------------------------
# What all arms of a seed share


class World(NamedTuple):
    """Programs, tests and base of one seed.

    Attributes
    ----------
    parameters : mapping
        Those of a job, arm aside.
    habits : Habits
        Style of code and law of human mistakes.
    repositories : ndarray, shape (repositories, 5)
        To train on.
    human, known : Bugs
        Human bugs in unseen programs, and in programs of the training set.
    even : list of Bugs
        Evenly drawn bugs of one, two, three substitutions in unseen programs.
    base : State
        Where every arm starts.
    """

    parameters: Mapping[str, Any]
    habits: Habits
    repositories: NDArray
    human: Bugs
    known: Bugs
    even: list[Bugs]
    base: State

    def stream(self, name: str) -> np.random.Generator:
        """A generator that depends on seed and name only."""
        return _stream(self.parameters, name)

    def tries(self, state: State, bugs: Bugs) -> NDArray[np.bool_]:
        """Attempts at bugs, with the same uniform numbers whoever asks."""
        return repair_network.score(state, bugs, self.parameters["attempts"], self.stream("tries"))

    def solved(self, state: State, bugs: Bugs) -> float:
        """Share of attempts that repair their bug."""
        return float(self.tries(state, bugs).mean())

    def measure(self, state: State) -> list[Found]:
        """The three measures of every iteration."""
        human = self.tries(state, self.human)
        even = [("even", size, self.solved(state, bugs)) for size, bugs in enumerate(self.even, start=1)]
        return [("human", 0, human.mean()), ("human-any", 0, human.any(axis=1).mean()), *even]


def prepare(parameters: Mapping[str, Any]) -> World:
    """Programs, tests and base of a seed; the last two are kept."""
    return _prepare(json.dumps({key: parameters[key] for key in sorted(parameters) if key != "arm"}))


def _stream(parameters: Mapping[str, Any], name: str) -> np.random.Generator:
    return np.random.default_rng([parameters["base_entropy"], parameters["index"], zlib.crc32(name.encode())])


@functools.lru_cache(maxsize=2)
def _prepare(text: str) -> World:
    parameters = json.loads(text)
    habits = list_programs.draw_habits(parameters["concentration"], _stream(parameters, "habits"))
    count, items = parameters["repositories"], parameters["test_items"]
    programs = list_programs.draw_repositories(
        habits, count + parameters["held_out"], _stream(parameters, "programs")
    )
    programs = _stream(parameters, "split").permutation(programs)
    seen, unseen = programs[:count], programs[count:]
    tests = _stream(parameters, "tests")
    return World(
        parameters,
        habits,
        seen,
        list_programs.draw_human_bugs(unseen, items, habits, tests),
        list_programs.draw_human_bugs(seen, items, habits, tests),
        [list_programs.draw_bugs(unseen, np.full(items, size + 1), tests) for size in range(MOST_EDITS)],
        _base(parameters, seen, ""),
    )


def _base(parameters: Mapping[str, Any], repositories: NDArray, donor: str) -> State:
    """Imitate repairs of evenly drawn bugs in a small part of the repositories."""
    rule = parameters["base"]
    rng = _stream(parameters, f"base{donor}")
    state = repair_network.fresh(parameters["width"], rule["rate"], rng)
    part = repositories[: rule["repositories"]]
    sizes = rng.choice(MOST_EDITS, size=rule["steps"] * rule["batch"], p=rule["mix"]) + 1
    bugs = _stacked(list_programs.draw_bugs(part, sizes, rng), rule["steps"])
    state, _ = repair_network.imitate(state, bugs, rng, rate=rule["rate"])
    return state


def _stacked(bugs: Bugs, steps: int) -> Bugs:
    return Bugs(*(part.reshape(steps, -1, LENGTH) for part in bugs))


# --------------------------------------------------------------------------------------------------
# Arms


def train(world: World, arm: Arm, rng: np.random.Generator, report: Report) -> State:
    """Continue from the base by one arm.

    Parameters
    ----------
    world : World
        Of a seed.
    arm : Arm
        Where bugs come from.
    rng : numpy.random.Generator
        Source of all randomness.
    report : callable
        Called after each iteration with its number, the network and what happened in training.
    """
    state = repair_network.restart(world.base, world.parameters["rate"])
    if arm.source == "play":
        for iteration, reached, done in _play(world, state, arm, rng):
            state = reached
            sizes = [("share", k, value) for k, value in enumerate(done.sizes.mean(axis=0), start=1)]
            report(
                iteration, state, [("solved", 0, done.solved.mean()), ("valid", 0, done.valid.mean()), *sizes]
            )
        return state
    bugs_of = {"posed": _posed, "pool": _pool, "human": _human}[arm.source](world, arm, rng)
    p = world.parameters
    for iteration in range(1, p["iterations"] + 1):
        bugs = _stacked(bugs_of(iteration, p["steps"] * p["batch"]), p["steps"])
        state, solved = repair_network.posed(state, bugs, p["attempts"], rng, rate=p["rate"])
        report(iteration, state, [("solved", 0, solved.mean())])
    return state


def _play(
    world: World, state: State, arm: Arm, rng: np.random.Generator
) -> Iterator[tuple[int, State, repair_network.Played]]:
    p = world.parameters
    rules = Rules(**({"penalty": p["penalty"], "entropy": p["entropy"]} | arm.rules))
    for iteration in range(1, p["iterations"] + 1):
        truth = world.repositories[rng.integers(len(world.repositories), size=(p["steps"], p["proposals"]))]
        state, done = repair_network.self_play(
            state, truth, p["batch"], p["attempts"], rules, rng, rate=p["rate"]
        )
        yield iteration, state, done


def _posed(world: World, arm: Arm, rng: np.random.Generator) -> Callable[[int, int], Bugs]:
    def draw(iteration: int, count: int) -> Bugs:
        part = (iteration - 1) * len(arm.schedule) // world.parameters["iterations"]
        sizes = rng.choice(MOST_EDITS, size=count, p=arm.schedule[part]) + 1
        return list_programs.draw_bugs(world.repositories, sizes, rng)

    return draw


def _pool(world: World, arm: Arm, rng: np.random.Generator) -> Callable[[int, int], Bugs]:
    """What another run of self-play planted: other weights, other chance, the same repositories."""
    p = world.parameters
    donor = repair_network.restart(_base(p, world.repositories, "-donor"), p["rate"])
    played = [done for _, _, done in _play(world, donor, ARMS["sp"], world.stream("donor"))]
    pool = Bugs(
        np.concatenate([done.programs.reshape(-1, LENGTH) for done in played]).astype(np.int64),
        np.concatenate([done.truth.reshape(-1, LENGTH) for done in played]).astype(np.int64),
    )
    return lambda iteration, count: pool.take(rng.integers(len(pool.programs), size=count))


def _human(world: World, arm: Arm, rng: np.random.Generator) -> Callable[[int, int], Bugs]:
    few = list_programs.draw_human_bugs(
        world.repositories, world.parameters["human_set"], world.habits, world.stream("human set")
    )
    return lambda iteration, count: few.take(rng.integers(len(few.programs), size=count))


# --------------------------------------------------------------------------------------------------
# The injector alone


def _injector_alone(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """Where the injector settles against a solver that never changes, and its reward by solve rate."""
    p = parameters
    rates = rng.permutation(np.linspace(0, 1, MOST_EDITS * LENGTH)).reshape(MOST_EDITS, LENGTH)
    programs = rng.integers(list_programs.BLANK, size=(_ALONE_STEPS, p["proposals"], LENGTH))
    state = repair_network.fresh(p["width"], p["rate"], rng)
    rules = Rules(p["penalty"], _ALONE_ENTROPY)
    chance = repair_network.settle(state, programs, rates, p["attempts"], rules, rng, rate=p["rate"])
    settled = chance[-_ALONE_STEPS // 10 :].mean()
    yield 0, "injector", _ALONE_STEPS, "settled", 0, round(float(settled), 9)
    shares = np.arange(p["attempts"] + 1) / p["attempts"]
    for k, reward in enumerate(np.asarray(repair_network.injector_reward(shares, p["penalty"]))):
        yield 0, "injector", 0, "reward", k, round(float(reward), 9)
