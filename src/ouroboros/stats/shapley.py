"""Shares of a joint effect by the value of Shapley."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray


def shapley_values(
    players: Sequence[str], value: Callable[[frozenset[str]], ArrayLike]
) -> dict[str, NDArray]:
    """Exact Shapley value of every player [shapley1953value]_.

    A player's share is what it adds to those before it, averaged over all orders; the shares sum to
    ``value(all) - value(none)``.

    Parameters
    ----------
    players : sequence of str
        Distinct names; every subset is valued once, so keep them below twenty.
    value : callable
        Worth of a set of players: a number, or an array with one entry for each of many games.

    Returns
    -------
    dict of str to ndarray
        Share of each player, of the shape of what ``value`` returns.

    Raises
    ------
    ValueError
        If a name occurs twice.

    References
    ----------
    .. [shapley1953value] L. S. Shapley, A Value for n-Person Games, Contributions to the Theory of Games II, 1953.
    """
    n = len(players)
    if len(set(players)) < n:
        raise ValueError(f"players: {list(players)} (every name must be different)")
    worth = {
        frozenset(chosen): np.asarray(value(frozenset(chosen)), dtype=np.float64)
        for size in range(n + 1)
        for chosen in combinations(players, size)
    }
    shares = {}
    for player in players:
        share = np.zeros_like(worth[frozenset()])
        for before, alone in worth.items():
            if player not in before:
                orders = factorial(len(before)) * factorial(n - 1 - len(before)) / factorial(n)
                share = share + orders * (worth[before | {player}] - alone)
        shares[player] = share
    return shares
