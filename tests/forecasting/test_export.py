"""The data of the forecasts: valid against their own schema, nothing imputed without saying so, same bytes."""

import csv
import io
import json

import jsonschema
import pytest
from icalendar import Calendar

from ouroboros.forecasting.export import COLUMNS, LOG_COLUMNS, files, write_forecasts


@pytest.fixture(scope="module")
def written(ledger):
    return files(ledger)


def table(written, name):
    return list(csv.DictReader(io.StringIO(written[name])))


def test_the_json_satisfies_its_schema(written):
    schema = json.loads(written["forecasts-full.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(written["forecasts-full.json"]))


def test_the_schema_refuses_what_it_should(written):
    schema = jsonschema.Draft202012Validator(json.loads(written["forecasts-full.schema.json"]))
    data = json.loads(written["forecasts-full.json"])
    data["forecasts"][0]["readings"][0]["status"] = "perhaps"
    assert not schema.is_valid(data)


def test_every_reading_and_every_entry_has_a_row(written, ledger):
    rows, log = table(written, "forecasts.csv"), table(written, "forecast_log.csv")
    assert list(rows[0]) == list(COLUMNS)
    assert list(log[0]) == list(LOG_COLUMNS)
    assert len(rows) == sum(len(f.readings) for f in ledger.forecasts.values())
    assert len(log) == sum(len(entries) for f in ledger.forecasts.values() for _, entries in f.logs())
    assert len({(row["id"], row["entry"]) for row in log}) == len(log)
    assert all(row["text"] for row in log)


def test_imputed_numbers_stand_in_columns_of_their_own(written, ledger):
    for row in table(written, "forecasts.csv"):
        forecast = ledger.forecasts[row["id"]]
        ours = forecast.probability(row["reading"])
        assert row["probability"] == (str(ours.value) if ours else "")
        assert (
            bool(row["imputed_prior"]) == bool(row["imputed_from_words"]) == (forecast.origin == "original")
        )
    imputed = [row for row in table(written, "forecast_log.csv") if row["imputed"] == "1"]
    assert len(imputed) == 40 and {row["id"][0] for row in imputed} == {"F"}


def test_scores_of_imputed_sets_are_labelled_and_make_no_headline(written):
    scores = json.loads(written["forecasts-full.json"])["scores"]
    assert {s["set"] for s in scores if s["headline"]} == {"edition"}
    assert all("imputed" in s["label"] for s in scores if s["imputed"])
    assert not any(s["headline"] and s["imputed"] for s in scores)


def test_the_calendar_has_every_close_and_every_day_of_resolution(written, ledger):
    read = Calendar.from_ical(written["forecasts.ics"])
    events = {str(e["uid"]): e for e in read.walk("VEVENT")}
    for forecast in ledger.forecasts.values():
        event = events[f"{forecast.id}-closes@ouroboros.forecasts"]
        assert event["dtstart"].dt == forecast.window.close
        assert forecast.title in event["summary"]
    assert events["N4-resolve@ouroboros.forecasts"]["dtstart"].dt == ledger.forecasts["N4"].resolve_on
    assert "F1-resolve@ouroboros.forecasts" not in events
    assert all(len(line.encode()) <= 75 for line in written["forecasts.ics"].split("\r\n"))


def test_the_same_ledger_gives_the_same_bytes(written, ledger, tmp_path):
    assert files(ledger) == written
    names = write_forecasts(ledger, tmp_path / "data")
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == sorted(names)
    assert (tmp_path / "data/forecasts.ics").read_bytes() == written["forecasts.ics"].encode()
