"""The line that stays in sight on a page of evidence: verdicts, how many criteria were met, the scope."""

import pytest
from docutils import nodes

from ouroboros.lab.store import CheckOutcome, CriterionOutcome
from ouroboros.ledger import load_ledger
from ouroboros.sphinxext.book_data import BookData
from ouroboros.sphinxext.evidence_pages import EvidenceHead

JUDGED = {"digest": "0" * 64, "estimates": ("x",), "field": "value", "observed": (1.0,), "threshold": 1.0}


def outcome(kind, identifier, good):
    known = {"passed": good} if kind is CheckOutcome else {"met": good, "direction": "+" if good else "-"}
    return kind(id=identifier, comparison="at-most", **JUDGED, **known)


class _Seen:
    """Evidence of which only the outcomes matter."""

    def __init__(self, checks=(), criteria=()):
        self.checks, self.criteria, self.valid = checks, criteria, True


@pytest.fixture
def line(make_site):
    ledger = load_ledger(make_site({}).root)
    experiment = ledger.experiments["collapse.toy"]

    def draw(evidence, criteria=experiment.criteria) -> nodes.paragraph:
        data = BookData.__new__(BookData)
        data.ledger = ledger
        data.__dict__["evidence"] = {} if evidence is None else {"collapse.toy": evidence}
        head = EvidenceHead.__new__(EvidenceHead)
        head.state = type("State", (), {})()
        head.state.document = type("Document", (), {"settings": type("Settings", (), {})()})()
        head.state.document.settings.env = type("Env", (), {"app": type("App", (), {"ouroboros": data})()})()
        return head._verdicts(experiment.model_copy(update={"criteria": criteria}))

    return draw


def test_it_counts_criteria_and_names_the_scope(line):
    drawn = line(_Seen(criteria=(outcome(CriterionOutcome, "toy-holds", True),)))
    assert drawn.astext() == "Verdict T1 1 of 1 criteria met. Scope: toy"


def test_an_experiment_without_criteria_is_told_in_words(line):
    drawn = line(
        _Seen(checks=(outcome(CheckOutcome, "a", True), outcome(CheckOutcome, "b", False))), criteria=()
    )
    assert drawn.astext() == "No verdict: it describes and has no criterion. 1 of 2 checks passed."


def test_nothing_measured_is_said(line):
    assert line(None).astext() == "Verdict: not measured yet"
