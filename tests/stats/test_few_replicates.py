import numpy as np
import pytest
from scipy import stats

from ouroboros.stats.few_replicates import student_interval


def test_it_is_the_interval_of_the_one_sample_test():
    sample = np.random.default_rng(3).normal(2, 1, size=(4, 5))
    low, high = student_interval(sample)
    expected = stats.ttest_1samp(sample, 0, axis=1).confidence_interval()
    assert low == pytest.approx(expected.low)
    assert high == pytest.approx(expected.high)


def test_it_covers_what_it_claims_with_five_replicates():
    low, high = student_interval(np.random.default_rng(4).standard_normal((20_000, 5)), level=0.9)
    assert np.mean((low <= 0) & (high >= 0)) == pytest.approx(0.9, abs=0.01)


def test_equal_replicates_have_an_interval_without_width():
    assert student_interval([1.5, 1.5, 1.5]) == (1.5, 1.5)


@pytest.mark.parametrize(
    ("sample", "message"), [([1.0], "1 replicate"), ([1.0, np.nan], "not a finite number")]
)
def test_what_has_no_interval_is_refused(sample, message):
    with pytest.raises(ValueError, match=message):
        student_interval(sample)
