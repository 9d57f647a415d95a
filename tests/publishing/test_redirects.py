"""Addresses that moved: the list is read strictly, and every old address leads to where its content stands."""

import pytest
from lxml import html

from ouroboros.publishing.archive import anchors_of
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.gate import faults_of
from ouroboros.publishing.redirects import PLACE, Moved, apply_redirects, covered, load_redirects

PAGE = (
    '<html lang="en"><title>t</title><body><article><section id="new"><h2>New</h2></section>'
    "{}</article></body></html>"
)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "book").mkdir(parents=True)
    (folder / "_static").mkdir()
    (folder / "_static/cite.css").write_text("")
    (folder / "book/page.html").write_text(PAGE.format('<table id="rows"><tr><td>1</td></tr></table>'))
    (folder / "other.html").write_text(PAGE.format(""))
    return folder


def listed(checkout, text):
    (checkout / "book").mkdir(exist_ok=True)
    (checkout / PLACE).write_text(text)
    return load_redirects(checkout)


def test_a_checkout_without_a_list_or_with_an_empty_one_has_moved_nothing(tmp_path):
    assert load_redirects(tmp_path) == []
    assert listed(tmp_path, "# nothing yet\n") == []


def test_an_entry_knows_its_line(tmp_path):
    (entry,) = listed(tmp_path, "# why\nbook/a.html#x: book/b.html\n")
    assert entry == Moved("book/a.html#x", "book/b.html", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a.html\n", r"redirects\.yml:1: is no list of addresses"),
        ("a.html: b.html\na.html: c.html\n", r"redirects\.yml:2: key 'a\.html' stands twice"),
        ("a.html: [b\n", r"redirects\.yml:2: is not valid YAML"),
        ("x: b.html\n", r"redirects\.yml:1: 'x' is no address"),
        ("a.html: https://example.org/b.html#\n", "is no address"),
        ("a.html: ../b.html\n", "is no address"),
    ],
)
def test_what_is_no_list_of_addresses_is_refused(tmp_path, text, said):
    with pytest.raises(BuildError, match=said):
        listed(tmp_path, text)


@pytest.mark.parametrize("target", ["new", "rows"])
def test_an_anchor_stays_beside_the_new_one_on_its_page(site, target):
    entry = Moved("book/page.html#old", f"book/page.html#{target}", 1)
    assert apply_redirects(site, [entry]) == []
    page = html.fromstring((site / "book/page.html").read_text())
    (mark,) = page.xpath("//*[@id='old']")
    assert mark.tag == "span" and mark.getparent().tag in ("section", "article")
    near = mark.getparent().get("id") == target or mark.getnext().get("id") == target
    assert near and "book/page.html#old" in anchors_of(site)


def test_an_anchor_that_went_to_another_page_leaves_a_link(site):
    assert apply_redirects(site, [Moved("book/page.html#old", "other.html#new", 1)]) == []
    (line,) = html.fromstring((site / "book/page.html").read_text()).xpath("//*[@id='old']")
    assert line.find("a").get("href") == "../other.html#new"
    assert faults_of(site) == []


def test_a_page_that_went_leads_on_with_its_sections(site):
    entries = [Moved("old/gone.html", "book/page.html", 1), Moved("old/gone.html#part", "other.html#new", 2)]
    assert apply_redirects(site, entries) == []
    page = html.fromstring((site / "old/gone.html").read_text())
    assert page.xpath("string(//meta[@http-equiv='refresh']/@content)").endswith("url=../book/page.html")
    assert page.xpath("string(//*[@id='part']/a/@href)") == "../other.html#new"
    assert faults_of(site) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "book/page.html#old",
            "book/page.html#gone",
            f"{PLACE}:7: leads to book/page.html#gone, which is not",
        ),
        ("book/page.html#old", "gone.html", f"{PLACE}:7: leads to gone.html, which is not there"),
        ("book/page.html#new", "other.html", f"{PLACE}:7: book/page.html#new stands on the site"),
        ("book/page.html", "other.html", f"{PLACE}:7: book/page.html stands on the site"),
    ],
)
def test_an_entry_that_leads_nowhere_or_is_not_needed_is_a_fault(site, old, new, said):
    before = (site / "book/page.html").read_text()
    (fault,) = apply_redirects(site, [Moved(old, new, 7)])
    assert fault.startswith(said)
    assert (site / "book/page.html").read_text() == before


def test_a_page_takes_its_anchors_along_and_an_anchor_nothing():
    whole, part = Moved("a.html", "b.html", 1), Moved("a.html#x", "b.html", 2)
    assert covered("a.html", [whole]) and covered("a.html#y", [whole])
    assert covered("a.html#x", [part]) and not covered("a.html#y", [part]) and not covered("a.html", [part])


def test_what_lasts_is_what_a_reader_may_have_linked(site):
    text = PAGE.format(
        '<dl><dt id="term-x">x</dt></dl><span id="id7"></span><input id="slider">'
        '<svg><g id="axes_1"></g></svg><td id="T_a_row0"></td><figure class="a" id="fig-one"></figure>'
    )
    (site / "book/page.html").write_text(text)
    (site / "search.html").write_text(PAGE.format(""))
    assert [a for a in anchors_of(site) if "other" not in a] == [
        "book/page.html", "book/page.html#fig-one", "book/page.html#new", "book/page.html#term-x",
    ]  # fmt: skip
