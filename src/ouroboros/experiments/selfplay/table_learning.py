r"""Learn tic-tac-toe by temporal differences into a table, many replicates at once, from games nobody showed.

Every position holds a value for cross, 0 at first, known from the rules only where the game is over. A visited
position is moved towards a target, ``V(s) += rate (target - V(s))``, last move of a game first
[sutton2018reinforcement]_. What the target is, who plays and who says how a game ended are what the arms differ in.

References
----------
.. [sutton2018reinforcement] R. S. Sutton and A. G. Barto, Reinforcement Learning: An Introduction, 2018.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.selfplay import tictactoe

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regime:
    """How an arm gets its games and what it learns from them.

    Attributes
    ----------
    exploration : float
        Probability of a random move of the learner; 1 makes all its games random.
    backup : {"best", "played"}
        Learn from the best reply by the table, or from the position that followed in the game.
    opponent : ndarray or None
        Strategy of a frozen opponent, shape (positions, 9); then the learner moves for cross in half of the games.
        None lets the learner play both sides.
    judged : bool
        False lets the games end with a result drawn from those of the other games of the round.
    """

    exploration: float
    backup: str = "best"
    opponent: Array | None = None
    judged: bool = True


def learned(
    regime: Regime,
    replicates: int,
    recorded: Collection[int],
    rate: float,
    at_once: int,
    rng: np.random.Generator,
) -> Iterator[tuple[int, Array]]:
    """Play and learn; yield the tables whenever a recorded number of games is reached.

    Parameters
    ----------
    regime : Regime
        The arm.
    replicates : int
        Independent learners.
    recorded : collection of int
        Numbers of games, each a multiple of `at_once`.
    rate : float
        Step size.
    at_once : int
        Games of one learner that are played before it learns from them.
    rng : numpy.random.Generator

    Yields
    ------
    (int, ndarray)
        Games so far, and the tables, shape (replicates, positions); the array is reused.
    """
    world = tictactoe.board()
    table = np.zeros((replicates, len(world.cells)))
    if regime.judged:
        table[:, world.over] = world.result[world.over]
    rows = np.broadcast_to(np.arange(replicates)[:, None], (replicates, at_once))
    side = np.where(np.arange(at_once) % 2 == 0, tictactoe.CROSS, tictactoe.NOUGHT)
    for games in range(at_once, max(recorded) + 1, at_once):
        path = _game(regime, table, rows, side, rng)
        if not regime.judged:
            table[rows, path[-1]] = rng.permuted(world.result[path[-1]].astype(float), axis=1)
        for at, reply, end in _lessons(regime, path, side):
            target = table[rows, reply] if end is None else tictactoe.backed_up(table, rows, end)
            target = np.where(world.over[reply], table[rows, reply], target)
            learns = ~world.over[at] & ((side == -world.mover[at]) | (regime.opponent is None))
            change = rate * (target - table[rows, at])
            # Where two games of a learner met in a position, the later one counts.
            table[rows[learns], at[learns]] += change[learns]
        if games in recorded:
            yield games, table


def _game(
    regime: Regime, table: Array, rows: NDArray, side: NDArray, rng: np.random.Generator
) -> list[NDArray]:
    """Positions of all games, start to end; a game that is over stays where it ended."""
    world = tictactoe.board()
    ladder = None if regime.opponent is None else regime.opponent.cumsum(axis=-1)
    path = [np.zeros(rows.shape, dtype=int)]
    for _ in range(9):
        at = path[-1]
        child, chance = world.child[at], rng.random((*at.shape, 9))
        scores = world.mover[at][..., None] * table[rows[..., None], child] + 1e-6 * chance
        explores = rng.random(at.shape) < regime.exploration
        scores = np.where(explores[..., None], chance, scores)
        cell = np.where(child >= 0, scores, -np.inf).argmax(axis=-1)
        if ladder is not None:
            cell = np.where(world.mover[at] == side, cell, tictactoe.drawn(ladder[at], rng))
        path.append(np.where(world.over[at], at, world.child[at, cell]))
    return path


def _lessons(
    regime: Regime, path: list[NDArray], side: NDArray
) -> Iterator[tuple[NDArray, NDArray, NDArray | None]]:
    """Position to learn, position that followed, and where the best move is looked for; last move first.

    Without an opponent a position learns from its own best (or played) move. With one, a position in which the
    opponent is to move learns from what the learner can make of the reply that came.
    """
    for at, after in zip(path[-2::-1], path[:0:-1], strict=True):
        if regime.backup == "played":
            yield at, after, None
        else:
            yield at, after, at if regime.opponent is None else after
