"""The argument map holds every claim, statement and experiment once, inside its frame and without overlaps."""

import re
from collections import Counter
from itertools import combinations, pairwise

import pytest

from ouroboros.sphinxext.argument_map import ROW, WIDTH, experiments_testing, layout, svg
from ouroboros.sphinxext.words import ARGUMENT


@pytest.fixture(scope="module")
def drawn(ledger):
    return layout(ledger, lambda kind, identifier: "untested")


def test_everything_of_the_argument_is_on_it(ledger, drawn):
    statements = {s.id for s in ledger.statements.values() if s.kind in ARGUMENT}
    assert {identifier[0] for identifier in statements} == set("TKPSJUXO")
    assert set(drawn.boxes) == statements | set(ledger.claims) | set(ledger.experiments)


def test_lines_are_what_rests_and_what_tests(ledger, drawn):
    rests = {(c, s) for c, s in drawn.lines if c in ledger.claims}
    tests = set(drawn.lines) - rests
    assert rests == {(c, s.id) for s in ledger.statements.values() if s.kind in ARGUMENT for c in s.claims}
    assert ("K1", "collapse.gaussian-chain") in tests
    for statement, experiment in tests:
        assert experiment in experiments_testing(ledger, statement)
    assert len(drawn.lines) == len(set(drawn.lines))


def test_boxes_lie_inside_and_apart(drawn):
    boxes = list(drawn.boxes.values())
    assert all(
        box.x >= 0 and box.x + box.width <= WIDTH and 0 < box.y < drawn.height - ROW / 2 for box in boxes
    )
    for a, b in combinations(boxes, 2):
        beside = a.x + a.width <= b.x or b.x + b.width <= a.x
        assert beside or abs(a.y - b.y) >= ROW - 1e-9, (a.id, b.id)


def test_statements_keep_the_order_of_the_argument(ledger, drawn):
    heights = [drawn.boxes[s.id].y for kind in ARGUMENT for s in ledger.statements.values() if s.kind == kind]
    assert heights == sorted(heights)


def test_the_drawing_links_names_and_describes_every_box(drawn):
    text = svg(drawn, lambda identifier: f"somewhere.html#{identifier}", lambda kind, i: f'A <b> & "{i}"')
    targets = re.findall(r'href="somewhere.html#([^"]+)"', text)
    assert Counter(targets) == Counter(list(drawn.boxes))
    titles = re.findall(r"<title>(.*?)</title>", text)
    assert len(titles) == len(drawn.boxes) and all("&lt;b&gt;" in title for title in titles)
    assert re.search(r'aria-label="Argument map in three columns: \d+ claims', text)
    assert "<b>" not in text and ' id="' not in text


def test_a_record_without_a_place_is_drawn_without_a_link(drawn):
    text = svg(drawn, lambda identifier: None, lambda kind, i: i)
    assert "<a " not in text and text.count("<rect") == len(drawn.boxes)


def test_many_experiments_still_fit(ledger):
    import dataclasses

    known = ledger.experiments["collapse.gaussian-chain"]
    more = {f"x.number-{k}": known.model_copy(update={"id": f"x.number-{k}"}) for k in range(60)}
    crowded = layout(dataclasses.replace(ledger, experiments=more), lambda kind, i: "untested")
    heights = sorted(box.y for box in crowded.boxes.values() if box.kind == "experiment")
    assert min(b - a for a, b in pairwise(heights)) >= ROW - 1e-9
    assert heights[-1] < crowded.height
