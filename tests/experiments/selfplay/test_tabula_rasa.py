"""Learning from nothing: exact where the result is known, and its checks catch a wrong game and wrong bookkeeping."""

import numpy as np
import pytest

from ouroboros.experiments.selfplay import table_learning, tabula_rasa, tictactoe
from ouroboros.experiments.selfplay.table_learning import Regime


@pytest.fixture(scope="module")
def study(trial):
    return trial("self-play.tabula-rasa")


@pytest.fixture(scope="module")
def small(study):
    return {**study.smoke, "recorded": [64, 256], "matches": 300}


@pytest.fixture(scope="module")
def table(study, small):
    return study.table(small)


def _learned(regime, games, seed=3, replicates=2, at_once=32, rate=0.5):
    *_, (_, table) = table_learning.learned(
        regime, replicates, [games], rate, at_once, np.random.default_rng(seed)
    )
    return table


def test_a_sound_run_passes_its_checks(study, small, table):
    assert study.missed(study.checks, study.estimates(small, table)) == set()


def test_the_same_seed_gives_the_same_rows(study, small):
    jobs = {job.id: job for job in tabula_rasa.jobs(small)}
    for arm in ("self", "misjudged", "imitation-winners"):
        assert study.same_bytes(jobs[arm])


def test_a_missing_line_is_caught(study, small, monkeypatch):
    monkeypatch.setattr(tictactoe, "LINES", tictactoe.LINES[:-1])
    for cached in (tictactoe.board, tictactoe.minimax, tictactoe.perfect, tictactoe.heuristic):
        cached.cache_clear()
    try:
        missed = study.missed(study.checks, study.estimates(small))
    finally:
        for cached in (tictactoe.board, tictactoe.minimax, tictactoe.perfect, tictactoe.heuristic):
            cached.cache_clear()
    assert {"E11-check-positions", "E11-check-random-exact"} <= missed


def test_games_counted_on_the_wrong_side_are_caught(study, small, table):
    wrong = table.copy()
    names = {"played-nought-cross": "played-nought-nought", "played-nought-nought": "played-nought-cross"}
    wrong["quantity"] = wrong["quantity"].replace(names)
    assert "E11-check-played" in study.missed(study.checks, study.estimates(small, wrong))


def test_a_rate_of_one_and_every_position_seen_gives_minimax():
    # The best reply needs no average: with a full step it is backward induction along random games.
    table = _learned(Regime(exploration=1.0), 64 * 2048, replicates=1, at_once=64, rate=1.0)
    world = tictactoe.board()
    seen = tictactoe.visits(tictactoe.uniform()) > 1e-3
    assert np.abs(table[0] - tictactoe.minimax())[seen & ~world.over].max() == 0


def test_the_played_move_in_random_games_gives_the_values_of_random_play():
    tables = _learned(Regime(exploration=1.0, backup="played"), 64 * 1200, replicates=6, at_once=64, rate=0.2)
    won, lost, _ = tictactoe.outcomes(tictactoe.uniform())
    # A constant rate leaves noise, so the nine first moves of all learners are averaged.
    assert tables[:, tictactoe.board().child[0]].mean() == pytest.approx(won - lost, abs=0.1)


def test_against_a_frozen_opponent_it_tends_to_the_exact_best_answer():
    tables = _learned(Regime(exploration=1.0, opponent=tictactoe.heuristic()), 32 * 1000, replicates=1)
    world = tictactoe.board()
    expected = tictactoe.best_answer(tictactoe.heuristic(), tictactoe.CROSS)
    # First moves of cross: values that the opponent's replies, which are deterministic there, make exact.
    first = world.child[0]
    centre = first[4]
    assert np.abs(tables[0, first] - expected[first]).max() < 1
    assert tables[0, centre] == pytest.approx(expected[centre], abs=0.35)
    assert (tables[:, ~world.over & (world.mover == 1)] != 0).any(), "it learns both sides"


def test_with_one_side_only_the_other_side_learns_nothing():
    tables = _learned(Regime(exploration=0.1, opponent=tictactoe.uniform()), 32, at_once=1)
    world = tictactoe.board()
    # With one game at a time the learner always has cross, so only positions with nought to move are learned.
    assert (tables[:, ~world.over & (world.mover == 1)] == 0).all()


def test_exchanged_results_leave_no_trace_of_the_true_ones():
    tables = _learned(Regime(exploration=1.0, judged=False), 32 * 1000, replicates=1)
    world = tictactoe.board()
    ends = world.over & (tables[0] != 0)
    assert abs(np.corrcoef(tables[0][ends], world.result[ends])[0, 1]) < 0.15


def test_the_order_of_the_regimes_is_seen_in_a_short_run(study, table, small):
    found = study.estimates(small, table)
    assert found["untrained-loss-nought"].value == pytest.approx(0.96775, abs=1e-4)
    assert found["limit-uniform-loss-nought"].value > 0.05
    assert found["limit-heuristic-loss-nought"].value > 0.05
