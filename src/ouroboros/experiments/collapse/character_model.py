"""A character transformer on windows of text: training from scratch, scores, and writing at any temperature.

Model, training step and scores are those of `ouroboros.experiments.ladder.transformer`, unchanged; one compiled
step serves all generations and arms, since `machine` gives the same compiled functions for the same sizes. Writing
stands beside it, because a decoding rule needs a temperature for each place. Keys and values are cached. Along with
each window comes what lets the sampler be judged: the log probability of what was drawn, and that plus the entropy
of the law it was drawn from, whose mean is zero if the sampler draws from the law that the scorer scores.

To time the training step against a peer, call `train` with a `machine`: it returns when its last step is done, after
``steps * batch * length`` characters. Call it once beforehand with few steps, so that compilation is not timed.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.collapse.character_windows import ALPHABET, SPACE
from ouroboros.experiments.ladder.transformer import Learner, Shape, State
from ouroboros.experiments.ladder.transformer import learner as compile_learner


class Writing(NamedTuple):
    """Windows that a model wrote.

    Attributes
    ----------
    windows : numpy.ndarray of int8
        Shape (windows, length + 1).
    log_probability : numpy.ndarray
        Natural logarithm of the probability of each window at temperature 1.
    surprise : numpy.ndarray
        Sum over places of that logarithm plus the entropy of the law at that place, both at temperature 1. Its
        expectation is 0 for what is drawn at temperature 1.
    """

    windows: NDArray[np.int8]
    log_probability: NDArray
    surprise: NDArray


def machine(sizes: Mapping[str, Any]) -> Learner:
    """Compiled functions for models of the given sizes.

    Parameters
    ----------
    sizes : mapping
        ``length`` characters of a window, ``layers``, ``width``, ``heads``, ``batch`` windows of a step, ``block``
        windows that are scored or written at a time, ``rates`` pairs of first step and learning rate.
    """
    places = sizes["length"] + 1
    shape = Shape(
        symbols=len(ALPHABET),
        places=places,
        # Windows are full: no symbol pads, and a batch is never split by how much padding it has.
        pad=-1,
        edge=SPACE,
        layers=sizes["layers"],
        width=sizes["width"],
        heads=sizes["heads"],
        batch=sizes["batch"],
        short=sizes["batch"] + 1,
        short_places=places,
        block=sizes["block"],
    )
    return compile_learner(shape, tuple((int(first), float(rate)) for first, rate in sizes["rates"]))


def passes(count: int, drawn: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions in shuffled passes over ``count`` windows, ``drawn`` in all; no window is a pass ahead of another."""
    rounds = -(-drawn // count)
    return np.concatenate([rng.permutation(count) for _ in range(rounds)])[:drawn]


def train(learner: Learner, windows: NDArray, steps: int, rng: np.random.Generator) -> State:
    """Train a model from fresh weights.

    Parameters
    ----------
    learner : Learner
        As `machine` returns it.
    windows : numpy.ndarray of int8
        Shape (windows, length + 1), gone through in shuffled passes.
    steps : int
        Steps of the optimiser.
    rng : numpy.random.Generator
        Source of weights and order.
    """
    state = learner.start(rng)
    batch = learner.shape.batch
    for rows in passes(len(windows), steps * batch, rng).reshape(steps, batch):
        state, _ = learner.step(state, windows[rows])
    return jax.block_until_ready(state)


def losses(learner: Learner, state: State, windows: NDArray) -> NDArray[np.float64]:
    """Mean loss of each window in nats per character; its mean over windows is a log perplexity."""
    mask = np.ones(windows.shape, dtype=bool)
    mask[:, 0] = False
    return -learner.score(state, windows, mask)[0] / (windows.shape[1] - 1)


def write(
    learner: Learner,
    state: State,
    count: int,
    temperature: float,
    opening: int,
    rng: np.random.Generator,
) -> Writing:
    """Windows that a model writes.

    Parameters
    ----------
    learner, state : Learner, State
        Compiled functions and model.
    count : int
        Windows.
    temperature : float
        Divides the logits after the opening; 0 takes the most probable character.
    opening : int
        Characters at the start of each window that are drawn at temperature 1 whatever follows, so that a greedy
        writer has different things to continue.
    rng : numpy.random.Generator
        Source of all characters.
    """
    shape = learner.shape
    temperatures = np.full(shape.places - 1, temperature, dtype=np.float32)
    temperatures[:opening] = 1.0
    run = _writer(shape)
    found = []
    for _ in range(-(-count // shape.block)):
        uniform = rng.random((shape.places - 1, shape.block), dtype=np.float32)
        found.append([np.asarray(part) for part in run(state.weights, uniform, temperatures)])
    windows, logs, surprise = (np.concatenate(parts)[:count] for parts in zip(*found, strict=True))
    return Writing(windows, logs.astype(np.float64), surprise.astype(np.float64))


@functools.cache
def _writer(shape: Shape) -> Callable[..., Any]:
    return jax.jit(functools.partial(_write, shape))


def _write(shape: Shape, weights: Any, uniform: Any, temperatures: Any) -> Any:
    """One block of windows by inversion of the conditional laws, place by place."""
    count = uniform.shape[1]
    cache = jnp.zeros((shape.layers, shape.places - 1, count, shape.heads, shape.width // shape.heads))
    zero = jnp.zeros(count)

    def place(carry: tuple, at: tuple) -> tuple[tuple, Any]:
        symbol, keys, values, log, surprise = carry
        t, chance, temperature = at
        logits, keys, values = _next_logits(shape, weights, symbol, t, keys, values)
        law = jax.nn.log_softmax(logits)
        below = jnp.cumsum(jax.nn.softmax(logits / jnp.maximum(temperature, 1e-6)), axis=-1)
        drawn = jnp.sum(below < chance[:, None] * below[:, -1:], axis=-1)
        drawn = jnp.where(temperature > 0, drawn, jnp.argmax(logits, axis=-1))
        drawn = jnp.minimum(drawn, shape.symbols - 1)
        said = jnp.take_along_axis(law, drawn[:, None], axis=-1)[:, 0]
        entropy = -jnp.sum(jnp.exp(law) * law, axis=-1)
        return (drawn, keys, values, log + said, surprise + said + entropy), drawn

    start = (jnp.full(count, shape.edge), cache, cache, zero, zero)
    along = (jnp.arange(shape.places - 1), uniform, temperatures)
    (_, _, _, log, surprise), drawn = jax.lax.scan(place, start, along)
    first = jnp.full((1, count), shape.edge)
    return jnp.concatenate([first, drawn]).T.astype(jnp.int8), log, surprise


def _next_logits(
    shape: Shape, weights: Any, symbol: Any, t: Any, keys: Any, values: Any
) -> tuple[Any, Any, Any]:
    """Logits of the symbol after place t of each window, and the cache with that place in it."""
    count, heads, size = len(symbol), shape.heads, shape.width // shape.heads
    x = weights["symbols"][symbol] + weights["places"][t]
    seen = (jnp.arange(keys.shape[1]) <= t)[:, None, None]
    for layer in range(shape.layers):
        w = weights[f"layer{layer}"]
        mixed = (_norm(x, w["norm_attention"]) @ w["queries_keys_values"]).reshape(count, 3, heads, size)
        keys, values = keys.at[layer, t].set(mixed[:, 1]), values.at[layer, t].set(mixed[:, 2])
        scores = jnp.sum(keys[layer] * mixed[:, 0], axis=-1) / np.sqrt(size)
        attention = jax.nn.softmax(jnp.where(seen, scores, -1e9), axis=0)
        read = jnp.sum(attention[..., None] * values[layer], axis=0)
        x = x + read.reshape(count, shape.width) @ w["merge"]
        x = x + jax.nn.relu(_norm(x, w["norm_feedforward"]) @ w["up"]) @ w["down"]
    return _norm(x, weights["norm"]) @ weights["symbols"].T, keys, values


def _norm(x: Any, gain: Any) -> Any:
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6) * gain
