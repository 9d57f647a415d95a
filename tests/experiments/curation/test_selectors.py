"""Rules of keeping: what each must do on data where the answer is known."""

import numpy as np
import pytest
from scipy import optimize

from ouroboros.experiments.curation import selectors


def test_transport_is_an_optimal_assignment():
    rng = np.random.default_rng(4)
    offered, reference = rng.standard_normal((60, 3)), rng.standard_normal((25, 3))
    chosen, cost = selectors.transport(offered, reference, 25)
    table = ((reference[:, None] - offered) ** 2).sum(axis=2)
    rows, columns = optimize.linear_sum_assignment(table)
    assert cost == pytest.approx(table[rows, columns].mean())
    assert set(chosen) == set(columns)


def test_transport_follows_the_shares_of_its_reference():
    rng = np.random.default_rng(5)
    offered = np.concatenate([rng.normal(0, 0.1, (100, 2)), rng.normal(9, 0.1, (100, 2))])
    reference = np.concatenate([rng.normal(0, 0.1, (45, 2)), rng.normal(9, 0.1, (5, 2))])
    chosen, _ = selectors.transport(offered, reference, 50)
    assert np.count_nonzero(chosen >= 100) == 5


def test_transport_wants_as_many_references_as_it_keeps():
    with pytest.raises(ValueError, match=r"transport: 4 references and 9 items \(keep 5\)"):
        selectors.transport(np.zeros((9, 2)), np.zeros((4, 2)), 5)


def test_discriminator_prefers_where_real_items_are_denser():
    rng = np.random.default_rng(6)
    offered = rng.random((400, 1))
    chosen = selectors.most_real(offered, 0.5 * rng.random((400, 1)), 150, 5)
    assert np.mean(offered[chosen] < 0.5) > 0.95


def test_spread_takes_the_corners_first():
    offered = np.array([[0.0, 0], [0.1, 0], [0, 0.1], [5, 0], [0, 5], [5, 5]])
    chosen = selectors.spread_out(offered, 4, np.random.default_rng(0))
    assert {3, 4, 5} < set(chosen)


def test_likeliest_and_blind_keep_what_they_say():
    likelihood = np.array([0.1, 0.9, 0.3, 0.8])
    assert set(selectors.most_likely(likelihood, 2)) == {1, 3}
    chosen = selectors.blind(np.zeros((10, 1)), 6, np.random.default_rng(0))
    assert len(set(chosen)) == 6
