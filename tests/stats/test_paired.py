import numpy as np
import pytest

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.paired import exponential, mean_of_few, paired_difference


def test_seeds_of_one_arm_only_make_no_pair():
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
