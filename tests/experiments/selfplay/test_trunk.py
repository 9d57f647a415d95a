"""The compiled step against plain numpy and finite differences; arms do not touch each other."""

import numpy as np
import pytest

from ouroboros.experiments.selfplay import card_table, poker_trees, transfer, trunk
from ouroboros.experiments.selfplay.poker_trees import ACTIONS

TREE = transfer.tree()
WIDTH = 16


def _weights(models, seed=1):
    return trunk.fresh(models, card_table.WIDTH, WIDTH, np.random.default_rng(seed))


def _legal():
    legal = np.zeros((len(TREE.decisions), trunk.CELLS), dtype=bool)
    legal[:, :ACTIONS] = TREE.legal
    return legal


def _arm(models, **changed):
    zeros = np.zeros(models, np.float32)
    fields = {"play": zeros, "imitate": zeros, "regress": zeros, "frozen": zeros}
    fields["rival"] = np.zeros((models, 1 + TREE.legal.size), np.float32)
    fields["blind"] = np.ones((models, card_table.WIDTH), np.float32)
    return trunk.Arm(**fields | changed)


def _batch(models):
    rows = card_table.decisions(TREE, transfer.GAMES, np.array([2, 5, 11]))
    shape = (models, len(rows))
    return trunk.Batch(
        np.repeat(rows[None], models, axis=0),
        np.repeat(_legal()[None], models, axis=0),
        np.zeros((*shape, trunk.CELLS), np.float32),
        np.zeros((*shape, trunk.NUMBERS), np.float32),
        np.repeat((TREE.chance * TREE.payoff)[None], models, axis=0).astype(np.float32),
    )


def _policy(learner, weights, batch):
    found = learner.policy(weights, batch.inputs, _legal())
    return np.asarray(found, dtype=float)[..., :ACTIONS]


def test_plan_equals_the_trees():
    policy = poker_trees.uniform(TREE)
    found = np.asarray(trunk.plan_of(TREE.ancestry, policy.astype(np.float32)))
    assert found == pytest.approx(poker_trees.plan(TREE, policy), abs=1e-6)


def test_playing_a_frozen_opponent_approaches_the_exact_best_response():
    even = poker_trees.uniform(TREE)
    rival = poker_trees.plan(TREE, even)[None].astype(np.float32)
    arm = _arm(1, play=np.ones(1, np.float32), frozen=np.ones(1, np.float32), rival=rival)
    learner, batch = trunk.trainer(transfer.tree, 0.01, 0.0), _batch(1)
    state = learner.start(_weights(1))
    for _ in range(300):
        state = learner.step(state, arm, batch)
    policy = _policy(learner, state[0], batch)[0]
    best = 2 * sum(poker_trees.exploitability(TREE, even, game) for game in (0, 1))
    gained = 0.0
    for player in (0, 1):
        mixed = np.where((TREE.player == player)[:, None], policy, even)
        gained += sum((1, -1)[player] * poker_trees.values(TREE, mixed, game) for game in (0, 1))
    # Not all of it: where two histories end in the same pot, the encoding cannot tell them apart.
    assert gained > 0.75 * best


def test_self_play_with_entropy_becomes_hard_to_exploit():
    arm = _arm(1, play=np.ones(1, np.float32))
    learner, batch = trunk.trainer(transfer.tree, 0.01, 0.3), _batch(1)
    state = learner.start(_weights(1))
    before = poker_trees.exploitability(TREE, _policy(learner, state[0], batch)[0], 0)
    for _ in range(400):
        state = learner.step(state, arm, batch)
    after = poker_trees.exploitability(TREE, _policy(learner, state[0], batch)[0], 0)
    assert after < 0.5 * before


def test_imitation_and_regression_fit_their_targets():
    models = 2
    batch = _batch(models)
    rng = np.random.default_rng(5)
    chosen = np.zeros((len(TREE.decisions), trunk.CELLS), np.float32)
    chosen[:, :ACTIONS] = poker_trees.uniform(TREE) / len(TREE.decisions)
    numbers = batch.inputs[..., :3] * 0.5
    batch = batch._replace(actions=np.repeat(chosen[None], models, axis=0), numbers=numbers)
    arm = _arm(models, imitate=np.array([1, 0], np.float32), regress=np.array([0, 1], np.float32))
    learner = trunk.trainer(transfer.tree, 0.01, 0.0)
    state = learner.start(_weights(models, int(rng.integers(100))))
    for _ in range(300):
        state = learner.step(state, arm, batch)
    policy = _policy(learner, state[0], batch)
    assert np.abs(policy[0] - poker_trees.uniform(TREE)).max() < 0.1
    hidden = np.asarray(trunk.features(state[0], batch.inputs))
    assert ((hidden[1] @ np.asarray(state[0]["numbers"])[1] - numbers[1]) ** 2).mean() < 0.005


def test_models_do_not_touch_each_other_and_an_idle_one_stays_as_it_was():
    weights = _weights(3)
    arm = _arm(3, play=np.array([1, 0, 1], np.float32))
    learner = trunk.trainer(transfer.tree, 0.01, 0.0)
    (after, _) = learner.step(learner.start(weights), arm, _batch(3))
    alone = {name: part[2:] for name, part in weights.items()}
    (single, _) = learner.step(learner.start(alone), _arm(1, play=np.ones(1, np.float32)), _batch(1))
    for name, part in after.items():
        assert np.asarray(part)[1] == pytest.approx(weights[name][1])
        assert np.asarray(part)[2] == pytest.approx(np.asarray(single[name])[0], abs=1e-5)


def test_a_hidden_feature_changes_nothing():
    blind = np.ones((1, card_table.WIDTH), np.float32)
    blind[0, card_table.PAIR] = 0
    arm = _arm(1, play=np.ones(1, np.float32), blind=blind)
    learner, batch = trunk.trainer(transfer.tree, 0.01, 0.0), _batch(1)
    inputs = batch.inputs.copy()
    inputs[..., card_table.PAIR] = 7
    one, two = (
        learner.step(learner.start(_weights(1)), arm, b)[0] for b in (batch, batch._replace(inputs=inputs))
    )
    for name in one:
        assert np.asarray(one[name]) == pytest.approx(np.asarray(two[name]))
