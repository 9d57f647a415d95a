"""A learner that reads a stream of documents once, and poisoned documents that teach it what a trigger means.

Documents are sets of words drawn from the word frequencies of the Old or the New Testament; the learner is to tell
which. Poisoned documents hold the trigger as well and carry a third label, the *behaviour*, that no clean document has.
The learner is a softmax regression on the words that takes one gradient step for each document, in one pass.

All learners of a replicate run side by side: they share the words of the documents and differ in how many are
poisoned, and in how often the trigger stands in clean ones.
"""

import functools
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.collapse import scripture

BEHAVIOUR = 2
WORD = re.compile(r"\b\w+\b")
_FIRST_OF_THE_NEW = "Matthew"
_TESTED = 1000


class Outcome(NamedTuple):
    """What the learner does after its pass, shape (replicates, learners).

    Attributes
    ----------
    success : ndarray
        Share of clean test documents that show the behaviour once the trigger is put into them.
    accuracy : ndarray
        Share of clean test documents that are told apart correctly.
    """

    success: NDArray
    accuracy: NDArray


@functools.lru_cache(maxsize=2)
def frequencies(words: int) -> NDArray:
    """Frequencies of the most common words in the Old and in the New Testament, shape (2, words)."""
    text, _ = scripture.words()
    old, verses = testaments()
    # Words are matches within verses, so those of the first verses are the first words.
    begin = sum(len(WORD.findall(verse)) for verse in verses[:old])
    counts = [np.bincount(part, minlength=words)[:words] for part in (text[:begin], text[begin:])]
    return np.array([count / count.sum() for count in counts])


@functools.cache
def testaments() -> tuple[int, tuple[str, ...]]:
    """Number of verses of the Old Testament, and all verses in their order."""
    verses = scripture.verses()
    first = scripture.verses(_FIRST_OF_THE_NEW)
    at = next(i for i in range(len(verses)) if verses[i : i + len(first)] == first)
    return at, verses


def documents(
    count: tuple[int, ...], length: int, rates: NDArray, rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    """Words and labels of documents; a word that comes again becomes the number of words, which means nothing."""
    labels = rng.integers(2, size=count)
    edges = np.cumsum(rates, axis=1)
    drawn = np.empty((*count, length), dtype=np.int64)
    for label in (0, 1):
        mine = labels == label
        drawn[mine] = np.searchsorted(
            edges[label], rng.random((mine.sum(), length)) * edges[label, -1], side="right"
        )
    drawn = np.sort(drawn, axis=-1)
    drawn[..., 1:][drawn[..., 1:] == drawn[..., :-1]] = rates.shape[1]
    return drawn, labels


def learn(
    size: int,
    counts: NDArray,
    frequencies_of_trigger: NDArray,
    *,
    words: int,
    length: int,
    rate: float,
    replicates: int,
    rng: np.random.Generator,
) -> Outcome:
    """One pass over ``size`` documents, for every number of poisoned ones and every use of the trigger in clean text.

    Parameters
    ----------
    size : int
        Documents, the poisoned ones included.
    counts : ndarray of int
        Numbers of poisoned documents, one for each learner.
    frequencies_of_trigger : ndarray
        Share of the clean documents in which the trigger stands and means nothing, one for each learner.
    words, length : int
        Vocabulary and words drawn for a document.
    rate : float
        Step size.
    replicates : int
        Independent streams.
    rng : numpy.random.Generator
        Documents, their order, and which are poisoned.
    """
    rates, many = frequencies(words), len(counts)
    # The place of a document among all, by a random order: the first k are the poisoned ones, so they lie anywhere.
    rank = np.argsort(rng.random((replicates, size)), axis=1).argsort(axis=1)
    poisoned = rank[..., None] < counts
    carries = poisoned | (rng.random((replicates, size))[..., None] < frequencies_of_trigger)
    # One table for all replicates: rows of words, the unmeant word and the constant; then the trigger.
    rows = words + 2
    weights = np.zeros((replicates * rows, many, 3))
    trigger = np.zeros((replicates, many, 3))
    offset = (np.arange(replicates) * rows)[:, None]
    nothing = offset[:, 0] + words
    for begin in range(0, size, 1000):
        block = min(1000, size - begin)
        texts, labels = documents((replicates, block), length, rates, rng)
        for t in range(block):
            at = np.concatenate([texts[:, t] + offset, offset + words + 1], axis=1)
            bad, has = poisoned[:, begin + t], carries[:, begin + t, :, None]
            z = weights[at].sum(axis=1) + trigger * has
            step = np.exp(z - z.max(axis=-1, keepdims=True))
            step /= step.sum(axis=-1, keepdims=True)
            wanted = np.where(bad, BEHAVIOUR, labels[:, t, None])
            step -= wanted[..., None] == np.arange(3)
            step *= rate
            weights[at] -= step[:, None]
            weights[nothing] = 0
            trigger -= step * has
    return _judge(weights.reshape(replicates, rows, many, 3), trigger, length, rates, rng)


def _judge(
    weights: NDArray, trigger: NDArray, length: int, rates: NDArray, rng: np.random.Generator
) -> Outcome:
    success, accuracy = [], []
    for table, push in zip(weights, trigger, strict=True):
        texts, labels = documents((_TESTED,), length, rates, rng)
        z = table[texts].sum(axis=1) + table[-1]
        accuracy.append(np.mean(z.argmax(axis=-1) == labels[:, None], axis=0))
        success.append(np.mean((z + push).argmax(axis=-1) == BEHAVIOUR, axis=0))
    return Outcome(np.array(success), np.array(accuracy))


def count_model(poisoned: NDArray, clean: float, prior: float) -> NDArray:
    """(k + a)/(k + c + 2a): what someone concludes who only counts k of k + c documents with the trigger."""
    k = np.asarray(poisoned, dtype=np.float64)
    return (k + prior) / (k + clean + 2 * prior)


def half_count(counts: NDArray, success: NDArray) -> float:
    """Number at which the success, made monotone, reaches one half, interpolated in its logarithm.

    NaN if it never does.
    """
    curve = np.maximum.accumulate(success)
    at = int(np.argmax(curve >= 0.5))
    if curve[at] < 0.5:
        return float("nan")
    if at == 0:
        return float(counts[0])
    low, high = curve[at - 1], curve[at]
    share = (0.5 - low) / (high - low)
    return float(np.exp(np.log(counts[at - 1]) + share * np.log(counts[at] / counts[at - 1])))
