"""What may be written about a forecast, and what is refused in one sentence."""

from datetime import date

import pytest

from ouroboros.forecasting.entries import estimate, observation, refusal, resolution, search
from ouroboros.ledger import LedgerFaults
from ouroboros.ledger.forecast_log import (
    ForecastEvidence,
    ForecastProbability,
    ForecastUpdate,
    Rejected,
    StatusEntry,
)

ON = date(2027, 3, 1)


def answer(forecast, outcome="yes", **given):
    given = {
        "reading": "strict",
        "decided_on": date(2027, 2, 1),
        "sources": ["smith"],
        "by": "the editors",
        "on": ON,
    } | given
    return resolution(forecast, outcome, **given)  # fmt: skip


def test_an_answer_keeps_the_other_reading(forecast):
    made = forecast(
        resolution={"strict": "It opened.", "lenient": "It nearly opened.", "sources": ["the press"]},
        probabilities=[
            {"date": "2026-11-23", "reading": r, "value": 0.4, "label": "estimate of this edition",
             "by": "b", "why": "w"}
            for r in ("strict", "lenient")
        ],
        history=[
            {"as_of": "2026-12-01", "strict": "open", "lenient": "resolved-yes", "lenient_decided_on": "2026-11-30",
             "confidence_lenient": 0.9, "rationale": "Seen.", "by": "b"}
        ],
    )  # fmt: skip
    name, entry = answer(made, "no", decided_on=date(2027, 12, 31), on=date(2028, 1, 2), confidence=0.8)
    assert name == "history"
    status = StatusEntry.model_validate(entry)
    assert (status.strict, status.lenient) == ("resolved-no", "resolved-yes")
    assert (status.confidence_strict, status.confidence_lenient) == (0.8, 0.9)
    assert status.lenient_decided_on == date(2026, 11, 30)
    assert status.rationale == "Answered NO on the strict reading from the source named."
    both = StatusEntry.model_validate(answer(made, reading="both", why="So it is.", corrects="s1")[1])
    assert (both.strict, both.lenient, both.corrects) == ("resolved-yes", "resolved-yes", "s1")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reading": "lenient"}, "N1: has no lenient criteria"),
        ({"decided_on": date(2026, 11, 1)}, "cannot have come true on 2026-11-01, before its window opens"),
        ({"outcome": "no"}, "has a window until 2027-12-31; a NO before that needs its grounds"),
        ({"outcome": "ambiguous"}, "'ambiguous' needs its grounds"),
    ],
)
def test_answers_that_cannot_be(forecast, given, message):
    with pytest.raises(LedgerFaults, match=r".") as caught:
        answer(forecast(), **given)
    assert message in str(caught.value)


def test_an_answered_question_is_answered_again_only_as_a_correction(forecast):
    made = forecast(outcome="resolved-yes")
    with pytest.raises(LedgerFaults, match=r"resolved-yes on the strict reading already.*--corrects s2"):
        answer(made, "no", why="Annulled.")
    assert answer(made, "no", why="Annulled.", corrects="s2")[1]["corrects"] == "s2"


def test_a_new_probability(forecast):
    name, entry = estimate(forecast(), 0.35, reading="strict", why=" It\n moved. ", by="the editors", on=ON)
    assert name == "probabilities"
    assert ForecastProbability.model_validate(entry).why == "It moved."


@pytest.mark.parametrize(
    ("made", "given", "message"),
    [
        ({}, {"reading": "lenient"}, "has no lenient criteria"),
        ({}, {"probability": 0.999}, "must lie between 0.005 and 0.995"),
        ({}, {"why": "  "}, "needs its reason"),
        ({}, {"on": date(2028, 1, 1)}, "closed on 2027-12-31; a probability after that is no forecast"),
        ({"outcome": "resolved-no"}, {}, "there is nothing left to estimate"),
    ],
)
def test_probabilities_that_cannot_be(forecast, made, given, message):
    given = {"probability": 0.35, "reading": "strict", "why": "It moved.", "by": "us", "on": ON} | given
    with pytest.raises(LedgerFaults, match=r".") as caught:
        estimate(forecast(**made), **given)
    assert message in str(caught.value)


def test_evidence_refusals_and_searches_are_entries_of_the_ledger():
    name, entry = observation(
        day="2027-02",
        direction="for",
        reading="strict",
        reliability="low",
        summary="It did.",
        source="smith",
        on=ON,
    )
    assert (name, ForecastEvidence.model_validate(entry).basis) == ("evidence", "read")
    name, entry = refusal(day="2027", claim="It did.", reason="No authority.", source="smith", on=ON)
    assert (name, Rejected.model_validate(entry).rejected_on) == ("rejected", ON)
    name, entry = search(
        found="No case was found.", reasons="Too early.", by="us", on=ON, fired=[1], horizon="spring"
    )
    assert (name, ForecastUpdate.model_validate(entry).horizon) == ("updates", "spring")
    assert "horizon" not in search(found="A case.", reasons="So.", by="us", on=ON, horizon="spring")[1]
