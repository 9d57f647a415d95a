r"""A trunk that is trained on games and probed elsewhere: many replicates and arms in one compiled step.

Two hidden layers of rectified units, a head for actions and a head for three numbers. The step computes three
losses and weighs them by arm: expected payoff in a tree of poker games with an entropy bonus, against itself or
against a frozen plan; cross entropy to given actions; squared error to given numbers. Payoffs are exact sums over
all deals and histories, so there is no sampling noise in the gradient. Randomness comes from outside.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from ouroboros.experiments.selfplay.poker_trees import ACTIONS, Tree, passed

Weights = dict[str, Any]
CELLS = 9  # outputs of the head for actions: the cells of tic-tac-toe, of which poker uses the first three
NUMBERS = 3


class Arm(NamedTuple):
    """What one model is trained on; leading axis of models in every field.

    Attributes
    ----------
    play, imitate, regress : ndarray, shape (models,)
        Weights of the three losses.
    frozen : ndarray, shape (models,)
        1 plays against `rival`, 0 against itself.
    rival : ndarray, shape (models, sequences)
        Plan of the frozen opponent.
    blind : ndarray, shape (models, inputs)
        Zero hides a feature from the model, in training and probe.
    """

    play: NDArray
    imitate: NDArray
    regress: NDArray
    frozen: NDArray
    rival: NDArray
    blind: NDArray


class Batch(NamedTuple):
    """Rows of one step; leading axis of models in every field.

    Attributes
    ----------
    inputs : ndarray, shape (models, rows, inputs)
    legal : ndarray of bool, shape (models, rows, 9)
    actions : ndarray, shape (models, rows, 9)
        Weights of the actions to imitate; they sum to one over a model's rows.
    numbers : ndarray, shape (models, rows, 3)
    stakes : ndarray, shape (models, terminals)
        Chance times payoff of every end, in the order in which the model is paid.
    """

    inputs: NDArray
    legal: NDArray
    actions: NDArray
    numbers: NDArray
    stakes: NDArray


@dataclass(frozen=True, slots=True)
class Trainer:
    """Compiled functions; the first axis of all arguments is that of the models.

    Attributes
    ----------
    start : callable
        ``start(weights) -> state``.
    step : callable
        ``step(state, arm, batch) -> state``.
    policy : callable
        ``policy(weights, inputs, legal)``: probabilities of actions.
    """

    start: Callable[[Weights], Any]
    step: Callable[..., Any]
    policy: Callable[..., Any]


def fresh(models: int, inputs: int, width: int, rng: np.random.Generator) -> Weights:
    """Weights of untrained models: He initialisation for the trunk, small heads."""

    def normal(scale: float, *shape: int) -> NDArray[np.float32]:
        return (scale * rng.standard_normal((models, *shape))).astype(np.float32)

    return {
        "first": normal(np.sqrt(2 / 12), inputs, width),  # about twelve inputs of a row are on
        "first_bias": np.zeros((models, width), np.float32),
        "second": normal(np.sqrt(2 / width), width, width),
        "second_bias": np.zeros((models, width), np.float32),
        "actions": normal(0.1 / np.sqrt(width), width, CELLS),
        "numbers": normal(0.1 / np.sqrt(width), width, NUMBERS),
    }


def _trunk(weights: Weights, inputs: Any) -> Any:
    hidden = jax.nn.relu(inputs @ weights["first"] + weights["first_bias"])
    return jax.nn.relu(hidden @ weights["second"] + weights["second_bias"])


def _log_policy(weights: Weights, inputs: Any, legal: Any) -> Any:
    return jax.nn.log_softmax(jnp.where(legal, _trunk(weights, inputs) @ weights["actions"], -1e9))


def plan_of(ancestry: Any, policy: Any) -> Any:
    """Plan of a policy on a tree, as in `poker_trees.plan`."""
    steps = jnp.concatenate([jnp.ones(1), policy.ravel()])
    return jnp.concatenate([jnp.ones(1), steps[ancestry].prod(axis=-1).ravel()])


@functools.cache
def trainer(tree_of: Callable[[], Tree], rate: float, entropy: float) -> Trainer:
    """Compile for one tree.

    Parameters
    ----------
    tree_of : callable
        Gives the tree; a function, since that has an identity to cache by.
    rate : float
        Learning rate of Adam.
    entropy : float
        Bonus for the entropy of a decision, weighted with the probability that play comes there.
    """
    tree = tree_of()
    chance, on_the_way = jnp.asarray(tree.chance), jnp.asarray(passed(tree))
    ancestry, first, second = jnp.asarray(tree.ancestry), *jnp.asarray(tree.ends)
    optimiser = optax.adam(rate)

    def loss(weights: Weights, arm: Arm, batch: Batch) -> Any:
        hidden = _trunk(weights, batch.inputs * arm.blind)
        logits = jnp.where(batch.legal, hidden @ weights["actions"], -1e9)
        logs = jax.nn.log_softmax(logits)
        policy = jnp.where(batch.legal, jnp.exp(logs), 0)
        own = plan_of(ancestry, policy[:, :ACTIONS])
        rival = jax.lax.stop_gradient(jnp.where(arm.frozen > 0, arm.rival, own))
        payoff = jnp.sum(batch.stakes * (own[first] * rival[second] - rival[first] * own[second]))
        reached = chance * jnp.stack([own[first] * rival[second], rival[first] * own[second]])
        visits = jnp.zeros(len(policy) + 1).at[on_the_way].add(reached[:, :, None])[:-1]
        disorder = -jnp.sum(jax.lax.stop_gradient(visits)[:, None] * policy * jnp.where(batch.legal, logs, 0))
        imitation = -jnp.sum(batch.actions * jnp.where(batch.legal, logs, 0))
        error = jnp.mean((hidden @ weights["numbers"] - batch.numbers) ** 2)
        return -arm.play * (payoff + entropy * disorder) + arm.imitate * imitation + arm.regress * error

    def start(weights: Weights) -> Any:
        return weights, jax.vmap(optimiser.init)(weights)

    def one(state: Any, arm: Arm, batch: Batch) -> Any:
        weights, moments = state
        update, moments = optimiser.update(jax.grad(loss)(weights, arm, batch), moments, weights)
        return optax.apply_updates(weights, update), moments

    policy = jax.jit(jax.vmap(lambda w, x, legal: jnp.exp(_log_policy(w, x, legal)), in_axes=(0, 0, None)))
    return Trainer(start, jax.jit(jax.vmap(one)), policy)


@functools.cache
def tuner(rate: float, steps: int, look: int) -> Callable[..., Any]:
    """Compile the training of trunk and a new head on the probe, with early stopping on its validation part.

    Returns
    -------
    callable
        ``tune(weights, train, answers, picks, held, held_answers, held_weight)``: the weights at the lowest
        validation loss, leading axis of models throughout. ``picks`` are rows of each step, shape
        (steps, batch), shared by the models that are paired.
    """
    optimiser = optax.adam(rate)

    def predicted(weights: Weights, inputs: Any) -> Any:
        return answered(_trunk(weights, inputs) @ weights["numbers"])

    def loss(weights: Weights, inputs: Any, answers: Any, weight: Any) -> Any:
        return jnp.sum(weight * jnp.mean((predicted(weights, inputs) - answers) ** 2, axis=1)) / jnp.sum(
            weight
        )

    def tune(weights, train, answers, picks, held, held_answers, held_weight):
        def stretch(carry, rows):
            weights, moments, best, lowest = carry

            def step(state, pick):
                weights, moments = state
                slope = jax.grad(loss)(weights, train[pick], answers[pick], jnp.ones(len(pick)))
                update, moments = optimiser.update(slope, moments, weights)
                return (optax.apply_updates(weights, update), moments), None

            (weights, moments), _ = jax.lax.scan(step, (weights, moments), rows)
            found = loss(weights, held, held_answers, held_weight)
            better = found < lowest
            best = jax.tree.map(lambda new, old: jnp.where(better, new, old), weights, best)
            return (weights, moments, best, jnp.minimum(found, lowest)), None

        start = (weights, optimiser.init(weights), weights, loss(weights, held, held_answers, held_weight))
        (_, _, best, _), _ = jax.lax.scan(stretch, start, picks.reshape(steps // look, look, -1))
        return best

    return jax.jit(jax.vmap(tune))


@jax.jit
def features(weights: Weights, inputs: Any) -> Any:
    """Activations of the last hidden layer, shape (models, rows, width)."""
    return jax.vmap(_trunk)(weights, inputs)


@jax.jit
def predictions(weights: Weights, inputs: Any) -> Any:
    """Answers of tuned models, shape (models, rows, 3)."""
    return jax.vmap(lambda w, x: answered(_trunk(w, x) @ w["numbers"]))(weights, inputs)


def answered(logits: Any) -> Any:
    """Equity and decision as probabilities, the value of calling as it is."""
    chance, value, decision = logits[..., 0], logits[..., 1], logits[..., 2]
    return jnp.stack([jax.nn.sigmoid(chance), value, jax.nn.sigmoid(decision)], axis=-1)
