from itertools import permutations

import numpy as np
import pytest

from ouroboros.stats.shapley import shapley_values


def by_orders(players, value):
    """Average of what a player adds to those before it, over all orders, straight from the definition."""
    shares = dict.fromkeys(players, 0.0)
    orders = list(permutations(players))
    for order in orders:
        for place, player in enumerate(order):
            shares[player] += value(frozenset(order[: place + 1])) - value(frozenset(order[:place]))
    return {player: share / len(orders) for player, share in shares.items()}


def test_equals_the_definition():
    worth = {}
    rng = np.random.default_rng(1)

    def value(chosen):
        return worth.setdefault(chosen, rng.normal())

    players = "abcd"
    shares = shapley_values(players, value)
    direct = by_orders(players, value)
    assert {p: pytest.approx(direct[p]) for p in players} == shares
    assert sum(shares.values()) == pytest.approx(value(frozenset(players)) - value(frozenset()))


def test_the_glove_game():
    # Shapley's own example: one left glove, two right gloves; a pair is worth 1.
    shares = shapley_values("lrs", lambda chosen: float("l" in chosen and len(chosen) > 1))
    assert {name: float(share) for name, share in shares.items()} == pytest.approx(
        {"l": 2 / 3, "r": 1 / 6, "s": 1 / 6}
    )


def test_many_games_at_once():
    factors = {"a": np.array([0.5, 2.0]), "b": np.array([0.1, 1.0])}

    def value(chosen):
        return np.log(np.prod([factors[name] for name in chosen], axis=0)) * np.ones(2)

    shares = shapley_values(list(factors), value)
    assert all(np.allclose(shares[name], np.log(factors[name])) for name in factors)


def test_a_name_twice_is_refused():
    with pytest.raises(ValueError, match="different"):
        shapley_values(["a", "a"], len)
