"""Proper scores of a set of forecasts, with intervals and skill against cheap rules.

Each question weighs the same. Where a probability was changed, the question's score is the mean over the days
on which each value was in force, so that a late change of mind cannot repair an early one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from sklearn.metrics import brier_score_loss, log_loss

from ouroboros.forecasting.sets import Item
from ouroboros.stats.intervals import bootstrap_mean

RuleName = Literal["brier", "log"]
BaselineName = Literal["even odds", "base rate", "status quo"]
_SEED = 20261123
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval over questions; no interval when there are fewer than two."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """All items of a set; nothing drops out of the denominator."""

    resolved: int
    open: int
    ambiguous: int
    overdue: int
    scored: int

    @property
    def all(self) -> int:
        """Size of the set."""
        return self.resolved + self.open + self.ambiguous + self.overdue


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one set under one reading.

    Attributes
    ----------
    brier : Figure or None
        Mean squared error of the probability, 0 (perfect) to 1; 0.25 for always saying 50 % [brier1950]_.
    log : Figure or None
        Mean of minus the natural logarithm of the probability of what happened, in nats [good1952]_.
    skill : dict
        Brier skill against each baseline: 1 - score / score of the baseline; positive is better than it.

    References
    ----------
    .. [brier1950] G. W. Brier, Verification of forecasts expressed in terms of probability, 1950.
    .. [good1952] I. J. Good, Rational decisions, 1952.
    """

    counts: Counts
    brier: Figure | None
    log: Figure | None
    skill: dict[BaselineName, Figure | None]


def brier_of(probabilities: Sequence[float], outcome: int, weights: Sequence[float] | None = None) -> float:
    """Brier score of the probabilities given for one question (0 to 1; smaller is better)."""
    outcomes = np.full(len(probabilities), outcome)
    return float(
        brier_score_loss(
            outcomes, probabilities, sample_weight=weights, pos_label=1, labels=[0, 1], scale_by_half=True
        )
    )


def log_of(probabilities: Sequence[float], outcome: int, weights: Sequence[float] | None = None) -> float:
    """Logarithmic score of the probabilities given for one question, in nats (smaller is better)."""
    outcomes = np.full(len(probabilities), outcome)
    return float(log_loss(outcomes, probabilities, sample_weight=weights, labels=[0, 1]))


RULES: dict[RuleName, Callable[..., float]] = {"brier": brier_of, "log": log_of}


def scored(items: Sequence[Item]) -> list[Item]:
    """Items with an answer and a probability, in the order of their ids so that results do not depend on files."""
    return sorted((i for i in items if i.outcome is not None and i.held), key=lambda i: (i.id, i.reading))


def question_score(item: Item, rule: RuleName) -> float:
    """Score of one question, its probabilities weighted by the days they were in force."""
    return RULES[rule](
        [held.probability for held in item.held], item.outcome, [held.days for held in item.held]
    )


def scores(items: Sequence[Item]) -> Scores:
    """Score a set under one reading."""
    kept = scored(items)
    brier = [question_score(item, "brier") for item in kept]
    return Scores(
        counts=counts(items),
        brier=_mean(brier),
        log=_mean([question_score(item, "log") for item in kept]),
        skill={name: _skill(kept, brier, name) for name in ("even odds", "base rate", "status quo")},
    )


def counts(items: Sequence[Item]) -> Counts:
    """How many items are in which state."""
    states = [item.status for item in items]
    return Counts(
        resolved=sum(state in ("resolved-yes", "resolved-no") for state in states),
        open=states.count("open"),
        ambiguous=states.count("resolved-ambiguous"),
        overdue=states.count("overdue-unresolved"),
        scored=len(scored(items)),
    )


def baseline_probability(item: Item, name: BaselineName) -> float | None:
    """What a cheap rule would have said."""
    return {"even odds": 0.5, "base rate": item.base_rate, "status quo": item.status_quo}[name]


def _mean(values: Sequence[float]) -> Figure | None:
    if not values:
        return None
    value = float(np.mean(values))
    if len(values) < 2:
        return Figure(value)
    low, high = bootstrap_mean(values, np.random.default_rng(_SEED), level=_LEVEL, method="percentile")
    return Figure(value, float(low), float(high))


def _skill(kept: Sequence[Item], brier: Sequence[float], name: BaselineName) -> Figure | None:
    """Brier skill score over the questions that the baseline has an answer for."""
    pairs = [
        (ours, brier_of([rate], item.outcome))
        for item, ours in zip(kept, brier, strict=True)
        if (rate := baseline_probability(item, name)) is not None
    ]
    if not pairs or sum(reference for _, reference in pairs) == 0:
        return None
    ours, reference = map(np.array, zip(*pairs, strict=True))
    value = _skill_of(ours, reference)
    if len(pairs) < 2 or (np.ptp(ours) == 0 and np.ptp(reference) == 0):
        return Figure(float(value))
    ends = stats.bootstrap(
        (ours, reference),
        _skill_of,
        paired=True,
        vectorized=True,
        n_resamples=2000,
        confidence_level=_LEVEL,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return Figure(float(value), float(ends.low), float(ends.high))


def _skill_of(ours: np.ndarray, reference: np.ndarray, axis: int = -1) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 - ours.mean(axis=axis) / reference.mean(axis=axis)
