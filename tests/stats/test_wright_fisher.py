"""Closed forms of resampled distributions against exact enumeration, simulation and each other."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from ouroboros.stats import wright_fisher as wf


def exact_errors(counts, arm, real, generations):
    """E‖p_t − p_0‖² by following every text that can come about, for two symbols."""
    n = sum(counts)
    truth = np.array(counts) / n
    found = np.zeros(generations)
    law = stats.hypergeom(n, counts[0], real if arm == "fixed" else 0)
    for kept in range(real + 1 if arm == "fixed" else 1):
        weight = law.pmf(kept)
        models = {truth[0]: weight}
        for t in range(generations):
            after = {}
            for p, chance in models.items():
                drawn = n if arm in ("replace", "whole") else n - real
                fresh = stats.binom(real, truth[0]).pmf(range(real + 1)) if arm == "fresh" else [1.0]
                for (x, px), (r, pr) in itertools.product(
                    enumerate(stats.binom(drawn, p).pmf(range(drawn + 1))), enumerate(fresh)
                ):
                    new = (x + r + kept) / n
                    if arm == "whole":
                        new = real / n * truth[0] + (1 - real / n) * x / n
                    key = round(new, 12)
                    after[key] = after.get(key, 0.0) + chance * px * pr
            models = after
            found[t] += sum(2 * (p - truth[0]) ** 2 * chance for p, chance in models.items())
    return found


@pytest.mark.parametrize(("arm", "real"), [("replace", 0), ("fresh", 2), ("fixed", 2), ("whole", 2)])
def test_errors_equal_those_of_enumeration(arm, real):
    counts = (2, 4)
    s0 = sum((c / 6) ** 2 for c in counts)
    expected = exact_errors(counts, arm, real, 4)
    found = [wf.expected_error(arm, 6, real, s0, t) for t in range(1, 5)]
    assert found == pytest.approx(expected, rel=1e-9)


def test_replace_is_heterozygosity_decay():
    for t in (1, 7, 40):
        left = wf.heterozygosity(0.9, 50, t)
        assert 1 - left == pytest.approx(0.1 + wf.expected_error("replace", 50, 0, 0.1, t))


def test_ten_per_cent_of_the_whole_text_holds_the_error_at_four_units():
    n, s0 = 10**6, 0.01
    unit = (1 - s0) / n
    assert wf.limiting_error(n, n // 10, s0) / unit == pytest.approx(0.81 / 0.19, rel=1e-4)
    assert wf.limiting_error(n, n // 2, s0) / unit == pytest.approx(1 / 3, rel=1e-4)
    assert wf.expected_error("whole", n, n // 10, s0, 400) == pytest.approx(wf.limiting_error(n, n // 10, s0))


def test_survival_without_real_words_is_the_published_law():
    g = 1.0
    counts, n = np.array([1, 2, 5]), 10**7
    for t in range(1, 30):
        low, high = wf.survival_bounds(counts, n, t)
        assert low == pytest.approx(1 - np.exp(-counts * g))
        assert np.all(low <= high) and high == pytest.approx(low, abs=1e-3)
        assert wf.survival("replace", counts, n, 0, t) == pytest.approx(low)
        assert 1 / t <= g <= 3 / t
        g = 1 - math.exp(-g)


@pytest.mark.parametrize(("arm", "real"), [("replace", 0), ("fresh", 600), ("fixed", 600), ("whole", 600)])
def test_survival_agrees_with_simulation(arm, real):
    n, count, chains, last = 3000, 3, 6000, 8
    rng = np.random.default_rng(905)
    p0 = count / n
    kept = rng.hypergeometric(count, n - count, real, size=chains) if arm == "fixed" else 0
    p = np.full(chains, p0)
    for t in range(1, last + 1):
        drawn = rng.binomial(n if arm in ("replace", "whole") else n - real, p)
        drawn = drawn + (rng.binomial(real, p0, size=chains) if arm == "fresh" else kept)
        p = drawn / n if arm != "whole" else real / n * p0 + (1 - real / n) * drawn / n
        law = float(wf.survival(arm, [count], n, real, t)[0])
        assert np.mean(drawn > 0) == pytest.approx(law, abs=4.5 * math.sqrt(law * (1 - law) / chains) + 2e-3)


def test_one_symbol_left_by_enumeration():
    # Two symbols: the number of tokens of the first is a Markov chain whose powers give the answer.
    counts = np.array([2, 3])
    k = np.arange(6)
    step = stats.binom(5, k[:, None] / 5).pmf(k[None, :])
    for t in range(12):
        law = np.linalg.matrix_power(step, t)[2]
        assert wf.single_symbol(counts, t) == pytest.approx(law[0] + law[5])
    assert wf.single_symbol([7], [0, 3]) == pytest.approx([1.0, 1.0])
