from urllib.parse import parse_qs, urlsplit

import pytest
from sphinx.errors import ConfigError

from ouroboros.sphinxext.feedback import edit_address, report_address


def test_a_report_carries_the_id_of_the_claim():
    address = report_address("https://example.org/team/report/", "I017", "2026.11", "id/I017.html")
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("example.org", "/team/report/issues/new")
    assert asked["title"] == ["I017: error"]
    assert "About: I017\nPage: id/I017.html\nEdition: 2026.11\n" in asked["body"][0]


def test_without_a_repository_nothing_is_offered(make_site):
    assert report_address("", "I017", "2026.11", "x") == edit_address("", "main", "x") == ""
    page = make_site({"page": "# P\n\n```{claim-cards} 1\n```"}).page("page")
    assert "Report an error" not in page
    assert "Edit this page" not in page


def test_with_a_repository_pages_and_claims_offer_both(make_site, tmp_path, monkeypatch):
    monkeypatch.setitem(make_site.func.__globals__, "CONF", make_site.func.__globals__["CONF"] + (
        'ouroboros_repository = "https://example.org/team/report"\n'
    ))  # fmt: skip
    page = make_site({"page": "# P\n\n```{claim-cards} 1\n```"}).page("page")
    assert 'href="https://example.org/team/report/edit/main/page.md">Edit this page</a>' in page
    assert "issues/new?title=I001%3A%20error" in page
    assert page.count("Report an error in this claim") == 1


def test_an_address_that_is_none_is_refused(make_site, monkeypatch):
    monkeypatch.setitem(make_site.func.__globals__, "CONF", make_site.func.__globals__["CONF"] + (
        'ouroboros_repository = "javascript:alert(1)"\n'
    ))  # fmt: skip
    with pytest.raises(ConfigError, match="no web address"):
        make_site({"page": "# P"})
