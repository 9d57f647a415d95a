"""Every section, card and row has its way to a reference, and nothing else does."""

import pytest

from ouroboros.sphinxext.cite_links import with_cite_links

HEADING = '<h2>T<a class="headerlink" href="#{}" title="Link to this heading">#</a></h2>'


def test_a_section_leads_to_its_page_of_references():
    made = with_cite_links(HEADING.format("what-holds"), "book/summary", {})
    assert 'href="../cite/pages/book/summary.html#what-holds"' in made


@pytest.mark.parametrize(
    "body",
    [
        HEADING.format("claim-I001"),
        '<div class="card docutils container" id="claim-I001">',
        '<td id="claim-I001">',
        '<td class="text-left" id="claim-I001">',
    ],
)
def test_a_record_leads_to_its_own(body):
    assert 'href="../cite/I001.html"' in with_cite_links(body, "book/x", {"claim-I001": "I001"})


@pytest.mark.parametrize("body", ['<div class="x" id="other">', '<td id="other">', "<p>text</p>"])
def test_nothing_else_gets_a_link(body):
    assert with_cite_links(body, "book/x", {"claim-I001": "I001"}) == body
