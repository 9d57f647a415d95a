"""Events stand at their dates and their labels do not touch."""

import re
from itertools import pairwise

import pytest

from ouroboros.sphinxext.timeline import LANE, TRACKS, WIDTH, date_text, layout, svg, year_of


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2024", 2024, 2025),
        ("2024-07", 2024.5, 2024 + 7 / 12),
        ("2024-01-01", 2024, 2024 + 1 / 366),
        ("2023-12-31", 2023 + 364 / 365, 2024),
    ],
)
def test_a_date_becomes_a_year_with_a_fraction(day, start, end):
    assert year_of(day) == pytest.approx(start)
    assert year_of(day, end=True) == pytest.approx(end)


@pytest.mark.parametrize(
    ("day", "words"), [("2024", "2024"), ("2025-06", "June 2025"), ("2024-12-03", "3 December 2024")]
)
def test_a_date_in_words(day, words):
    assert date_text(day) == words


def test_every_event_of_a_lane_is_placed_once(ledger):
    placed = layout(ledger.events.values())
    wanted = [e.id for e in ledger.events.values() if e.track in TRACKS]
    assert sorted(item.event.id for item in placed) == sorted(wanted)
    assert {item.x for item in placed} == {52 + LANE * lane for lane in range(4)}


def test_dots_follow_the_dates_and_labels_do_not_touch(ledger):
    placed = layout(ledger.events.values())
    by_date = sorted(placed, key=lambda item: year_of(item.event.date))
    assert [item.dot for item in by_date] == sorted(item.dot for item in placed)
    for track in TRACKS:
        lane = [item for item in placed if item.event.track == track]
        for above, below in pairwise(lane):
            assert below.label - 11 >= above.bottom - 1, (above.event.id, below.event.id)
        assert all(item.x + 12 + 7.2 * max(map(len, item.lines)) <= item.x + LANE + 6 for item in lane)


def test_the_drawing_links_events_and_marks_what_is_due(ledger):
    text = svg(layout(ledger.events.values()), lambda identifier: f"p.html#{identifier}", "2026-11-23")
    shown = [e for e in ledger.events.values() if e.track in TRACKS]
    assert text.count("<a ") == text.count("<title>") == len(shown)
    assert text.count(" due") == sum(e.date > "2026-11-23" for e in shown) > 0
    assert re.search(r'role="group" aria-label="Timeline of \d+ events', text)
    assert float(re.search(r'viewBox="0 0 (\d+)', text)[1]) == WIDTH


def test_no_events_no_drawing():
    assert svg(layout([]), lambda identifier: None, "2026-11-23") == ""
