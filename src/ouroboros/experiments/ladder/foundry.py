r"""The arithmetic foundry: the four stages of the ladder on one task, with one base model and one budget.

A small transformer learns sums written backwards (`ouroboros.experiments.ladder.arithmetic`) from real data in
which long sums are rare. Every arm then continues from that same model for the same number of gradient steps,
generation after generation, and differs only in what it trains on. An arm is a cell of a factorial: where
problems come from (its own free generation, a uniform or a learned choice of levels), what is kept (everything,
what an exact or a leaky verifier accepts), whether it is reweighted to the real mix of levels, and the share of
real data in each batch.

Answers to posed problems are not sampled symbol by symbol. A problem has one right answer, and the model gives
its exact probability p, so the number of right answers among G attempts is a draw from Binomial(G, p): the
same law at a fraction of the cost. Free generation is sampled, and a check holds its right answers against p.
"""

import functools
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.experiments.ladder import arithmetic
from ouroboros.experiments.ladder.arithmetic import LEVELS, Problems
from ouroboros.experiments.ladder.foundry_analysis import analyse_foundry
from ouroboros.experiments.ladder.proposer import REWARDS, Proposer
from ouroboros.experiments.ladder.transformer import Learner, Shape, State, learner
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job

COLUMNS = ["seed", "arm", "generation", "quantity", "level", "value"]

# Levels of the real data; the next one is never seen.
SEEN = 4

# Long and large enough for the proposer on its own to settle among 41 levels.
_PROPOSER_ROUNDS = 200
_PROPOSER_TASKS = 1000


@dataclass(frozen=True, slots=True)
class Arm:
    """What one arm trains on.

    Attributes
    ----------
    prompts : str
        ``own`` (free generation), ``uniform`` or ``learned`` (levels posed by the environment), ``none``.
    false_accept : float
        Probability that the verifier passes a wrong string: 0 is exact, 1 keeps everything.
    reweight : bool
        Draw kept strings so that their levels have the real mix.
    real : float
        Share of real items in each batch.
    experts : bool
        Half of the budget goes to attempts at problems taken from the real data.
    reward : str
        Reward of a learned proposer; ``random`` ignores the solver.
    """

    prompts: str
    false_accept: float = 0.0
    reweight: bool = False
    real: float = 0.0
    experts: bool = False
    reward: str = ""


