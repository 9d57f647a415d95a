"""The experiment on selection: parameters that cannot be, digits that are not shared, checks that can fail."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.curation import selection
from ouroboros.experiments.curation.selection_analysis import _shrinkage, analyse_selection
from ouroboros.ledger import load_ledger

EXPERIMENT = "curation.selection"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def smoke():
    return load_ledger(ROOT).experiments[EXPERIMENT].parameters("smoke")


def tables_of(parameters, world):
    tables = []
    for position, job in enumerate(selection.jobs(parameters)):
        if job.parameters["world"] in world:
            table = selection.simulate(job.parameters, np.random.default_rng([11, position]))
            tables.append(table.assign(job=job.id))
    return pd.concat(tables, ignore_index=True)


def test_more_kept_than_offered_is_refused(smoke):
    wrong = {**smoke, "mixture": {**smoke["mixture"], "keep": 500}}
    with pytest.raises(ValueError, match="mixture: keep 500 of 300 offered"):
        selection.jobs(wrong)


def test_no_two_sets_of_digits_share_an_image():
    rng = np.random.default_rng(7)
    images = selection._Digits(8, rng)
    shares = np.full(10, 0.1)
    sets = [images.draw(shares, 100, rng).rows for _ in range(5)]
    assert len(np.unique(np.concatenate(sets), axis=0)) > 490
    with pytest.raises(ValueError, match="images asked for"):
        images.draw(np.eye(10)[3], 300, rng)


def test_the_check_on_one_gaussian_fails_if_the_worst_are_kept(smoke, monkeypatch):
    def deviation():
        table = tables_of(smoke, {"gaussian"})
        return _shrinkage(table, smoke["gaussian"]).value

    assert deviation() < 4
    monkeypatch.setattr(selection.selectors, "most_likely", lambda p, keep: np.argsort(p)[:keep])
    assert deviation() > 4


def test_a_lost_class_stays_lost():
    items = selection._Items(np.random.default_rng(8).standard_normal((20, 2)), np.r_[[0] * 18, [1] * 2])
    generator = selection._fit(items, 2, 0.0)
    assert generator.shares.tolist() == [1.0, 0.0] and np.isnan(generator.means[1]).all()
    assert set(selection._offer(generator, 50, np.random.default_rng(9)).classes) == {0}


def test_analysis_names_all_arms(smoke):
    table = tables_of(smoke, {"mixture", "digits", "gaussian", "same"})
    names = {estimate.name for estimate in analyse_selection(table, smoke)}
    assert {"mixture-spread-recall", "digits-transport-full-recall-kept", "none-rare-z"} <= names
