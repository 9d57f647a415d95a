"""Forecasts of the original and of an edition fit one model."""

from datetime import date

import pytest
from pydantic import ValidationError

from ouroboros.ledger import Forecast

OURS = {
    "id": "N1",
    "origin": "edition",
    "kind": "own forecast",
    "topic": "enforcement",
    "title": "It opens",
    "statement": "Will it open?",
    "made_on": "2026-11-23",
    "window": {"open": "2026-11-23", "close": "2027-12-31"},
    "resolution": {
        "strict": "It opened.",
        "does_not_count": ["a rumour"],
        "if_silent": "NO",
        "sources": ["the press corner"],
        "resolve_on": "2028-01-15",
    },
    "base_rate": {"text": "Two of two.", "basis": "read"},
    "probabilities": [
        {"date": "2026-11-23", "reading": "strict", "value": 0.4, "label": "estimate of this edition"},
        {"date": "2026-12-24", "reading": "strict", "value": 0.3, "label": "estimate of this edition"},
    ],
    "links": ["F3", "E17"],
}


def test_our_own_forecast():
    forecast = Forecast.model_validate(OURS)
    assert forecast.probability("strict").value == 0.3
    assert forecast.probability("lenient") is None
    assert forecast.prior() is None
    assert forecast.status is None
    assert forecast.window.close == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"made_on": "2028-02-01"}, "after its window closed"),
        ({"probabilities": OURS["probabilities"][::-1]}, "out of order"),
        ({"window": {"open": "2027-02-30", "close": "2027-12-31"}}, "not a day of the calendar"),
        ({"resolution": {"strict": "x", "sources": []}}, "at least 1 item"),
    ],
)
def test_impossible_forecasts(change, message):
    with pytest.raises(ValidationError, match=message):
        Forecast.model_validate(OURS | change)


def test_a_prior_of_the_original_never_counts_as_an_estimate(ledger):
    forecast = ledger.forecasts["F2"]
    assert forecast.prior("strict").value == 0.06
    assert forecast.probability("strict") is None
    assert forecast.status.strict == "resolved-no"
    assert forecast.status.lenient == "resolved-ambiguous"
