import numpy as np
import pytest
from scipy import stats

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.paired import exponential, mean_of_few, paired_difference, student_interval


def test_interval_agrees_with_scipy():
    sample = np.random.default_rng(1).standard_normal((3, 5))
    ends = student_interval(sample)
    for row, low, high in zip(sample, ends.low, ends.high, strict=True):
        peer = stats.ttest_1samp(row, 0).confidence_interval(0.95)
        assert (low, high) == pytest.approx((peer.low, peer.high))


def test_three_replicates_are_covered_as_promised():
    sample = np.random.default_rng(2).standard_normal((20_000, 3))
    ends = student_interval(sample, level=0.9)
    assert np.mean((ends.low < 0) & (ends.high > 0)) == pytest.approx(0.9, abs=0.008)


def test_one_replicate_has_no_interval():
    with pytest.raises(ValueError, match="at least 2"):
        student_interval([1.0])
    with pytest.raises(ValueError, match="1 seeds in both"):
        paired_difference("gap", {0: 1.0, 1: 2.0}, {1: 1.0, 2: 5.0}, "")


def test_pairs_are_matched_by_seed():
    found = paired_difference("gap", {2: 9.0, 0: 3.0, 1: 5.0}, {0: 1.0, 1: 2.0, 7: 0.0}, "", unit="nats")
    assert (found.value, found.n, found.unit, found.method) == (2.5, 2, "nats", "student-t")


def test_equal_replicates_give_their_value():
    found = mean_of_few("x", [0.1, 0.1, 0.1], "")
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(0.1)


def test_a_log_ratio_becomes_a_ratio_per_word():
    change = Estimate("change", 0.1, 0.0, 0.2, 5, method="student-t")
    found = exponential("ratio", change, "", factor=5)
    assert (found.value, found.low, found.high) == pytest.approx((np.exp(0.5), 1.0, np.e))
    assert found.method == "student-t"
