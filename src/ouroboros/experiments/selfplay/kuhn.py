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


class ActionValues(NamedTuple):
    """Counterfactual values of the two actions at each decision (aggressive, passive), chance included."""

    bet: tuple[Array, Array]
    call: tuple[Array, Array]
    reply: tuple[Array, Array]
    raid: tuple[Array, Array]


def action_values(s: Strategy) -> ActionValues:
    """Value of each action for the player who takes it, times the probability that the others lead there.

    Parameters
    ----------
    s : Strategy
        Both strategies.

    Returns
    -------
    ActionValues
        Pairs of arrays ``(..., 3)``; the second player's values are the negative of the payoffs.
    """
    called = 2 * SIGN  # a showdown after a bet
    reply, raid = s.reply[..., None, :], s.raid[..., None, :]
    bet = (DEALT * (reply * called + (1 - reply))).sum(-1)
    meet = (DEALT * raid * called).sum(-1)
    yield_ = -(DEALT * raid).sum(-1)
    quiet = (DEALT * (1 - raid) * SIGN).sum(-1)
    check = s.call * meet + (1 - s.call) * yield_ + quiet
    first_bets, first_checks = s.bet[..., :, None], 1 - s.bet[..., :, None]
    calls = s.call[..., :, None]
    accept = -(DEALT * first_bets * called).sum(-2)
    refuse = -(DEALT * first_bets).sum(-2)
    attack = -(DEALT * first_checks * (calls * called - (1 - calls))).sum(-2)
    rest = -(DEALT * first_checks * SIGN).sum(-2)
    return ActionValues((bet, check), (meet, yield_), (accept, refuse), (attack, rest))


def value(s: Strategy) -> Array:
    """Expected payoff of the first player, shape ``(...)``."""
    (bet, check), *_ = action_values(s)
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
    best_first = _best_first(s)
    accept, refuse = action_values(s).reply
    attack, rest = action_values(s).raid
    best_second = (np.maximum(accept, refuse) + np.maximum(attack, rest)).sum(-1)
    return (best_first + best_second) / 2


def _best_first(s: Strategy) -> Array:
    values = action_values(s)
    meet, yield_ = values.call
    raid = s.raid[..., None, :]
    quiet = (DEALT * (1 - raid) * SIGN).sum(-1)
    check = np.maximum(meet, yield_) + quiet
    return np.maximum(values.bet[0], check).sum(-1)


def gradient(s: Strategy) -> Strategy:
    """Derivative of each player's own payoff by each of its own probabilities."""
    values = action_values(s)
    own_reach = 1 - s.bet
    return Strategy(
        bet=values.bet[0] - values.bet[1],
        call=own_reach * (values.call[0] - values.call[1]),
        reply=values.reply[0] - values.reply[1],
        raid=values.raid[0] - values.raid[1],
    )


def averaged(total: Strategy, weight: Strategy) -> Strategy:
    """Strategy that plays a random iterate: each decision averaged with the player's own reach as weight."""
    return Strategy(*(t / np.maximum(w, 1e-300) for t, w in zip(total, weight, strict=True)))


def own_reach(s: Strategy) -> Strategy:
    """Probability that a player's own choices lead to each of its decisions."""
    one = np.ones_like(s.bet)
    return Strategy(bet=one, call=1 - s.bet, reply=one, raid=one)
