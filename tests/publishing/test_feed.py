"""The Atom feed: editions and events of forecasts, each under a name that never changes."""

from datetime import date
from xml.etree import ElementTree

from ouroboros.forecasting.events import Event, events
from ouroboros.publishing.feed import atom

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MOVED = Event("N4:p3", date(2026, 12, 1), "updated", "N4 moved from 38% to 35%", "A detector.", "N4", "p3")
MADE = Event("made:2026.11", date(2026, 11, 26), "made", "Edition 2026.11 makes 18 forecasts", "N1")


def entries(text):
    root = ElementTree.fromstring(text)
    return root, {e.find("a:id", ATOM).text: e for e in root.findall("a:entry", ATOM)}


def test_an_event_leads_to_its_entry():
    root, found = entries(atom([], "https://example.org/report/", [MADE, MOVED]))
    entry = found["urn:ouroboros:forecast:N4:p3"]
    assert entry.find("a:link", ATOM).get("href") == (
        "https://example.org/report/book/forecasts/N4.html#forecast-N4-p3"
    )
    assert entry.find("a:title", ATOM).text == "N4 moved from 38% to 35%"
    assert entry.find("a:summary", ATOM).text == "A detector."
    assert entry.find("a:category", ATOM).get("term") == "forecast-updated"
    assert (
        entry.find("a:updated", ATOM).text == root.find("a:updated", ATOM).text == "2026-12-01T00:00:00+00:00"
    )
    made = found["urn:ouroboros:forecast:made:2026.11"]
    assert made.find("a:link", ATOM).get("href").endswith("book/forecasts/index.html")


def test_without_events_or_editions_the_feed_is_empty_and_dated():
    root, found = entries(atom([], ""))
    assert found == {} and root.find("a:updated", ATOM).text == "2026-02-19T00:00:00+00:00"


def test_all_events_of_the_ledger_are_in_it_and_give_the_same_bytes(ledger):
    news = events(ledger.forecasts.values())
    text = atom([], "", news)
    assert text == atom([], "", news)
    _, found = entries(text)
    assert list(found) == [f"urn:ouroboros:forecast:{event.name}" for event in reversed(news)]
