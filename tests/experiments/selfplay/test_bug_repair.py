"""Arms, jobs and estimates of planting and repairing bugs; breaking the loop on purpose shows."""

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.selfplay import bug_repair, repair_network
from ouroboros.experiments.selfplay.bug_repair_analysis import analyse_bug_repair
from ouroboros.experiments.selfplay.list_programs import is_valid, number
from ouroboros.ledger import load_ledger

EXPERIMENT = load_ledger(bug_repair.__file__.split("/src/")[0]).experiments["self-play.bug-repair"]
SMOKE = EXPERIMENT.parameters("smoke")


@pytest.fixture(scope="module")
def world():
    job = bug_repair.jobs(SMOKE)[0]
    return bug_repair.prepare(job.parameters)


def test_all_arms_of_a_seed_share_world_and_base_and_seeds_differ(world):
    jobs = {job.id: job.parameters for job in bug_repair.jobs(SMOKE)}
    assert bug_repair.prepare(jobs["seed-00-sp"]) is world
    other = bug_repair.prepare(jobs["seed-01-sp"])
    assert set(number(other.repositories)) != set(number(world.repositories))


def test_no_test_program_was_trained_on(world):
    seen = set(number(world.repositories))
    for bugs in (world.human, *world.even):
        assert not seen & set(number(bugs.truth))
        assert is_valid(bugs.programs, bugs.truth).all()
    assert set(number(world.known.truth)) <= seen


def test_the_pool_of_repair_only_comes_from_another_run(world):
    draw = bug_repair._pool(world, bug_repair.ARMS["ro"], np.random.default_rng(0))
    pool = draw(1, 500)
    assert is_valid(pool.programs, pool.truth).all()
    assert set(number(pool.truth)) <= set(number(world.repositories))
    donor = bug_repair._base(world.parameters, world.repositories, "-donor")
    assert float(np.abs(donor.weights["in"] - world.base.weights["in"]).max()) > 0.1


@pytest.mark.parametrize("name", bug_repair.ARMS)
def test_every_arm_takes_the_same_steps_on_batches_of_the_same_size(world, name, monkeypatch):
    taken = []
    real_play, real_posed = repair_network.self_play, repair_network.posed

    def play(state, truth, batch, attempts, rules, rng, *, rate):
        taken.append((len(truth), batch, attempts))
        return real_play(state, truth, batch, attempts, rules, rng, rate=rate)

    def posed(state, bugs, attempts, rng, *, rate):
        taken.append((*bugs.programs.shape[:2], attempts))
        return real_posed(state, bugs, attempts, rng, rate=rate)

    monkeypatch.setattr(repair_network, "self_play", play)
    monkeypatch.setattr(repair_network, "posed", posed)
    reported = []
    bug_repair.train(
        world, bug_repair.ARMS[name], np.random.default_rng(1), lambda i, state, found: reported.append(i)
    )
    iterations = SMOKE["iterations"]
    assert reported == list(range(1, iterations + 1))
    # Repair only runs its donor first.
    assert taken[-iterations:] == [(SMOKE["steps"], SMOKE["batch"], SMOKE["attempts"])] * iterations


def test_schedules_pose_the_sizes_they_say(world):
    draw = bug_repair._posed(world, bug_repair.ARMS["easy-hard"], np.random.default_rng(0))
    for iteration, size in ((1, 1), (2, 2), (3, 3)):
        bugs = draw(iteration, 50)
        assert set((bugs.programs != bugs.truth).sum(axis=1)) == {size}


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"arms": ["sp", "magic"]}, "'magic' is none of"), ({"proposals": 8}, "at least as many as batch")],
)
def test_parameters_that_cannot_be_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        bug_repair.jobs(SMOKE | changes)


# --------------------------------------------------------------------------------------------------
# Estimates from made-up tables


