import math

import pytest

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job


def test_estimate_keeps_what_it_is_given():
    estimate = Estimate(
        "replace-log-variance-n100-t100", -1.0, -1.1, -0.9, 8000, unit="nats", method="normal"
    )
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (-1.0, -1.1, -0.9, 8000)
    assert estimate.level == 0.95


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Not an id"}, "not an id"),
        ({"name": ""}, "not an id"),
        ({"value": math.nan}, "not a number"),
        ({"low": math.nan}, "not a number"),
        ({"low": 0.6}, "outside its interval"),
        ({"high": 0.4}, "outside its interval"),
        ({"n": 0}, "replicates"),
        ({"level": 95}, "between 0 and 1"),
    ],
)
def test_estimate_refuses_nonsense(change, words):
    good = {"name": "x", "value": 0.5, "low": 0.5, "high": 0.5, "n": 1}
    Estimate(**good)
    with pytest.raises(ValueError, match=words):
        Estimate(**good | change)


def test_an_interval_may_be_open_ended():
    assert Estimate("half-life", 70.0, 60.0, math.inf, 10).high == math.inf


@pytest.mark.parametrize("bad", ["", "a b", "a/b", "..", "Ä", "UPPER", "-x", "x" * 101])
def test_job_ids_are_safe_as_file_names(bad):
    with pytest.raises(ValueError, match="file name"):
        Job(bad)


def test_job_ids_allow_the_usual():
    assert Job("replace-n0010-ddof0", {"n": 10}).parameters == {"n": 10}
