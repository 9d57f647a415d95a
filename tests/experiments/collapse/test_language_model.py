import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.collapse import character_model, language_model
from ouroboros.experiments.collapse.character_windows import encode
from ouroboros.experiments.collapse.language_model import ARMS, training_text
from ouroboros.experiments.collapse.language_model_analysis import Cells

LENGTH = 12


@pytest.fixture(scope="module")
def study(trial):
    return trial("collapse.language-model")


@pytest.fixture(scope="module")
def small(study):
    return study.smoke | {"epochs": 1, "test_windows": 32}


@pytest.fixture(scope="module")
def smoke_table(study):
    return study.table()


def windows(*texts):
    """Windows of one length, filled up with spaces."""
    return np.array([encode(f" {text}".ljust(LENGTH + 1)) for text in texts])


def run(study, parameters, job_id, entropy=3):
    (job,) = (job for job in study.module.jobs(parameters) if job.id == job_id)
    return study.module.simulate(job.parameters, np.random.default_rng(entropy))


# --- arms ----------------------------------------------------------------------------------------


def test_arms_train_on_what_they_say():
    real, first, second = (np.full((20, 3), k, dtype=np.int8) for k in range(3))
    texts, rng = [real, first, second], np.random.default_rng(1)

    def shares(arm):
        return np.bincount(training_text(ARMS[arm], texts, rng)[:, 0], minlength=3).tolist()

    assert shares("replace") == shares("cool") == shares("greedy") == [0, 0, 20]
    assert shares("ten-per-cent") == [2, 0, 18]
    assert shares("accumulate") == [20, 20, 20]
    assert shares("real") == [20, 0, 0]
    drawn = shares("accumulate-subsample")
    assert sum(drawn) == 20 and min(drawn) > 0


def test_the_real_tenth_is_the_same_every_time():
    rng = np.random.default_rng(2)
    real, one, other = (rng.integers(27, size=(50, 9)).astype(np.int8) for _ in range(3))
    first, second = (training_text(ARMS["ten-per-cent"], [real, text], rng) for text in (one, other))
    assert np.array_equal(first[:5], second[:5]) and np.array_equal(first[:5], real[:5])


def test_a_draw_from_the_pool_repeats_no_window():
    texts = [np.arange(40, dtype=np.int8)[:, None] + 40 * k for k in range(3)]
    drawn = training_text(ARMS["accumulate-subsample"], texts, np.random.default_rng(3))
    assert len(np.unique(drawn)) == 40


def test_all_arms_of_a_seed_begin_with_one_model(study, small):
    starts = {
        arm: run(study, small, f"seed-00-{arm}").query("generation == 0 and quantity == 'loss'")["value"]
        for arm in ("replace", "greedy", "accumulate")
    }
    assert len({value.item() for value in starts.values()}) == 1
    other = run(study, small, "seed-01-replace").query("generation == 0 and quantity == 'loss'")["value"]
    assert other.item() != starts["replace"].item()


@pytest.mark.parametrize("arm", ["ten-per-cent", "accumulate-subsample"])
def test_an_arm_goes_on_after_the_generation_it_was_interrupted_in(study, small, monkeypatch, arm):
    (job,) = (job for job in study.module.jobs(small) if job.id == f"seed-00-{arm}")
    wrote = []
    original = character_model.write
    monkeypatch.setattr(character_model, "write", lambda *given: wrote.append(1) or original(*given))
    expected, resumed = study.resumed(job)
    pd.testing.assert_frame_equal(resumed, expected, check_exact=True)
    assert len(wrote) == 2 * small["generations"], "the first generation does not write again"


