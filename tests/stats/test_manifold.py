"""Precision, recall, density and coverage against a package that others wrote, and against a formula."""

import numpy as np
import pytest
from prdc import compute_prdc

from ouroboros.stats.manifold import expected_coverage, set_scores


@pytest.mark.parametrize("shift", [0.0, 0.7, 5.0])
def test_scores_are_those_of_the_authors_package(shift, capsys):
    rng = np.random.default_rng(1)
    real, generated = rng.standard_normal((80, 3)), shift + 0.6 * rng.standard_normal((70, 3))
    theirs = compute_prdc(real, generated, nearest_k=4)
    assert set_scores(real, generated, 4)._asdict() == pytest.approx(theirs)


def test_expected_coverage_by_simulation():
    rng = np.random.default_rng(2)
    found = [set_scores(rng.random((30, 1)), rng.random((20, 1)), 3).coverage for _ in range(800)]
    error = np.std(found) / len(found) ** 0.5
    assert abs(np.mean(found) - expected_coverage(30, 20, 3)) < 4 * error


def test_too_few_rows_are_named():
    with pytest.raises(ValueError, match=r"generated: 3 rows \(more than 5 needed\)"):
        set_scores(np.zeros((9, 2)), np.zeros((3, 2)), 5)
