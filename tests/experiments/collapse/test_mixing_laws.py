import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from ouroboros.experiments.collapse import mixing_laws
from ouroboros.stats import mixing


@pytest.fixture(scope="module")
def laws(trial):
    return trial("collapse.mixing-laws")


@pytest.fixture(scope="module")
def smoke_table(laws):
    return laws.table()


def rerun(laws, table, *ids):
    """The table with some of its jobs run again."""
    fresh = [table[~table["job"].isin(ids)]]
    for job in laws.module.jobs(laws.smoke):
        if job.id in ids:
            again = laws.module.simulate(job.parameters, np.random.default_rng(910))
            again.insert(0, "job", job.id)
            fresh.append(again)
    return pd.concat(fresh, ignore_index=True)


def test_a_smoke_run_passes_every_check(laws, smoke_table):
    assert laws.missed(laws.checks, laws.estimates(table=smoke_table)) == set()


# --- the recursions ----------------------------------------------------------------------------------------


def test_keeping_all_labels_is_least_squares_on_all_of_them():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 12, 2))
    noise = np.random.default_rng(2)
    fits = [fit["accumulate"] for fit in mixing_laws._shared(x, 4, np.random.default_rng(2))]
    last, labels = np.zeros((3, 2)), []
    for fit in fits:
        labels.append(np.einsum("bti,bi->bt", x, last) + noise.standard_normal((3, 12)))
        for b in range(3):
            stacked = np.vstack([x[b]] * len(labels))
            expected = np.linalg.lstsq(stacked, np.concatenate([rows[b] for rows in labels]), rcond=None)[0]
            assert fit[b] == pytest.approx(expected)
        last = fit


def test_all_arms_begin_with_the_same_fit_to_real_data():
    x = np.random.default_rng(3).standard_normal((2, 20, 3))
    first = [next(kind(x, 3, np.random.default_rng(4))) for kind in (mixing_laws._shared, mixing_laws._fresh)]
    fits = [fit for found in first for fit in found.values()]
    assert all(np.allclose(fit, fits[0]) for fit in fits)


def test_a_subsample_repeats_no_label(monkeypatch):
    seen = []
    original = mixing_laws._least_squares

    def spy(x, y):
        seen.append(y.copy())
        return original(x, y)

    monkeypatch.setattr(mixing_laws, "_least_squares", spy)
    x = np.random.default_rng(5).standard_normal((4, 10, 2))
    for _ in mixing_laws._subsample(x, 6, np.random.default_rng(6)):
        pass
    assert len(seen) == 6
    assert all(len(np.unique(row)) == 10 for labels in seen for row in labels)


def test_the_best_weight_minimises_the_closed_form():
    grid = np.linspace(0.01, 1, 100_000)
    for k in (0.1, 0.5, 1.0, 2.0, 9.0):
        errors = mixing.stationary_error(grid, k)
        assert grid[errors.argmin()] == pytest.approx(mixing.best_weight(k), abs=1e-4)
        assert errors.min() == pytest.approx(mixing.best_weight(k), rel=1e-6)
    assert mixing.best_weight(1.0) == pytest.approx(2 / (1 + 5**0.5))
    assert mixing.stationary_error(1.0, 3.0) == 1.0
    assert mixing.accumulated_units(10**5) == pytest.approx(np.pi**2 / 6, abs=1e-4)


def test_the_table_is_that_of_scikit_learn():
    x, y = mixing_laws.breast_cancer(1, 4)
    peer = load_breast_cancer()
    assert np.array_equal(y, peer.target)
    chosen = peer.data[:, [1, 4]]
    assert x[:, 1:] == pytest.approx((chosen - chosen.mean(axis=0)) / chosen.std(axis=0))


def test_logistic_fits_are_those_of_scikit_learn():
    x, y = mixing_laws.breast_cancer(1, 4, 9)
    peer = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000).fit(x, y)
    found = mixing_laws.logistic_fit(x, np.stack([y, 1 - y]), np.zeros((2, 4)))
    assert found[0] == pytest.approx(peer.coef_[0], abs=1e-5)
    assert found[1] == pytest.approx(-peer.coef_[0], abs=1e-5)


def test_separable_labels_have_no_fit():
    x = np.column_stack([np.ones(6), [-3.0, -2, -1, 1, 2, 3]])
    with pytest.raises((ArithmeticError, np.linalg.LinAlgError)):
        mixing_laws.logistic_fit(x, (x[:, 1] > 0)[None].astype(float), np.zeros((1, 2)))


# --- checks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "wrong", "checks", "job"),
    [
        # The correction T − d − 1 is ten per cent at these sizes.
        ("unit_error", lambda d, rows: d / rows, {"E03-check-replace", "E03-check-accumulate"}, "regression-shared"),
        ("accumulated_units", lambda t: float(t), {"E03-check-accumulate", "E03-check-accumulate-growth"}, None),
        ("best_weight", lambda k: (k + 1) / (k + 2), {"E03-check-best-weight", "E03-check-least-error"}, None),
        ("stationary_error", lambda w, k: w**2 + k * (1 - w) ** 2, {"E03-check-weighted-mean"}, None),
    ],
)  # fmt: skip
def test_a_wrong_formula_is_caught(laws, smoke_table, monkeypatch, law, wrong, checks, job):
    monkeypatch.setattr(mixing, law, wrong)
    table = rerun(laws, smoke_table, job) if job else smoke_table
    assert checks <= laws.missed(laws.checks, laws.estimates(table=table))


def test_labels_that_are_not_kept_are_caught(laws, smoke_table, monkeypatch):
    original = mixing_laws._shared

    def forgetful(x, generations, rng):
        for fits in original(x, generations, rng):
            yield {"replace": fits["replace"], "accumulate": 0.9 * fits["accumulate"] + 0.1 * fits["replace"]}

    monkeypatch.setitem(mixing_laws._KINDS, "shared", forgetful)
    found = laws.estimates(table=rerun(laws, smoke_table, "regression-shared"))
    assert {"E03-check-accumulate", "E03-check-accumulate-growth"} <= laws.missed(laws.checks, found)
    assert "mixing-laws-accumulate-levels-off" in laws.missed(laws.criteria, found)


def test_a_mean_that_forgets_its_predecessor_is_caught(laws, smoke_table, monkeypatch):
    monkeypatch.setattr(mixing_laws, "_WEIGHTS", mixing_laws._WEIGHTS[::-1])
    found = laws.estimates(table=rerun(laws, smoke_table, "mean-k1"))
    assert laws.missed(laws.checks, found) == set(), "the order of weights must not matter"
    monkeypatch.setattr(mixing_laws.math, "sqrt", lambda k: 0.5 * k**0.5)
    found = laws.estimates(table=rerun(laws, smoke_table, "mean-k1"))
    assert {"E03-check-best-weight", "E03-check-weighted-mean"} <= laws.missed(laws.checks, found)
