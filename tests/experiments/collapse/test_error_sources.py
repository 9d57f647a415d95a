import numpy as np
import pytest

from ouroboros.experiments.collapse import error_sources

GRID = np.linspace(-12, 12, 601)
TRUTH = error_sources.two_modes(GRID, 0.9)


@pytest.fixture(scope="module")
def sources(trial):
    return trial("collapse.error-sources")


@pytest.fixture(scope="module")
def smoke_table(sources):
    return sources.table()


def test_a_smoke_run_passes_every_check(sources, smoke_table):
    assert sources.missed(sources.checks, sources.estimates(table=smoke_table)) == set()


def test_the_truth_has_two_modes_mean_zero_and_variance_one():
    assert pytest.approx(0, abs=1e-12) == TRUTH @ GRID
    assert pytest.approx(1, abs=1e-9) == TRUTH @ GRID**2
    peaks = np.flatnonzero((TRUTH[1:-1] > TRUTH[:-2]) & (TRUTH[1:-1] > TRUTH[2:])) + 1
    assert len(peaks) == 2
    assert np.abs(GRID[peaks]) == pytest.approx(0.9, abs=0.05)


def test_fitting_one_normal_law_twice_changes_nothing():
    once = error_sources._fit(GRID, TRUTH[None], True, 0.0)
    twice = error_sources._fit(GRID, once, True, 0.0)
    assert twice == pytest.approx(once, abs=1e-12)
    assert abs(once - TRUTH).max() > 0.01


def test_smoothing_adds_the_square_of_the_bandwidth():
    smooth = TRUTH @ error_sources._kernel(GRID, 0.1)
    assert smooth @ GRID**2 == pytest.approx(1.01, abs=1e-9)


def test_the_distance_is_that_of_a_shift():
    moved = np.roll(TRUTH, 5)[None]
    _, _, distance, _ = error_sources._measure(GRID, moved, TRUTH)
    assert distance[0] == pytest.approx(5 * (GRID[1] - GRID[0]), abs=1e-9)


def test_a_biased_fit_is_found_out(sources, smoke_table, monkeypatch):
    """A divisor of n − 1 is no maximum-likelihood fit, and a kernel of another width is another kernel."""
    right, kernel = error_sources._fit, error_sources._kernel

    def unbiased(grid, seen, one_normal, shrinkage):
        return right(grid, seen, one_normal, shrinkage - 1 / 99 if one_normal else shrinkage)

    monkeypatch.setattr(error_sources, "_fit", unbiased)
    missed = sources.missed(sources.checks, sources.estimates())
    assert {"E08-check-exact"} <= missed
    monkeypatch.setattr(error_sources, "_fit", right)
    monkeypatch.setattr(error_sources, "_kernel", lambda grid, h: kernel(grid, 1.1 * h))
    assert "E08-check-exact" in sources.missed(sources.checks, sources.estimates())


def test_samples_that_are_too_small_are_found_out(sources, monkeypatch):
    """The control of the check on moments: draws of half the size lose variance twice as fast."""
    halved = [
        type(job)(job.id, job.parameters | {"n": job.parameters["n"] // 2, "chains": 400})
        for job in sources.module.jobs(sources.smoke)
    ]
    monkeypatch.setattr(error_sources, "jobs", lambda parameters: halved)
    assert "E08-check-moments" in sources.missed(sources.checks, sources.estimates())


@pytest.mark.parametrize(
    ("change", "message"),
    [({"separation": 1.0}, "separation: 1.0"), ({"at": [0, 1]}, r"at: \[0, 1\]")],
)
def test_impossible_parameters_are_named(sources, change, message):
    with pytest.raises(ValueError, match=message):
        error_sources.jobs(sources.smoke | change)


def test_the_factorial_adds_up(sources, smoke_table):
    """Main effects and interactions give back the difference of all on and all off."""
    found = sources.estimates(table=smoke_table)
    effects = {name: e.value for name, e in found.items() if name.startswith("effect-wasserstein")}
    odd = sum(effects[name] for name in effects if name.count("-by-") % 2 == 0)
    all_on = found["wasserstein-sampling-expressivity-approximation-t40"].value
    all_off = found["wasserstein-none-t40"].value
    assert odd == pytest.approx(all_on - all_off)
