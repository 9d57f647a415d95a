"""Kuhn and Leduc poker in sequence form against OpenSpiel, which nobody here wrote."""

import numpy as np
import pyspiel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_spiel.python import policy as spiel_policy
from open_spiel.python.algorithms import expected_game_score, exploitability

from ouroboros.experiments.selfplay import kuhn, poker_trees
from ouroboros.experiments.selfplay.poker_trees import ACTIONS, KUHN, LEDUC, grown

NAMES = {KUHN: "kuhn_poker", LEDUC: "leduc_poker(suit_isomorphism=True)"}


def _random(tree, seed):
    draw = np.random.default_rng(seed).random(tree.legal.shape) * tree.legal
    return draw / draw.sum(axis=1, keepdims=True)


def _key(rules, state, player):
    """Player, card, public card and history of a state of OpenSpiel in the words of this package."""
    text = state.information_state_string(player)
    if rules is KUHN:
        return player, int(text[0]), -1, text[1:].replace("p", "c").replace("b", "r")
    parts = dict(part[1:].split(": ") for part in text.split("]") if ": " in part)
    rounds = [parts.get("Round1", ""), parts.get("Round2", "")]
    told = ["".join("fcr"[int(move)] for move in moves.split()) for moves in rounds]
    public = int(parts.get("Public", -1))
    history = told[0] + ("/" + told[1] if public >= 0 else "")
    return player, int(parts["Private"]), public, history


class _Ours(spiel_policy.Policy):
    def __init__(self, rules, policy):
        game = pyspiel.load_game(NAMES[rules])
        super().__init__(game, [0, 1])
        tree = grown(rules)
        self.rules, self.policy = rules, policy
        self.rows = {(d.player, d.card, d.public, d.history): k for k, d in enumerate(tree.decisions)}

    def action_probabilities(self, state, player_id=None):
        player = state.current_player() if player_id is None else player_id
        row = self.policy[self.rows[_key(self.rules, state, player)]]
        legal = state.legal_actions(player)
        # In Kuhn poker OpenSpiel has pass and bet: a pass is a check or a fold, a bet a bet or a call.
        if self.rules is KUHN:
            folds = row[0] > 0 or "b" in state.information_state_string(player)[1:]
            return {0: row[0] if folds else row[1], 1: row[1] if folds else row[2]}
        return {action: row[action] for action in legal}


@pytest.mark.parametrize("rules", [KUHN, LEDUC], ids=["kuhn", "leduc"])
@pytest.mark.parametrize("seed", [0, 1])
def test_exploitability_and_value_equal_openspiel(rules, seed):
    tree = grown(rules)
    policy = _random(tree, seed)
    theirs = _Ours(rules, policy)
    assert poker_trees.exploitability(tree, policy) == pytest.approx(
        exploitability.exploitability(theirs.game, theirs), abs=1e-9
    )
    state = theirs.game.new_initial_state()
    score = expected_game_score.policy_value(state, [theirs, theirs])
    assert poker_trees.values(tree, policy) == pytest.approx(score[0], abs=1e-9)


def test_sizes_are_the_known_ones():
    assert (len(grown(KUHN).decisions), len(grown(LEDUC).decisions)) == (12, 288)
    assert len(grown(KUHN, LEDUC).decisions) == 300
    assert grown(KUHN).chance.sum() == pytest.approx(5)  # each deal has five ends


def test_games_side_by_side_are_the_games_alone():
    both, policy = grown(KUHN, LEDUC), _random(grown(KUHN, LEDUC), 4)
    for game, rules in enumerate((KUHN, LEDUC)):
        alone = policy[both.game == game]
        assert poker_trees.exploitability(both, policy, game) == pytest.approx(
            poker_trees.exploitability(grown(rules), alone), abs=1e-12
        )


def test_equilibria_have_the_known_values():
    both = grown(KUHN, LEDUC)
    policy = poker_trees.equilibrium((KUHN, LEDUC), 300)
    assert poker_trees.values(both, policy, 0) == pytest.approx(kuhn.VALUE, abs=1e-3)
    assert poker_trees.values(both, policy, 1) == pytest.approx(-0.0856, abs=1e-3)
    assert poker_trees.exploitability(both, policy, 0) < 1e-3
    assert poker_trees.exploitability(both, policy, 1) < 1e-2


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_exploitability_is_never_negative_and_values_agree(seed):
    tree = grown(LEDUC)
    policy = _random(tree, seed)
    assert poker_trees.exploitability(tree, policy) >= 0
    _, decision = poker_trees.counterfactual(tree, policy)
    first = tree.parent == 0
    total = [decision[first & (tree.player == player)].sum() for player in (0, 1)]
    assert total[0] == pytest.approx(poker_trees.values(tree, policy), abs=1e-12)
    assert total[0] == pytest.approx(-total[1], abs=1e-12)


def test_sampled_decisions_follow_play():
    tree = grown(KUHN, LEDUC)
    policy = _random(tree, 2)
    counts = poker_trees.sampled_decisions(tree, policy, 200_000, np.random.default_rng(1))
    assert counts.sum() == 200_000 and (counts[~tree.legal] == 0).all()
    assert counts[tree.game == 0].sum() == 100_000
    # In Kuhn poker each of the three cards of the first player starts a third of all games.
    starts = np.array([d.history == "" for d in tree.decisions]) & (tree.game == 0)
    shares = counts[starts].sum(axis=1) / counts[starts].sum()
    assert shares == pytest.approx([1 / 3] * 3, abs=0.01)
    frequent = counts.sum(axis=1) > 5000
    observed = counts[frequent] / counts[frequent].sum(axis=1, keepdims=True)
    assert np.abs(observed - policy[frequent]).max() < 0.03
    assert counts.shape[1] == ACTIONS