ARMS = {
    "copy": Arm("own", false_accept=1.0),
    "filter": Arm("own"),
    "curate": Arm("own", reweight=True, real=0.5, experts=True),
    "evolve": Arm("learned", reward="ssr"),
    "uniform": Arm("uniform"),
    "real": Arm("none", real=1.0),
    "evolve-random": Arm("learned", reward="random"),
    "evolve-rzero": Arm("learned", reward="rzero"),
    "evolve-replay": Arm("learned", reward="ssr", real=0.1),
    "copy-real": Arm("own", false_accept=1.0, real=0.5),
    "filter-real": Arm("own", real=0.5),
    "filter-reweight": Arm("own", reweight=True),
    "filter-leak05": Arm("own", false_accept=0.05),
    "filter-leak20": Arm("own", false_accept=0.2),
    "filter-leak50": Arm("own", false_accept=0.5),
}


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per seed and arm, one per seed for the base model itself, and one for the proposer on its own.

    The base model of a seed follows from ``base_entropy`` and the index of the seed alone, so all arms of a seed
    share it although their jobs are independent. A process keeps the last few that it trained, and the jobs of a
    seed stand together; so a run can resume at any generation of any arm, and each process trains the base of a
    seed once.

    Parameters
    ----------
    parameters : mapping
        ``seeds`` list of indices; ``arms`` names of `ARMS`; ``model`` sizes (layers, width, heads, batch,
        short, short_places, block); ``rates`` pairs of first step and learning rate; ``base_entropy``;
        ``base`` the rule that ends the training of the base model: at the first multiple of ``every`` steps
        at which the accuracy on ``items`` level-4 problems reaches ``target``, at the latest after ``most``
        steps; ``real_items`` and ``real_mix`` shares of levels 1 to 4; ``generations``, ``steps`` per
        generation; ``samples`` generated per generation; ``attempts`` per posed problem; ``rounds`` and
        ``proposer_rate`` of the proposer; ``test_items`` per level; ``free_items`` free strings per
        evaluation; ``beyond_items`` of level 5 and ``beyond_attempts`` at each; ``proposer_chains``
        replicates of the proposer on its own; ``analysis_seed``.

    Raises
    ------
    ValueError
        If an arm is unknown or the budget does not divide.
    """
    unknown = [name for name in parameters["arms"] if name not in ARMS]
    if unknown:
        raise ValueError(f"arms: {unknown[0]!r} is none of {', '.join(ARMS)}")
    if parameters["samples"] % (2 * parameters["attempts"] * parameters["rounds"]):
        raise ValueError("samples: must be a multiple of 2 · attempts · rounds")
    if not parameters["free_items"] <= parameters["samples"] // 2:
        raise ValueError("free_items: at most half of samples")
    if len(parameters["real_mix"]) != SEEN or not math.isclose(sum(parameters["real_mix"]), 1):
        raise ValueError(f"real_mix: {SEEN} shares that sum to 1")
    apart = ("seeds", "arms", "proposer_chains", "analysis_seed")
    shared = {key: value for key, value in parameters.items() if key not in apart}
    found = [
        Job(f"seed-{index:02d}-{arm}", {"index": index, "arm": arm, **shared})
        for index in parameters["seeds"]
        for arm in ("base", *parameters["arms"])
    ]
    alone = {key: parameters[key] for key in ("attempts", "proposer_rate", "proposer_chains")}
    return [*found, Job("proposer", alone)]


def simulate(
    parameters: Mapping[str, Any], rng: np.random.Generator, checkpoint: Any | None = None
) -> pd.DataFrame:
    """Run one arm of one seed from its base model, measure that model itself, or run the proposer on its own.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of all randomness.
    checkpoint : optional
        ``save(state)`` keeps what an arm has after a generation and the state of `rng`; ``load()`` gives it back
        and sets `rng`, or None. An arm that is resumed gives the same table.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. Arm ``base`` holds the common start, ``data`` a fresh draw of real items. By
        generation: ``accuracy`` of greedy decoding by level; ``mix`` shares of levels in free generation
        (0: poses no problem); ``right`` share of free strings that are right; ``distinct`` share of different
        problems among those posed, ``distinct-long`` among those of level 3 and above; ``kept`` share of
        generated strings trained on; ``proposed`` and ``solved`` by level. At the end: ``beyond``, the share
        of level-5 problems unsolved by the base that at least one of the attempts solves; totals
        ``used-steps``, ``used-samples``, ``used-verifier``, ``used-real``. Arm ``filter``, generation 1:
        counts by level before (``posed``) and after (``passed``) the first filter and the mean and variance
        of the latter given the former (``expected``, ``variance``).
    """
    alone = "proposer_chains" in parameters
    rows = _proposer_alone(parameters, rng) if alone else _run(parameters, rng, checkpoint)
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use."""
    return analyse_foundry(table, parameters)


# --------------------------------------------------------------------------------------------------
# One seed


class _World(NamedTuple):
    """What all arms of a seed share."""

    parameters: Mapping[str, Any]
    machine: Learner
    real: Problems
    real_rows: NDArray
    test: Problems
    test_rows: NDArray
    unsolved: Problems
    base: State
    base_steps: int
    base_free: NDArray


class _Pool(NamedTuple):
    """Strings to train on, their weights, and what making them took."""

    rows: NDArray
    weights: NDArray
    samples: int
    verified: int
    notes: list[tuple[str, int, float]]


def _run(parameters: Mapping[str, Any], rng: np.random.Generator, checkpoint: Any | None) -> Iterator[tuple]:
    """Rows of one arm, or of the base model and of real data to compare with."""
    index, arm = parameters["index"], parameters["arm"]
    world = _prepare(json.dumps({key: parameters[key] for key in sorted(parameters) if key != "arm"}))

    def rows(name: str, generation: int, found: Iterable[tuple[str, int, float]]) -> Iterator[tuple]:
        for quantity, level, value in found:
            yield (index, name, generation, quantity, level, round(float(value), 9))

    if arm != "base":
        for generation, found in enumerate(_arm(arm, world, rng, checkpoint), start=1):
            yield from rows(arm, generation, found)
        return
    fresh = _real_items(world.parameters, world.parameters["free_items"], rng)
    yield from rows("data", 0, _free_measures(arithmetic.encode(fresh)))
    yield from rows("base", 0, _measures(world, world.base, world.base_free))
    start = [
        ("beyond", 0, _beyond(world, world.base, rng)),
        ("unsolved", 0, len(world.unsolved.level)),
        ("used-steps", 0, world.base_steps),
    ]
    yield from rows("base", 0, start)


