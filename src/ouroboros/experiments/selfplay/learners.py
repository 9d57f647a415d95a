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
ORDER = ((FIRST, first_values), (SECOND, second_values))  # one player is updated, then the other answers
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
    current = Strategy.constant(0.5, shape)
    regret = {name: [np.zeros((*shape, 3)), np.zeros((*shape, 3))] for name in Strategy._fields}
    total, weight = Strategy.constant(0.0, shape), Strategy.constant(0.0, shape)
    for step in range(1, max(steps) + 1):
        for player, values_of in ORDER:
            values, reach = values_of(current), own_reach(current)
            updated = {}
            for name in player:
                aggressive, passive = getattr(values, name)
                probability = getattr(current, name)
                mean = probability * aggressive + (1 - probability) * passive
                regret[name][0] += aggressive - mean
                regret[name][1] += passive - mean
                getattr(total, name)[...] += getattr(reach, name) * probability
                getattr(weight, name)[...] += getattr(reach, name)
                updated[name] = _matched(*regret[name])
            current = current._replace(**updated)
        if step in steps:
            yield step, current, averaged(total, weight)


def _matched(aggressive: Array, passive: Array) -> Array:
    """Regret matching: play in proportion to positive regret, evenly where there is none."""
    plus, minus = np.maximum(aggressive, 0), np.maximum(passive, 0)
    both = plus + minus
    return np.where(both > 0, plus / np.where(both > 0, both, 1), 0.5)


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