def test_every_training_takes_the_same_steps(study, small, monkeypatch):
    seen = []
    original = character_model.train

    def spy(learner, text, steps, rng):
        seen.append((len(text), steps))
        return original(learner, text, steps, rng)

    monkeypatch.setattr(character_model, "train", spy)
    language_model.prepare.cache_clear()
    run(study, small, "seed-00-accumulate")
    run(study, small, "seed-00-replace")
    assert [length for length, _ in seen] == [128, 256, 384, 512, 128, 128, 128]
    assert {steps for _, steps in seen} == {128 // small["model"]["batch"]}


# --- measurements --------------------------------------------------------------------------------


def test_variety_by_hand():
    text = windows("a cat a cat", "a dog saw a", "zzz a cat a")
    found = {(quantity, level): value for quantity, level, value in language_model.variety(text, 100)}
    words = [["a", "cat", "a", "cat"], ["a", "dog", "saw", "a"], ["zzz", "a", "cat", "a"]]
    pairs = [pair for line in words for pair in pairwise(line)]
    assert found["distinct", 1] == pytest.approx(5 / 12)
    assert found["distinct", 2] == pytest.approx(len(set(pairs)) / 9)
    assert found["hapax", 0] == pytest.approx(3 / 5)
    # The Bible has no cat and no zzz.
    assert found["unknown", 0] == pytest.approx(4 / 12)


def test_variety_looks_at_the_first_words_only():
    text = windows("a b c d e", "f g h i j")
    found = dict(((q, n), v) for q, n, v in language_model.variety(text, 7))
    assert found["distinct", 2] == 1
    assert found["distinct", 1] == 1
    with pytest.raises(ValueError, match="no whole word"):
        list(language_model.variety(windows("abcdefghijkl"), 5))


def test_survival_by_hand():
    real = windows("the ox the", "ox lamb the")
    found = {(q, n): v for q, n, v in language_model.survival(real, windows("the the the"), 1)}
    assert found["alive", 0] == pytest.approx(1 / 3)
    assert (found["alive", 1], found["alive", 2]) == (0, 0.5)
    # A word used c times of n is absent from n draws with probability about exp(-c), here exactly (1 - c/n)^n.
    assert found["law", 1] == pytest.approx(1 - np.exp(-1), abs=0.1)


def test_entropy_of_a_chain_by_enumeration():
    chain = np.zeros((27, 27))
    chain[:, 0] = 1
    chain[0, :3] = [0.5, 0.25, 0.25]
    chain[1, :3] = [0.1, 0.0, 0.9]
    strings = [(a, b) for a in range(3) for b in range(3)]
    p = np.array([chain[0, a] * chain[a, b] for a, b in strings])
    expected = -(p[p > 0] * np.log(p[p > 0])).sum() / 2
    assert language_model.chain_entropy(chain, 2) == pytest.approx(expected)


def test_text_of_a_chain_has_its_entropy_and_its_transitions():
    rng = np.random.default_rng(4)
    chain = rng.dirichlet(np.full(27, 0.1), size=27)
    rows, loss = language_model.chain_windows(chain, 4000, 20, rng)
    z = (loss.mean() - language_model.chain_entropy(chain, 20)) / (loss.std() / np.sqrt(4000))
    assert abs(z) < 4
    again = language_model.letter_chain(rows)
    seen = np.bincount(rows[:, :-1].ravel(), minlength=27) > 2000
    assert np.abs(again - chain)[seen].max() < 0.05


def test_the_loss_falls_to_the_entropy_of_a_chain():
    """Three letters and the space: little to learn, so that a small model learns it in seconds."""
    chain = np.zeros((27, 27))
    chain[:, 0] = 1
    chain[:4, :4] = [[0, 0.6, 0.3, 0.1], [0.2, 0, 0.7, 0.1], [0.5, 0.1, 0.2, 0.2], [0.9, 0.1, 0, 0]]
    rng = np.random.default_rng(5)
    sizes = {"length": 20, "layers": 1, "width": 16, "heads": 2, "batch": 8, "block": 64}
    learner = character_model.machine(sizes | {"rates": [[0, 0.02], [300, 0.004]]})
    state = character_model.train(learner, language_model.chain_windows(chain, 800, 20, rng)[0], 400, rng)
    test, exact = language_model.chain_windows(chain, 512, 20, rng)
    excess = (character_model.losses(learner, state, test) - exact).mean()
    assert 0 < excess < 0.03


# --- the whole -----------------------------------------------------------------------------------


def test_a_smoke_run_passes_every_check(study, smoke_table):
    assert study.missed(study.checks, study.estimates(table=smoke_table)) == set()


def test_histograms_hold_all_windows(smoke_table):
    bins = smoke_table.query("quantity == 'histogram'")
    total = bins.groupby(["seed", "arm", "generation"])["value"].sum()
    assert total.to_numpy() == pytest.approx(1)


def test_the_control_is_measured_and_real_text_beside_it(smoke_table, study):
    cells = Cells(smoke_table)
    assert cells.arms() == list(ARMS)
    assert cells.get("data", 0, "unknown").keys() == cells.get("real", 1, "loss").keys()
    assert set(cells.get("data", 0, "unknown").values()) == {0.0}


def test_differences_are_paired_by_seed(study, smoke_table):
    table = smoke_table.copy()
    shift = table["arm"].eq("replace") & table["quantity"].eq("loss") & table["generation"].gt(0)
    table.loc[shift, "value"] = table[shift]["seed"] * 10.0
    found = study.estimates(table=table)["replace-over-ten-per-cent"]
    last = study.smoke["generations"] - 1
    other = Cells(smoke_table).get("ten-per-cent", last, "loss")
    assert found.value == pytest.approx(np.mean([10.0 * seed - other[seed] for seed in other]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": {"replace": 2}}, "seeds: must name"),
        ({"seeds": dict.fromkeys(ARMS, 1)}, "at least 2"),
        ({"generations": 3}, "generations: at least 4"),
        ({"windows": 65}, "multiple of batch"),
    ],
)
def test_parameters_that_make_no_experiment_are_refused(study, change, message):
    with pytest.raises(ValueError, match=message):
        study.module.jobs(study.smoke | change)


def test_a_writer_at_another_temperature_is_found_out(study, small, monkeypatch):
    original = character_model.write

    def cooler(learner, state, count, temperature, opening, rng):
        return original(learner, state, count, 0.8 * temperature, opening, rng)

    monkeypatch.setattr(character_model, "write", cooler)
    assert "E10-check-sampler" in study.missed(study.checks, study.estimates(small))


def test_a_score_shifted_by_a_place_is_found_out(study, small, monkeypatch):
    original = character_model.losses

    def shifted(learner, state, rows):
        return original(learner, state, np.roll(rows, 1, axis=1))

    monkeypatch.setattr(character_model, "losses", shifted)
    assert "E10-check-cache" in study.missed(study.checks, study.estimates(small))


def test_a_chain_with_another_entropy_is_found_out(study, small, monkeypatch):
    monkeypatch.setattr(language_model, "chain_entropy", lambda chain, length: 2.6)
    table = run(study, small, "known-source")
    assert abs(table.set_index("quantity")["value"]["source"]) > 4


def test_tables_survive_csv(smoke_table):
    assert not smoke_table["value"].isna().any()
    assert json.loads(smoke_table.head().to_json())["quantity"]["0"] == "loss"
    assert isinstance(smoke_table, pd.DataFrame)
