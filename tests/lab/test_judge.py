import math
from types import SimpleNamespace

import pytest

from ouroboros.lab.judge import (
    experiment_criteria_digest,
    judge_checks,
    judge_criteria,
    reproduction_mark,
    statement_verdicts,
)
from ouroboros.ledger.digests import criterion_digest
from ouroboros.ledger.experiments import Check, Criterion
from ouroboros.stats.estimate import Estimate

MEANING = dict(statement="It is small.", test="bound", scope="toy: one dimension", fixed_on="2026-11-01")


def criterion(ident="c", **changes):
    base = dict(
        id=ident,
        bears_on=["K1", "I001"],
        if_met="+",
        if_not_met="-",
        estimate="a",
        comparison="at-most",
        threshold=1.0,
        **MEANING,
    )
    return Criterion(**(base | changes))


def check(**changes):
    base = dict(
        id="k", statement="Equal.", estimate="a", comparison="at-most", threshold=1.0, reference="R-X"
    )
    return Check(**(base | changes))


def estimates(**values):
    return [Estimate(name, v, v - 0.5, v + 0.5, 10) for name, v in values.items()]


def experiment(criteria=(), checks=(), ident="e.x"):
    return SimpleNamespace(id=ident, criteria=tuple(criteria), checks=tuple(checks))


@pytest.mark.parametrize(
    ("changes", "value", "met"),
    [
        ({}, 1.0, True),
        ({}, 1.01, False),
        ({"field": "high"}, 0.6, False),
        ({"field": "low"}, 1.5, True),
        ({"comparison": "at-least"}, 1.0, True),
        ({"comparison": "at-least"}, 0.9, False),
        ({"comparison": "within", "threshold": [0, 2]}, 2.0, True),
        ({"comparison": "within", "threshold": [0, 2]}, 2.1, False),
        ({"comparison": "outside", "threshold": [0, 2]}, 2.0, False),
        ({"comparison": "outside", "threshold": [0, 2]}, -0.1, True),
    ],
)
def test_comparisons(changes, value, met):
    (outcome,) = judge_criteria(experiment([criterion(**changes)]), estimates(a=value), "publish")
    assert outcome.met is met
    assert outcome.direction == ("+" if met else "-")
    (passed,) = judge_checks(experiment(checks=[check(**changes)]), estimates(a=value), "publish")
    assert passed.passed is met


def test_several_estimates_are_a_conjunction():
    both = experiment([criterion(estimate=["a", "b"])])
    (good,) = judge_criteria(both, estimates(a=0, b=1), "publish")
    (bad,) = judge_criteria(both, estimates(a=0, b=2), "publish")
    assert good.met and good.observed == (0, 1)
    assert not bad.met


@pytest.mark.parametrize("comparison", ["at-most", "at-least", "within", "outside"])
def test_nan_never_passes_and_decides_nothing(comparison):
    threshold = [0, 2] if comparison in ("within", "outside") else 1
    nothing = SimpleNamespace(name="a", value=math.nan)
    held = dict(comparison=comparison, threshold=threshold)
    (outcome,) = judge_criteria(experiment([criterion(**held)]), [nothing], "publish")
    assert not outcome.met
    assert outcome.direction == "0"
    (failed,) = judge_checks(experiment(checks=[check(**held)]), [nothing], "publish")
    assert not failed.passed


def test_checks_apply_at_their_tiers():
    smoke = experiment(checks=[check(tiers=["smoke"])])
    publish = experiment(checks=[check(tiers=["publish"])])
    assert judge_checks(publish, [], "smoke") == ()
    assert judge_checks(smoke, [], "publish") == judge_checks(smoke, [], "deep") == ()
    assert len(judge_checks(publish, estimates(a=0), "deep")) == 1


def test_the_digest_follows_meaning_alone():
    base = experiment_criteria_digest(experiment([criterion()], [check()]), "publish")

    def digest(c=None, k=None):
        return experiment_criteria_digest(experiment([c or criterion()], [k or check()]), "publish")

    assert digest(criterion(statement="It  is\nsmall.")) == base
    assert digest(criterion(superseded_by="d", reason="It was wrong.")) == base
    assert digest(criterion(threshold=1.1)) != base
    assert digest(criterion(if_not_met="0")) != base
    assert digest(k=check(threshold=1.1)) != base


