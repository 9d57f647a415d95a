"""The Atom feed: editions and events of forecasts, each under a name that never changes."""

import itertools
import json
import re
from datetime import date, datetime
from xml.etree import ElementTree

import feedparser
import pytest

from ouroboros.forecasting.events import Event, events
from ouroboros.publishing.editions import Frozen
from ouroboros.publishing.feed import atom

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MOVED = Event("N4:p3", date(2026, 12, 1), "updated", "N4 moved from 38% to 35%", "A detector.", "N4", "p3")
MADE = Event("made:2026.11", date(2026, 11, 26), "made", "Edition 2026.11 makes 18 forecasts", "N1")


#: Elements of RFC 4287 that an entry and a feed must have once, and may have at most once.
ONCE = {
    "feed": ({"id", "title", "updated"}, {"generator", "icon", "logo", "rights", "subtitle"}),
    "entry": ({"id", "title", "updated"}, {"content", "published", "rights", "source", "summary"}),
}
MANY = {"author", "contributor", "category", "link", "entry"}
DAY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>]+")


def faults_of(text):
    """What RFC 4287 does not allow in a feed, as far as this one could break it."""
    root, found = ElementTree.fromstring(text), []
    ids = [e.text for e in root.iter("{http://www.w3.org/2005/Atom}id")]
    found += [f"id given twice: {i}" for i in ids if ids.count(i) > 1]
    found += [f"id is no absolute IRI: {i}" for i in ids if not SCHEME.fullmatch(i or "")]
    for part in [root, *root.findall("a:entry", ATOM)]:
        kind = part.tag.rpartition("}")[2]
        needed, allowed = ONCE[kind]
        names = [child.tag.rpartition("}")[2] for child in part]
        found += [f"{kind} without {name}" for name in needed if name not in names]
        found += [f"{kind} has two {name}" for name in needed | allowed if names.count(name) > 1]
        found += [f"{kind} has {name}" for name in names if name not in needed | allowed | MANY]
        if kind == "entry" and "author" not in names and root.find("a:author/a:name", ATOM) is None:
            found.append("nobody is the author of an entry")
        for day in itertools.chain(part.findall("a:updated", ATOM), part.findall("a:published", ATOM)):
            if not DAY.fullmatch(day.text or "") or not datetime.fromisoformat(day.text):
                found.append(f"no date: {day.text}")
        links = part.findall("a:link", ATOM)
        kinds = [(link.get("rel", "alternate"), link.get("type"), link.get("hreflang")) for link in links]
        found += [f"{kind}: two links {k}" for k in kinds if k[0] == "alternate" and kinds.count(k) > 1]
        found += [f"{kind}: a link without href" for link in links if not link.get("href")]
        found += [
            f"{kind}: category without term" for c in part.findall("a:category", ATOM) if not c.get("term")
        ]
        if kind == "entry" and "content" not in names and "alternate" not in [k[0] for k in kinds]:
            found.append("entry with neither content nor alternate link")
    return found


@pytest.fixture
def editions(tmp_path):
    found = []
    for name, audit in (("2026.11", "confirmed"), ("2026.12", "nuanced")):
        (tmp_path / name).mkdir()
        state = {"edition": name, "claims": {"I001": {"text": "a", "audit": audit, "mark": None}}}
        (tmp_path / name / "state.json").write_text(json.dumps(state))
        meta = {"id": name, "title": "a <b> & c", "date": f"{name.replace('.', '-')}-26"}
        found.append(Frozen(name, tmp_path / name, meta))
    return found


@pytest.mark.parametrize("base", ["", "https://example.org/report/"])
def test_the_feed_satisfies_the_standard_and_is_read_by_feedparser(editions, base, ledger):
    text = atom(editions, base, events(ledger.forecasts.values()))
    assert faults_of(text) == []
    read = feedparser.parse(text)
    assert not read.bozo and read.version == "atom10" and read.feed.id == "urn:ouroboros:report"
    newest = next(e for e in read.entries if e.id == "urn:ouroboros:edition:2026.12")
    assert newest.title == "Edition 2026.12: a <b> & c" and "1 audit moved" in newest.summary
    assert newest.summary.endswith(f"All of it: {base}changes/2026.11_2026.12.html")
    assert newest.link == f"{base}v/2026.12/index.html"
    assert all(link.href.startswith(base) for entry in read.entries for link in entry.links)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<updated>2026-12-26T00:00:00+00:00</updated>", "", "without updated"),
        (
            "<id>urn:ouroboros:edition:2026.12</id>",
            "<id>urn:ouroboros:edition:2026.11</id>",
            "id given twice",
        ),
        ("<id>urn:ouroboros:report</id>", "<id>report</id>", "no absolute IRI"),
        ("2026-12-26T00:00:00+00:00", "26 December 2026", "no date"),
        ('<link href="v/2026.12/index.html"/>', '<link href="a"/><link href="b"/>', "two links"),
        ("<name>The Ouroboros project</name>", "", "nobody is the author"),
    ],
)
def test_the_check_of_the_standard_can_fail(editions, old, new, said):
    text = atom(editions, "")
    assert old in text and faults_of(text) == []
    assert any(said in fault for fault in faults_of(text.replace(old, new)))


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
