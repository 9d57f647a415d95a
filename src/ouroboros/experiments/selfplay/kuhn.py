r"""Kuhn poker in closed form: values, best responses and counterfactual regret for many strategies at once.

Three cards (J, Q, K), ante 1, one bet of 1 [kuhn1950simplified]_. The first player bets or checks; after a
check the second player may bet; a bet is called or folded. A behavioural strategy is four probability vectors
over the three cards, held as arrays of shape ``(..., 3)``:

====== ======================================================== ==========
field  meaning                                                  player
====== ======================================================== ==========
bet    bet at the start                                         first
call   call after having checked and been bet at                first
reply  call a bet                                               second
raid   bet after a check                                        second
====== ======================================================== ==========

All payoffs are the first player's; the game is zero-sum. Everything is vectorised over leading axes, so that a
hundred replicates cost what one costs.

References
----------
.. [kuhn1950simplified] H. W. Kuhn, A simplified two-person poker, 1950.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VALUE = -1 / 18
_CARDS = 3
# +1 where the first player's card is the higher one; the diagonal is never dealt.
SIGN = np.sign(np.arange(_CARDS)[:, None] - np.arange(_CARDS)[None, :]).astype(float)
DEALT = (1 - np.eye(_CARDS)) / 6  # probability of each pair of cards
_SHOWN = DEALT * SIGN  # a showdown without a bet
_CALLED = 2 * _SHOWN  # and after one

Array = NDArray[np.float64]


class Strategy(NamedTuple):
    """Both players' behavioural strategies; arrays of shape ``(..., 3)``."""

    bet: Array
    call: Array
    reply: Array
    raid: Array

    @classmethod
    def constant(cls, probability: float, shape: tuple[int, ...] = ()) -> "Strategy":
        """Every action with the same probability."""
        return cls(*(np.full((*shape, _CARDS), probability) for _ in cls._fields))


def equilibrium(alpha: float) -> Strategy:
    """Member of the first player's family of equilibria, 0 ≤ alpha ≤ 1/3, with the second player's only one."""
    return Strategy(
        bet=np.array([alpha, 0.0, 3 * alpha]),
        call=np.array([0.0, alpha + 1 / 3, 1.0]),
        reply=np.array([0.0, 1 / 3, 1.0]),
        raid=np.array([1 / 3, 0.0, 1.0]),
    )


class FirstValues(NamedTuple):
    """Counterfactual values of the first player's actions (aggressive, passive), chance included."""

    bet: tuple[Array, Array]
    call: tuple[Array, Array]


class SecondValues(NamedTuple):
    """Counterfactual values of the second player's actions (aggressive, passive), chance included."""

    reply: tuple[Array, Array]
    raid: tuple[Array, Array]


def first_values(s: Strategy) -> FirstValues:
    """Value of each action of the first player, times the probability that the other leads there.

    Parameters
    ----------
    s : Strategy
        Both strategies.

    Returns
    -------
    FirstValues
        Pairs of arrays ``(..., 3)``, one entry for each of the player's cards.
    """
    bet = s.reply @ _CALLED.T + (1 - s.reply) @ DEALT.T
    meet, yield_ = s.raid @ _CALLED.T, -(s.raid @ DEALT.T)
    check = s.call * meet + (1 - s.call) * yield_ + (1 - s.raid) @ _SHOWN.T
    return FirstValues((bet, check), (meet, yield_))


def second_values(s: Strategy) -> SecondValues:
    """Value of each action of the second player (minus the payoff), as for the first."""
    checks = 1 - s.bet
    accept, refuse = -(s.bet @ _CALLED), -(s.bet @ DEALT)
    attack = (checks * (1 - s.call)) @ DEALT - (checks * s.call) @ _CALLED
    return SecondValues((accept, refuse), (attack, -(checks @ _SHOWN)))


def value(s: Strategy) -> Array:
    """Expected payoff of the first player, shape ``(...)``."""
    bet, check = first_values(s).bet
    return (s.bet * bet + (1 - s.bet) * check).sum(-1)


def exploitability(s: Strategy) -> Array:
    """Mean gain of a best response over both players, 0 at an equilibrium (OpenSpiel's convention).

    Parameters
    ----------
    s : Strategy
        Both strategies.

    Returns
    -------
    ndarray
        Shape ``(...)``.
    """
    first, second = first_values(s), second_values(s)
    meet, yield_ = first.call
    check = np.maximum(meet, yield_) + (1 - s.raid) @ _SHOWN.T
    best_first = np.maximum(first.bet[0], check).sum(-1)
    best_second = (np.maximum(*second.reply) + np.maximum(*second.raid)).sum(-1)
    return (best_first + best_second) / 2


def gradient(s: Strategy) -> Strategy:
    """Derivative of each player's own payoff by each of its own probabilities."""
    first, second = first_values(s), second_values(s)
    return Strategy(
        bet=first.bet[0] - first.bet[1],
        call=(1 - s.bet) * (first.call[0] - first.call[1]),
        reply=second.reply[0] - second.reply[1],
        raid=second.raid[0] - second.raid[1],
    )


def averaged(total: Strategy, weight: Strategy) -> Strategy:
    """Strategy that plays a random iterate: each decision averaged with the player's own reach as weight."""
    return Strategy(*(t / np.maximum(w, 1e-300) for t, w in zip(total, weight, strict=True)))


def own_reach(s: Strategy) -> Strategy:
    """Probability that a player's own choices lead to each of its decisions."""
    one = np.ones_like(s.bet)
    return Strategy(bet=one, call=1 - s.bet, reply=one, raid=one)
