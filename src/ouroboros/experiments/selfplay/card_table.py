r"""One encoding of cards, pot and bets for poker and for questions of expected value, whatever the deck.

A card is shown as a thermometer over thirteen places, so that "higher" means the same in every deck; the deck as
the number of copies at each place. A game with three ranks puts them at any three of the places. Nothing in the
encoding says which game is played.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.selfplay.poker_trees import RANKS, Decision, Rules, Tree

Array = NDArray[np.float32]
PLACES = 13
MOST_CHIPS = 13  # that a player can have put in, in Leduc poker
PAIR = 3 * PLACES + 1  # the feature that says that the own card equals the public one
WIDTH = 3 * PLACES + 6
TASKS = ("chance", "value", "decision")
_COPIES = 2


def encoded(
    own: NDArray, public: NDArray, deck: NDArray, own_chips: NDArray, other_chips: NDArray, role: NDArray
) -> Array:
    """Situations as rows.

    Parameters
    ----------
    own, public : ndarray of int, shape (n,)
        Places of the own and of the public card; -1 where there is none.
    deck : ndarray of int, shape (n, 13)
        Copies of each rank in the whole deck.
    own_chips, other_chips : ndarray, shape (n,)
        What both players have put in.
    role : ndarray of int, shape (n,)
        0 for who acts first, 1 for who acts second.

    Returns
    -------
    ndarray of float32, shape (n, WIDTH)
    """
    places = np.arange(PLACES)
    seen = public >= 0
    columns = [
        places <= own[:, None],
        (places <= public[:, None]) & seen[:, None],
        deck / _COPIES,
        seen[:, None],
        (seen & (own == public))[:, None],
        own_chips[:, None] / MOST_CHIPS,
        other_chips[:, None] / MOST_CHIPS,
        (other_chips > own_chips)[:, None],
        role[:, None],
    ]
    return np.concatenate(columns, axis=1, dtype=np.float32)


def placements() -> NDArray[np.intp]:
    """All ways to put three ranks at thirteen places, in order, shape (286, 3)."""
    return np.array(list(combinations(range(PLACES), RANKS)))


def decisions(tree: Tree, games: tuple[Rules, ...], places: NDArray[np.intp]) -> Array:
    """Rows of all decisions of a tree whose ranks lie at the given places, shape (decisions, WIDTH)."""
    listed: tuple[Decision, ...] = tree.decisions
    card = np.array([d.card for d in listed])
    public = np.array([d.public for d in listed])
    deck = np.zeros((len(listed), PLACES), dtype=int)
    deck[:, places] = np.array([rules.copies for rules in games])[tree.game][:, None]
    own, other = (np.array([getattr(d, name) for d in listed]) for name in ("own_chips", "other_chips"))
    shown = np.where(public >= 0, places[public], -1)
    return encoded(places[card], shown, deck, own, other, tree.player)


def questions(ranks: NDArray[np.intp], rng: np.random.Generator) -> tuple[Array, Array]:
    r"""Items of the probe: should one call a bet against a card that may be any of those left?

    The player holds one card, a public card lies open in half of the decks with two copies, the opponent has bet.
    A pair with the public card wins, else the higher rank; equal ranks split. With equity ``e`` (chance to win
    plus half of the chance to split), own chips ``k`` and the opponent's ``m``, calling yields
    ``e (k + m) - (1 - e)(m - k)``, here divided by ``2 m``, the pot after the call, so that it is ``e - (m - k) / 2m``.

    Parameters
    ----------
    ranks : ndarray of int, shape (n,)
        Number of ranks in the deck of each item, 3 to 13.
    rng : numpy.random.Generator

    Returns
    -------
    (ndarray, ndarray)
        Rows, shape (n, WIDTH), and answers, shape (n, 3): equity, value of calling, and whether it is positive.
    """
    count = len(ranks)
    order = rng.random((count, PLACES)).argsort(axis=1)
    copies = rng.integers(1, _COPIES + 1, size=count)
    deck = np.where(order < ranks[:, None], copies[:, None], 0)
    own = _drawn(deck, rng)
    left = deck.copy()
    left[np.arange(count), own] -= 1
    seen = (copies == _COPIES) & (rng.random(count) < 0.5)
    public = np.where(seen, _drawn(left, rng), -1)
    left[np.arange(count)[seen], public[seen]] -= 1
    equity = _equity(own, public, left)
    other_chips = rng.integers(2, MOST_CHIPS + 1, size=count)
    own_chips = rng.integers(1, other_chips)
    value = equity - (other_chips - own_chips) / (2 * other_chips)
    answers = np.stack([equity, value, value > 0], axis=1, dtype=np.float32)
    return encoded(own, public, deck, own_chips, other_chips, rng.integers(0, 2, size=count)), answers


def _drawn(deck: NDArray, rng: np.random.Generator) -> NDArray[np.intp]:
    """A card from each deck, every copy equally likely."""
    ladder = deck.cumsum(axis=1)
    return (rng.random(len(deck))[:, None] * ladder[:, -1:] >= ladder).sum(axis=1)


def _equity(own: NDArray, public: NDArray, left: NDArray) -> NDArray[np.float64]:
    """Chance to win against a card from what is left, plus half of the chance to split."""
    places = np.arange(PLACES)
    rank = np.where(own == public, PLACES, own)[:, None]
    theirs = np.where(places == public[:, None], PLACES, places)
    score = (rank > theirs) + 0.5 * (rank == theirs)
    return (score * left).sum(axis=1) / left.sum(axis=1)
