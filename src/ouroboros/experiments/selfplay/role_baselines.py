r"""Kuhn poker by REINFORCE with one baseline for both roles or one for each [williams1992reinforce]_.

The first player's payoff averages -1/18 under good play, the second's 1/18. One baseline therefore misses either
by 1/18, which adds that squared to a variance near 1.6: too little to see. The side test looks whether that is so.

References
----------
.. [williams1992reinforce] R. J. Williams, Simple statistical gradient-following algorithms, 1992.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.selfplay import kuhn
from ouroboros.experiments.selfplay.kuhn import Strategy

Array = NDArray[np.float64]
ARMS = ("one-baseline", "role-baselines")
_DEALS = np.array([(a, b) for a in range(3) for b in range(3) if a != b])
_SLOW = 0.95  # memory of a baseline


def compared(
    parameters: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[tuple[int, str, str, float]]:
    """Train all arms from the same starts; yield replicate, arm, quantity, value.

    Parameters
    ----------
    parameters : mapping
        ``replicates, steps, games`` in a step, ``rate``.
    rng : numpy.random.Generator
    """
    start = rng.normal(size=(4, parameters["replicates"], 3))
    seed = rng.integers(2**63)
    for arm in ARMS:
        final, average = _trained(arm, start, parameters, np.random.default_rng(seed))
        entropy = np.mean([_entropy(part) for part in final], axis=0).mean(axis=-1)
        measured = {
            "exploitability-average": kuhn.exploitability(average),
            "exploitability-last": kuhn.exploitability(final),
            "entropy": entropy,
        }
        for name, values in measured.items():
            yield from ((k, arm, name, value) for k, value in enumerate(values))


def saving(strategy: Strategy) -> float:
    """Share of the mean squared advantage that a baseline for each role removes from that of one for both, exactly."""
    ends = _ends(strategy)
    mean = sum(chance * payoff for chance, payoff in ends)
    square = sum(chance * payoff**2 for chance, payoff in ends)
    # One baseline for both roles is zero, since the payoffs of the roles cancel.
    return float(mean**2 / square)


def _ends(s: Strategy) -> list[tuple[float, float]]:
    listed = []
    for a, b in _DEALS:
        sign = 1.0 if a > b else -1.0
        check, stay = 1 - s.bet[a], 1 - s.raid[b]
        for chance, payoff in (
            (s.bet[a] * s.reply[b], 2 * sign),
            (s.bet[a] * (1 - s.reply[b]), 1.0),
            (check * stay, sign),
            (check * s.raid[b] * s.call[a], 2 * sign),
            (check * s.raid[b] * (1 - s.call[a]), -1.0),
        ):
            listed.append((float(chance) / len(_DEALS), payoff))
    return listed


def _trained(
    arm: str, start: Array, parameters: Mapping[str, Any], rng: np.random.Generator
) -> tuple[Strategy, Strategy]:
    logits = start.copy()
    replicates = np.arange(start.shape[1])[:, None]
    baseline = np.zeros((2, start.shape[1], 1))
    total = weight = Strategy.constant(0.0, start.shape[1:2])
    for _ in range(parameters["steps"]):
        play = Strategy(*(1 / (1 + np.exp(-part)) for part in logits))
        reach = kuhn.own_reach(play)
        total = Strategy(*(t + r * p for t, r, p in zip(total, reach, play, strict=True)))
        weight = Strategy(*(w + r for w, r in zip(weight, reach, strict=True)))
        taken, acted, cards, payoff = _played(play, replicates, parameters["games"], rng)
        slope = np.zeros_like(logits)
        for k, field in enumerate(Strategy._fields):
            role = 0 if field in ("bet", "call") else 1
            gain = (payoff if role == 0 else -payoff) - baseline[role]
            card = cards[role]
            score = (taken[k] - getattr(play, field)[replicates, card]) * gain * acted[k]
            np.add.at(slope[k], (replicates, card), score / parameters["games"])
        logits += parameters["rate"] * slope
        seen = np.stack([payoff.mean(axis=1, keepdims=True), -payoff.mean(axis=1, keepdims=True)])
        # Both roles of the same games earn opposite sums, so one baseline for both is zero.
        if arm == "one-baseline":
            seen = np.broadcast_to(seen.mean(axis=0), seen.shape)
        baseline = _SLOW * baseline + (1 - _SLOW) * seen
    final = Strategy(*(1 / (1 + np.exp(-part)) for part in logits))
    return final, kuhn.averaged(total, weight)


def _played(
    play: Strategy, replicates: NDArray, games: int, rng: np.random.Generator
) -> tuple[Array, Array, tuple[NDArray, NDArray], Array]:
    """Games of all replicates: action and whether it was asked for at each kind of decision, cards, payoff."""
    shape = (len(replicates), games)
    cards = _DEALS[rng.integers(len(_DEALS), size=shape)]
    first, second = cards[..., 0], cards[..., 1]
    sides = {"bet": first, "call": first, "reply": second, "raid": second}
    chance = rng.random((4, *shape))
    taken = {
        field: chance[k] < getattr(play, field)[replicates, sides[field]]
        for k, field in enumerate(Strategy._fields)
    }
    bet, raid = taken["bet"], ~taken["bet"] & taken["raid"]
    acted = {"bet": np.ones(shape, bool), "reply": bet, "raid": ~bet, "call": raid}
    sign = np.where(first > second, 1.0, -1.0)
    called = (bet & taken["reply"]) | (raid & taken["call"])
    folded = np.where(bet & ~taken["reply"], 1.0, np.where(raid & ~taken["call"], -1.0, sign))
    payoff = np.where(called, 2 * sign, folded)
    order = Strategy._fields
    return (
        np.stack([taken[field] for field in order]).astype(float),
        np.stack([acted[field] for field in order]),
        (first, second),
        payoff,
    )


def _entropy(probability: Array) -> Array:
    p = probability.clip(1e-12, 1 - 1e-12)
    return -(p * np.log(p) + (1 - p) * np.log1p(-p))
