"""A language model whose probabilities are known exactly, and text that it writes with or without a watermark.

The model is an interpolated n-gram model of a text: the next word is copied from a random place of the text at
which the same 0, 1, 2, … words precede, where the number of words is drawn with fixed weights. A context that the
text does not have hands its weight to the longest one that it has. Sampling costs the same whatever the
vocabulary, so thousands of documents are written at once.
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.collapse import scripture
from ouroboros.stats import watermark


class _Contexts(NamedTuple):
    """Contexts of one length: their codes (sorted), and where the words that follow each of them lie."""

    codes: NDArray
    starts: NDArray
    counts: NDArray
    followers: NDArray

    def find(self, codes: NDArray) -> NDArray:
        """Positions of contexts, −1 for those that the text does not have."""
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, at, -1)


@dataclass(frozen=True, slots=True)
class Model:
    """An n-gram model of a text that is read as a ring, so that every word has a successor.

    Attributes
    ----------
    words : int
        Size of the vocabulary.
    weights : tuple of float
        Weight of the contexts of 0, 1, 2, … words.
    text : ndarray
        The text as numbers of words.
    orders : tuple
        Contexts of 1, 2, … words.
    """

    words: int
    weights: tuple[float, ...]
    text: NDArray
    orders: tuple[_Contexts, ...]

    def start(self, chains: int, rng: np.random.Generator) -> NDArray:
        """Contexts of all lengths, longest last, at random places of the text; shape (orders, chains)."""
        length = len(self.orders)
        place = rng.integers(len(self.text), size=chains)
        state = np.full((length, chains), -1)
        for back in range(length):
            state = self.advance(state, self.text[(place + back) % len(self.text)])
        return state

    def advance(self, state: NDArray, word: NDArray) -> NDArray:
        """Contexts after one more word. The first row of a state is the last word itself."""
        following = np.empty_like(state)
        following[0] = word
        for order in range(1, len(self.orders)):
            shorter = state[order - 1]
            found = self.orders[order].find(np.maximum(shorter, 0) * self.words + word)
            following[order] = np.where(shorter < 0, -1, found)
        return following

    def propose(self, state: NDArray, rng: np.random.Generator) -> NDArray:
        """Draw one word after each context."""
        chains = state.shape[1]
        wanted = np.searchsorted(np.cumsum(self.weights)[:-1], rng.random(chains), side="right")
        length = np.minimum(wanted, self._available(state))
        u = rng.random(chains)
        word = self.text[(u * len(self.text)).astype(np.int64)]
        for order, contexts in enumerate(self.orders):
            mine = length == order + 1
            at = state[order, mine]
            offset = (u[mine] * contexts.counts[at]).astype(np.int64)
            word[mine] = contexts.followers[contexts.starts[at] + offset]
        return word

    def _available(self, state: NDArray) -> NDArray:
        """Number of lengths for which the text has the context and a word that follows it."""
        known = state >= 0
        known[0] &= self.orders[0].counts[state[0]] > 0
        return known.sum(axis=0)

    def probabilities(self, state: NDArray) -> NDArray:
        """Probability of every word after each context; shape (chains, words)."""
        chains = state.shape[1]
        found = np.zeros((chains, self.words))
        base = np.bincount(self.text, minlength=self.words) / len(self.text)
        lengths = self._available(state)
        for chain in range(chains):
            available = int(lengths[chain])
            shares = np.array(self.weights[: available + 1])
            shares[-1] += sum(self.weights[available + 1 :])
            found[chain] = shares[0] * base
            for order in range(available):
                contexts, at = self.orders[order], state[order, chain]
                begin = contexts.starts[at]
                words = contexts.followers[begin : begin + contexts.counts[at]]
                counts = np.bincount(words, minlength=self.words)
                found[chain] += shares[order + 1] / len(words) * counts
        return found


def build(text: NDArray, words: int, weights: Sequence[float]) -> Model:
    """Count the contexts of a text.

    Parameters
    ----------
    text : ndarray of int
        Numbers of words below ``words``.
    words : int
        Size of the vocabulary.
    weights : sequence of float
        Weights of contexts of 0, 1, 2, … words; at least two, with sum 1.

    Raises
    ------
    ValueError
        If the weights are not a distribution over at least two lengths.
    """
    if len(weights) < 2 or min(weights) < 0 or abs(sum(weights) - 1) > 1e-9:
        raise ValueError(f"weights: {list(weights)} (at least two, none negative, sum 1)")
    orders, context = [], text
    codes = np.arange(words)
    for length in range(1, len(weights)):
        if length > 1:
            # The context of `length` words that ends here is that of one word less before, and this word.
            joined = np.roll(context, 1) * words + text
            codes, context = np.unique(joined, return_inverse=True)
        counts = np.bincount(context, minlength=len(codes))
        followers = np.roll(text, -1)[np.argsort(context, kind="stable")]
        orders.append(_Contexts(codes, np.cumsum(counts) - counts, counts, followers))
    return Model(words, tuple(weights), text, tuple(orders))


@functools.lru_cache(maxsize=4)
def scripture_model(*weights: float) -> Model:
    """Model of the King James Bible."""
    text, vocabulary = scripture.words()
    return build(text, len(vocabulary), weights)


def identifiers(words: Sequence[str]) -> NDArray[np.uint64]:
    """64-bit identifiers of words by BLAKE2b, so that a mark needs no list of words."""
    found = [int.from_bytes(hashlib.blake2b(w.encode(), digest_size=8).digest(), "little") for w in words]
    return np.array(found, dtype=np.uint64)


@functools.cache
def scripture_identifiers() -> NDArray[np.uint64]:
    """Identifiers of the words of the King James Bible in the order of its vocabulary."""
    return identifiers(scripture.words()[1])


def write(
    model: Model,
    names: NDArray,
    keys: NDArray,
    tokens: int,
    gamma: float,
    delta: float,
    rng: np.random.Generator,
    *,
    keep: int = 0,
) -> tuple[NDArray, NDArray]:
    """Documents of a marked writer, one for each key; without a mark if ``delta`` is 0.

    A proposal that is not green is rejected with probability 1 − e^{−δ}, which multiplies the odds of green
    words by e^δ exactly.

    Parameters
    ----------
    model : Model
        Writer.
    names : ndarray of uint64
        Identifiers of its words.
    keys : ndarray of uint64
        Secret of each document.
    tokens : int
        Words to write.
    gamma, delta : float
        The scheme.
    rng : numpy.random.Generator
        Source of every word.
    keep : int
        Keep the contexts before each of the first ``keep`` words, too.

    Returns
    -------
    (ndarray, ndarray)
        Words, shape (documents, tokens + 1), of which the first is given and only the left neighbour of the
        second; and contexts, shape (keep, orders, documents).
    """
    state = model.start(len(keys), rng)
    words = np.empty((len(keys), tokens + 1), dtype=np.int64)
    words[:, 0] = state[0]
    kept = np.empty((keep, *state.shape), dtype=np.int64)
    refused = -np.expm1(-delta)
    for t in range(tokens):
        if t < keep:
            kept[t] = state
        word = model.propose(state, rng)
        if delta:
            waiting = np.arange(len(keys))
            while len(waiting):
                seen = watermark.green(keys[waiting], names[state[0, waiting]], names[word[waiting]], gamma)
                waiting = waiting[~seen & (rng.random(len(waiting)) < refused)]
                if len(waiting):
                    word[waiting] = model.propose(state[:, waiting], rng)
        words[:, t + 1] = word
        state = model.advance(state, word)
    return words, kept


def read(
    words: NDArray, names: NDArray, keys: NDArray, gamma: float, *, repeats: bool = False
) -> tuple[NDArray, NDArray]:
    """Which words of documents are green, and which are scored: first uses of a pair, or all with ``repeats``.

    Both have the shape (documents, words − 1).
    """
    left, right = words[:, :-1], words[:, 1:]
    greens = watermark.green(np.asarray(keys)[:, None], names[left], names[right], gamma)
    scored = np.ones(greens.shape, dtype=bool)
    if not repeats:
        scored = watermark.first_uses(left * np.int64(len(names)) + right)
    return greens & scored, scored
