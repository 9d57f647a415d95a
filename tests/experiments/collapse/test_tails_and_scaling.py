import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.collapse import tails_and_scaling
from ouroboros.stats import tail_laws


@pytest.fixture(scope="module")
def tails(trial):
    return trial("collapse.tails-and-scaling")


@pytest.fixture(scope="module")
def smoke_table(tails):
    return tails.table()


def rerun(tails, table, *prefixes):
    """The table with some of its jobs run again."""
    jobs = [job for job in tails.module.jobs(tails.smoke) if job.id.startswith(prefixes)]
    fresh = [table[~table["job"].isin([job.id for job in jobs])]]
    for job in jobs:
        again = tails.module.simulate(job.parameters, np.random.default_rng(909))
        again.insert(0, "job", job.id)
        fresh.append(again)
    return pd.concat(fresh, ignore_index=True)


def test_a_smoke_run_passes_every_check(tails, smoke_table):
    assert len(tails.checks) == 8
    assert tails.missed(tails.checks, tails.estimates(table=smoke_table)) == set()


def test_least_squares_through_gram_matrices_is_least_squares():
    rng = np.random.default_rng(1)
    for real, synthetic in ((40, 0), (30, 10), (39, 1)):
        shared, own = tails_and_scaling.fit(rng, 20_000, 4, real, synthetic, 0.5, 2.0)
        noise, offset = tail_laws.regression_error(4, 40, synthetic, noise=0.5, offset=2.0)
        for sample, law in ((shared, noise + offset), (own, noise * (1 + synthetic / 40 * 4))):
            assert abs(sample.mean() - law) < 4.5 * sample.std() / np.sqrt(len(sample))


def test_the_knee_is_where_the_curves_cross():
    p = tail_laws.zipf(2.0, 10_000)
    floor = p[100:].sum()
    knee = tails_and_scaling._crossing(p, floor, 1e4)
    assert tail_laws.missing_mass(p, p, knee) == pytest.approx(floor, rel=1e-4)


@pytest.mark.parametrize(
    ("law", "check", "jobs"),
    [
        ("missing_mass", "E07-check-draws", ("drawn-1.5-whole", "drawn-2-whole")),
        ("regression_error", "E07-check-regression", ("regression-500",)),
        ("asymptotic_offset", "E07-check-offset-limit", ("regression-1000",)),
    ],
)
def test_a_wrong_formula_is_caught(tails, smoke_table, monkeypatch, law, check, jobs):
    right = getattr(tail_laws, law)

    def wrong(*arguments, **options):
        if law == "missing_mass":
            p, q, draws = arguments
            return right(p, q, 1.2 * draws)
        if law == "regression_error":
            features, rows, synthetic = arguments
            # The asymptotic d/(n − d) in place of d/(n − d − 1).
            noise, offset = right(features, rows, synthetic, **options)
            return noise * 0.9, offset
        return 1.1 * right(*arguments)

    monkeypatch.setattr(tail_laws, law, wrong)
    assert check in tails.missed(tails.checks, tails.estimates(table=rerun(tails, smoke_table, *jobs)))


def test_a_wrong_zipf_law_is_caught(tails, smoke_table, monkeypatch):
    right = tail_laws.zipf
    monkeypatch.setattr(tail_laws, "zipf", lambda beta, symbols: right(beta + 0.2, symbols))
    found = tails.estimates(table=rerun(tails, smoke_table, "law-"))
    missed = tails.missed(tails.checks, found)
    assert {"E07-check-exponent", "E07-check-floor-slope", "E07-check-knee"} <= missed


def test_draws_that_are_not_draws_are_caught(tails, smoke_table, monkeypatch):
    original = tail_laws.cut
    # A cut that forgets to rescale draws the lost symbols after all.
    monkeypatch.setattr(tails_and_scaling.tail_laws, "cut", lambda p, rank: original(p, 2 * rank))
    drawn = rerun(tails, smoke_table, "drawn-")
    monkeypatch.undo()
    law = smoke_table[smoke_table["quantity"].isin(["law-of-drawn", "deviation"])]
    mixed = pd.concat([drawn[~drawn["quantity"].isin(["law-of-drawn", "deviation"])], law])
    assert "E07-check-draws" in tails.missed(tails.checks, tails.estimates(table=mixed))


def test_criteria_can_fall_either_way(tails, smoke_table):
    met = {c.id for c in tails.criteria} - tails.missed(tails.criteria, tails.estimates(table=smoke_table))
    assert {"tails-and-scaling-shared-error-stops-it", "tails-and-scaling-own-errors-wash-out"} <= met
    assert "tails-and-scaling-one-in-a-thousand" not in met
    other = smoke_table.copy()
    rows = other["part"] == "regression"
    error = rows & (other["quantity"] == "error")
    other.loc[error, "value"] = 1.0 / other.loc[error, "size"]
    other.loc[error & (other["arm"] == "shared-0.001"), "value"] *= 5
    other.loc[error & (other["arm"] == "noise-0.1"), "value"] = 1.0
    met = {c.id for c in tails.criteria} - tails.missed(tails.criteria, tails.estimates(table=other))
    assert "tails-and-scaling-one-in-a-thousand" in met
    assert not met & {"tails-and-scaling-shared-error-stops-it", "tails-and-scaling-own-errors-wash-out"}
