"""A small character transformer: training step, exact scores and sampling, each compiled once per process.

Pre-norm decoder with learned absolute positions [vaswani2017attention]_, root-mean-square norms and tied
input and output embeddings. Randomness comes from outside as uniform numbers, so results do not depend on a
generator inside the compiler's library.

References
----------
.. [vaswani2017attention] A. Vaswani et al., Attention Is All You Need, 2017.
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

Weights = dict[str, Any]


class State(NamedTuple):
    """Weights and optimiser state of one model."""

    weights: Weights
    optimiser: Any


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model and of the blocks it is compiled for.

    Attributes
    ----------
    symbols, places : int
        Alphabet, and symbols in a string.
    pad, edge : int
        Symbols for padding and for both ends of a string.
    layers, width, heads : int
        The transformer.
    batch : int
        Strings per training step.
    short, short_places : int
        A batch of which at least ``short`` strings fill no more than ``short_places`` places is trained on in
        two blocks, so that padding costs less. The gradient is the same up to rounding.
    block : int
        Strings that are scored or sampled at a time.
    """

    symbols: int
    places: int
    pad: int
    edge: int
    layers: int
    width: int
    heads: int
    batch: int
    short: int
    short_places: int
    block: int


@dataclass(frozen=True, slots=True)
class Learner:
    """Compiled functions for one shape and schedule.

    Attributes
    ----------
    start : callable
        ``start(rng) -> State`` with fresh weights.
    """

    shape: Shape
    start: Callable[[np.random.Generator], State]
    _step: Callable[..., tuple[State, Any]]
    _score: Callable[[Weights, NDArray, NDArray], tuple[Any, Any]]
    _sample: Callable[[Weights, NDArray], Any]

    def step(self, state: State, rows: NDArray) -> tuple[State, Any]:
        """One step of the optimiser on ``batch`` strings; returns the new state and the loss in nats per symbol."""
        shape = self.shape
        brief = (rows[:, shape.short_places :] == shape.pad).all(axis=1)
        if brief.sum() < shape.short:
            return self._step(state, rows)
        order = np.argsort(~brief, kind="stable")
        return self._step(state, rows[order[: shape.short], : shape.short_places], rows[order[shape.short :]])

    def score(self, state: State, rows: NDArray, mask: NDArray) -> tuple[NDArray, NDArray]:
        """Log probability of the marked symbols given what precedes them, and whether greedy decoding hits all.

        If a greedy decoder has been right so far, it sees the true prefix, so it writes the marked symbols
        exactly if each of them is the most probable one after the true prefix.

        Parameters
        ----------
        state : State
            Model.
        rows, mask : ndarray
            Strings and marks, shape (n, places).

        Returns
        -------
        (ndarray, ndarray)
            Natural logarithms of probabilities, and booleans; shape (n,).
        """
        block, count = self.shape.block, len(rows)
        padded = -(-count // block) * block
        rows = np.concatenate([rows, np.broadcast_to(rows[:1], (padded - count, *rows.shape[1:]))])
        mask = np.concatenate([mask, np.broadcast_to(mask[:1], (padded - count, *mask.shape[1:]))])
        found = [
            self._score(state.weights, rows[at : at + block], mask[at : at + block])
            for at in range(0, padded, block)
        ]
        logs = np.concatenate([np.asarray(log) for log, _ in found])[:count]
        hits = np.concatenate([np.asarray(hit) for _, hit in found])[:count]
        return logs.astype(np.float64), hits

    def sample(self, state: State, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
        """Strings drawn from the model at temperature 1, shape (count, places)."""
        block = self.shape.block
        blocks = -(-count // block)
        drawn = [
            np.asarray(self._sample(state.weights, rng.random((self.shape.places, block), dtype=np.float32)))
            for _ in range(blocks)
        ]
        return np.concatenate(drawn)[:count]


@functools.cache
def learner(shape: Shape, rates: tuple[tuple[int, float], ...]) -> Learner:
    """Compile what one shape needs; the same arguments give the same compiled functions.

    Parameters
    ----------
    shape : Shape
        Sizes.
    rates : tuple of (int, float)
        From which step on which learning rate holds.
    """
    boundaries = [optax.constant_schedule(rate) for _, rate in rates]
    schedule = optax.join_schedules(boundaries, [first for first, _ in rates[1:]])
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=0.01))

    def start(rng: np.random.Generator) -> State:
        weights = _fresh_weights(shape, rng)
        return State(weights, optimiser.init(weights))

    def loss(weights: Weights, blocks: tuple) -> Any:
        total = count = 0.0
        for rows in blocks:
            target = rows[:, 1:].astype(jnp.int32)
            logits = _logits(shape, weights, rows[:, :-1].astype(jnp.int32))
            losses = optax.softmax_cross_entropy_with_integer_labels(logits, target)
            counted = target != shape.pad
            total, count = total + jnp.sum(losses * counted), count + jnp.sum(counted)
        return total / count

    @jax.jit
    def step(state: State, *blocks: Any) -> tuple[State, Any]:
        value, gradient = jax.value_and_grad(loss)(state.weights, blocks)
        update, moments = optimiser.update(gradient, state.optimiser, state.weights)
        return State(optax.apply_updates(state.weights, update), moments), value

    @jax.jit
    def score(weights: Weights, rows: Any, mask: Any) -> tuple[Any, Any]:
        rows = rows.astype(jnp.int32)
        logits = _logits(shape, weights, rows[:, :-1])
        target, marked = rows[:, 1:], mask[:, 1:]
        logs = -optax.softmax_cross_entropy_with_integer_labels(logits, target)
        hits = (jnp.argmax(logits, axis=-1) == target) | ~marked
        return jnp.sum(logs * marked, axis=1), hits.all(axis=1)

    @jax.jit
    def sample(weights: Weights, uniform: Any) -> Any:
        return _sample(shape, weights, uniform)

    return Learner(shape, start, step, score, sample)


def _fresh_weights(shape: Shape, rng: np.random.Generator) -> Weights:
    width = shape.width

    def normal(*size: int, scale: float) -> Any:
        return jnp.asarray(scale * rng.standard_normal(size), dtype=jnp.float32)

    inward = 1 / np.sqrt(width)
    # Branches that write to the residual stream start smaller, by the root of their number.
    outward = inward / np.sqrt(2 * shape.layers)
    weights: Weights = {
        "symbols": normal(shape.symbols, width, scale=inward),
        "places": normal(shape.places, width, scale=inward),
        "norm": jnp.ones(width),
    }
    for layer in range(shape.layers):
        weights[f"layer{layer}"] = {
            "norm_attention": jnp.ones(width),
            "queries_keys_values": normal(width, 3 * width, scale=inward),
            "merge": normal(width, width, scale=outward),
            "norm_feedforward": jnp.ones(width),
            "up": normal(width, 4 * width, scale=inward),
            "down": normal(4 * width, width, scale=outward / 2),
        }
    return weights


def _norm(x: Any, gain: Any) -> Any:
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6) * gain


