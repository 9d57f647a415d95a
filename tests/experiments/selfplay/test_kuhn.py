"""Kuhn poker against its published solution and against OpenSpiel, which nobody here wrote."""

import numpy as np
import pyspiel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from open_spiel.python import policy as spiel_policy
from open_spiel.python.algorithms import cfr, expected_game_score, exploitability

from ouroboros.experiments.selfplay import kuhn, learners

GAME = pyspiel.load_game("kuhn_poker")
_FIELD = {(0, ""): "bet", (0, "pb"): "call", (1, "b"): "reply", (1, "p"): "raid"}


def _as_spiel(strategy):
    """The same behavioural strategy as a tabular policy of OpenSpiel (action 1 is bet or call)."""
    table = spiel_policy.TabularPolicy(GAME)
    for key, row in table.state_lookup.items():
        card, moves = int(key[0]), key[1:]
        probability = getattr(strategy, _FIELD[len(moves) % 2, moves])[card]
        table.action_probability_array[row] = [1 - probability, probability]
    return table


def _random(seed, shape=()):
    return kuhn.Strategy(*np.random.default_rng(seed).random((4, *shape, 3)))


@pytest.mark.parametrize("seed", range(20))
def test_exploitability_and_value_equal_openspiel(seed):
    strategy = _random(seed)
    theirs = _as_spiel(strategy)
    assert kuhn.exploitability(strategy) == pytest.approx(
        exploitability.exploitability(GAME, theirs), abs=1e-9
    )
    state = GAME.new_initial_state()
    score = expected_game_score.policy_value(state, [theirs, theirs])
    assert kuhn.value(strategy) == pytest.approx(score[0], abs=1e-9)


@given(st.floats(0, 1 / 3))
def test_the_published_family_is_in_equilibrium_and_has_the_value(alpha):
    strategy = kuhn.equilibrium(alpha)
    assert kuhn.exploitability(strategy) == pytest.approx(0, abs=1e-12)
    assert kuhn.value(strategy) == pytest.approx(-1 / 18, abs=1e-12)


def test_outside_the_family_play_is_exploitable():
    assert kuhn.exploitability(kuhn.equilibrium(0.2)._replace(bet=np.array([0.5, 0, 0.6]))) > 0.01


@given(st.integers(0, 2**32 - 1))
def test_exploitability_is_never_negative(seed):
    assert (kuhn.exploitability(_random(seed, (5,))) >= -1e-12).all()


def test_gradient_equals_finite_differences():
    strategy, step = _random(3), 1e-6
    slope = kuhn.gradient(strategy)
    for name in kuhn.Strategy._fields:
        sign = 1 if name in learners.FIRST else -1
        for card in range(3):
            up = getattr(strategy, name).copy()
            up[card] += step
            change = kuhn.value(strategy._replace(**{name: up})) - kuhn.value(strategy)
            assert getattr(slope, name)[card] == pytest.approx(sign * change / step, abs=1e-5)


def test_cfr_equals_openspiel_iteration_by_iteration():
    solver = cfr.CFRSolver(GAME)
    for _, _, average in learners.counterfactual_regret(range(1, 31)):
        solver.evaluate_and_update_policy()
        theirs = exploitability.exploitability(GAME, solver.average_policy())
        assert kuhn.exploitability(average) == pytest.approx(theirs, abs=1e-9)


def test_replicates_are_independent_of_each_other():
    both = _random(5, (7,))
    one = kuhn.Strategy(*(part[4] for part in both))
    assert kuhn.exploitability(both)[4] == pytest.approx(float(kuhn.exploitability(one)), abs=1e-15)


def test_bilinear_growth_is_exact():
    norms = learners.bilinear_steps(np.array([[1.0, 2.0]]), 0.1, 50)[:, 0]
    assert norms == pytest.approx(5 * 1.01 ** np.arange(51), rel=1e-12)


@given(st.floats(0.01, 0.5), st.integers(0, 1000))
def test_hedge_average_obeys_its_bound(rate, seed):
    start = np.random.default_rng(seed).dirichlet(np.full(3, 5.0), size=(3, 2))
    *_, (_, average) = learners.hedge(start, rate, 120)
    # From a start that is not uniform the bound has the largest prior weight instead of ln 3.
    prior = -np.log(start.min(axis=-1)).sum(-1)
    assert (learners.rps_exploitability(average) <= prior / (rate * 120) + rate + 1e-9).all()
