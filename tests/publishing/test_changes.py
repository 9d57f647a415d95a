"""Comparing states: every kind of change is seen, nothing else is, and the original differs by its audit."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.publishing.changes import changes_between
from ouroboros.publishing.state import original_state, state_of, write_state

STATE = {
    "schema": "ouroboros-state/1",
    "edition": "2026.11",
    "claims": {"I001": {"text": "a", "audit": "confirmed", "confidence": 0.9, "mark": "not tested"}},
    "statements": {"K1": {"title": "t", "verdict": "untested", "scopes": []}},
    "experiments": {
        "a.b": {
            "title": "e",
            "valid": True,
            "estimates": {"x": {"value": 1.0, "low": 0.9, "high": 1.1, "unit": ""}},
        }
    },
    "forecasts": {
        "F1": {"title": "f", "origin": "original", "status": "open", "lenient": None, "probability": 0.2}
    },
    "sources": ["k1", "k2"],
    "pages": {"index.html": "00"},
}


def _moved(*path, to):
    state = copy.deepcopy(STATE)
    state["edition"] = "2026.12"
    part = state
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = to
    return changes_between(STATE, state).changes


def test_a_state_equals_itself():
    assert changes_between(STATE, STATE).changes == ()


@pytest.mark.parametrize(
    ("path", "to", "expected"),
    [
        (("claims", "I001", "audit"), "discrepant", ("claim", "I001", "changed", "audit")),
        (("claims", "I001", "mark"), "reproduced in a toy", ("claim", "I001", "changed", "mark")),
        (("statements", "K1", "verdict"), "mixed", ("statement", "K1", "changed", "verdict")),
        (("experiments", "a.b", "valid"), False, ("experiment", "a.b", "changed", "valid")),
        (("forecasts", "F1", "status"), "resolved-no", ("forecast", "F1", "changed", "status")),
        (("forecasts", "F1", "probability"), 0.4, ("forecast", "F1", "changed", "probability")),
        (("sources",), ["k1"], ("source", "k2", "withdrawn", "key")),
        (("sources",), ["k1", "k2", "k3"], ("source", "k3", "added", "key")),
        (("pages", "index.html"), "01", ("page", "index.html", "changed", "text")),
        (("claims",), {}, ("claim", "I001", "withdrawn", "text")),
    ],
)
def test_each_kind_of_change_is_seen_alone(path, to, expected):
    (change,) = _moved(*path, to=to)
    assert (change.kind, change.id, change.what, change.field) == expected


@given(st.floats(0, 2))
def test_a_new_value_says_whether_it_left_the_old_interval(value):
    changes = _moved("experiments", "a.b", "estimates", "x", "value", to=value)
    if value == 1.0:
        assert changes == ()
    else:
        assert changes[0].beyond_interval == (not 0.9 <= value <= 1.1)


def test_the_original_differs_from_the_report_by_its_audit(ledger):
    now = state_of(ledger, {}, "2026.11")
    before = original_state(ledger, "2026.02")
    changes = changes_between(before, now)
    assert len(changes.of("claim", "audit")) == len(ledger.claims)
    assert all(c.old is None for c in changes.of("claim", "audit"))
    assert f"{len(ledger.claims)} claims audited for the first time" in changes.headline()[0]
    assert {s.id for s in ledger.statements.values() if s.own_reading} <= {
        c.id for c in changes.of("statement")
    }
    assert len(changes.of("source")) == len(ledger.bibliography)


def test_a_headline_tells_what_moved_and_no_noughts(ledger):
    state = state_of(ledger, {}, "2026.11")
    assert changes_between(state, state).headline() == [
        "no audit, verdict, value, forecast or source has moved."
    ]
    fewer = {**state, "sources": state["sources"][1:]}
    assert changes_between(fewer, state).headline() == ["1 source added or withdrawn."]


def test_states_and_changes_are_json_and_repeatable(ledger):
    state = state_of(ledger, {}, "2026.11")
    assert write_state(state) == write_state(json.loads(write_state(state)))
    assert json.loads(changes_between(STATE, STATE).to_json())["changes"] == []
