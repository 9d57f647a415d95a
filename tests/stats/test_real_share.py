"""Recursions with a real share against simulation, enumeration and the laws of their limits."""

import numpy as np
import pytest

from ouroboros.stats import gaussian_recursion, real_share, wright_fisher


@pytest.mark.parametrize(("n", "real"), [(8, 0), (5, 1), (12, 3), (12, 11), (12, 12)])
def test_moments_of_the_normal_recursion_equal_those_of_raw_samples(n, real):
    rng = np.random.default_rng(1)
    chains = 40_000
    mean, variance = np.zeros(chains), np.ones(chains)
    for t in range(1, 8):
        made = mean + np.sqrt(variance) * rng.standard_normal((n - real, chains))
        sample = np.concatenate([rng.standard_normal((real, chains)), made])
        mean, variance = sample.mean(axis=0), sample.var(axis=0)
        expected = real_share.normal_moments(n, real, t)
        for values, law in zip((variance, mean**2), expected, strict=True):
            assert abs(values.mean() - law) <= 4.5 * values.std() / chains**0.5


def test_the_split_of_squares_is_the_recursion():
    n, real = 20, 4
    model = n - real
    for t in range(6):
        v, m = real_share.normal_moments(n, real, t)
        within = (real - 1) + (model - 1) * v + real * model / n * (1 / real + v / model + m)
        assert real_share.normal_moments(n, real, t + 1)[0] == pytest.approx(within / n)


def test_without_real_values_it_is_replacement():
    for t in (0, 1, 9, 100):
        expected = gaussian_recursion.expected_variance(30, 0, t)[0]
        assert real_share.normal_moments(30, 0, t)[0] == pytest.approx(expected)
    assert real_share.normal_limit(30, 0) == 0.0


def test_the_limit_is_reached():
    assert real_share.normal_moments(50, 5, 4000)[0] == pytest.approx(real_share.normal_limit(50, 5))


@pytest.mark.parametrize("real", [0, 2, 6])
def test_survival_equals_that_of_texts(real):
    n, chains, rng = 6, 60_000, np.random.default_rng(2)
    p = real_share.zipf(4)
    exact = real_share.survival(p, n, real, 5)
    text = rng.multinomial(n, p, size=chains)
    for t in range(5):
        if t:
            text = rng.multinomial(real, p, size=chains) + rng.multinomial(n - real, text / n)
        alive = (text > 0).mean(axis=0)
        assert np.all(np.abs(alive - exact[t]) <= 4.5 * np.sqrt(alive * (1 - alive) / chains) + 1e-12)


def test_many_tokens_and_a_rare_word_give_the_branching_law():
    n, real = 300, 30
    exact = real_share.survival([2 / n], n, real, 6)[:, 0]
    limit = [float(wright_fisher.survival("fresh", [2], n, real, t)[0]) for t in range(1, 7)]
    assert exact == pytest.approx(limit, abs=0.01)


def test_zipf_is_a_distribution_of_the_exponent():
    p = real_share.zipf(50, 1.5)
    assert p.sum() == pytest.approx(1.0)
    assert p[0] / p[3] == pytest.approx(8.0)
