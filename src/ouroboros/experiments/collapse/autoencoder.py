"""A convolutional variational autoencoder [kingma2014auto]_: training, bound, codes and samples, each compiled once.

The layers are those of the study of collapse on images [shumailov2024collapse]_: two convolutions of 4 × 4 with
stride 2 down to a Gaussian code, and two transposed ones back up to the probability of ink in each pixel. Only their
numbers of channels are parameters. Randomness comes from outside as standard normal numbers.

References
----------
.. [kingma2014auto] D. P. Kingma and M. Welling, Auto-Encoding Variational Bayes, 2014.
.. [shumailov2024collapse] I. Shumailov et al., AI models collapse when trained on recursively generated data, 2024.
"""

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

Weights = dict[str, Any]

_KERNEL, _STRIDE = 4, 2
_LAYOUT = ("NHWC", "HWIO", "NHWC")


class State(NamedTuple):
    """Weights and optimiser state of one model."""

    weights: Weights
    optimiser: Any


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model, and the schedule it is compiled for.

    Attributes
    ----------
    side : int
        Pixels along an edge; a multiple of four.
    channels : tuple of int
        Channels after the first and after the second convolution.
    latent : int
        Dimensions of the code.
    batch : int
        Images per training step, and at a time elsewhere; all numbers of images are multiples of it.
    rate, decay : float
        Learning rate of Adam and factor of the squared weights in the loss.
    """

    side: int
    channels: tuple[int, int]
    latent: int
    batch: int
    rate: float
    decay: float


@dataclass(frozen=True, slots=True)
class Autoencoder:
    """Compiled functions of one shape.

    Attributes
    ----------
    start : callable
        ``start(rng) -> State`` with fresh weights.
    """

    shape: Shape
    start: Callable[[np.random.Generator], State]
    _step: Callable[[State, NDArray, NDArray], State]
    _bound: Callable[[Weights, NDArray, NDArray], Any]
    _encode: Callable[[Weights, NDArray], Any]
    _decode: Callable[[Weights, NDArray], Any]

    def train(self, state: State, pools: Iterable[NDArray], rng: np.random.Generator) -> State:
        """One pass over each of the pools of images, in random order and with one draw of the code per image."""
        # Steps one by one: inside a compiled loop the convolutions take several times as long on a processor.
        for images in pools:
            order = rng.permutation(len(images) // self.shape.batch * self.shape.batch)
            for part in order.reshape(-1, self.shape.batch):
                noise = rng.standard_normal((len(part), self.shape.latent), dtype=np.float32)
                state = self._step(state, images[part], noise)
        return state

    def bound(self, state: State, images: NDArray, noise: NDArray) -> NDArray[np.float64]:
        """Negative bound on the log probability of each image in nats, with the given standard normal draws."""
        return self._blocks(lambda *part: self._bound(state.weights, *part), images, noise)

    def encode(self, state: State, images: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and logarithms of variances of the codes, each of shape (n, latent)."""
        both = self._blocks(lambda part: self._encode(state.weights, part), images)
        return both[:, : self.shape.latent], both[:, self.shape.latent :]

    def decode(self, state: State, codes: NDArray) -> NDArray[np.float32]:
        """Images of codes: the probability of ink in every pixel, shape (n, side, side)."""
        return self._blocks(lambda part: self._decode(state.weights, part), codes).astype(np.float32)

    def sample(self, state: State, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Images of codes drawn from the prior, shape (count, side, side)."""
        return self.decode(state, rng.standard_normal((count, self.shape.latent), dtype=np.float32))

    def _blocks(self, work: Callable[..., Any], *arrays: NDArray) -> NDArray[np.float64]:
        count, block = len(arrays[0]), self.shape.batch
        if count % block:
            raise ValueError(f"{count} images: not a multiple of the {block} that are worked on at a time")
        parts = [work(*(array[at : at + block] for array in arrays)) for at in range(0, count, block)]
        return np.concatenate([np.asarray(part) for part in parts]).astype(np.float64)


@functools.cache
def autoencoder(shape: Shape) -> Autoencoder:
    """Compile what one shape needs; the same shape gives the same compiled functions.

    Raises
    ------
    ValueError
        If the side cannot be halved twice.
    """
    if shape.side % 4:
        raise ValueError(f"side: {shape.side} (a multiple of 4, which two strides of 2 need)")
    # As in the study, the decay is part of the gradient that Adam scales, and the loss is a sum over the batch.
    optimiser = optax.chain(optax.add_decayed_weights(shape.decay), optax.adam(shape.rate))

    def start(rng: np.random.Generator) -> State:
        weights = _fresh_weights(shape, rng)
        return State(weights, optimiser.init(weights))

    def loss(weights: Weights, images: Any, noise: Any) -> Any:
        return jnp.sum(_negative_bound(shape, weights, images, noise))

    def step(state: State, images: Any, noise: Any) -> State:
        gradient = jax.grad(loss)(state.weights, images, noise)
        update, moments = optimiser.update(gradient, state.optimiser, state.weights)
        return State(optax.apply_updates(state.weights, update), moments)

    return Autoencoder(
        shape,
        start,
        jax.jit(step),
        jax.jit(functools.partial(_negative_bound, shape)),
        jax.jit(lambda weights, images: jnp.concatenate(_code(weights, images), axis=1)),
        jax.jit(lambda weights, codes: jax.nn.sigmoid(_logits(shape, weights, codes))),
    )


def divergence(mean: Any, log_variance: Any) -> Any:
    """Kullback-Leibler divergence of codes from the standard normal prior in nats; last axis summed."""
    return 0.5 * jnp.sum(mean**2 + jnp.exp(log_variance) - 1 - log_variance, axis=-1)


def draw_code(mean: Any, log_variance: Any, noise: Any) -> Any:
    """A draw of the code as a differentiable function of its mean and variance."""
    return mean + jnp.exp(log_variance / 2) * noise


def _fresh_weights(shape: Shape, rng: np.random.Generator) -> Weights:
    """Uniform on ±1/√(inputs), weights and biases, the default of the study's library."""
    first, second = shape.channels
    flat = (shape.side // 4) ** 2 * second
    square = (_KERNEL, _KERNEL)
    # A transposed convolution counts its inputs over the channels that it writes.
    sizes = {
        "down1": ((*square, 1, first), 16, first),
        "down2": ((*square, first, second), 16 * first, second),
        "code": ((flat, 2 * shape.latent), flat, 2 * shape.latent),
        "spread": ((shape.latent, flat), shape.latent, flat),
        "up2": ((*square, second, first), 16 * first, first),
        "up1": ((*square, first, 1), 16, 1),
    }
    weights = {}
    for name, (size, inputs, outputs) in sizes.items():
        edge = 1 / math.sqrt(inputs)
        for suffix, dimensions in (("", size), ("_bias", (outputs,))):
            weights[name + suffix] = jnp.asarray(rng.uniform(-edge, edge, dimensions), dtype=jnp.float32)
    return weights


def _code(weights: Weights, images: Any) -> tuple[Any, Any]:
    """Mean and logarithm of the variance of each image's code."""
    x = images[..., None]
    for name in ("down1", "down2"):
        x = jax.lax.conv_general_dilated(
            x, weights[name], (_STRIDE, _STRIDE), ((1, 1), (1, 1)), dimension_numbers=_LAYOUT
        )
        x = jax.nn.relu(x + weights[f"{name}_bias"])
    both = x.reshape(len(x), -1) @ weights["code"] + weights["code_bias"]
    return tuple(jnp.split(both, 2, axis=1))


def _logits(shape: Shape, weights: Weights, codes: Any) -> Any:
    """Log odds of ink in every pixel, shape (n, side, side)."""
    quarter = shape.side // 4
    x = (codes @ weights["spread"] + weights["spread_bias"]).reshape(-1, quarter, quarter, shape.channels[1])
    up = functools.partial(
        jax.lax.conv_transpose, strides=(_STRIDE, _STRIDE), padding="SAME", dimension_numbers=_LAYOUT
    )
    x = jax.nn.relu(up(x, weights["up2"]) + weights["up2_bias"])
    return (up(x, weights["up1"]) + weights["up1_bias"])[..., 0]


def _negative_bound(shape: Shape, weights: Weights, images: Any, noise: Any) -> Any:
    """Cross-entropy of the pixels plus divergence of the code, in nats per image."""
    mean, log_variance = _code(weights, images)
    logits = _logits(shape, weights, draw_code(mean, log_variance, noise))
    losses = optax.sigmoid_binary_cross_entropy(logits, images)
    return jnp.sum(losses, axis=(1, 2)) + divergence(mean, log_variance)