# --- verdicts ----------------------------------------------------------------------------------------------


def world(directions, *, valid=True, claims=("I001",), audits=None, experiments=None):
    """One experiment with a criterion for each direction; criteria c0, c1, ... bear on K1 and I001."""
    criteria = [criterion(f"c{i}", scope=f"scope {i % 2}") for i in range(len(directions))]
    audits = audits or dict.fromkeys(claims, "confirmed")
    ledger = SimpleNamespace(
        experiments={"e.x": experiment(criteria)},
        statements={"K1": SimpleNamespace(id="K1", claims=claims)},
        claims={name: SimpleNamespace(verdict=verdict) for name, verdict in audits.items()},
    )
    outcomes = tuple(
        SimpleNamespace(id=c.id, digest=criterion_digest(c), direction=d)
        for c, d in zip(criteria, directions, strict=True)
    )
    return ledger, {"e.x": SimpleNamespace(valid=valid, criteria=outcomes)}


@pytest.mark.parametrize(
    ("directions", "verdict", "mark"),
    [
        ("", "untested", "not tested"),
        ("0", "untested", "not tested"),
        ("+", "supported", "reproduced in a toy"),
        ("-", "contradicted", "not reproduced"),
        ("++", "supported", "reproduced in a toy"),
        ("--", "contradicted", "not reproduced"),
        ("+-", "mixed", "not reproduced"),
        ("+0", "supported", "reproduced in a toy"),
        ("-0", "contradicted", "not reproduced"),
        ("+-0", "mixed", "not reproduced"),
    ],
)
def test_verdicts_and_marks(directions, verdict, mark):
    ledger, evidence = world(directions)
    found = statement_verdicts(ledger, evidence)["K1"]
    assert found.verdict == verdict
    assert len(found.criteria) == len(directions)
    assert len(found.scopes) == min(2, len(directions.replace("0", "")))
    assert not found.stale
    assert reproduction_mark(ledger, evidence, "I001") == mark


def test_invalid_or_missing_evidence_decides_nothing():
    ledger, evidence = world("+", valid=False)
    assert statement_verdicts(ledger, evidence)["K1"].verdict == "untested"
    assert statement_verdicts(ledger, {})["K1"].verdict == "untested"


def test_stale_evidence_counts_and_is_marked():
    ledger, evidence = world("+")
    found = statement_verdicts(ledger, evidence, stale={"e.x"})["K1"]
    assert (found.verdict, found.stale) == ("supported", True)


@pytest.mark.parametrize(
    ("audits", "verdict"),
    [
        ({"I001": "discrepant", "I002": "confirmed"}, "supported"),
        ({"I001": "discrepant", "I002": "discrepant", "I003": "confirmed"}, "mixed"),
        ({}, "supported"),
    ],
)
def test_mostly_discrepant_claims_cap_support(audits, verdict):
    ledger, evidence = world("+", claims=tuple(audits), audits=audits)
    found = statement_verdicts(ledger, evidence)["K1"]
    assert found.verdict == verdict
    assert ("discrepant" in found.reason) == (verdict == "mixed")


def test_discrepant_claims_do_not_soften_a_contradiction():
    ledger, evidence = world("-", audits={"I001": "discrepant"})
    assert statement_verdicts(ledger, evidence)["K1"].verdict == "contradicted"


def test_superseded_and_edited_criteria_do_not_count():
    ledger, evidence = world("+-")
    first, second = ledger.experiments["e.x"].criteria
    later = second.model_copy(update={"superseded_by": "c9", "reason": "Wrong."})
    ledger.experiments["e.x"] = experiment([first, later])
    assert statement_verdicts(ledger, evidence)["K1"].verdict == "supported"
    edited = second.model_copy(update={"threshold": 5.0})
    ledger.experiments["e.x"] = experiment([first, edited])
    assert statement_verdicts(ledger, evidence)["K1"].verdict == "supported"
