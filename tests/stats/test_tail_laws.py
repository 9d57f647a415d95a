"""Closed forms of tails and mixtures against enumeration and plain simulation."""

import itertools
import math

import numpy as np
import pytest

from ouroboros.stats import tail_laws


def test_missing_mass_by_enumeration():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.4, 0.0])
    for draws in (1, 2, 5):
        expected = sum(
            math.prod(q[list(seen)]) * p[[i for i in range(3) if i not in seen]].sum()
            for seen in itertools.product(range(3), repeat=draws)
        )
        assert tail_laws.missing_mass(p, q, draws) == pytest.approx(expected)


def test_the_second_generation_is_that_of_simulation():
    rng = np.random.default_rng(6)
    p = tail_laws.zipf(1.5, 2000)
    first, draws = 500, 800
    errors = [p[rng.multinomial(draws, rng.multinomial(first, p) / first) == 0].sum() for _ in range(2000)]
    law = tail_laws.missing_mass_of_second_generation(p, first, draws)
    assert np.mean(errors) == pytest.approx(law, rel=5e-3)


def test_the_deviation_is_an_upper_bound():
    rng = np.random.default_rng(7)
    p = tail_laws.zipf(1.5, 500)
    errors = [p[rng.multinomial(300, p) == 0].sum() for _ in range(3000)]
    bound = tail_laws.missing_mass_deviation(p, p, 300)
    assert 0.7 * bound < np.std(errors) < 1.03 * bound


def test_published_plateaus():
    p = tail_laws.zipf(1.5, 200_000)
    assert tail_laws.missing_mass_of_second_generation(p, 1e3, 1e9) == pytest.approx(0.0925, abs=1e-4)
    assert tail_laws.missing_mass_of_second_generation(p, 1e4, 1e9) == pytest.approx(0.0420, abs=1e-4)


def test_a_cut_law_loses_exactly_the_tail():
    p = tail_laws.zipf(2.0, 1000)
    q = tail_laws.cut(p, 10)
    assert q.sum() == pytest.approx(1) and np.all(q[10:] == 0)
    assert tail_laws.missing_mass(p, q, 1e9) == pytest.approx(p[10:].sum())
    assert tail_laws.missing_mass(np.ones(1), np.ones(1), 3) == 0


@pytest.mark.parametrize(("features", "rows", "synthetic"), [(3, 12, 4), (5, 20, 2), (2, 9, 9), (4, 30, 0)])
def test_regression_error_by_plain_least_squares(features, rows, synthetic):
    rng = np.random.default_rng([8, features])
    x = rng.standard_normal((60_000, rows, features))
    offset = np.zeros(features)
    offset[-1] = math.sqrt(1.5)
    y = 0.5 * rng.standard_normal((60_000, rows))
    y[:, :synthetic] += x[:, :synthetic] @ offset
    gram = np.einsum("bni,bnj->bij", x, x)
    found = np.linalg.solve(gram, np.einsum("bni,bn->bi", x, y)[..., None])[..., 0]
    errors = np.square(found).sum(axis=1)
    law = sum(tail_laws.regression_error(features, rows, synthetic, noise=0.25, offset=1.5))
    assert abs(errors.mean() - law) < 4.5 * errors.std() / math.sqrt(len(errors))


def test_the_published_limit():
    noise, offset = tail_laws.regression_error(50, 500, 50, noise=0.25, offset=1.0)
    assert noise + offset == pytest.approx(0.0489, abs=4 * 0.0007)
    for scale in (1, 100):
        rows = 500 * scale
        exact = tail_laws.regression_error(50 * scale, rows, rows // 10, noise=0.25, offset=1.0)[1]
        limit = tail_laws.asymptotic_offset(50 * scale, rows, rows // 10, 1.0)
        assert limit == pytest.approx(0.02)
        assert exact == pytest.approx(limit, rel=0.01 / scale)
