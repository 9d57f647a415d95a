r"""Four ways to learn a zero-sum game from nothing but itself, each returning its last and its average play.

Counterfactual regret minimisation [zinkevich2008]_ with alternating updates, exact policy gradient, Hedge on
rock-paper-scissors, and simultaneous gradient steps on the bilinear game ``x y``.

References
----------
.. [zinkevich2008] M. Zinkevich et al., Regret minimization in games with incomplete information, 2008.
"""

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.selfplay.kuhn import (
    Strategy,
    averaged,
    first_values,
    gradient,
    own_reach,
    second_values,
)

Array = NDArray[np.float64]
FIRST, SECOND = ("bet", "call"), ("reply", "raid")
RPS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])


def counterfactual_regret(
    steps: Collection[int], shape: tuple[int, ...] = ()
) -> Iterator[tuple[int, Strategy, Strategy]]:
    """Run CFR from uniform play until the last of `steps`.

    Parameters
    ----------
    steps : collection of int
        Iterations after which to report; in each, first player one and then player two is updated.
    shape : tuple of int
        Leading axes of replicates.

    Yields
    ------
    (int, Strategy, Strategy)
        Iteration, current and average strategy.
    """
    (to_first, of_first), (to_second, of_second) = _advantages()
    first, second = _Matching(shape), _Matching(shape)
    for step in range(1, max(steps) + 1):
        # One player is updated, then the other answers.
        gain = second.play @ to_first + of_first
        gain[..., :3] -= first.play[..., 3:] * gain[..., 3:]
        first.update(gain, _plan(first.play))
        second.update(_plan(first.play) @ to_second + of_second, second.play)
        if step in steps:
            yield step, _strategy(first.play, second.play), _average(first.total, second.total, step)


class _Matching:
    """Regret matching for one player, both kinds of its decisions side by side in arrays ``(..., 6)``."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.play = np.full((*shape, 6), 0.5)
        self.total, self.aggressive, self.passive = (np.zeros((*shape, 6)) for _ in range(3))

    def update(self, gain: Array, weight: Array) -> None:
        """Count what is played, and take in by how much the aggressive action was better; `gain` is used up."""
        self.total += weight
        lost = self.play * gain
        gain -= lost
        self.aggressive += gain
        self.passive -= lost
        plus = np.maximum(self.aggressive, 0)
        both = plus + np.maximum(self.passive, 0)
        # In proportion to positive regret, evenly where there is none.
        self.play = np.divide(plus, both, out=np.full(plus.shape, 0.5), where=both > 0)


def _plan(play: Array) -> Array:
    """Probabilities that the first player bets, and that it checks and then calls, by card."""
    plan = play.copy()
    plan[..., 3:] *= 1 - play[..., :3]
    return plan


def _advantages() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Advantage of the aggressive actions as affine functions of the opponent's plan: matrices and constants.

    For the first player's bet the value of checking is taken as if it then folds; what calling adds depends on its
    own play.
    """

    def to_first(reply: Array) -> Array:
        found = first_values(Strategy(np.zeros(3), np.zeros(3), reply[:3], reply[3:]))
        return np.concatenate([aggressive - passive for aggressive, passive in found])

    def to_second(plan: Array) -> Array:
        bet, weight = plan[:3], plan[3:]
        call = np.divide(weight, 1 - bet, out=np.zeros(3), where=bet < 1)
        found = second_values(Strategy(bet, call, np.zeros(3), np.zeros(3)))
        return np.concatenate([aggressive - passive for aggressive, passive in found])

    return tuple(
        (np.array([of(unit) - of(np.zeros(6)) for unit in np.eye(6)]), of(np.zeros(6)))
        for of in (to_first, to_second)
    )


def _strategy(first: Array, second: Array) -> Strategy:
    return Strategy(first[..., :3], first[..., 3:], second[..., :3], second[..., 3:])


def _average(first: Array, second: Array, steps: int) -> Strategy:
    """Every decision averaged with the player's own reach as weight; a call is reached by checking."""
    total = _strategy(first, second)
    weight = Strategy(steps, steps - total.bet, steps, steps)
    return averaged(total, weight)


