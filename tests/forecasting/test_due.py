"""What is due, overdue, closing or stale on a day."""

from datetime import date

import pytest

from ouroboros.forecasting.due import (
    attention,
    in_order,
    is_undecided,
    last_looked,
    ledger_day,
    next_look,
    standing,
)


@pytest.mark.parametrize(
    ("on", "kinds"),
    [
        (date(2026, 11, 23), []),
        (date(2027, 2, 21), []),  # ninety days
        (date(2027, 2, 22), ["stale"]),
        (date(2027, 3, 1), ["closing", "stale"]),
        (date(2027, 3, 31), ["closing", "stale"]),
        (date(2027, 4, 1), ["due", "stale"]),
        (date(2027, 4, 30), ["due", "stale"]),
        (date(2027, 5, 1), ["overdue", "stale"]),
    ],
)
def test_the_life_of_an_open_forecast(forecast, on, kinds):
    made = forecast(close="2027-03-31")
    assert [item.kind for item in attention([made], on)] == kinds
    assert standing(made, "strict", on) == ("overdue-unresolved" if "overdue" in kinds else "open")


def test_what_is_decided_needs_nobody(forecast):
    made = forecast(outcome="resolved-yes", decided="2027-01-15", close="2027-03-31")
    assert is_undecided(made, date(2027, 1, 14))
    assert not is_undecided(made, date(2027, 1, 15))
    assert attention([made], date(2028, 1, 1)) == []
    assert next_look(made, date(2027, 2, 1)) is None


def test_the_next_look(forecast):
    made = forecast(close="2027-03-31")
    assert next_look(made, date(2026, 11, 23)) == date(2027, 2, 21)
    later = forecast(close="2027-03-31", given=[("2026-11-23", 0.4), ("2027-02-20", 0.5)])
    assert last_looked(later, date(2027, 3, 1)) == date(2027, 2, 20)
    assert last_looked(later, date(2027, 1, 1)) == date(2026, 11, 23)
    assert next_look(later, date(2027, 3, 1)) == date(2027, 4, 1)


def test_the_most_urgent_comes_first_and_n2_before_n10(forecast):
    made = [
        forecast("N10", close="2027-03-31"),
        forecast("N2", close="2027-03-31"),
        forecast("N3", close="2027-01-31"),
    ]
    found = attention(made, date(2027, 4, 15))
    assert [(a.kind, a.id) for a in found][:3] == [("overdue", "N3"), ("due", "N2"), ("due", "N10")]
    assert in_order("FM8") < in_order("N1")


def test_pages_take_their_day_from_the_ledger(forecast):
    made = [forecast(), forecast("N2", given=[("2026-11-23", 0.4), ("2027-01-05", 0.5)])]
    assert ledger_day(made) == date(2027, 1, 5)


def test_an_imputed_probability_is_no_look(imputed):
    made = imputed(outcome="open", close="2027-06-30")
    assert last_looked(made, date(2026, 11, 22)) == date(2026, 2, 19)