@functools.lru_cache(maxsize=2)
def _prepare(text: str) -> _World:
    """Data, tests and base model of a seed, from its parameters as JSON; the last two are kept."""
    parameters = json.loads(text)

    def stream(name: str) -> np.random.Generator:
        words = [parameters["base_entropy"], parameters["index"], zlib.crc32(name.encode())]
        return np.random.default_rng(words)

    sizes = parameters["model"]
    shape = Shape(
        symbols=arithmetic.SYMBOLS,
        places=arithmetic.WIDTH,
        pad=arithmetic.PAD,
        edge=arithmetic.EDGE,
        **{
            key: sizes[key] for key in ("layers", "width", "heads", "batch", "short", "short_places", "block")
        },
    )
    machine = learner(shape, tuple((int(first), float(rate)) for first, rate in parameters["rates"]))
    test = arithmetic.draw(np.repeat(np.arange(1, LEVELS + 1), parameters["test_items"]), stream("test"))
    real = _real_items(parameters, parameters["real_items"], stream("real"))
    # Real items never repeat a test problem, save the hundred problems of level 1, which all occur.
    clash = np.isin(arithmetic.identity(real), arithmetic.identity(test)) & (real.level > 1)
    real = real.take(np.flatnonzero(~clash))
    rows = arithmetic.encode(real)
    state = machine.start(stream("weights"))
    base, steps = _base_model(parameters, machine, state, rows, stream("batches"))

    beyond = stream("beyond")
    hard = arithmetic.draw(np.full(parameters["beyond_items"], LEVELS), beyond)
    chance = _right_probability(machine, base, hard)
    unsolved = hard.take(np.flatnonzero(beyond.binomial(parameters["beyond_attempts"], chance) == 0))
    free = machine.sample(base, parameters["samples"], stream("free"))
    return _World(parameters, machine, real, rows, test, arithmetic.encode(test), unsolved, base, steps, free)


def _base_model(
    parameters: Mapping[str, Any], machine: Learner, state: State, rows: NDArray, rng: np.random.Generator
) -> tuple[State, int]:
    """Train on real data until the rare level is learned in part; how long that takes differs by seed."""
    rule = parameters["base"]
    trial = arithmetic.draw(np.full(rule["items"], SEEN), rng)
    trial_rows, mask = arithmetic.encode(trial), arithmetic.answer_mask(trial)
    steps, accuracy = 0, 0.0
    while steps < rule["most"] and accuracy < rule["target"]:
        for _ in range(rule["every"]):
            state, _ = machine.step(state, rows[rng.integers(len(rows), size=machine.shape.batch)])
        steps += rule["every"]
        accuracy = machine.score(state, trial_rows, mask)[1].mean()
    return state, steps


def _real_items(parameters: Mapping[str, Any], count: int, rng: np.random.Generator) -> Problems:
    return arithmetic.draw(rng.choice(SEEN, size=count, p=parameters["real_mix"]) + 1, rng)


def _arm(
    name: str, world: _World, rng: np.random.Generator, checkpoint: Any | None
) -> list[list[tuple[str, int, float]]]:
    """What is measured in each generation of one arm; one that was interrupted goes on after its last generation."""
    arm, parameters = ARMS[name], world.parameters
    state, free = world.base, world.base_free
    proposer = Proposer(LEVELS, parameters["proposer_rate"] if arm.prompts == "learned" else 0.0)
    samples = verified = 0
    last = parameters["generations"]
    measured: list[list[tuple[str, int, float]]] = []
    if checkpoint is not None and (kept := checkpoint.load()) is not None:
        measured, state, free, proposer, samples, verified = kept
    for generation in range(len(measured) + 1, last + 1):
        pool = _pool(arm, world, state, free, proposer, rng)
        first_step = _filter_step(world, state, free) if name == "filter" and generation == 1 else []
        state = _train(world, state, pool, arm.real, parameters["steps"], rng)
        samples, verified = samples + pool.samples, verified + pool.verified
        again = arm.prompts == "own" and generation < last
        free = world.machine.sample(state, parameters["samples"] if again else parameters["free_items"], rng)
        found = [*_measures(world, state, free), *pool.notes, *first_step]
        if generation == last:
            steps = parameters["steps"] * last
            real = steps * round(arm.real * parameters["model"]["batch"])
            if arm.experts:
                real += last * parameters["samples"] // (2 * parameters["attempts"])
            found += [
                ("beyond", 0, _beyond(world, state, rng)),
                ("used-steps", 0, steps),
                ("used-samples", 0, samples),
                ("used-verifier", 0, verified),
                ("used-real", 0, real),
            ]
        measured.append(found)
        if checkpoint is not None and generation < last:
            checkpoint.save((measured, jax.device_get(state), free, proposer, samples, verified))
    return measured


