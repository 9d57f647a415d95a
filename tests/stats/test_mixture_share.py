import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom, chi2

from ouroboros.stats.mixture_share import corrected_share, likelihood_interval, maximum_likelihood_share

LOG_RATIOS = st.lists(st.floats(-20, 20), min_size=3, max_size=40)


def likelihood(ratios, share):
    return np.sum(np.logaddexp(np.log1p(-share), np.log(share) + np.asarray(ratios)))


@given(LOG_RATIOS)
def test_the_estimate_is_no_worse_than_that_of_a_general_optimiser(ratios):
    ours = float(maximum_likelihood_share(ratios))
    peer = minimize_scalar(
        lambda share: -likelihood(ratios, share),
        bounds=(1e-9, 1 - 1e-9),
        method="bounded",
        options={"xatol": 1e-10},
    ).x
    at = np.clip(ours, 1e-9, 1 - 1e-9)
    assert likelihood(ratios, at) >= likelihood(ratios, peer) - 1e-6


@given(LOG_RATIOS)
def test_the_interval_holds_the_estimate_and_lies_between_zero_and_one(ratios):
    low, high = likelihood_interval(ratios)
    best = maximum_likelihood_share(ratios)
    assert 0 <= low <= best + 1e-9
    assert best - 1e-9 <= high <= 1


def test_certain_documents_are_counted():
    ratios = np.array([50.0] * 3 + [-50.0] * 7)
    assert maximum_likelihood_share(ratios) == pytest.approx(0.3)
    low, high = likelihood_interval(ratios)
    # Then it is the likelihood-ratio interval of a proportion of 3 in 10.
    floor = binom.logpmf(3, 10, 0.3) - chi2.ppf(0.95, 1) / 2
    ends = [
        brentq(lambda share: binom.logpmf(3, 10, share) - floor, a, b) for a, b in ((0.01, 0.3), (0.3, 0.9))
    ]
    assert (float(low), float(high)) == pytest.approx(tuple(ends))


def test_replicates_are_independent():
    rng = np.random.default_rng(3)
    ratios = rng.normal(size=(4, 30))
    together = maximum_likelihood_share(ratios)
    assert together == pytest.approx([float(maximum_likelihood_share(row)) for row in ratios])


@given(st.floats(0, 1), st.floats(0.6, 1), st.floats(0, 0.4))
def test_the_correction_undoes_the_errors_of_a_detector(true, hit, alarm):
    flagged = true * hit + (1 - true) * alarm
    assert corrected_share(flagged, hit, alarm) == pytest.approx(true, abs=1e-9)
