"""Laws of the two policies by enumeration, and gradients that do what they are for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ouroboros.experiments.ladder.proposer import ssr_reward
from ouroboros.experiments.selfplay import list_programs as lp
from ouroboros.experiments.selfplay import repair_network as rn
from ouroboros.experiments.selfplay.list_programs import BLANK


@pytest.fixture(scope="module")
def programs():
    rng = np.random.default_rng(4)
    return lp.draw_repositories(lp.draw_habits(0.3, rng), 200, rng)


@pytest.fixture(scope="module")
def state():
    return rn.fresh(16, 1e-3, np.random.default_rng(0))


def test_the_reward_is_the_published_one():
    share = np.arange(9) / 8
    assert np.allclose(rn.injector_reward(share, 0.8), ssr_reward(share), atol=1e-6)


def test_drawn_categories_follow_their_probabilities():
    logits = jnp.asarray([[0.0, 1.0, -1e9, 2.0]])
    uniform = (np.arange(10_000) + 0.5) / 10_000
    drawn, log = rn._draw(jnp.repeat(logits, len(uniform), axis=0), uniform.astype(np.float32))
    exact = np.exp([0, 1, -np.inf, 2]) / np.exp([0, 1, -np.inf, 2]).sum()
    assert np.bincount(drawn, minlength=4) / len(uniform) == pytest.approx(exact, abs=1e-3)
    assert np.exp(np.asarray(log)) == pytest.approx(exact[np.asarray(drawn)], abs=1e-5)


def test_injected_bugs_change_one_to_three_steps_and_blanks_appear_by_removal_only(state, programs):
    rng = np.random.default_rng(1)
    truth = jnp.asarray(programs, dtype=jnp.int32)
    uniform = rng.random((len(programs), rn.INJECTOR_DRAWS), dtype=np.float32)
    heads = rn._injector(state.weights, truth)
    for removal in (0.0, 1.0):
        bugs, log = (np.asarray(part) for part in rn._inject(heads, truth, uniform, removal))
        changed = bugs != programs
        assert set(changed.sum(axis=1)) == {1, 2, 3}
        assert (log < 0).all()
        assert (bugs[changed] == BLANK).all() if removal else (bugs < BLANK).all()


def test_replacements_are_even_within_their_class(state):
    truth = jnp.zeros((9000, 5), dtype=jnp.int32)
    uniform = np.random.default_rng(2).random((9000, rn.INJECTOR_DRAWS), dtype=np.float32)
    even = (jnp.zeros((9000, 3)), jnp.zeros((9000, 5)), jnp.zeros((9000, 4)))
    bugs, _ = rn._inject(even, truth, uniform, 0.0)
    seen = np.bincount(np.asarray(bugs)[np.asarray(bugs) > 0], minlength=12)[1:]
    # A quarter of replacements in each class; in its own only two are left.
    expected = np.array([1 / 8] * 2 + [1 / 12] * 9) * seen.sum()
    assert ((seen - expected) ** 2 / expected).sum() < 30


def test_attempts_end_when_all_tests_pass(state, programs):
    """A solver that always makes the same right edit first is right, and its later edits do not count."""
    truth = programs[:1]
    bug = truth.copy()
    for other in range(12):
        bug[0, 2] = other
        if lp.is_valid(bug, truth)[0]:
            break
    weights = dict(state.weights)
    weights["edits"] = jnp.zeros_like(weights["edits"])
    weights["edits-bias"] = jnp.zeros(60).at[2 * 12 + truth[0, 2]].set(50.0)
    sure = rn.State(weights, None)
    assert rn.score(sure, lp.Bugs(bug, truth), 8, np.random.default_rng(0)).all()
    weights["edits-bias"] = jnp.zeros(60).at[(truth[0, 0] + 1) % 12].set(50.0)
    assert rn.score(rn.State(weights, None), lp.Bugs(bug, truth), 8, np.random.default_rng(0)).mean() < 0.5


def test_imitation_and_practice_make_the_solver_better(programs):
    rng = np.random.default_rng(3)
    state = rn.fresh(64, 3e-3, rng)
    test = lp.draw_bugs(programs, np.ones(400, dtype=int), rng)

    def rate(state):
        return rn.score(state, test, 8, np.random.default_rng(0)).mean()

    def batches(steps):
        bugs = lp.draw_bugs(programs, np.ones(steps * 64, dtype=int), rng)
        return lp.Bugs(*(part.reshape(steps, 64, 5) for part in bugs))

    fresh = rate(state)
    state, losses = rn.imitate(state, batches(150), rng, rate=3e-3)
    imitated = rate(state)
    state, solved = rn.posed(rn.restart(state, 1e-3), batches(60), 8, rng, rate=1e-3)
    assert losses[-10:].mean() < losses[:10].mean()
    assert fresh < imitated - 0.05 < rate(state) - 0.07
    assert solved[-10:].mean() > solved[:10].mean()


def test_an_untrained_part_stays_as_it_is_and_the_gate_lets_valid_bugs_pass_only(programs):
    rng = np.random.default_rng(5)
    state = rn.fresh(16, 1e-3, rng)
    truth = programs[rng.integers(len(programs), size=(3, 32))]

    def heads(rules):
        after, done = rn.self_play(state, truth, 16, 8, rules, np.random.default_rng(1), rate=1e-3)
        moved = {k: float(jnp.abs(after.weights[k] - state.weights[k]).max()) for k in state.weights}
        return moved, done

    moved, done = heads(rn.Rules(0.8, 0.3, injector=0.0))
    assert moved["bugs"] == 0 < min(moved["edits"], moved["in"])
    assert lp.is_valid(done.programs, done.truth).all()
    assert done.sizes.sum(axis=1) == pytest.approx(np.ones(3))
    moved, _ = heads(rn.Rules(0.8, 0.3, solver=0.0))
    assert moved["edits"] == 0 < min(moved["bugs"], moved["in"])
    _, done = heads(rn.Rules(0.8, 0.3, gate=0.0))
    assert not lp.is_valid(done.programs, done.truth).all()
    assert 0 < done.valid.mean() < 1


def test_the_injector_loss_has_the_gradient_of_the_expected_reward():
    """Two kinds of bug, one of them invalid: by enumeration instead of by sampling."""
    reward = jnp.asarray([0.5, rn.INVALID_REWARD])
    logits = jnp.asarray([0.3, -0.2])

    def surrogate(logits, frozen):
        log, p = jax.nn.log_softmax(logits), jax.nn.softmax(frozen)
        # Weights stand for frequencies of a large sample; the loss averages over invalid ones itself.
        return rn._injector_loss(log[:1], reward[:1], p[:1], p[1:] * log[1:])

    exact = jax.grad(lambda logits: -(jax.nn.softmax(logits) * reward).sum())(logits)
    assert np.allclose(jax.grad(surrogate)(logits, logits), exact, atol=1e-6)
