"""The experiment on self-play: deterministic, and its checks catch wrong games and wrong learners."""

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.selfplay import cycling, kuhn, learners
from ouroboros.ledger import load_ledger


@pytest.fixture(scope="module")
def experiment(root):
    return load_ledger(root).experiments["self-play.cycling"]


def _estimates(parameters, only=None):
    frames = []
    for job in cycling.jobs(parameters):
        frame = cycling.simulate(job.parameters, np.random.default_rng(907))
        frame.insert(0, "job", job.id)
        frames.append(frame)
    return {e.name: e for e in cycling.analyse(pd.concat(frames, ignore_index=True), parameters)}


def _failed(experiment, found):
    checks = [c for c in experiment.checks if "smoke" in c.tiers]
    return {c.id for c in checks if not all(c.holds(getattr(found[n], c.field)) for n in c.estimate)}


@pytest.fixture(scope="module")
def parameters(experiment):
    small = experiment.parameters("smoke")
    gradient = {**small["gradient"], "steps": 60, "burn_in": 30, "recorded": [1, 30, 60]}
    return {**small, "replicates": 3, "gradient": gradient}


def test_a_sound_run_passes_its_checks(experiment, parameters):
    assert _failed(experiment, _estimates(parameters)) == set()


def test_the_same_seed_gives_the_same_rows(parameters):
    job = cycling.jobs(parameters)[1]
    one, two = (cycling.simulate(job.parameters, np.random.default_rng(1)) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_a_wrong_payoff_is_caught(experiment, parameters, monkeypatch):
    monkeypatch.setattr(kuhn, "_CALLED", kuhn._CALLED * 0.9)
    assert "E06-check-uniform" in _failed(experiment, _estimates(parameters))


def test_averaging_that_forgets_how_one_came_to_a_decision_is_caught(experiment, parameters, monkeypatch):
    monkeypatch.setattr(learners, "_plan", lambda play: play.copy())
    assert "E06-check-cfr-peer" in _failed(experiment, _estimates(parameters))


def test_a_wrong_step_of_the_bilinear_game_is_caught(experiment, parameters, monkeypatch):
    right = learners.bilinear_steps
    monkeypatch.setattr(learners, "bilinear_steps", lambda s, r, n: right(s, r * 1.01, n))
    assert "E06-check-growth" in _failed(experiment, _estimates(parameters))
