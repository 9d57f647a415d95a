r"""Tic-tac-toe in full: every position, perfect play, and the exact outcome of any two strategies.

Positions that can occur are numbered by the marks on the board, so a loop from the last to the first sees
every position after its successors. Cross moves first. A *table* is a value for cross per position, shape
``(..., positions)``; a *strategy* is a probability per position and cell, shape ``(..., positions, 9)``, zero
where the game is over. All functions are vectorised over leading axes.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
_CENTRE, _CORNERS = 4, (0, 2, 6, 8)
CROSS, NOUGHT = 1, -1
RESULTS = (1, -1, 0)  # won by cross, won by nought, drawn


class Board(NamedTuple):
    """All positions.

    Attributes
    ----------
    cells : ndarray of int8, shape (positions, 9)
        1 cross, -1 nought, 0 empty.
    child : ndarray of int, shape (positions, 9)
        Position after a mark on a cell; -1 where that is not allowed.
    mover : ndarray of int8, shape (positions,)
        Whose turn it is.
    over : ndarray of bool, shape (positions,)
    result : ndarray of int8, shape (positions,)
        Winner where the game is over, else 0.
    levels : tuple of slice
        Positions with 0, 1, ... 9 marks.
    """

    cells: NDArray[np.int8]
    child: NDArray[np.intp]
    mover: NDArray[np.int8]
    over: NDArray[np.bool_]
    result: NDArray[np.int8]
    levels: tuple[slice, ...]


def winner(cells: tuple[int, ...]) -> int:
    """Sign of the player who has a line, else 0."""
    sums = [sum(cells[k] for k in line) for line in LINES]
    return CROSS if 3 in sums else NOUGHT if -3 in sums else 0


@functools.cache
def board() -> Board:
    """Enumerate the positions that can occur, level by level."""
    level = {(0,) * 9: 0}
    listed, children, levels = [], {}, []
    for marks in range(10):
        start = len(listed)
        levels.append(slice(start, start + len(level)))
        listed += level
        following: dict[tuple[int, ...], int] = {}
        for cells, number in level.items():
            if winner(cells):
                continue
            sign = CROSS if marks % 2 == 0 else NOUGHT
            for k in (k for k in range(9) if not cells[k]):
                after = (*cells[:k], sign, *cells[k + 1 :])
                children[number, k] = following.setdefault(after, start + len(level) + len(following))
        level = following
    child = np.full((len(listed), 9), -1)
    for (number, k), after in children.items():
        child[number, k] = after
    cells = np.array(listed, dtype=np.int8)
    mover = np.where(np.abs(cells).sum(axis=1) % 2 == 0, CROSS, NOUGHT).astype(np.int8)
    result = np.array([winner(row) for row in listed], dtype=np.int8)
    return Board(cells, child, mover, (child < 0).all(axis=1), result, tuple(levels))


def _backwards() -> Iterator[NDArray[np.intp]]:
    """Numbers of the positions where the game goes on, last level first."""
    world = board()
    for level in reversed(world.levels):
        numbers = np.arange(level.start, level.stop)
        yield numbers[~world.over[numbers]]


@functools.cache
def minimax() -> Array:
    """Value of every position for cross if both play perfectly, in {-1, 0, 1}."""
    world = board()
    value = world.result.astype(float)
    for numbers in _backwards():
        if len(numbers):
            value[numbers] = backed_up(value[None], np.zeros(len(numbers), int), numbers)
    return value


def backed_up(table: Array, rows: NDArray[np.intp], numbers: NDArray[np.intp]) -> Array:
    """Value of the best move in each position, by the table.

    Parameters
    ----------
    table : ndarray, shape (tables, positions)
    rows, numbers : ndarray of int, one shape
        Which table, and which position (where the game goes on).
    """
    world = board()
    child, sign = world.child[numbers], world.mover[numbers]
    scores = np.where(child >= 0, sign[..., None] * table[rows[..., None], child], -np.inf)
    return sign * scores.max(axis=-1)


def uniform() -> Array:
    """Strategy that takes every allowed cell with the same probability."""
    return _even(board().child >= 0)


def greedy(table: Array, tolerance: float = 1e-6) -> Array:
    """Strategy that takes the best move by a table, evenly among those within the tolerance."""
    world = board()
    return preferred(world.mover[:, None] * table[..., world.child], tolerance)


def preferred(scores: Array, tolerance: float = 0.0) -> Array:
    """Strategy that takes the cell with the highest score, evenly among equals; scores are ``(..., positions, 9)``."""
    allowed = board().child >= 0
    scores = np.where(allowed, scores, -np.inf)
    return _even((scores >= scores.max(axis=-1, keepdims=True) - tolerance) & allowed)


@functools.cache
def perfect() -> Array:
    """Perfect play: evenly among all moves that keep the value."""
    return greedy(minimax())


@functools.cache
def heuristic() -> Array:
    """The player of every primer: win, else block, else centre, else a corner, else anything, evenly among equals."""
    world = board()
    allowed = world.child >= 0
    rank = np.ones(allowed.shape)
    rank[:, _CORNERS] += 1
    rank[:, _CENTRE] += 2
    for line in LINES:
        marks = world.cells[:, line] * world.mover[:, None]
        total = marks.sum(axis=1)
        for place, cell in enumerate(line):
            empty = marks[:, place] == 0
            # Two of a kind and an empty cell sum to 2 or -2; the first wins, the second has to be blocked.
            rank[:, cell] += np.where(empty & (total == 2), 100, 0) + np.where(empty & (total == -2), 10, 0)
    return preferred(rank)


def _even(chosen: NDArray[np.bool_]) -> Array:
    return chosen / np.maximum(chosen.sum(axis=-1, keepdims=True), 1)


def joined(cross: Array, nought: Array) -> Array:
    """One strategy for both sides: the first for cross, the second for nought."""
    return np.where((board().mover == CROSS)[:, None], cross, nought)


def outcomes(strategy: Array) -> Array:
    """Exact probabilities that cross wins, nought wins, and of a draw, shape ``(..., 3)``."""
    world = board()
    shape = (*strategy.shape[:-2], len(world.cells), 3)
    chance = np.zeros(shape)
    chance[..., world.over, :] = world.result[world.over][:, None] == np.array(RESULTS)
    for numbers in _backwards():
        after = chance[..., world.child[numbers], :]
        chance[..., numbers, :] = (strategy[..., numbers, :, None] * after).sum(axis=-2)
    return chance[..., 0, :]


def worst_case(strategy: Array, side: int) -> Array:
    """Value for `side` of its strategy against the opponent who answers it best, shape ``(...)``."""
    world = board()
    value = np.broadcast_to(side * world.result.astype(float), strategy.shape[:-1]).copy()
    for numbers in _backwards():
        child = world.child[numbers]
        after = value[..., child]
        own = (strategy[..., numbers, :] * after).sum(axis=-1)
        answer = np.where(child >= 0, after, np.inf).min(axis=-1)
        value[..., numbers] = np.where(world.mover[numbers] == side, own, answer)
    return value[..., 0]


def best_answer(opponent: Array, side: int) -> Array:
    """Table of the player of `side` who knows the opponent's strategy and answers it best, shape (positions,).

    It is what learning against a frozen opponent tends to; the value is cross's, as in every table.
    """
    world = board()
    value = world.result.astype(float)
    for numbers in _backwards():
        child = world.child[numbers]
        after = value[child]
        expected = (opponent[numbers] * after).sum(axis=-1)
        best = side * np.where(child >= 0, side * after, -np.inf).max(axis=-1)
        value[numbers] = np.where(world.mover[numbers] == side, best, expected)
    return value


def visits(strategy: Array) -> Array:
    """Probability that a game passes through each position, shape ``(..., positions)``."""
    world = board()
    chance = np.zeros(strategy.shape[:-1])
    chance[..., 0] = 1
    flat, plays = chance.reshape(-1, chance.shape[-1]), strategy.reshape(-1, *strategy.shape[-2:])
    for level in world.levels[:-1]:
        numbers = np.arange(level.start, level.stop)
        numbers = numbers[~world.over[numbers]]
        child = world.child[numbers]
        moved, at = child >= 0, child[child >= 0]
        share = flat[:, numbers, None] * plays[:, numbers]
        for row, shares in zip(flat, share, strict=True):
            row += np.bincount(at, weights=shares[moved], minlength=len(row))
    return chance


def games(strategy: Array, count: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Play to the end.

    Parameters
    ----------
    strategy : ndarray, shape (tables, positions, 9)
    count : int
        Games for each.
    rng : numpy.random.Generator

    Returns
    -------
    (ndarray, ndarray)
        Positions, shape (10, tables, count), where a game that is over stays where it ended; and the cells
        chosen, shape (9, tables, count), meaningless after the end.
    """
    world = board()
    ladder = strategy.cumsum(axis=-1)
    rows = np.arange(len(strategy))[:, None]
    path, moves = [np.zeros((len(strategy), count), dtype=int)], []
    for _ in range(9):
        at = path[-1]
        moves.append(drawn(ladder[rows, at], rng))
        path.append(np.where(world.over[at], at, world.child[at, moves[-1]]))
    return np.stack(path), np.stack(moves)


def drawn(ladder: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Cells drawn from cumulated probabilities along the last axis."""
    chance = rng.random(ladder.shape[:-1])[..., None] * ladder[..., -1:]
    return np.minimum((chance >= ladder).sum(axis=-1), 8)


def counted(ends: NDArray[np.intp]) -> NDArray[np.int64]:
    """How often the final positions, shape ``(..., count)``, are won by cross, won by nought and drawn."""
    result = board().result[ends]
    return np.stack([(result == kind).sum(axis=-1) for kind in RESULTS], axis=-1)
