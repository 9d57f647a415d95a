"""Tic-tac-toe against OpenSpiel, which nobody here wrote, and against plain play."""

import functools

import numpy as np
import pyspiel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_spiel.python import policy as spiel_policy
from open_spiel.python.algorithms import expected_game_score

from ouroboros.experiments.selfplay import tictactoe
from ouroboros.experiments.selfplay.tictactoe import CROSS, NOUGHT, joined

GAME = pyspiel.load_game("tic_tac_toe")


@functools.cache
def _paired():
    """Every position of OpenSpiel by its number here, found by playing all moves in both programs."""
    world = tictactoe.board()
    found, waiting = {0: GAME.new_initial_state()}, [0]
    while waiting:
        number = waiting.pop()
        state = found[number]
        allowed = [] if state.is_terminal() else state.legal_actions()
        assert allowed == list(np.flatnonzero(world.child[number] >= 0))
        for cell in allowed:
            after = world.child[number, cell]
            if after not in found:
                found[after] = state.child(cell)
                waiting.append(after)
            assert str(found[after]) == str(state.child(cell))
    return found


def test_positions_moves_and_results_equal_openspiel():
    world, theirs = tictactoe.board(), _paired()
    assert len(theirs) == len(world.cells) == 5478
    for number, state in theirs.items():
        assert world.over[number] == state.is_terminal()
        if state.is_terminal():
            assert world.result[number] == state.returns()[0]
        else:
            assert world.mover[number] == (CROSS if state.current_player() == 0 else NOUGHT)


def test_perfect_values_equal_openspiel_everywhere():
    theirs = _paired()

    @functools.cache
    def value(number):
        state = theirs[number]
        if state.is_terminal():
            return state.returns()[0]
        after = [value(int(k)) for k in tictactoe.board().child[number] if k >= 0]
        return max(after) if state.current_player() == 0 else min(after)

    assert [value(k) for k in range(len(theirs))] == list(tictactoe.minimax())


def _random(seed, tables=()):
    draw = np.random.default_rng(seed).random((*tables, *tictactoe.board().child.shape))
    draw = np.where(tictactoe.board().child >= 0, draw**3, 0)
    return draw / np.maximum(draw.sum(axis=-1, keepdims=True), 1e-300)


@pytest.mark.parametrize("seed", range(3))
def test_outcomes_equal_openspiel(seed):
    strategy = _random(seed)

    class Ours(spiel_policy.Policy):
        def action_probabilities(self, state, player_id=None):
            number = 0
            for move in state.history():
                number = tictactoe.board().child[number, move]
            return {cell: strategy[number, cell] for cell in state.legal_actions()}

    ours = Ours(GAME, [0, 1])
    # Two plies in, so that OpenSpiel walks 5,000 games and not 250,000.
    state = GAME.new_initial_state()
    for move in (0, 4):
        state.apply_action(move)
    number = tictactoe.board().child[tictactoe.board().child[0, 0], 4]
    theirs = expected_game_score.policy_value(state, [ours, ours])[0]
    won, lost, _ = _from(strategy, number)
    assert won - lost == pytest.approx(theirs, abs=1e-12)


def _from(strategy, number):
    """Outcomes from a position: the same strategy, led there by force."""
    led = strategy.copy()
    led[0], led[tictactoe.board().child[0, 0]] = np.eye(9)[0], np.eye(9)[4]
    assert tictactoe.visits(led)[number] == 1
    return tictactoe.outcomes(led)


def test_random_play_has_the_exact_fractions():
    assert tictactoe.outcomes(tictactoe.uniform()) == pytest.approx(
        [737 / 1260, 121 / 420, 8 / 63], abs=1e-14
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_strategy_does_better_than_the_value_against_its_best_answer(seed):
    strategy = _random(seed)
    for side in (CROSS, NOUGHT):
        worst = tictactoe.worst_case(strategy, side)
        assert -1 <= worst <= 1e-12
        # The best answer, played out exactly, gives the same value.
        answer = tictactoe.greedy(tictactoe.best_answer(strategy, -side), tolerance=1e-12)
        both = joined(strategy, answer) if side == CROSS else joined(answer, strategy)
        won, lost, _ = tictactoe.outcomes(both)
        assert side * (won - lost) == pytest.approx(worst, abs=1e-9)


def test_perfect_play_is_safe_on_both_sides_and_the_primer_only_as_cross():
    for side in (CROSS, NOUGHT):
        assert tictactoe.worst_case(tictactoe.perfect(), side) == 0
    assert tictactoe.worst_case(tictactoe.heuristic(), CROSS) == 0
    assert tictactoe.worst_case(tictactoe.heuristic(), NOUGHT) == -1


@pytest.mark.parametrize(
    ("marks", "cell"), [("xx.oo....", 2), ("x..ox...o", None), ("x...o...x", None), ("xx..o....", 2)]
)
def test_the_primer_wins_then_blocks(marks, cell):
    cells = [{"x": 1, "o": -1, ".": 0}[mark] for mark in marks]
    number = int(np.flatnonzero((tictactoe.board().cells == cells).all(axis=1))[0])
    chosen = np.flatnonzero(tictactoe.heuristic()[number])
    assert list(chosen) == [cell] if cell is not None else set(chosen) <= {2, 6}


def test_played_games_agree_with_exact_probabilities():
    strategy, count = _random(5, (3,)), 20000
    path, _ = tictactoe.games(strategy, count, np.random.default_rng(1))
    exact = tictactoe.outcomes(strategy)
    sd = np.sqrt(count * exact * (1 - exact))
    assert (np.abs(tictactoe.counted(path[-1]) - count * exact) < 4.5 * sd).all()
    visits = tictactoe.visits(strategy)
    seen = np.mean(path[2, 0][:, None] == np.arange(visits.shape[1]), axis=0)
    level = tictactoe.board().levels[2]
    assert np.abs(seen - visits[0])[level].max() < 0.02


def test_replicates_are_independent_of_each_other():
    both = _random(7, (3,))
    assert tictactoe.outcomes(both)[1] == pytest.approx(tictactoe.outcomes(both[1]), abs=1e-15)
    assert tictactoe.worst_case(both, CROSS)[2] == pytest.approx(
        tictactoe.worst_case(both[2], CROSS), abs=1e-15
    )


def test_imitation_takes_the_move_seen_most_often_and_anything_where_none_was():
    count = np.zeros(tictactoe.board().child.shape)
    count[0, [3, 7]] = 2, 5
    strategy = tictactoe.preferred(count)
    assert strategy[0, 7] == 1
    assert strategy[1].max() == pytest.approx(1 / 8)