def _pool(
    arm: Arm, world: _World, state: State, free: NDArray, proposer: Proposer, rng: np.random.Generator
) -> _Pool:
    """Generate, verify and weigh what one generation of an arm trains on besides real items."""
    if arm.prompts == "none":
        return _Pool(free[:0], np.zeros(0), 0, 0, [])
    if arm.prompts == "own":
        return _own_pool(arm, world, state, free, rng)
    return _posed_pool(arm, world, state, proposer, rng)


def _own_pool(arm: Arm, world: _World, state: State, free: NDArray, rng: np.random.Generator) -> _Pool:
    """Free strings that pass the verifier, and with experts right answers to problems of the real data."""
    parameters = world.parameters
    budget = parameters["samples"]
    free = free[: budget // 2 if arm.experts else budget]
    problems = arithmetic.read(free)
    kept = arithmetic.right(free, problems) | (rng.random(len(free)) < arm.false_accept)
    rows, level = free[kept], problems.level[kept]
    if arm.experts:
        asked = rng.choice(len(world.real.level), size=budget // (2 * parameters["attempts"]), replace=False)
        posed = world.real.take(asked)
        solved = rng.binomial(parameters["attempts"], _right_probability(world.machine, state, posed))
        rows = np.concatenate([rows, np.repeat(world.real_rows[asked], solved, axis=0)])
        level = np.concatenate([level, np.repeat(posed.level, solved)])
    weights = np.ones(len(rows))
    if arm.reweight:
        target = np.array([0.0, *parameters["real_mix"], 0.0])
        weights = target[level] / np.bincount(level, minlength=LEVELS + 1)[level]
    notes = [("kept", 0, len(rows) / budget)]
    return _Pool(rows, weights, budget, 0 if arm.false_accept == 1 else budget, notes)


def _posed_pool(arm: Arm, world: _World, state: State, proposer: Proposer, rng: np.random.Generator) -> _Pool:
    """Right answers to problems whose level a proposer chooses, round by round, and the environment fills in."""
    parameters = world.parameters
    attempts = parameters["attempts"]
    each = parameters["samples"] // (attempts * parameters["rounds"])
    rows, posed, hits = [], np.zeros(LEVELS), np.zeros(LEVELS)
    for _ in range(parameters["rounds"]):
        level = proposer.propose(each, rng)
        problems = arithmetic.draw(level + 1, rng)
        solved = rng.binomial(attempts, _right_probability(world.machine, state, problems))
        rows.append(np.repeat(arithmetic.encode(problems), solved, axis=0))
        posed += np.bincount(level, minlength=LEVELS)
        hits += np.bincount(level, weights=solved, minlength=LEVELS)
        if arm.prompts == "learned":
            proposer.learn(level, _reward(arm.reward, solved / attempts, rng))
    kept = np.concatenate(rows)
    notes = [("kept", 0, len(kept) / parameters["samples"])]
    notes += [("proposed", k + 1, posed[k] / posed.sum()) for k in range(LEVELS)]
    notes += [("solved", k + 1, hits[k] / (attempts * posed[k])) for k in range(LEVELS) if posed[k]]
    notes += [("solved", 0, hits.sum() / (attempts * posed.sum()))]
    return _Pool(kept, np.ones(len(kept)), parameters["samples"], parameters["samples"], notes)


def _reward(name: str, solved: NDArray, rng: np.random.Generator) -> NDArray:
    """Reward of each task; ``random`` pays rewards of the range of SSR whatever the solver did."""
    if name == "random":
        return rng.uniform(-0.8, 1.0, size=len(solved))
    return REWARDS[name](solved)


def _train(
    world: _World, state: State, pool: _Pool, real: float, steps: int, rng: np.random.Generator
) -> State:
    """Steps of the optimiser on batches of real items and of the pool, both drawn with replacement.

    With an empty pool and no real items there is nothing to learn from, and the model stays as it is.
    """
    batch = world.parameters["model"]["batch"]
    from_real = round(real * batch)
    if from_real < batch and not len(pool.rows):
        return state
    shares = pool.weights / pool.weights.sum() if from_real < batch else None
    for _ in range(steps):
        rows = world.real_rows[rng.integers(len(world.real_rows), size=from_real)]
        if shares is not None:
            drawn = rng.choice(len(shares), size=batch - from_real, p=shares)
            rows = np.concatenate([rows, pool.rows[drawn]])
        state, _ = world.machine.step(state, rows)
    return state


# --------------------------------------------------------------------------------------------------
# Measurements


def _right_probability(machine: Learner, state: State, problems: Problems) -> NDArray:
    """Exact probability that the model answers each problem rightly at temperature 1."""
    rows, mask = arithmetic.encode(problems), arithmetic.answer_mask(problems)
    logs, _ = machine.score(state, rows, mask)
    return np.minimum(np.exp(logs), 1.0)


def _measures(world: _World, state: State, free: NDArray) -> Iterator[tuple[str, int, float]]:
    mask = arithmetic.answer_mask(world.test)
    hits = world.machine.score(state, world.test_rows, mask)[1].reshape(LEVELS, -1).mean(axis=1)
    yield from (("accuracy", k + 1, hits[k]) for k in range(LEVELS))
    yield from _free_measures(free[: world.parameters["free_items"]])


def _free_measures(free: NDArray) -> Iterator[tuple[str, int, float]]:
    """Mix, rightness and repetition of free strings; their number must be the same for all that is compared."""
    problems = arithmetic.read(free)
    mix = np.bincount(problems.level, minlength=LEVELS + 1) / len(free)
    yield from (("mix", k, mix[k]) for k in range(LEVELS + 1))
    yield "right", 0, arithmetic.right(free, problems).mean()
    names = arithmetic.identity(problems)
    for quantity, lowest in (("distinct", 1), ("distinct-long", 3)):
        posed = names[problems.level >= lowest]
        yield quantity, 0, len(np.unique(posed)) / max(len(posed), 1)


def _beyond(world: _World, state: State, rng: np.random.Generator) -> float:
    """Share of the level-5 problems that the base never solved of which at least one attempt is right now."""
    if not len(world.unsolved.level):
        return 0.0
    chance = _right_probability(world.machine, state, world.unsolved)
    return (rng.binomial(world.parameters["beyond_attempts"], chance) > 0).mean()


def _filter_step(world: _World, state: State, free: NDArray) -> list[tuple[str, int, float]]:
    """First filter step by level: posed, passed, and mean and variance of passed given what is posed."""
    problems = arithmetic.read(free)
    passed = arithmetic.right(free, problems)
    posed = problems.take(np.flatnonzero(problems.level > 0))
    chance = _right_probability(world.machine, state, posed)
    found = []
    for k in range(1, LEVELS + 1):
        p = chance[posed.level == k]
        found += [
            ("posed", k, len(p)),
            ("passed", k, np.count_nonzero(passed & (problems.level == k))),
            ("expected", k, p.sum()),
            ("variance", k, (p * (1 - p)).sum()),
        ]
    return found


# --------------------------------------------------------------------------------------------------
# The proposer on its own


def _proposer_alone(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """Where the proposer settles if every solve rate from 0 to 1 is on offer and the solver never changes."""
    rates = np.linspace(0, 1, 41)
    attempts = parameters["attempts"]
    for chain in range(parameters["proposer_chains"]):
        for name in REWARDS:
            proposer = Proposer(len(rates), parameters["proposer_rate"])
            for _ in range(_PROPOSER_ROUNDS):
                level = proposer.propose(_PROPOSER_TASKS, rng)
                solved = rng.binomial(attempts, rates[level]) / attempts
                proposer.learn(level, REWARDS[name](solved))
            settled = round(float(proposer.shares @ rates), 9)
            yield (chain, f"proposer-{name}", _PROPOSER_ROUNDS, "solved", 0, settled)
