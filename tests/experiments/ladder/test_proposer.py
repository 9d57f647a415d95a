import numpy as np
import pytest
from scipy import stats

from ouroboros.experiments.ladder.proposer import REWARDS, Proposer, best_solve_rate, rzero_reward, ssr_reward

GRID = np.linspace(0, 1, 20_001)


def expected(reward, attempts):
    """Expected reward at each solve rate of the grid."""
    counts = np.arange(attempts + 1)
    return stats.binom.pmf(counts, attempts, GRID[:, None]) @ reward(counts / attempts)


def absolute_zero(solved):
    return np.where((solved > 0) & (solved < 1), 1 - solved, 0.0)


@pytest.mark.parametrize(("attempts", "published"), [(4, 0.370039), (8, 0.257003), (16, 0.168762)])
def test_both_rewards_are_best_at_the_same_solve_rate(attempts, published):
    assert best_solve_rate(attempts) == pytest.approx(published, abs=1e-6)
    for reward in (ssr_reward, absolute_zero):
        assert GRID[expected(reward, attempts).argmax()] == pytest.approx(published, abs=1e-3)


@pytest.mark.parametrize("attempts", [2, 4, 8])
def test_uncertainty_is_best_at_one_half(attempts):
    assert GRID[expected(rzero_reward, attempts).argmax()] == pytest.approx(0.5, abs=1e-3)


def test_rewards_at_the_ends():
    assert list(ssr_reward([0.0, 0.25, 1.0])) == pytest.approx([-0.8, 0.55, -0.8])
    assert list(rzero_reward([0.0, 0.25, 0.5, 1.0])) == pytest.approx([0.0, 0.5, 1.0, 0.0])


@pytest.mark.parametrize("name", REWARDS)
def test_the_proposer_moves_to_what_pays(name):
    rng = np.random.default_rng(3)
    rates = np.array([0.0, 0.3, 0.5, 0.7, 1.0])
    proposer = Proposer(len(rates), 0.25)
    assert proposer.shares == pytest.approx(0.2)
    for _ in range(300):
        level = proposer.propose(200, rng)
        proposer.learn(level, REWARDS[name](rng.binomial(4, rates[level]) / 4))
    assert rates[proposer.shares.argmax()] == {"ssr": 0.3, "rzero": 0.5}[name]
    assert proposer.shares.max() > 0.6


def test_a_level_that_was_not_posed_stays_and_no_rate_learns_nothing():
    proposer = Proposer(3, 1.0)
    proposer.learn(np.array([0, 0, 1]), np.array([1.0, 1.0, 0.0]))
    before = np.log(proposer.shares)
    assert before[0] > before[2] > before[1]
    still = Proposer(3, 0.0)
    still.learn(np.array([0, 1]), np.array([1.0, 0.0]))
    assert still.shares == pytest.approx(1 / 3)
