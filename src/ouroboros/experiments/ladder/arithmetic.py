"""Sums of two numbers written backwards: the task of the ladder benchmark, its verifier and its difficulty.

A problem of level k adds two numbers of k digits each. As a string it reads ``$321+654=975$`` for
123 + 456 = 579: digits run from the lowest to the highest, so that carries run with the text. ``$`` opens and
closes. A string is a row of `WIDTH` symbols; what follows the closing ``$`` is padding.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVELS = 5
PLUS, EQUALS, EDGE, PAD = 10, 11, 12, 13
SYMBOLS = 14
WIDTH = 3 * LEVELS + 5  # $ a + b = sum $ with sums of up to LEVELS + 1 digits


class Problems(NamedTuple):
    """Operands and level of each problem; three integer arrays of one length."""

    first: NDArray
    second: NDArray
    level: NDArray

    def take(self, which: ArrayLike) -> "Problems":
        """Problems at the given places."""
        return Problems(self.first[which], self.second[which], self.level[which])


def draw(level: ArrayLike, rng: np.random.Generator) -> Problems:
    """One problem for each entry of ``level`` (1 to 5), operands uniform over the numbers of that length.

    Operands of one digit include 0; longer ones do not start with 0.
    """
    level = np.asarray(level)
    lowest = np.where(level > 1, 10 ** (level - 1), 0)
    first, second = (rng.integers(lowest, 10**level) for _ in range(2))
    return Problems(first, second, level)


def encode(problems: Problems) -> NDArray[np.int8]:
    """Strings of the problems with their right answers, shape (problems, `WIDTH`)."""
    first, second, level = problems
    total = first + second
    rows = np.full((len(level), WIDTH), PAD, dtype=np.int8)
    rows[:, 0] = EDGE
    for k in range(1, LEVELS + 1):
        at = np.flatnonzero(level == k)
        if not at.size:
            continue
        rows[at, 1 : k + 1] = _digits(first[at], k)
        rows[at, k + 1] = PLUS
        rows[at, k + 2 : 2 * k + 2] = _digits(second[at], k)
        rows[at, 2 * k + 2] = EQUALS
        rows[at, 2 * k + 3 : 3 * k + 4] = _digits(total[at], k + 1)
        carry = total[at] >= 10**k
        rows[at[carry], 3 * k + 4] = EDGE
        rows[at[~carry], 3 * k + 3] = EDGE
    return rows


def answer_mask(problems: Problems) -> NDArray[np.bool_]:
    """Where the right answer and the closing sign stand in `encode`'s rows."""
    place = np.arange(WIDTH)
    end = 3 * problems.level + 3 + (problems.first + problems.second >= 10**problems.level)
    return (place > (2 * problems.level + 2)[:, None]) & (place <= end[:, None])


def read(rows: NDArray) -> Problems:
    """Problems that strings pose, right or wrong as their answers may be.

    Level 0 marks a string that poses none: operands of unequal length or with a leading zero, or anything
    else out of place up to the equals sign.
    """
    first, second, level = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    digit = rows <= 9
    for k in range(1, LEVELS + 1):
        one, two = slice(1, k + 1), slice(k + 2, 2 * k + 2)
        posed = (
            (rows[:, 0] == EDGE)
            & digit[:, one].all(axis=1)
            & (rows[:, k + 1] == PLUS)
            & digit[:, two].all(axis=1)
            & (rows[:, 2 * k + 2] == EQUALS)
        )
        if k > 1:
            posed &= (rows[:, k] > 0) & (rows[:, 2 * k + 1] > 0)
        powers = 10 ** np.arange(k)
        first[posed] = rows[posed, one] @ powers
        second[posed] = rows[posed, two] @ powers
        level[posed] = k
    return Problems(first, second, level)


def right(rows: NDArray, problems: Problems) -> NDArray[np.bool_]:
    """Exact verifier: whether each string poses a problem and answers it rightly to the last symbol.

    Parameters
    ----------
    rows : ndarray
        Strings, shape (n, `WIDTH`).
    problems : Problems
        What `read` finds in them.
    """
    return (problems.level > 0) & (rows == encode(problems)).all(axis=1)


def identity(problems: Problems) -> NDArray[np.int64]:
    """One number per problem, equal for equal problems and only for these."""
    return (problems.level * 10**LEVELS + problems.first) * 10**LEVELS + problems.second


def _digits(numbers: NDArray, count: int) -> NDArray:
    """Lowest digit first."""
    return numbers[:, None] // 10 ** np.arange(count) % 10
