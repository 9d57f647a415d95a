r"""Straight-line list programs, their tests, and bugs in them: everything looked up in two tables.

A program is five of twelve primitives in a row, each a map from lists of integers to lists; integers are kept in
−50 … 49 by wrapping. Its eight tests are its outputs on eight fixed lists, with three assertions each: the output
has the right length, it has the right values in any order, it is right. Only the last decides whether the test
passes. A thirteenth symbol, the blank, does nothing; it stands where a primitive was taken out. All programs over
thirteen symbols are run once, level by level over the distinct lists that occur, so that whether a program passes
a test is one comparison of two table entries.

A bug replaces one to three primitives. It is *valid* if it breaks at least one test and leaves at least one intact,
the consistency check of Self-play SWE-RL [wei2025ssr]_ in the form that it takes here.

References
----------
.. [wei2025ssr] Y. Wei et al., Toward Training Superintelligent Software Agents through Self-Play SWE-RL.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LENGTH = 5
# Four classes of three, in this order: they reorder, select, map, accumulate.
PRIMITIVES = (
    "reverse",
    "sort",
    "rotate",
    "drop-first",
    "keep-even",
    "distinct",
    "add-one",
    "negate",
    "double",
    "running-sum",
    "differences",
    "running-maximum",
)
CLASSES = ("reorder", "select", "map", "accumulate")
MEMBERS = len(PRIMITIVES) // len(CLASSES)
BLANK = len(PRIMITIVES)
SYMBOLS = BLANK + 1
MOST_EDITS = 3
TESTS = (
    (3,),
    (5, 2),
    (-4, 7, 1),
    (6, 6, -3, 2),
    (1, 2, 3, 4),
    (9, -8, 8, -9, 5),
    (2, 7, 2, -5, 7, 0),
    (-1, 4, -6, 4, 3, -2, 8),
)
ASSERTIONS = 3 * len(TESTS)
_WIDTH = max(map(len, TESTS))
_HALF, _MODULUS = 50, 100
_PLACES = SYMBOLS ** np.arange(LENGTH - 1, -1, -1)


class Lists(NamedTuple):
    """Lists of up to seven integers, padded with zeros: ``values`` (n, 7) and ``length`` (n,)."""

    values: NDArray[np.int64]
    length: NDArray[np.int64]


def pack(lists: list[tuple[int, ...]]) -> Lists:
    """Lists of integers as arrays."""
    values = np.zeros((len(lists), _WIDTH), dtype=np.int64)
    for row, entries in zip(values, lists, strict=True):
        row[: len(entries)] = entries
    return Lists(values, np.array([len(entries) for entries in lists]))


def apply(primitive: int, lists: Lists) -> Lists:
    """One primitive on many lists at once; `BLANK` leaves them as they are."""
    values, length = lists
    place = np.arange(_WIDTH)
    inside = place < length[:, None]
    last = np.maximum(length - 1, 0)[:, None]
    name = PRIMITIVES[primitive] if primitive != BLANK else ""
    if name in ("keep-even", "distinct"):
        same = (values[:, :, None] == values[:, None, :]) & (place[None, :] < place[:, None])
        kept = values % 2 == 0 if name == "keep-even" else ~same.any(axis=2)
        kept &= inside
        order = np.argsort(~kept, axis=1, kind="stable")
        values, length = np.take_along_axis(values, order, axis=1), kept.sum(axis=1)
    elif name == "drop-first":
        values, length = np.roll(values, -1, axis=1), np.maximum(length - 1, 0)
    elif name == "reverse":
        values = np.take_along_axis(values, np.clip(last - place, 0, None), axis=1)
    elif name == "rotate":
        values = np.take_along_axis(values, np.where(place < last, place + 1, 0) % _WIDTH, axis=1)
    elif name == "sort":
        values = np.sort(np.where(inside, values, _MODULUS), axis=1)
    elif name == "running-maximum":
        values = np.maximum.accumulate(values, axis=1)
    elif name == "running-sum":
        values = np.cumsum(values, axis=1)
    elif name == "differences":
        values = np.diff(values, axis=1, prepend=0)
    elif name:
        values = {"add-one": values + 1, "negate": -values, "double": 2 * values}[name]
    values = (values + _HALF) % _MODULUS - _HALF
    return Lists(np.where(place < length[:, None], values, 0), length)


@functools.cache
def outcomes() -> NDArray[np.int32]:
    """What every program over thirteen symbols gives on every test, as numbers that are equal if the results are.

    Returns
    -------
    ndarray, shape (13 ** 5, 24)
        Rows in the order of `number`. For each test: its output, its output sorted, the length of its output.
    """
    lists = pack(list(TESTS))
    found = np.arange(len(TESTS), dtype=np.int32)[None]
    for _ in range(LENGTH):
        nexts = [apply(primitive, lists) for primitive in range(SYMBOLS)]
        merged = Lists(
            np.concatenate([part.values for part in nexts]), np.concatenate([part.length for part in nexts])
        )
        _, first, step = np.unique(_key(merged), return_index=True, return_inverse=True)
        step = step.reshape(SYMBOLS, -1).astype(np.int32)
        found = step[:, found].transpose(1, 0, 2).reshape(-1, len(TESTS))
        lists = Lists(merged.values[first], merged.length[first])
    _, unordered = np.unique(_key(apply(PRIMITIVES.index("sort"), lists)), return_inverse=True)
    views = (np.arange(len(unordered)), unordered, lists.length)
    return np.concatenate([view.astype(np.int32)[found] for view in views], axis=1)


def _key(lists: Lists) -> NDArray[np.int64]:
    """One number for each list; exact, because seven digits to the base 100 and the length fit into 63 bits."""
    key = lists.length.copy()
    for column in (lists.values + _HALF).T:
        key = key * _MODULUS + column
    return key


def number(programs: ArrayLike) -> NDArray[np.int64]:
    """Row of a program in `outcomes`; programs of shape (..., 5)."""
    return np.asarray(programs) @ _PLACES


def passed(programs: ArrayLike, truth: ArrayLike) -> NDArray[np.bool_]:
    """Which tests of ``truth`` each program passes; shapes (..., 5) to (..., 8)."""
    exact = outcomes()[:, : len(TESTS)]
    return exact[number(programs)] == exact[number(truth)]


def is_valid(bugs: ArrayLike, truth: ArrayLike) -> NDArray[np.bool_]:
    """Consistency check: at least one test breaks and at least one does not."""
    tests = passed(bugs, truth)
    return tests.any(axis=-1) & ~tests.all(axis=-1)


# --------------------------------------------------------------------------------------------------
# Repositories and bugs


@dataclass(frozen=True, slots=True)
class Habits:
    """How one world writes programs and makes mistakes.

    Attributes
    ----------
    first, follow : ndarray, shapes (12,) and (12, 12)
        Probabilities of the first primitive, and of the next given the last: code is repetitive.
    counts, places : ndarray, shapes (3,) and (5,)
        Human bugs: probabilities of one, two, three substitutions, and weights of the positions.
    confusions : ndarray, shape (12, 12)
        Human bugs: probability that a primitive is replaced by another one.
    """

    first: NDArray
    follow: NDArray
    counts: NDArray
    places: NDArray
    confusions: NDArray


def draw_habits(concentration: float, rng: np.random.Generator) -> Habits:
    """Draw a world: Dirichlet rows for its code, Zipf's law in random order for its human bugs.

    Parameters
    ----------
    concentration : float
        Of the Dirichlet rows; the smaller, the more repetitive the code.
    """
    size = len(PRIMITIVES)
    first = rng.dirichlet(np.full(size, concentration))
    follow = rng.dirichlet(np.full(size, concentration), size=size)
    pairs = np.zeros((size, size))
    pairs[~np.eye(size, dtype=bool)] = 1 / (rng.permutation(size * (size - 1)) + 1)
    zipf = 1 / np.arange(1, LENGTH + 1)
    return Habits(
        first,
        follow,
        zipf[:MOST_EDITS] / zipf[:MOST_EDITS].sum(),
        rng.permutation(zipf),
        pairs / pairs.sum(axis=1, keepdims=True),
    )


def draw_repositories(habits: Habits, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Different programs in the world's style in which every step matters, shape (count, 5).

    A step matters if taking it out changes the output of at least one test.

    Raises
    ------
    ValueError
        If the style has too few such programs.
    """
    found = np.zeros((0, LENGTH), dtype=np.int64)
    for _ in range(200):
        programs = np.empty((4 * count, LENGTH), dtype=np.int64)
        programs[:, 0] = rng.choice(len(PRIMITIVES), size=len(programs), p=habits.first)
        for place in range(1, LENGTH):
            below = habits.follow.cumsum(axis=1)[programs[:, place - 1]]
            drawn = (below < rng.random(len(programs))[:, None] * below[:, -1:]).sum(axis=1)
            programs[:, place] = np.minimum(drawn, len(PRIMITIVES) - 1)
        matters = np.ones(len(programs), dtype=bool)
        for place in range(LENGTH):
            without = programs.copy()
            without[:, place] = BLANK
            matters &= ~passed(without, programs).all(axis=1)
        found = np.concatenate([found, programs[matters]])
        _, where = np.unique(number(found), return_index=True)
        found = found[np.sort(where)]
        if len(found) >= count:
            return found[:count]
    raise ValueError(f"the style has only {len(found)} different programs ({count} needed)")


