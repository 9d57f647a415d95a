"""Calibration counts only what was due, and says what its n allows."""

import numpy as np
import pytest
from scipy import stats

from ouroboros.forecasting.calibration import calibration, questions_needed, sentence
from ouroboros.forecasting.sets import Held, Item


def item(k, p, outcome, past=True):
    return Item(f"N{k}", "strict", "resolved-yes", (Held(p, 1),), outcome, past, None, None)


def test_early_answers_wait_for_the_scheduled_close():
    found = calibration([item(1, 0.7, 1), item(2, 0.7, 1, past=False), item(3, 0.1, 0)])
    assert found.n == 2
    assert [(b.low, b.n, b.came) for b in found.bins] == [(0.0, 1, 0.0), (0.6, 1, 1.0)]


def test_a_calibrated_set_lies_inside_its_intervals():
    rng = np.random.default_rng(901)
    said = rng.uniform(0, 1, 2000)
    found = calibration([item(k, p, int(rng.random() < p)) for k, p in enumerate(said)])
    assert sum(b.n for b in found.bins) == found.n == 2000
    assert all(b.came_low < b.said < b.came_high for b in found.bins)


def test_certainty_falls_into_the_last_bin():
    assert calibration([item(1, 1.0, 1)]).bins[0].low == 0.8


def test_the_number_of_questions_needed_gives_the_power_it_promises():
    n = questions_needed(0.93, 0.75)
    for size in range(n, n + 50):
        critical = stats.binom.isf(0.05, size, 0.75)
        assert stats.binom.sf(critical, size, 0.75) <= 0.05
        assert stats.binom.sf(critical, size, 0.93) >= 0.8
    critical = stats.binom.isf(0.05, n - 1, 0.75)
    assert stats.binom.sf(critical, n - 1, 0.93) < 0.8
    assert questions_needed(0.07, 0.25) == n


@pytest.mark.parametrize(
    ("n", "came", "words"),
    [
        (0, 0, "nothing can be said about calibration"),
        (2, 0, "0 of 2 came true, which fits true rates from 0 % to 84 %"),
        (40, 30, "Each bin holds fewer"),
    ],
)
def test_the_sentence_fits_the_number(n, came, words):
    assert words in sentence(n, came)
