import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ouroboros.stats import watermark as wm


def test_a_pair_is_green_with_probability_gamma_and_by_key_alone():
    left, word = np.meshgrid(np.arange(500, dtype=np.uint64), np.arange(400, dtype=np.uint64))
    found = wm.green(7, left, word, 0.25)
    assert found.mean() == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / found.size))
    assert (found == wm.green(7, left, word, 0.25)).all()
    other = wm.green(8, left, word, 0.25)
    assert np.mean(found & other) == pytest.approx(1 / 16, abs=0.003)


def test_neither_word_decides_alone():
    ids = np.arange(2000, dtype=np.uint64)
    by_left = wm.green(3, ids[:, None], ids[None], 0.5).mean(axis=1)
    by_word = wm.green(3, ids[:, None], ids[None], 0.5).mean(axis=0)
    for rates in (by_left, by_word):
        z = (rates - 0.5) / math.sqrt(0.25 / len(ids))
        assert stats.kstest(z, "norm").pvalue > 1e-3


@pytest.mark.parametrize("gamma", [0.0, 1.0, -0.1])
def test_a_share_that_is_none_is_refused(gamma):
    with pytest.raises(ValueError, match="gamma"):
        wm.green(1, 2, 3, gamma)


def test_green_keeps_the_shape_of_its_arguments():
    assert wm.green(1, 2, 3, 0.25).shape == ()
    assert wm.green(np.array([[1], [2]], dtype=np.uint64), [1, 2, 3], 3, 0.25).shape == (2, 3)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_first_uses_by_walking(values):
    seen, expected = set(), []
    for value in values:
        expected.append(value not in seen)
        seen.add(value)
    assert wm.first_uses(np.array([values]))[0].tolist() == expected


@given(st.integers(1, 60), st.data())
def test_p_value_by_enumeration(scored, data):
    greens = data.draw(st.integers(0, scored))
    gamma = Fraction(1, 4)
    tail = sum(
        math.comb(scored, k) * gamma**k * (1 - gamma) ** (scored - k) for k in range(greens, scored + 1)
    )
    assert wm.p_value(greens, scored, 0.25) == pytest.approx(float(tail), rel=1e-12)
    assert wm.log10_p_value(greens, scored, 0.25) == pytest.approx(math.log10(tail), abs=1e-9)


def test_the_logarithm_goes_on_where_the_value_underflows():
    # Whole numbers again: P(G = 1000 of 1000) = 4^-1000, P(G ≥ 900 of 1000) by summation.
    assert wm.p_value(1000, 1000, 0.25) == 0
    assert wm.log10_p_value(1000, 1000, 0.25) == pytest.approx(-1000 * math.log10(4), rel=1e-12)
    total = sum(math.comb(1000, k) * 3 ** (1000 - k) for k in range(900, 1001))
    expected = math.log10(total) - 1000 * math.log10(4)
    assert wm.log10_p_value(900, 1000, 0.25) == pytest.approx(expected, abs=1e-9)


def test_randomised_p_values_are_uniform_and_plain_ones_are_not():
    rng = np.random.default_rng(1)
    greens = rng.binomial(40, 0.25, 20_000)
    randomised = wm.randomised_p_value(greens, 40, 0.25, rng.random(20_000))
    assert stats.kstest(randomised, "uniform").pvalue > 1e-3
    assert stats.kstest(wm.p_value(greens, 40, 0.25), "uniform").pvalue < 1e-6


def test_marked_green_probability_by_rejection():
    rng, p, lists = np.random.default_rng(2), np.array([0.5, 0.3, 0.2]), np.array([False, True, False])
    draws = rng.choice(3, 200_000, p=p)
    kept = draws[lists[draws] | (rng.random(len(draws)) < math.exp(-2.0))]
    assert lists[kept].mean() == pytest.approx(wm.marked_green_probability(0.3, 2.0), abs=0.01)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=7), st.sampled_from([0.25, 0.5]), st.floats(0.1, 4))
def test_the_bound_lies_below_the_mean_over_all_green_lists(weights, gamma, delta):
    p = np.array(weights) / sum(weights)
    expected = 0.0
    for green in product([0, 1], repeat=len(p)):
        mass = float(np.dot(green, p))
        chance = gamma ** sum(green) * (1 - gamma) ** (len(p) - sum(green))
        expected += chance * float(wm.marked_green_probability(mass, delta))
    bound = float(wm.green_rate_bound(wm.spike_entropy(p, gamma, delta), gamma, delta))
    assert bound <= expected + 1e-12
    # A word that is certain cannot be marked, and the bound knows it.
    certain = float(wm.green_rate_bound(wm.spike_entropy([1.0], gamma, delta), gamma, delta))
    assert certain == pytest.approx(gamma)
