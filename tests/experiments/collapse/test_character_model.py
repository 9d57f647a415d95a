import jax
import numpy as np
import pytest

from ouroboros.experiments.collapse import character_windows
from ouroboros.experiments.collapse.character_model import losses, machine, passes, train, write

SIZES = {
    "length": 24,
    "layers": 2,
    "width": 16,
    "heads": 2,
    "batch": 8,
    "block": 32,
    "rates": [[0, 0.01], [200, 0.003]],
}


@pytest.fixture(scope="module")
def learner():
    return machine(SIZES)


@pytest.fixture(scope="module")
def text():
    training, _ = character_windows.real_windows(24, "Ruth", "Jonah")
    return training


@pytest.fixture(scope="module")
def state(learner, text):
    return train(learner, text, 120, np.random.default_rng(1))


def greedy(learner, state, rows, places):
    """Whether each window has the most probable character at the marked places."""
    mask = np.zeros(rows.shape, dtype=bool)
    mask[:, places] = True
    return learner.score(state, rows, mask)[1]


def test_a_model_without_weights_has_the_alphabet_as_perplexity(learner, state, text):
    nothing = state._replace(weights=jax.tree.map(np.zeros_like, state.weights))
    assert np.exp(losses(learner, nothing, text).mean()) == pytest.approx(27, rel=1e-5)


def test_training_lowers_the_loss_below_single_letters(learner, state, text):
    counts = np.bincount(text[:, 1:].ravel(), minlength=27)
    p = counts[counts > 0] / counts.sum()
    assert losses(learner, state, text).mean() < -(p * np.log(p)).sum() - 0.2


def test_what_follows_changes_nothing(learner, state, text):
    rows = text[:32].copy()
    mask = np.zeros(rows.shape, dtype=bool)
    mask[:, 1:10] = True
    before = learner.score(state, rows, mask)[0]
    rows[:, 10:] = np.random.default_rng(2).integers(27, size=rows[:, 10:].shape)
    assert learner.score(state, rows, mask)[0] == pytest.approx(before, abs=1e-5)
    rows[:, 4] = (rows[:, 4] + 1) % 27
    assert not np.allclose(learner.score(state, rows, mask)[0], before, atol=1e-2)


def test_written_text_has_the_probability_that_the_scorer_gives_it(learner, state):
    written = write(learner, state, 100, 0.7, 4, np.random.default_rng(3))
    assert written.windows.shape == (100, 25)
    assert written.log_probability == pytest.approx(-24 * losses(learner, state, written.windows), abs=1e-3)


def test_text_at_temperature_one_is_drawn_from_the_law(learner, state):
    surprise = write(learner, state, 4000, 1.0, 0, np.random.default_rng(4)).surprise
    assert abs(surprise.mean()) < 4 * surprise.std() / np.sqrt(len(surprise))
    # The sum is a martingale, so this must fail for any other law.
    cooler = write(learner, state, 4000, 0.9, 0, np.random.default_rng(4)).surprise
    assert cooler.mean() > 10 * cooler.std() / np.sqrt(len(cooler))


def test_first_characters_have_the_exact_probabilities(learner, state):
    rows = np.zeros((27, 25), dtype=np.int8)
    rows[:, 1] = np.arange(27)
    mask = np.zeros(rows.shape, dtype=bool)
    mask[:, 1] = True
    law = np.exp(learner.score(state, rows, mask)[0])
    assert law.sum() == pytest.approx(1, abs=1e-5)
    drawn = write(learner, state, 8000, 1.0, 0, np.random.default_rng(5)).windows[:, 1]
    z = (np.bincount(drawn, minlength=27) - 8000 * law) / np.sqrt(8000 * law * (1 - law))
    assert np.abs(z).max() < 4.5


def test_greedy_writing_takes_the_most_probable_character_after_the_opening(learner, state):
    written = write(learner, state, 64, 0.0, 5, np.random.default_rng(6)).windows
    assert greedy(learner, state, written, slice(6, None)).all()
    assert not greedy(learner, state, written, slice(1, 6)).all()


def test_cold_writing_tends_to_greedy_writing(learner, state):
    cold, greediest = (
        write(learner, state, 64, temperature, 5, np.random.default_rng(7)).windows
        for temperature in (0.001, 0.0)
    )
    assert np.array_equal(cold[:, :6], greediest[:, :6])
    assert (cold == greediest).all(axis=1).mean() > 0.95


def test_openings_do_not_depend_on_the_temperature(learner, state):
    first, second = (write(learner, state, 40, t, 8, np.random.default_rng(8)).windows for t in (1.0, 0.3))
    assert np.array_equal(first[:, :9], second[:, :9])
    assert not np.array_equal(first, second)


def test_passes_go_through_all_windows_alike():
    order = passes(10, 34, np.random.default_rng(9))
    assert np.bincount(order).tolist().count(3) == 6 and set(np.bincount(order)) == {3, 4}
    assert sorted(order[:10]) == list(range(10))


def test_one_compiled_step_serves_every_training(text):
    sizes = SIZES | {"rates": [[0, 0.02]]}
    for windows, seed in ((text, 1), (text[:80], 2), (np.concatenate([text, text]), 3)):
        train(machine(sizes), windows, 2, np.random.default_rng(seed))
    assert machine(sizes) is machine(dict(sizes))
    assert machine(sizes)._step._cache_size() == 1


def test_the_same_seed_gives_the_same_model(learner, text):
    one, other = (train(learner, text, 3, np.random.default_rng(4)) for _ in range(2))
    assert all(
        np.array_equal(a, b)
        for a, b in zip(jax.tree.leaves(one.weights), jax.tree.leaves(other.weights), strict=True)
    )
