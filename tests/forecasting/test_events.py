"""News of forecasts: answers and moves are told once, imputed numbers never."""

from datetime import date

from ouroboros.forecasting.events import events


def test_the_making_of_an_editions_forecasts_is_one_event(forecast):
    [event] = events([forecast("N10"), forecast("N2")])
    assert (event.kind, event.name, event.day) == ("made", "made:2026.11", date(2026, 11, 23))
    assert event.title == "Edition 2026.11 makes 2 forecasts"
    assert event.text == "N2: It opens, 40%; N10: It opens, 40%."


def test_an_answer_is_told_with_its_grounds(forecast):
    event = events([forecast(outcome="resolved-yes", decided="2027-03-01")])[-1]
    assert (event.kind, event.name, event.entry, event.id) == ("resolved", "N1:s2", "s2", "N1")
    assert event.title == "N1 resolved (strict yes): It opens"
    assert (event.day, event.text) == (date(2027, 3, 1), "Seen.")


def test_a_move_is_told_a_repetition_or_a_change_of_the_same_day_is_not(forecast):
    given = [("2026-11-23", 0.4), ("2026-11-23", 0.3), ("2026-12-01", 0.3), ("2026-12-05", 0.055)]
    found = [e for e in events([forecast(given=given)]) if e.kind == "updated"]
    assert [(e.name, e.title) for e in found] == [("N1:p4", "N1 moved from 30% to 5.5% (strict): It opens")]


def test_a_reading_that_keeps_its_answer_makes_no_second_event(forecast):
    made = forecast(outcome="resolved-yes", decided="2027-03-01")
    entries = [h.model_dump(exclude_none=True) for h in made.history]
    again = forecast(history=[*entries, {**entries[-1], "as_of": date(2027, 4, 1).isoformat()}])
    assert [e.name for e in events([again]) if e.kind == "resolved"] == ["N1:s2"]
    wrong = {**entries[-1], "as_of": "2027-04-01", "strict": "resolved-no", "corrects": "s2"}
    corrected = events([forecast(history=[*entries, wrong])])[-1]
    assert corrected.title == "N1 resolved (strict no, correcting s2): It opens"


def test_imputed_numbers_are_no_news(imputed):
    assert events([imputed(outcome="open", close="2027-06-30")]) == []


def test_events_of_the_ledger_are_in_order_and_unique(ledger):
    found = events(ledger.forecasts.values())
    assert [e.day for e in found] == sorted(e.day for e in found)
    assert len({e.name for e in found}) == len(found)
    assert {"F1:s1", "FM8:s1", "made:2026.11"} <= {e.name for e in found}
    assert not any("imputed" in e.title for e in found)