def _logits(shape: Shape, weights: Weights, rows: Any) -> Any:
    """Logits of the next symbol at every place; shape (strings, places, symbols)."""
    count, places = rows.shape
    heads, size = shape.heads, shape.width // shape.heads
    causal = jnp.tril(jnp.ones((places, places), dtype=bool))
    x = weights["symbols"][rows] + weights["places"][:places]
    for layer in range(shape.layers):
        w = weights[f"layer{layer}"]
        mixed = _norm(x, w["norm_attention"]) @ w["queries_keys_values"]
        mixed = mixed.reshape(count, places, 3, heads, size).transpose(2, 0, 3, 1, 4)
        scores = jnp.einsum("nhqd,nhkd->nhqk", mixed[0], mixed[1]) / np.sqrt(size)
        attention = jax.nn.softmax(jnp.where(causal, scores, -1e9), axis=-1)
        read = jnp.einsum("nhqk,nhkd->nhqd", attention, mixed[2])
        x = x + read.transpose(0, 2, 1, 3).reshape(count, places, shape.width) @ w["merge"]
        x = x + jax.nn.relu(_norm(x, w["norm_feedforward"]) @ w["up"]) @ w["down"]
    return _norm(x, weights["norm"]) @ weights["symbols"].T


def _sample(shape: Shape, weights: Weights, uniform: Any) -> Any:
    """Strings by inversion of the conditional distributions, keys and values cached place by place."""
    places, count = uniform.shape
    heads, size = shape.heads, shape.width // shape.heads

    def place(carry: tuple, t: Any) -> tuple[tuple, Any]:
        symbol, done, keys, values = carry
        x = weights["symbols"][symbol] + weights["places"][t]
        seen = jnp.arange(places)[:, None, None] <= t
        for layer in range(shape.layers):
            w = weights[f"layer{layer}"]
            mixed = (_norm(x, w["norm_attention"]) @ w["queries_keys_values"]).reshape(count, 3, heads, size)
            keys = keys.at[layer, t].set(mixed[:, 1])
            values = values.at[layer, t].set(mixed[:, 2])
            scores = jnp.sum(keys[layer] * mixed[:, 0], axis=-1) / np.sqrt(size)
            attention = jax.nn.softmax(jnp.where(seen, scores, -1e9), axis=0)
            read = jnp.sum(attention[..., None] * values[layer], axis=0)
            x = x + read.reshape(count, shape.width) @ w["merge"]
            x = x + jax.nn.relu(_norm(x, w["norm_feedforward"]) @ w["up"]) @ w["down"]
        logits = _norm(x, weights["norm"]) @ weights["symbols"].T
        below = jnp.cumsum(jax.nn.softmax(logits), axis=-1)
        drawn = jnp.sum(below < uniform[t][:, None] * below[:, -1:], axis=-1)
        drawn = jnp.where(done, shape.pad, jnp.minimum(drawn, shape.symbols - 1))
        return (drawn, done | (drawn == shape.edge), keys, values), drawn

    cache = jnp.zeros((shape.layers, places, count, heads, size))
    first = jnp.full(count, shape.edge)
    start = (first, jnp.zeros(count, dtype=bool), cache, cache)
    _, drawn = jax.lax.scan(place, start, jnp.arange(places - 1))
    return jnp.concatenate([first[None], drawn]).T.astype(jnp.int8)
