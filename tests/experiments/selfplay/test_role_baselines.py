"""REINFORCE in Kuhn poker: the saving in closed form, an unbiased gradient, and learning."""

import numpy as np
import pytest

from ouroboros.experiments.selfplay import kuhn, role_baselines


def test_the_saving_is_the_square_of_the_value_over_the_mean_square():
    for alpha in (0.0, 0.2, 1 / 3):
        strategy = kuhn.equilibrium(alpha)
        ends = role_baselines._ends(strategy)
        assert sum(chance for chance, _ in ends) == pytest.approx(1)
        mean = sum(chance * payoff for chance, payoff in ends)
        assert mean == pytest.approx(kuhn.VALUE, abs=1e-12)
        assert role_baselines.saving(strategy) < 0.005


def test_played_games_pay_what_the_closed_form_says():
    strategy = kuhn.Strategy(*np.random.default_rng(1).random((4, 3)))
    many = kuhn.Strategy(*(np.repeat(part[None], 40, axis=0) for part in strategy))
    *_, payoff = role_baselines._played(many, np.arange(40)[:, None], 5000, np.random.default_rng(2))
    assert payoff.mean() == pytest.approx(
        float(kuhn.value(strategy)), abs=4 * payoff.std() / payoff.size**0.5
    )


@pytest.mark.parametrize("arm", role_baselines.ARMS)
def test_one_step_follows_the_exact_gradient_whatever_the_baseline(arm):
    start = np.repeat(np.random.default_rng(3).normal(size=(4, 1, 3)), 4, axis=1)
    settings = {"steps": 1, "games": 100_000, "rate": 1.0}
    final, _ = role_baselines._trained(arm, start, settings, np.random.default_rng(4))
    moved = np.log(np.stack(final) / (1 - np.stack(final))) - start
    play = kuhn.Strategy(*(1 / (1 + np.exp(-part)) for part in start))
    slope = kuhn.gradient(play)
    exact = np.stack([p * (1 - p) * g for p, g in zip(play, slope, strict=True)])
    assert np.abs(moved.mean(axis=1) - exact.mean(axis=1)).max() < 0.008


def test_it_learns_and_the_arms_share_starts_and_cards():
    rows = list(
        role_baselines.compared(
            {"replicates": 3, "steps": 400, "games": 64, "rate": 0.5}, np.random.default_rng(5)
        )
    )
    found = {
        arm: [v for _, a, name, v in rows if a == arm and name == "exploitability-average"]
        for arm in role_baselines.ARMS
    }
    assert all(np.mean(values) < 0.3 for values in found.values())
    gap = np.subtract(found["one-baseline"], found["role-baselines"])
    assert 0 < np.abs(gap).max() < 0.05
