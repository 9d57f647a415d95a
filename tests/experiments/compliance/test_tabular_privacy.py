"""Generators, attacks and the guarantee, each against what it must do."""

import math

import numpy as np
import pytest

from ouroboros.experiments.compliance import tabular_generators as generators
from ouroboros.experiments.compliance import tabular_privacy as experiment
from ouroboros.experiments.compliance import tabular_risk as risk


@pytest.fixture(scope="module")
def correlated():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(3000, 3))
    x[:, 1] = 0.8 * x[:, 0] + 0.6 * x[:, 1]
    label = (x[:, 0] + 0.5 * rng.normal(size=3000) > 0).astype(float)
    table = np.column_stack([x, label])
    return table, generators.Domain.of(table, [False] * 3 + [True])


@pytest.mark.parametrize("kind", generators.GENERATORS)
def test_every_generator_keeps_ranges_labels_and_means(correlated, kind):
    table, domain = correlated
    made = generators.generate(kind, table, domain, 2500, np.random.default_rng(6), epsilon=8.0)
    assert made.shape == (2500, 4)
    assert (made >= domain.low - 1e-9).all() and (made <= domain.high + 1e-9).all()
    assert set(np.unique(made[:, -1])) == {0.0, 1.0}
    assert made.mean(axis=0) == pytest.approx(table.mean(axis=0), abs=0.12)


@pytest.mark.parametrize(
    ("kind", "kept"), [("copula", 0.8), ("tree", 0.75), ("star", 0.41)]
)  # star: 0.8 times the square of E[x | label], 2/π/1.25
def test_dependence_is_kept_as_far_as_the_model_can(correlated, kind, kept):
    table, domain = correlated
    made = generators.generate(kind, table, domain, 20_000, np.random.default_rng(7))
    assert np.corrcoef(made[:, 0], made[:, 1])[0, 1] == pytest.approx(kept, abs=0.09)


def test_one_record_moves_the_counts_by_no_more_than_the_bound(correlated):
    table, domain = correlated
    rng = np.random.default_rng(8)
    most = 0.0
    for _ in range(50):
        other = table.copy()
        other[0] = rng.uniform(domain.low, domain.high)
        other[0, -1] = rng.integers(2)
        pairs = zip(
            generators.label_counts(table, domain), generators.label_counts(other, domain), strict=True
        )
        most = max(most, math.sqrt(sum(np.sum((a - b) ** 2) for a, b in pairs)))
    assert most == pytest.approx(math.sqrt(2 * 3))


def test_the_noise_has_the_scale_that_the_guarantee_asks_for():
    scale = generators.noise_scale(8, 1.0, 1e-5)
    assert scale == pytest.approx(4 / generators.gaussian_mu(1.0, 1e-5))
    noisy = generators.add_noise([np.zeros(20_000)], scale, np.random.default_rng(1))[0]
    assert noisy.std() == pytest.approx(scale, rel=0.02)
    assert generators.add_noise([np.zeros(3)], 0.0, np.random.default_rng(1))[0].tolist() == [0, 0, 0]


def test_too_little_noise_is_found_by_the_audit(monkeypatch):
    """Broken on purpose: half the noise lets the best-informed attack through the ceiling."""
    parameters = {
        "data": "audit",
        "epsilons": {"1": 1.0},
        "delta": 1e-5,
        "records": 30,
        "features": 6,
        "draws": 200,
        "batches": 30,
    }

    def score():
        row = next(iter(experiment._audit(parameters, np.random.default_rng(9))))
        ceiling = experiment.attack_ceiling(experiment.gaussian_mu(1.0, 1e-5))
        return (row["value"] - ceiling) / row["se"]

    assert abs(score()) < 4
    whole = generators.noise_scale
    monkeypatch.setattr(experiment, "noise_scale", lambda *options: whole(*options) / 2)
    assert score() > 4


def test_chow_and_liu_find_a_chain():
    rng = np.random.default_rng(10)
    a = rng.integers(0, 4, 4000)
    b = np.where(rng.random(4000) < 0.9, a, rng.integers(0, 4, 4000))
    c = np.where(rng.random(4000) < 0.9, b, rng.integers(0, 4, 4000))
    table = np.column_stack([a, c, b]).astype(float)
    domain = generators.Domain.of(table, [True] * 3)
    made = generators.generate("tree", table, domain, 20_000, rng)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.mean(made[:, i] == made[:, j]) == pytest.approx(
            np.mean(table[:, i] == table[:, j]), abs=0.03
        )


def test_an_unknown_generator_is_named(correlated):
    with pytest.raises(ValueError, match="generator 'gan' \\(one of copy, jitter"):
        generators.generate("gan", *correlated, 5, np.random.default_rng(0))


def test_attacks_see_copies_and_do_not_see_strangers():
    rng = np.random.default_rng(11)
    members, outsiders, reference, fresh = (rng.normal(size=(200, 5)) for _ in range(4))
    scale = risk.Scale.of(reference)
    copied = risk.attack(members, outsiders, members, reference, scale)
    assert copied["distance"] == 1.0 and copied["joint"] > 0.8
    strange = risk.attack(members, outsiders, fresh, reference, scale)
    assert all(abs(area - 0.5) < 0.1 for area in strange.values())
    usual = risk.distances(members, outsiders, members, scale)
    assert usual["copies"] == usual["closer"] == 1.0 and usual["dcr"] == 0.0
    assert risk.distances(members, outsiders, fresh, scale)["closer"] == pytest.approx(0.5, abs=0.1)


def test_utility_of_a_label_that_does_not_vary_is_chance():
    rng = np.random.default_rng(12)
    x = rng.normal(size=(100, 2))
    good = np.column_stack([x, x[:, 0] > 0]).astype(float)
    flat = np.column_stack([x, np.zeros(100)])
    assert risk.utility(good, good) > 0.95
    assert risk.utility(flat, good) == risk.utility(good, flat) == 0.5


def test_data_sets_have_no_duplicates_and_a_binary_label():
    for name in experiment.DATA:
        table, domain = experiment.load(name)
        assert len(np.unique(table, axis=0)) == len(table)
        assert domain.levels[-1] == 2 and 0.3 < table[:, -1].mean() < 0.7
    with pytest.raises(ValueError, match="one of cancer, diabetes, digits"):
        experiment.jobs({"data": ["adult"], "replicates": 1, "delta": 0.1})
