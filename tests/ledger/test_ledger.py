"""Lookups over the ledger, and digests of criteria."""

import pytest

from ouroboros.ledger import criteria_digest, criterion_digest, load_ledger

E = "ledger/experiments.yml"


def test_find_over_all_kinds(small):
    ledger = load_ledger(small())
    kinds = {ident: ledger.find(ident)[0] for ident in ledger.ids}
    assert kinds == {
        "I001": "claim",
        "I002": "claim",
        "K1": "statement",
        "toy.chain": "experiment",
        "E01-check-variance": "check",
        "chain-shrinks": "criterion",
        "R-A1": "reference",
        "R-PILOT": "reference",
        "F1": "forecast",
    }
    assert ledger.find("I002")[1] is ledger.claims["I002"]
    with pytest.raises(KeyError):
        ledger.find("I003")


def test_neighbours(small):
    ledger = load_ledger(small())
    assert [s.id for s in ledger.statements_for("I001")] == ["K1"]
    assert ledger.statements_for("nobody") == []
    for ident in ("I001", "K1", "R-A1"):
        assert [e.id for e in ledger.experiments_for(ident)] == ["toy.chain"]
    assert ledger.experiments_for("I002") == []
    assert ledger.experiment_of("chain-shrinks").id == "toy.chain"
    assert [c.id for c in ledger.criteria_for("K1")] == ["chain-shrinks"]
    assert [f.id for f in ledger.forecasts_for("K1")] == ["F1"]


def test_cited_and_unused_keys(small):
    root = small(
        ("ledger/claims.yml", "sources: [{key: corp2025page}]", "sources: [{key: smith2024words}]"),
    )
    ledger = load_ledger(root)
    assert ledger.cited_keys() == {"smith2024words": ["I001", "I002", "R-A1"]}
    assert ledger.unused_keys() == ["corp2025page"]
    assert ledger.unused_keys(also_used=["corp2025page"]) == []


def test_records_are_frozen(small):
    claim = load_ledger(small()).claims["I001"]
    with pytest.raises(Exception, match="frozen"):
        claim.text = "other"


def test_one_estimate_or_several(small):
    ledger = load_ledger(small())
    assert ledger.checks["E01-check-variance"].estimate == ("max-z",)
    assert ledger.criteria["chain-shrinks"].estimate == ("slope", "ratio")
    assert ledger.criteria["chain-shrinks"].if_not_met == "0"


@pytest.mark.parametrize(
    ("comparison", "threshold", "inside", "outside"),
    [("at-most", 1, 1, 1.1), ("at-least", 1, 1, 0.9), ("within", [0, 1], 1, 2), ("outside", [0, 1], 2, 1)],
)
def test_comparisons(small, comparison, threshold, inside, outside):
    edits = (
        (E, "comparison: within", f"comparison: {comparison}"),
        (E, "threshold: [-1, 0]", f"threshold: {threshold}"),
    )
    criterion = load_ledger(small(*edits)).criteria["chain-shrinks"]
    assert criterion.holds(inside)
    assert not criterion.holds(outside)
    assert comparison == "outside" or not criterion.holds(float("nan"))


MEANING = [
    ("threshold: [-1, 0]", "threshold: [-2, 0]"),
    ("    field: high\n", ""),
    ("estimate: [slope, ratio]", "estimate: slope"),
    ("if_not_met: 0", 'if_not_met: "-"'),
    ("bears_on: [K1]", "bears_on: [I001]"),
    ("scope: toy", "scope: model class"),
    ("The variance falls.", "The variance rises."),
    ("test: ordering", "test: bound"),
]
NO_MEANING = [
    ("fixed_on: '2026-11-23'", "fixed_on: '2026-11-25'"),
    ("statement: The variance falls.", "statement: >-\n      The variance\n      falls."),
    ("if_not_met: 0", 'if_not_met: "0"'),
    ("threshold: [-1, 0]", "threshold: [-1.0, 0.0]"),
    ("title: A chain", "title: Another title"),
    ("fixed_on: '2026-11-23'", "fixed_on: '2026-11-23'\n    superseded_by: chain-shrinks\n    reason: wrong"),
]


@pytest.mark.parametrize("edit", MEANING, ids=lambda edit: edit[1].strip())
def test_digest_changes_with_the_meaning(small, edit):
    before = load_ledger(small()).experiments["toy.chain"]
    after = load_ledger(small((E, *edit))).experiments["toy.chain"]
    assert criterion_digest(before.criteria[0]) != criterion_digest(after.criteria[0])
    assert criteria_digest(before) != criteria_digest(after)


@pytest.mark.parametrize("edit", NO_MEANING, ids=lambda edit: edit[1].strip())
def test_digest_stays_when_the_meaning_does(small, edit):
    before = load_ledger(small()).experiments["toy.chain"]
    after = load_ledger(small((E, *edit))).experiments["toy.chain"]
    assert criteria_digest(before) == criteria_digest(after)
    assert len(criteria_digest(after)) == 64


def test_parameters_of_a_tier(small):
    experiment = load_ledger(small()).experiments["toy.chain"]
    assert experiment.parameters("smoke") == {"n": 10}
    with pytest.raises(KeyError, match="has no tier 'deep'"):
        experiment.parameters("deep")
