"""The map of the paradox page says what the evidence says."""

import re

import pytest
from lxml import etree

from ouroboros.experiments.collapse.phase_diagram import outcome
from ouroboros.lab import load_accepted
from ouroboros.sphinxext.phase_map import map_svg


@pytest.fixture(scope="module")
def table(root):
    return load_accepted(root, "collapse.phase-diagram").table


@pytest.fixture(scope="module")
def svg(table):
    return etree.fromstring(map_svg(table, 200, 40))


def test_every_cell_has_its_number_and_its_outcome(table, svg):
    cells = table.query("grid == 'knowledge' and quantity == 'error' and t == 40")
    groups = svg.findall("g")
    assert len(groups) == len(cells) == len(cells["share"].unique()) * len(cells["verifier"].unique())
    ordered = cells.sort_values(["verifier", "share"], ascending=[False, True])
    numbers = [text for text in svg.findall("text") if text.get("class")]
    for group, number, cell in zip(groups, numbers, ordered.itertuples(), strict=True):
        assert group.get("class") == number.get("class") == outcome(cell.low, cell.high)
        assert float(number.text) == pytest.approx(cell.value, rel=0.06)


def test_no_line_strikes_a_number_through(svg):
    drawn = list(svg)
    last = max(k for k, part in enumerate(drawn) if part.tag == "polyline")
    assert all(k > last for k, part in enumerate(drawn) if part.tag == "text" and part.get("class"))


def test_the_boundaries_part_the_cells(svg):
    even, ruin = (line.get("points").split() for line in svg.findall("polyline"))
    assert len(even) > len(ruin) > 5

    def height(points, x):
        pairs = [tuple(map(float, point.split(","))) for point in points]
        return min(pairs, key=lambda pair: abs(pair[0] - x))[1]

    for group in svg.findall("g"):
        box = group.find("rect")
        x, y = float(box.get("x")) + 29, float(box.get("y")) + 15
        if "nobody" in group.find("title").text:
            continue
        if group.get("class") == "helps":
            assert y < height(even, x) + 15
        if group.get("class") == "destroys":
            assert y > height(ruin, x) - 15


def test_it_is_read_out(svg):
    assert re.search(r"helps in \d+ cells, holds in \d+, destroys in \d+", svg.get("aria-label"))
