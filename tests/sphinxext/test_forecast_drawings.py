"""Drawings of forecasts: well-formed, told in words, hollow for what was imputed."""

from datetime import date
from xml.etree import ElementTree

import pytest

from ouroboros.sphinxext.forecast_drawings import (
    day_of,
    history,
    history_text,
    percent,
    rows,
    scale,
    sparkline,
    spread,
    timeline,
)

ON = date(2026, 11, 23)


def parsed(svg):
    return ElementTree.fromstring(svg)


def classes(svg):
    return [e.get("class", "") for e in parsed(svg).iter()]


def test_every_forecast_can_be_drawn(ledger):
    for forecast in ledger.forecasts.values():
        drawn = history(forecast, 0.93 if forecast.wording else None, ON)
        assert "nan" not in drawn
        label = parsed(drawn).get("aria-label")
        assert str(forecast.window.close) in label
        assert "Imputed" in label if forecast.origin == "original" else "Imputed" not in label


def test_imputed_numbers_are_hollow_and_ours_filled(ledger):
    ours, imputed = sparkline(ledger.forecasts["N4"], ON), sparkline(ledger.forecasts["F1"], ON)
    assert "made" in classes(ours) and "imputed" not in classes(ours)
    assert "imputed" in classes(imputed) and "made" not in classes(imputed)
    assert history(ledger.forecasts["F1"], 0.93, ON).count("(imputed)") == 2
    assert "(imputed)" not in history(ledger.forecasts["N4"], None, ON)


def test_the_text_names_every_probability(ledger):
    text = history_text(ledger.forecasts["FJ2"], 0.93)
    assert "strict 85 %, then 80 %".replace(" %", "\N{NO-BREAK SPACE}%") in text
    assert "lenient resolved-yes" in text


def test_a_changed_probability_is_a_step(ledger):
    forecast = ledger.forecasts["N4"]
    first = forecast.probabilities[0]
    later = first.model_copy(update={"date": date(2027, 5, 1), "value": 0.9})
    moved = forecast.model_copy(update={"probabilities": (*forecast.probabilities, later)})
    drawn = history(moved, None, date(2027, 6, 1))
    [path] = [e.get("d") for e in parsed(drawn).iter() if e.get("class") == "strict" and e.get("d")]
    assert path.count("H") == 2 and path.count("V") == 1
    assert sparkline(moved, date(2027, 6, 1)) != sparkline(forecast, date(2027, 6, 1))


def test_the_timeline_has_every_forecast_once_and_links_it(ledger):
    every = list(ledger.forecasts.values())
    drawn = timeline(every, ON, lambda ident: f"{ident}.html")
    links = [e.get("href") for e in parsed(drawn).iter() if e.tag == "a"]
    assert sorted(links) == sorted(f"{f.id}.html" for f in every)
    assert "row" not in {name for c in classes(drawn) for name in c.split()}  # a class of the theme's grid
    placed = rows(every, ON, date(2026, 1, 1), date(2028, 3, 31))
    assert all(row.x <= row.end for row in placed)
    assert {row.forecast.id for row in placed if row.beyond} == {"FM1", "FM2", "FM3", "FM7"}


def test_places_across():
    across = scale(date(2026, 1, 1), date(2026, 1, 11), 0, 100)
    assert across(date(2026, 1, 6)) == 50


@pytest.mark.parametrize(
    ("levels", "placed"),
    [([20, 100], [20, 100]), ([20, 25], [20, 33]), ([144, 146], [132, 145]), ([], [])],
)
def test_labels_do_not_touch(levels, placed):
    assert spread(levels) == placed


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-29", date(2026, 4, 29)),
        ("2026-04/05", date(2026, 4, 1)),
        ("2026-08-07 and later", date(2026, 8, 7)),
        ("2026-06-11 / 2026-07", date(2026, 6, 11)),
        ("2026", None),
        ("undated", None),
    ],
)
def test_loose_dates(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("value", "text"), [(0.38, "38"), (0.015, "1.5"), (0.995, "99.5"), (0.05, "5"), (1.0, "100")]
)
def test_percent(value, text):
    assert percent(value) == f"{text}\N{NO-BREAK SPACE}%"
