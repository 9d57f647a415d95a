"""A proposer that learns which level of difficulty to pose, from how often a solver succeeds there."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

SSR_PENALTY = 0.8


def ssr_reward(solved: ArrayLike) -> NDArray:
    """Reward of Self-play SWE-RL for a valid task that a share ``solved`` of the attempts solves [wei2025ssr]_.

    It is 1 − (1 + α)s, and −α where all or no attempts succeed, with α = 0.8. With G attempts its expectation
    is largest at a solve rate of 1 − G^(−1/(G−1)), as is that of the learnability reward of Absolute Zero,
    1 − s and 0 at both ends.

    References
    ----------
    .. [wei2025ssr] Y. Wei et al., Toward Training Superintelligent Software Agents through Self-Play SWE-RL.
    """
    solved = np.asarray(solved, dtype=np.float64)
    inner = (solved > 0) & (solved < 1)
    return np.where(inner, 1 - (1 + SSR_PENALTY) * solved, -SSR_PENALTY)


def rzero_reward(solved: ArrayLike) -> NDArray:
    """Reward of R-Zero for uncertainty, 1 − 2|s − 1/2|: largest where half the attempts succeed [huang2025rzero]_.

    References
    ----------
    .. [huang2025rzero] C. Huang et al., R-Zero: Self-Evolving Reasoning LLM from Zero Data.
    """
    return 1 - 2 * np.abs(np.asarray(solved, dtype=np.float64) - 0.5)


REWARDS: dict[str, Callable[[ArrayLike], NDArray]] = {"ssr": ssr_reward, "rzero": rzero_reward}


def best_solve_rate(attempts: int) -> float:
    """Solve rate at which the expected reward of SSR (for any penalty) and of Absolute Zero is largest."""
    return 1 - attempts ** (-1 / (attempts - 1))


class Proposer:
    """Softmax over levels, moved by the natural policy gradient: by the mean reward of each level, centred.

    Parameters
    ----------
    levels : int
        Number of levels; all equally likely at first.
    rate : float
        Step of a logit per unit of reward and round.
    """

    def __init__(self, levels: int, rate: float):
        self._logits = np.zeros(levels)
        self._rate = rate

    @property
    def shares(self) -> NDArray:
        """Probability of each level."""
        weights = np.exp(self._logits - self._logits.max())
        return weights / weights.sum()

    def propose(self, count: int, rng: np.random.Generator) -> NDArray:
        """Levels, counted from 0, of ``count`` tasks."""
        return rng.choice(len(self._logits), size=count, p=self.shares)

    def learn(self, level: NDArray, reward: NDArray) -> None:
        """Move by the rewards of one round; a level that was not posed stays where it is."""
        posed = np.bincount(level, minlength=len(self._logits))
        total = np.bincount(level, weights=reward, minlength=len(self._logits))
        gain = total / np.maximum(posed, 1) - reward.mean()
        self._logits += self._rate * np.where(posed > 0, gain, 0.0)
