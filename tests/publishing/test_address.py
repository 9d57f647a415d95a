"""Where the site stands: unset, everything it prints of itself is relative or left out; set, it is whole."""

import json
import re
from urllib.parse import urljoin
from xml.etree import ElementTree

import bibtexparser
import pytest
from lxml import html

from ouroboros.cli import main
from ouroboros.publishing.address import VARIABLE, base_url
from ouroboros.publishing.book import build
from ouroboros.publishing.errors import BuildError

BASE = "https://example.org/report/"
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "_config.yml").write_text("html: {baseurl: https://example.com/config}\n")
    return tmp_path


def test_the_variable_wins_over_the_configuration_and_a_slash_is_added(checkout, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert base_url(checkout) == "https://example.com/config/"
    monkeypatch.setenv(VARIABLE, BASE)
    assert base_url(checkout) == BASE
    monkeypatch.setenv(VARIABLE, " ")
    assert base_url(checkout) == "https://example.com/config/"


@pytest.mark.parametrize(
    "wrong", ["example.org", "/report/", "ftp://example.org/", "https://", "https://a.org/?x=1"]
)
def test_what_is_no_address_is_refused(checkout, monkeypatch, wrong):
    monkeypatch.setenv(VARIABLE, wrong)
    with pytest.raises(BuildError, match=rf"{VARIABLE}: .* is no address of a site"):
        base_url(checkout)


def _said(site):
    """What a site says of its own place."""
    page = html.fromstring((site / "book/page.html").read_text())
    records = [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]
    feed = ElementTree.parse(site / "feed.xml").getroot()
    said = {
        "canonical": page.xpath("//link[@rel='canonical']/@href"),
        "public": page.xpath("//meta[@name='citation_public_url']/@content"),
        "records": [record["url"] for record in records],
        "feed": [link.get("href") for link in feed.iterfind("a:link", ATOM)],
        "references": [
            e["url"] for e in bibtexparser.parse_string((site / "ouroboros.bib").read_text()).entries
        ],
        "csl": [item["URL"] for item in json.loads((site / "ouroboros.json").read_text())],
        "ris": re.findall(r"^UR  - (.*?)\r?$", (site / "ouroboros.ris").read_text(), re.MULTILINE),
    }
    # No page of the small book shows the statement, so nothing lies at its address.
    return {kind: [a for a in addresses if not a.endswith("id/T1.html")] for kind, addresses in said.items()}


def _resolves(site, address, page=""):
    """Whether an address seen from a page of the site is a file of it."""
    whole = urljoin(BASE + page, address)
    place = whole.removeprefix(BASE).partition("#")[0]
    return whole.startswith(BASE) and (site / (place or "index.html")).is_file()


def test_without_an_address_nothing_is_absolute_and_everything_resolves(first_build, monkeypatch):
    site, said = first_build.site, _said(first_build.site)
    assert said["public"] == said["canonical"] == [] and not (site / "sitemap.xml").exists()
    for kind, addresses in said.items():
        page = "book/page.html" if kind == "records" else ""
        assert all(not re.match(r"\w+:", a) and _resolves(site, a, page) for a in addresses), (
            kind,
            addresses,
        )


def test_with_an_address_everything_is_whole_and_a_later_change_is_seen(built_book, monkeypatch):
    monkeypatch.setenv(VARIABLE, BASE)
    done = build(built_book)
    assert not done.unchanged
    site, said = done.site, _said(done.site)
    assert said["canonical"] == said["public"] == [f"{BASE}book/page.html"]
    for kind, addresses in said.items():
        assert addresses, kind
        assert all(a.startswith(BASE) and _resolves(site, a) for a in addresses), (kind, addresses)
    listed = [
        loc.text for loc in ElementTree.parse(site / "sitemap.xml").getroot().iterfind("s:url/s:loc", MAP)
    ]
    assert {f"{BASE}index.html", f"{BASE}book/page.html"} <= set(listed)
    assert all(_resolves(site, address) for address in listed)
    assert not any("/id/" in address or "/cite/" in address for address in listed)
    assert build(built_book).unchanged


def test_the_command_line_says_that_an_address_is_relative(root, capsys, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main(["cite", "K1", "--root", str(root)]) == 0
    assert VARIABLE in capsys.readouterr().err
    monkeypatch.setenv(VARIABLE, BASE)
    assert main(["cite", "K1", "--root", str(root)]) == 0
    told = capsys.readouterr()
    assert BASE in told.out and told.err == ""
