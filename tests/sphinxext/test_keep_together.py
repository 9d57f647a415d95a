"""A chip and the punctuation that touches it are one piece of a line."""

import re

import pytest
from docutils import nodes

from ouroboros.sphinxext.keep_together import keep_together

PAGES = {
    "works": "# Works\n\n```{bibliography}\n:all:\n```",
    "cards": "# Cards\n\n```{claim-cards} 1\n```\n\n```{claim-cards} 2\n```\n\n```{statement-cards} thesis\n```",
    "page": "# Page\n\nIt holds ({claim}`I001`, {statement}`T1`). So {claim}`I002` says, and {claim}`I002`: so.\n\n"
    "Not ({claim}`a title <I001>`).",
}


@pytest.fixture(scope="module")
def lines(make_shared_site):
    site = make_shared_site(PAGES)
    assert site.warnings == []
    return re.findall(r'<span class="together">(.*?)</a>([^<]*)</span>', site.page("page"), re.DOTALL)


def test_brackets_commas_and_full_stops_stay_with_their_chip(lines):
    found = [
        (re.match(r"[^<]*", before)[0], re.search(r"\b[IT]\d+", before)[0], behind)
        for before, behind in lines
    ]
    assert found == [("(", "I001", ","), ("", "T1", ")."), ("", "I002", ":")]


def test_nothing_is_lost_or_doubled():
    chip = nodes.inline("", "T1", classes=["chip"])
    paragraph = nodes.paragraph("", "", nodes.Text("before (("), chip, nodes.Text("); behind"))
    text = paragraph.astext()
    keep_together(chip)
    assert paragraph.astext() == text
    assert [part.astext() for part in paragraph] == ["before ", "((T1);", " behind"]


def test_a_chip_alone_is_left_alone():
    chip = nodes.inline("", "T1", classes=["chip"])
    paragraph = nodes.paragraph("", "", nodes.Text("before "), chip, nodes.Text(" behind"))
    keep_together(chip)
    assert paragraph[1] is chip