class Bugs(NamedTuple):
    """Broken programs and what they were; both of shape (n, 5)."""

    programs: NDArray[np.int64]
    truth: NDArray[np.int64]

    def take(self, rows: NDArray) -> "Bugs":
        """Those of the given rows."""
        return Bugs(self.programs[rows], self.truth[rows])


def draw_bugs(repositories: NDArray, counts: ArrayLike, rng: np.random.Generator) -> Bugs:
    """Valid bugs with given numbers of substitutions; repository, positions and primitives drawn evenly.

    Parameters
    ----------
    repositories : ndarray, shape (m, 5)
        Programs to break.
    counts : array_like of int, shape (n,)
        Substitutions, 1 to 3.

    Raises
    ------
    ValueError
        If 500 attempts find no valid bug of that size.
    """
    counts = np.asarray(counts)

    def attempt(rows: NDArray, truth: NDArray) -> NDArray:
        rank = np.argsort(np.argsort(rng.random(truth.shape), axis=1), axis=1)
        other = (truth + rng.integers(1, len(PRIMITIVES), size=truth.shape)) % len(PRIMITIVES)
        return np.where(rank < counts[rows][:, None], other, truth)

    return _until_valid(repositories, len(counts), attempt, rng)


def draw_human_bugs(repositories: NDArray, count: int, habits: Habits, rng: np.random.Generator) -> Bugs:
    """Valid bugs by the world's own law of mistakes."""
    below = habits.confusions.cumsum(axis=1)

    def attempt(rows: NDArray, truth: NDArray) -> NDArray:
        counts = rng.choice(MOST_EDITS, size=len(rows), p=habits.counts) + 1
        # An exponential race orders positions as successive draws with these weights would.
        race = rng.exponential(size=truth.shape) / habits.places
        rank = np.argsort(np.argsort(race, axis=1), axis=1)
        ends = below[truth]
        drawn = (ends < rng.random((*truth.shape, 1)) * ends[..., -1:]).sum(axis=-1)
        return np.where(rank < counts[:, None], drawn, truth)

    return _until_valid(repositories, count, attempt, rng)


def _until_valid(
    repositories: NDArray,
    count: int,
    attempt: Callable[[NDArray, NDArray], NDArray],
    rng: np.random.Generator,
) -> Bugs:
    bugs = Bugs(np.zeros((count, LENGTH), dtype=np.int64), np.zeros((count, LENGTH), dtype=np.int64))
    left = np.arange(count)
    for _ in range(500):
        truth = repositories[rng.integers(len(repositories), size=len(left))]
        tried = attempt(left, truth)
        bugs.programs[left], bugs.truth[left] = tried, truth
        left = left[~is_valid(tried, truth)]
        if not len(left):
            return bugs
    raise ValueError(f"{len(left)} bugs of the size asked for were never valid")