def _table(ends, iterations=3, seeds=10):
    """Tables in which arm k of seed s ends at ends[k](s), as a share, and the base at 0.1."""
    rows = []

    def put(arm, iteration, quantity, size, seed, value):
        rows.append((f"{seed}-{arm}", seed, arm, iteration, quantity, size, value))

    for seed in range(seeds):
        for arm, end in {"base": lambda s: 0.1, **ends}.items():
            steps = [0] if arm == "base" else range(1, iterations + 1)
            for i in steps:
                put(arm, i, "human", 0, seed, end(seed))
                put(arm, i, "human-any", 0, seed, min(1.0, 2 * end(seed)))
                for size in (1, 2, 3):
                    put(arm, i, "even", size, seed, end(seed) / size)
                if arm != "base":
                    put(arm, i, "solved", 0, seed, 0.3)
            put(arm, steps[-1], "known", 0, seed, end(seed))
    penalty = [-0.8, *(1 - 1.8 * np.arange(1, 8) / 8), -0.8]
    for k, reward in enumerate(penalty):
        put("injector", 0, "reward", k, 0, reward)
    put("injector", 600, "settled", 0, 0, 0.26)
    columns = ["job", "seed", "arm", "iteration", "quantity", "size", "value"]
    return pd.DataFrame(rows, columns=columns)


def _estimates(ends):
    parameters = SMOKE | {"arms": list(ends), "seeds": list(range(10)), "iterations": 3}
    return {e.name: e for e in analyse_bug_repair(_table(ends), parameters)}


def test_gains_and_contrasts_are_paired_and_in_points():
    ends = {
        "sp": lambda s: 0.2 + 0.01 * s,
        "uni": lambda s: 0.15 + 0.009 * s,
        "spc": lambda s: 0.2 + 0.01 * s,
    }
    found = _estimates(ends)
    assert found["sp-gain"].value == pytest.approx(14.5)
    assert found["sp-over-uni"].value == pytest.approx(5.45)
    # Paired: the spread of seeds is ten times that of the difference.
    width = found["sp-over-uni"].high - found["sp-over-uni"].low
    assert 5 * width < found["sp-gain"].high - found["sp-gain"].low
    assert found["sp-gain-size-2"].value == pytest.approx(100 * (0.245 - 0.1) / 2)
    assert found["reward-optimum"].value == pytest.approx(found["optimum-theory"].value, abs=1e-3)


@pytest.mark.parametrize(
    ("gap", "spread", "p_below", "distance_above"),
    [(0.0, 0.01, True, False), (0.0, 0.08, False, False), (0.05, 0.01, False, True)],
)
def test_equivalence_is_claimed_refused_or_left_open(gap, spread, p_below, distance_above):
    signs = [1, -1] * 5
    found = _estimates({"sp": lambda s: 0.3 + gap + spread * signs[s], "spc": lambda s: 0.3})
    assert (found["feedback-tost-p"].value <= 0.05) == p_below
    assert (found["feedback-distance"].value >= 2) == distance_above


def test_the_best_curriculum_is_chosen_on_other_seeds():
    """Three curricula of pure noise: the best of them on its own seeds would look good, this one does not."""
    gains = []
    for trial in range(30):
        noise = np.random.default_rng(trial).normal(0.3, 0.03, size=(4, 10))
        ends = {arm: noise[k].__getitem__ for k, arm in enumerate(("sp", "easy-hard", "hard", "uni"))}
        rates = 100 * noise
        own = np.max(rates[:3].mean(axis=1)) - rates[3].mean()
        gains.append((_estimates(ends)["curriculum-over-uni"].value, own))
    fair, flattering = np.mean(gains, axis=0)
    assert abs(fair) < 0.7 < flattering


def test_the_claim_of_five_points_needs_size_and_interval():
    def claim(low, high):
        ends = {"sp": lambda s: 0.3 + (low if s % 2 else high), "uni": lambda s: 0.3}
        return _estimates(ends)["curriculum-claim"].value

    assert claim(0.06, 0.07) == 1
    assert claim(0.03, 0.04) == 0
    assert claim(-0.35 + 0.05, 0.5) == 0


# --------------------------------------------------------------------------------------------------
# Breaking the loop


def test_rewards_of_other_bugs_teach_nothing(world):
    """The control must kill the effect; with a shuffle that does not shuffle this fails."""

    def gain(name):
        found = []
        longer = world._replace(parameters=world.parameters | {"steps": 60, "rate": 0.003})
        arm = bug_repair.ARMS[name]
        state = bug_repair.train(longer, arm, np.random.default_rng(2), lambda *_: found.append(0))
        return np.mean(
            [world.solved(state, bugs) - world.solved(world.base, bugs) for bugs in world.even[:2]]
        )

    assert gain("shuffled") < 0 < gain("untrained")
