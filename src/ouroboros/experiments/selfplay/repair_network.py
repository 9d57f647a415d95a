r"""One small network that plants bugs and repairs them, and the compiled steps that train it.

The trunk is shared between both parts, as one language model plays both in Self-play SWE-RL [wei2025ssr]_; two
inputs say which part it plays. As *solver* it sees the broken program, which assertions of its eight tests hold,
and what it has edited already; it draws an edit from a table of position × primitive, the tests are run again, and
so on until all pass or three edits are made. As *injector* it sees the sound program and draws number, positions
and classes of primitives from separate heads; the primitive is drawn evenly within its class.

Both learn by the policy gradient with the reward centred: over the attempts at one bug for the solver, over the
bugs of a step for the injector. Randomness comes from outside as uniform numbers, so results do not depend on a
generator inside the compiler's library.

References
----------
.. [wei2025ssr] Y. Wei et al., Toward Training Superintelligent Software Agents through Self-Play SWE-RL.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from ouroboros.experiments.selfplay import list_programs as world
from ouroboros.experiments.selfplay.list_programs import (
    ASSERTIONS,
    BLANK,
    CLASSES,
    LENGTH,
    MEMBERS,
    MOST_EDITS,
    PRIMITIVES,
    SYMBOLS,
    TESTS,
)

Weights = dict[str, Any]

# Uniform numbers that one attempt at a repair uses (one for each edit), and one injected bug (number, then position,
# class and member of each substitution).
SOLVER_DRAWS = MOST_EDITS
INJECTOR_DRAWS = 1 + 3 * MOST_EDITS
INVALID_REWARD = -1.0
_NEVER = -1e9
_TABLE = LENGTH * len(PRIMITIVES)
_SEEN = ASSERTIONS + MOST_EDITS + LENGTH
_INPUTS = LENGTH * SYMBOLS + _SEEN + 2


class State(NamedTuple):
    """Weights and optimiser state."""

    weights: Weights
    optimiser: Any


class Rules(NamedTuple):
    """What an arm of self-play changes; numbers, so that all arms share one compiled step.

    Attributes
    ----------
    penalty : float
        α of the injector's reward.
    entropy : float
        Bonus for the entropy of the injector's heads, in units of reward per nat; without one it soon poses
        one kind of bug only.
    feedback : float
        1: the reward of a valid bug depends on how often it is solved; 0: it is 1.
    gate : float
        1: only valid bugs are trained on and rewarded; 0: no consistency check.
    removal : float
        1: steps are taken out and leave a blank; 0: they are replaced by other primitives.
    solver, injector : float
        Weights of both losses; 0 leaves a part untrained.
    shuffled : float
        1: each bug's attempts get the rewards of another bug's attempts.
    """

    penalty: float
    entropy: float
    feedback: float = 1.0
    gate: float = 1.0
    removal: float = 0.0
    solver: float = 1.0
    injector: float = 1.0
    shuffled: float = 0.0


class Played(NamedTuple):
    """What happened in the steps of one iteration; arrays with a leading axis of steps.

    Attributes
    ----------
    valid, solved, sizes : ndarray
        Share of injected bugs that are valid; mean solve rate of what was trained on; shares of one, two, three
        substitutions in it, shape (steps, 3).
    programs, truth : ndarray, shape (steps, batch, 5)
        What was trained on.
    """

    valid: NDArray
    solved: NDArray
    sizes: NDArray
    programs: NDArray
    truth: NDArray


def fresh(width: int, rate: float, rng: np.random.Generator) -> State:
    """Random weights, and the state of their optimiser."""

    def normal(rows: int, columns: int, scale: float) -> Any:
        return jnp.asarray(rng.normal(scale=scale / np.sqrt(rows), size=(rows, columns)), dtype=jnp.float32)

    weights = {
        "in": normal(_INPUTS, width, 2.5),
        "in-bias": jnp.zeros(width),
        "hidden": normal(width, width, 1.4),
        "hidden-bias": jnp.zeros(width),
        "edits": normal(width, _TABLE, 0.1),
        "edits-bias": jnp.zeros(_TABLE),
        "bugs": normal(width, MOST_EDITS + LENGTH + len(CLASSES), 0.1),
        "bugs-bias": jnp.zeros(MOST_EDITS + LENGTH + len(CLASSES)),
    }
    return restart(State(weights, None), rate)


def restart(state: State, rate: float) -> State:
    """The same weights with a fresh optimiser of another rate."""
    return State(state.weights, _optimiser(rate).init(state.weights))


@functools.cache
def _optimiser(rate: float) -> optax.GradientTransformation:
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))


# --------------------------------------------------------------------------------------------------
# The network


def _trunk(weights: Weights, programs: Any, seen: Any, injecting: bool) -> Any:
    symbols = jax.nn.one_hot(programs, SYMBOLS).reshape(len(programs), -1)
    part = jnp.broadcast_to(jnp.asarray([1.0, 0.0] if injecting else [0.0, 1.0]), (len(programs), 2))
    inputs = jnp.concatenate([symbols, seen, part], axis=1)
    first = jax.nn.relu(inputs @ weights["in"] + weights["in-bias"])
    return first + jax.nn.relu(first @ weights["hidden"] + weights["hidden-bias"])


def _solver(weights: Weights, programs: Any, tests: Any, step: int, edited: Any) -> Any:
    """Logits of edits, shape (n, 60), without those that change nothing."""
    turn = jnp.broadcast_to(jax.nn.one_hot(step, MOST_EDITS), (len(programs), MOST_EDITS))
    seen = jnp.concatenate([tests, turn, edited], axis=1)
    trunk = _trunk(weights, programs, seen, injecting=False)
    same = jax.nn.one_hot(programs, SYMBOLS)[..., : len(PRIMITIVES)].reshape(len(programs), -1)
    return jnp.where(same > 0, _NEVER, trunk @ weights["edits"] + weights["edits-bias"])


def _injector(weights: Weights, programs: Any) -> tuple[Any, Any, Any]:
    """Logits of the number of substitutions (n, 3), of positions (n, 5) and of classes (n, 4)."""
    sound = jnp.broadcast_to(jnp.arange(_SEEN) < ASSERTIONS, (len(programs), _SEEN)).astype(jnp.float32)
    trunk = _trunk(weights, programs, sound, injecting=True)
    heads = trunk @ weights["bugs"] + weights["bugs-bias"]
    return tuple(jnp.split(heads, [MOST_EDITS, MOST_EDITS + LENGTH], axis=-1))


def _draw(logits: Any, uniform: Any) -> tuple[Any, Any]:
    """One category by inversion, and the logarithm of its probability."""
    logs = jax.nn.log_softmax(logits)
    below = jnp.cumsum(jnp.exp(jax.lax.stop_gradient(logs)), axis=-1)
    drawn = jnp.sum(below < uniform[..., None] * below[..., -1:], axis=-1)
    drawn = jnp.minimum(drawn, logits.shape[-1] - 1)
    return drawn, jnp.take_along_axis(logs, drawn[..., None], axis=-1)[..., 0]


def _inject(heads: tuple[Any, Any, Any], programs: Any, uniform: Any, removal: Any) -> tuple[Any, Any]:
    """One bug for each program and the logarithm of its probability."""
    size, place_logits, class_logits = heads
    count, log = _draw(size, uniform[:, 0])

    def one_change(carry: tuple, given: tuple) -> tuple[tuple, None]:
        bugs, place_logits, log = carry
        step, draws = given
        place, log_place = _draw(place_logits, draws[:, 0])
        group, log_group = _draw(class_logits, draws[:, 1])
        old = jnp.take_along_axis(programs, place[:, None], axis=1)[:, 0]
        within = old // MEMBERS == group
        options = jnp.where(within, MEMBERS - 1, MEMBERS)
        member = jnp.minimum((draws[:, 2] * options).astype(jnp.int32), options - 1)
        member = jnp.where(within & (member >= old % MEMBERS), member + 1, member)
        new = jnp.where(removal > 0, BLANK, group * MEMBERS + member)
        active = step <= count
        log = log + jnp.where(active, log_place + jnp.where(removal > 0, 0.0, log_group), 0.0)
        here = jnp.arange(LENGTH) == place[:, None]
        bugs = jnp.where(here & active[:, None], new[:, None], bugs)
        return (bugs, jnp.where(here, _NEVER, place_logits), log), None

    draws = jnp.moveaxis(uniform[:, 1:].reshape(-1, MOST_EDITS, 3), 1, 0)
    start = programs, place_logits, log
    (bugs, _, log), _ = jax.lax.scan(one_change, start, (jnp.arange(MOST_EDITS), draws))
    return bugs, log


def _passes(table: Any, programs: Any, goal: Any) -> Any:
    return (_outputs(table, programs) == goal)[:, : len(TESTS)].all(axis=-1)


def _entropy(logits: Any) -> Any:
    logs = jax.nn.log_softmax(logits)
    return -(jnp.exp(logs) * logs).sum(axis=-1).mean()


def _outputs(table: Any, programs: Any) -> Any:
    return table[programs @ jnp.asarray(world._PLACES, dtype=jnp.int32)]


def injector_reward(solved: Any, penalty: float) -> Any:
    """Reward of a valid bug: 1 − (1 + α)s for a share s of attempts that repair it, −α at both ends [wei2025ssr]_.

    References
    ----------
    .. [wei2025ssr] Y. Wei et al., Toward Training Superintelligent Software Agents through Self-Play SWE-RL.
    """
    inner = (solved > 0) & (solved < 1)
    return jnp.where(inner, 1 - (1 + penalty) * solved, -penalty)


# --------------------------------------------------------------------------------------------------
# Compiled steps


def _solver_loss(log: Any, reward: Any, shuffled: Any) -> Any:
    reward = jnp.where(shuffled > 0, jnp.roll(reward, 1, axis=0), reward)
    return -jnp.mean((reward - reward.mean(axis=1, keepdims=True)) * log)


def _injector_loss(log_valid: Any, reward: Any, weight: Any, log_invalid: Any) -> Any:
    """Policy gradient of the injector: weights of the valid bugs sum to their share, invalid ones get −1."""
    mean = (weight * reward).sum() + (1 - weight.sum()) * INVALID_REWARD
    return -(weight * (reward - mean) * log_valid).sum() - (INVALID_REWARD - mean) * log_invalid.mean()


def _attempts(weights: Weights, table: Any, bugs: Any, truth: Any, uniform: Any) -> tuple[Any, Any]:
    """Whether each attempt ends with all tests passed, and the logarithm of its probability; (n, attempts).

    Tests are run after every edit; an attempt ends when all pass or after the last edit.
    """
    shape = uniform.shape[:2]
    flat = shape[0] * shape[1]
    goal = jnp.repeat(_outputs(table, truth), shape[1], axis=0)

    def one_edit(carry: tuple, given: tuple) -> tuple[tuple, None]:
        found, edited, done, log = carry
        step, draws = given
        equal = (_outputs(table, found) == goal).astype(jnp.float32)
        edit, part = _draw(_solver(weights, found, equal, step, edited), draws)
        here = jnp.arange(LENGTH) == (edit // len(PRIMITIVES))[:, None]
        changed = here & ~done[:, None]
        found = jnp.where(changed, (edit % len(PRIMITIVES))[:, None], found)
        log = log + jnp.where(done, 0.0, part)
        done = _passes(table, found, goal)
        return (found, jnp.maximum(edited, changed), done, log), None

    start = (
        jnp.repeat(bugs, shape[1], axis=0),
        jnp.zeros((flat, LENGTH)),
        jnp.zeros(flat, bool),
        jnp.zeros(flat),
    )
    draws = jnp.moveaxis(uniform.reshape(flat, MOST_EDITS), 1, 0)
    (_, _, done, log), _ = jax.lax.scan(one_edit, start, (jnp.arange(MOST_EDITS), draws))
    return done.reshape(shape), log.reshape(shape)


@functools.partial(jax.jit, static_argnames="rate")
def _self_play(state: State, table: Any, truth: Any, uniform: tuple, rules: Rules, *, rate: float) -> tuple:
    batch = uniform[1].shape[1]

    def loss(weights: Weights, truth: Any, inject: Any, repair: Any) -> tuple:
        heads = _injector(weights, truth)
        bugs, log_bug = _inject(heads, truth, inject, rules.removal)
        tests = (_outputs(table, bugs) == _outputs(table, truth))[:, : len(TESTS)]
        valid = tests.any(axis=-1) & ~tests.all(axis=-1)
        usable = valid | (rules.gate == 0)
        # The usable ones fill the solver's batch, in turn if they are too few.
        wanted = jnp.arange(batch) % jnp.maximum(usable.sum(), 1) + 1
        chosen = jnp.argmax(jnp.cumsum(usable) >= wanted[:, None], axis=1)
        bugs, source = bugs[chosen], truth[chosen]
        right, log = _attempts(weights, table, bugs, source, repair)
        solver = _solver_loss(log, 2.0 * right - 1.0, rules.shuffled) * (usable.sum() > 0)
        solved = right.mean(axis=1)
        reward = jnp.where(rules.feedback > 0, injector_reward(solved, rules.penalty), 1.0)
        # Only part of the usable bugs is attempted; these stand for all of them.
        seen = (jnp.arange(batch) < usable.sum()).astype(jnp.float32)
        weight = usable.mean() * seen / jnp.maximum(seen.sum(), 1)
        injector = _injector_loss(log_bug[chosen], reward, weight, jnp.where(usable, 0.0, log_bug))
        injector -= rules.entropy * sum(_entropy(head) for head in heads)
        sizes = jax.nn.one_hot((bugs != source).sum(axis=1) - 1, MOST_EDITS).mean(axis=0)
        done = Played(valid.mean(), solved.mean(), sizes, bugs.astype(jnp.int8), source.astype(jnp.int8))
        return rules.solver * solver + rules.injector * injector, done

    def step(state: State, given: tuple) -> tuple[State, Played]:
        gradient, done = jax.grad(loss, has_aux=True)(state.weights, *given)
        return _updated(state, gradient, rate), done

    return jax.lax.scan(step, state, (truth, *uniform))


@functools.partial(jax.jit, static_argnames="rate")
def _posed(state: State, table: Any, bugs: tuple, uniform: Any, *, rate: float) -> tuple:
    def loss(weights: Weights, programs: Any, truth: Any, uniform: Any) -> tuple:
        right, log = _attempts(weights, table, programs, truth, uniform)
        return _solver_loss(log, 2.0 * right - 1.0, 0.0), right.mean()

    def step(state: State, given: tuple) -> tuple[State, Any]:
        gradient, solved = jax.grad(loss, has_aux=True)(state.weights, *given)
        return _updated(state, gradient, rate), solved

    return jax.lax.scan(step, state, (*bugs, uniform))


@functools.partial(jax.jit, static_argnames="rate")
def _imitate(state: State, table: Any, bugs: tuple, order: Any, ahead: Any, *, rate: float) -> tuple:
    def loss(weights: Weights, programs: Any, truth: Any, order: Any, ahead: Any) -> Any:
        wrong = programs != truth
        # Some of the edits are already made; the next one in the given order is to be learned.
        rank = jnp.argsort(jnp.argsort(jnp.where(wrong, order, order + LENGTH), axis=1), axis=1)
        made = jnp.floor(ahead * wrong.sum(axis=1)).astype(jnp.int32)
        fixed = wrong & (rank < made[:, None])
        now = jnp.where(fixed, truth, programs)
        tests = (_outputs(table, now) == _outputs(table, truth)).astype(jnp.float32)
        seen = jnp.concatenate([tests, jax.nn.one_hot(made, MOST_EDITS), fixed], axis=1)
        trunk = _trunk(weights, now, seen, injecting=False)
        same = jax.nn.one_hot(now, SYMBOLS)[..., : len(PRIMITIVES)].reshape(len(now), -1)
        logs = jax.nn.log_softmax(
            jnp.where(same > 0, _NEVER, trunk @ weights["edits"] + weights["edits-bias"])
        )
        place = jnp.argmax(rank == made[:, None], axis=1)
        right = jnp.take_along_axis(truth, place[:, None], axis=1)[:, 0]
        return -jnp.take_along_axis(logs, (place * len(PRIMITIVES) + right)[:, None], axis=1).mean()

    def step(state: State, given: tuple) -> tuple[State, Any]:
        value, gradient = jax.value_and_grad(loss)(state.weights, *given)
        return _updated(state, gradient, rate), value

    return jax.lax.scan(step, state, (*bugs, order, ahead))


@functools.partial(jax.jit, static_argnames="rate")
def _settle(state: State, programs: Any, kinds: Any, uniform: tuple, rules: Rules, *, rate: float) -> tuple:
    def loss(weights: Weights, truth: Any, inject: Any, tries: Any) -> tuple:
        heads = _injector(weights, truth)
        bugs, log_bug = _inject(heads, truth, inject, 0.0)
        changed = bugs != truth
        chance = kinds[changed.sum(axis=1) - 1, jnp.argmax(changed, axis=1)]
        solved = (tries < chance[:, None]).mean(axis=1)
        weight = jnp.full(len(truth), 1 / len(truth))
        reward = injector_reward(solved, rules.penalty)
        total = _injector_loss(log_bug, reward, weight, jnp.zeros(len(truth)))
        return total - rules.entropy * sum(_entropy(head) for head in heads), chance.mean()

    def step(state: State, given: tuple) -> tuple[State, Any]:
        gradient, chance = jax.grad(loss, has_aux=True)(state.weights, *given)
        return _updated(state, gradient, rate), chance

    return jax.lax.scan(step, state, (programs, *uniform))


def _updated(state: State, gradient: Any, rate: float) -> State:
    update, moments = _optimiser(rate).update(gradient, state.optimiser, state.weights)
    return State(optax.apply_updates(state.weights, update), moments)


@jax.jit
def _score(weights: Weights, table: Any, programs: Any, truth: Any, uniform: Any) -> Any:
    return _attempts(weights, table, programs, truth, uniform)[0]


@functools.cache
def _table() -> Any:
    return jnp.asarray(world.outcomes())


# --------------------------------------------------------------------------------------------------
# What experiments call


def self_play(
    state: State,
    truth: NDArray,
    batch: int,
    attempts: int,
    rules: Rules,
    rng: np.random.Generator,
    *,
    rate: float,
) -> tuple[State, Played]:
    """Some steps in which the network plants bugs and repairs those that pass the consistency check.

    Parameters
    ----------
    state : State
        Network.
    truth : ndarray, shape (steps, proposals, 5)
        Sound programs to plant a bug in.
    batch, attempts : int
        Bugs that the solver trains on per step, and attempts at each.
    rules : Rules
        The arm.
    rng : numpy.random.Generator
        Source of the uniform numbers.
    rate : float
        Learning rate.
    """
    steps, proposals = truth.shape[:2]
    inject = rng.random((steps, proposals, INJECTOR_DRAWS), dtype=np.float32)
    repair = rng.random((steps, batch, attempts, SOLVER_DRAWS), dtype=np.float32)
    given = jnp.asarray(truth, dtype=jnp.int32)
    rules = Rules(*(jnp.float32(value) for value in rules))
    state, done = _self_play(state, _table(), given, (inject, repair), rules, rate=rate)
    return state, Played(*(np.asarray(part) for part in done))


def posed(
    state: State, bugs: world.Bugs, attempts: int, rng: np.random.Generator, *, rate: float
) -> tuple[State, NDArray]:
    """Some steps of the solver on given bugs, both arrays of shape (steps, batch, 5); also returns solve rates."""
    uniform = rng.random((*bugs.programs.shape[:2], attempts, SOLVER_DRAWS), dtype=np.float32)
    given = tuple(jnp.asarray(part, dtype=jnp.int32) for part in bugs)
    state, solved = _posed(state, _table(), given, uniform, rate=rate)
    return state, np.asarray(solved)


def imitate(
    state: State, bugs: world.Bugs, rng: np.random.Generator, *, rate: float
) -> tuple[State, NDArray]:
    """Some steps of maximum likelihood on known repairs, the edits of each in random order; also returns losses."""
    order = rng.permuted(np.broadcast_to(np.arange(LENGTH), bugs.programs.shape), axis=-1)
    given = tuple(jnp.asarray(part, dtype=jnp.int32) for part in bugs)
    ahead = rng.random(bugs.programs.shape[:2], dtype=np.float32)
    state, losses = _imitate(state, _table(), given, jnp.asarray(order), ahead, rate=rate)
    return state, np.asarray(losses)


def score(state: State, bugs: world.Bugs, attempts: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether each of some attempts at each bug passes all its tests, shape (n, attempts)."""
    uniform = rng.random((len(bugs.programs), attempts, SOLVER_DRAWS), dtype=np.float32)
    given = [jnp.asarray(part, dtype=jnp.int32) for part in bugs]
    return np.asarray(_score(state.weights, _table(), *given, uniform))


def settle(
    state: State,
    truth: NDArray,
    chances: NDArray,
    attempts: int,
    rules: Rules,
    rng: np.random.Generator,
    *,
    rate: float,
) -> NDArray:
    """The injector alone, against a solver that never changes: mean solve rate of what it poses, step by step.

    Parameters
    ----------
    state : State
        Network.
    truth : ndarray, shape (steps, proposals, 5)
        Sound programs.
    chances : ndarray, shape (3, 5)
        Solve rate of a bug by its number of substitutions and its first position.
    attempts : int
        Attempts at each bug.
    rules : Rules
        Only penalty and entropy matter.
    rng : numpy.random.Generator
        Source of the uniform numbers.
    rate : float
        Learning rate.
    """
    inject = rng.random((*truth.shape[:2], INJECTOR_DRAWS), dtype=np.float32)
    tries = rng.random((*truth.shape[:2], attempts), dtype=np.float32)
    given = jnp.asarray(truth, dtype=jnp.int32)
    kinds = jnp.asarray(chances, dtype=jnp.float32)
    rules = Rules(*(jnp.float32(value) for value in rules))
    _, found = _settle(state, given, kinds, (inject, tries), rules, rate=rate)
    return np.asarray(found)