def policy_gradient(
    logits: Strategy, rate: float, steps: int, opponent: Strategy | None = None
) -> Iterator[tuple[Strategy, Strategy]]:
    """Let both players climb their own exact payoff at once; yield last and average strategy after each step.

    Parameters
    ----------
    logits : Strategy
        Starting logits, shape ``(..., 3)`` each.
    rate : float
        Step size on the logits.
    steps : int
        Number of steps.
    opponent : Strategy, optional
        Play against this frozen strategy instead of against each other (the control).

    Yields
    ------
    (Strategy, Strategy)
        Last and average.
    """
    theta = Strategy(*(np.array(part, dtype=float) for part in logits))
    total = Strategy(*(np.zeros_like(part) for part in theta))
    weight = Strategy(*(np.zeros_like(part) for part in theta))
    for _ in range(steps):
        current = Strategy(*(_sigmoid(part) for part in theta))
        slope = gradient(current) if opponent is None else _against(current, opponent)
        for name in Strategy._fields:
            probability = getattr(current, name)
            getattr(theta, name)[...] += rate * probability * (1 - probability) * getattr(slope, name)
        reach = own_reach(current)
        for name in Strategy._fields:
            getattr(total, name)[...] += getattr(reach, name) * getattr(current, name)
            getattr(weight, name)[...] += getattr(reach, name)
        yield Strategy(*(_sigmoid(part) for part in theta)), averaged(total, weight)


def _against(current: Strategy, opponent: Strategy) -> Strategy:
    first = gradient(
        current._replace(reply=_like(opponent.reply, current), raid=_like(opponent.raid, current))
    )
    second = gradient(current._replace(bet=_like(opponent.bet, current), call=_like(opponent.call, current)))
    return Strategy(first.bet, first.call, second.reply, second.raid)


def _like(part: Array, current: Strategy) -> Array:
    return np.broadcast_to(part, current.bet.shape)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def hedge(start: Array, rate: float, steps: int) -> Iterator[tuple[Array, Array]]:
    """Let two Hedge players play rock-paper-scissors; yield both last and both average mixed strategies.

    Parameters
    ----------
    start : ndarray, shape (..., 2, 3)
        Starting mixed strategies of both players.
    rate : float
        Learning rate.
    steps : int
        Rounds.

    Yields
    ------
    (ndarray, ndarray)
        Last and average play, shape ``(..., 2, 3)``.
    """
    log_weight = np.log(start)
    total = np.zeros_like(start)
    for step in range(1, steps + 1):
        play = _normalised(log_weight)
        total += play
        payoff = np.stack([play[..., 1, :] @ RPS.T, play[..., 0, :] @ RPS.T], axis=-2)
        log_weight = log_weight + rate * payoff
        yield _normalised(log_weight), total / step


def _normalised(log_weight: Array) -> Array:
    weight = np.exp(log_weight - log_weight.max(-1, keepdims=True))
    return weight / weight.sum(-1, keepdims=True)


def rps_exploitability(play: Array) -> Array:
    """Summed gain of best responses in rock-paper-scissors, shape ``(...)``."""
    return (play[..., 1, :] @ RPS.T).max(-1) + (play[..., 0, :] @ RPS.T).max(-1)


def bilinear_steps(start: Array, rate: float, steps: int) -> Array:
    """Squared distance from the equilibrium of ``x y`` after simultaneous gradient steps.

    Parameters
    ----------
    start : ndarray, shape (..., 2)
        Where both players begin.
    rate : float
        Step size.
    steps : int
        Number of steps.

    Returns
    -------
    ndarray, shape (steps + 1, ...)
    """
    x, y = np.array(start[..., 0], float), np.array(start[..., 1], float)
    norms = [x**2 + y**2]
    for _ in range(steps):
        x, y = x - rate * y, y + rate * x
        norms.append(x**2 + y**2)
    return np.array(norms)
