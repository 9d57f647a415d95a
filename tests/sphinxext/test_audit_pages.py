"""What the chapter on the audit computes from the ledger."""

from ouroboros.sphinxext.audit_pages import by_consequence, resting_on, spaced


def test_only_steps_of_the_argument_rest_on_a_claim(ledger):
    found = [s.id for s in resting_on(ledger, "I017")]
    assert found == ["T3", "K1", "P1", "S1"]
    assert resting_on(ledger, "I006") == []


def test_the_most_consequential_discrepancy_comes_first(ledger):
    claims = by_consequence(ledger, ["discrepant", "superseded"])
    carried = [len(resting_on(ledger, claim.id)) for claim in claims]
    assert carried == sorted(carried, reverse=True)
    assert carried[0] > 0
    assert {claim.verdict for claim in claims} == {"discrepant", "superseded"}


def test_every_claim_that_is_not_confirmed_is_listed_once(ledger):
    audits = ("nuanced", "discrepant", "superseded", "unverifiable")
    listed = [claim.id for audit in audits for claim in by_consequence(ledger, [audit])]
    confirmed = [claim.id for claim in by_consequence(ledger, ["confirmed"])]
    assert sorted(listed + confirmed) == sorted(ledger.claims)


def test_links_are_spaced_only_between():
    from docutils import nodes

    links = [nodes.inline("", name) for name in "ab"]
    assert [n.astext() for n in spaced(links)] == ["a", " ", "b"]
    assert spaced([]) == []
