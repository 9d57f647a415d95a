"""Every record has one place; a card outranks a line of an overview; everything says where it is used."""

import re
from io import StringIO

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

CARDS = "```{claim-cards} 1\n```\n\n```{claim-cards} 2\n```\n"
BOOK = {
    "ledger": "# Ledger\n\n```{claim-table}\n```\n",
    "cards": "# Cards\n\n" + CARDS,
    "register": "# Register\n\n```{statement-table}\n```\n\n```{statement-cards} thesis\n```\n\n"
    "```{statement-cards} background\n```\n\n```{experiment-table}\n```\n",
    "chapter": "# Chapter\n\n(used-here)=\n## A section\n\n{claim}`I001`, {statement}`T1`, {experiment}`collapse.toy`"
    " and {cite:t}`other2025`.\n\n```{statement-card} T1\n```\n",
    "works": "# Works\n\n```{bibliography}\n:all:\n```\n",
}


@pytest.fixture(scope="module")
def site(make_shared_site):
    return make_shared_site(BOOK)


def test_the_book_builds_clean(site):
    assert site.warnings == []


def test_a_card_outranks_the_overview(site):
    assert 'href="cards.html#claim-I001"' in site.page("chapter")
    assert 'id="claim-I001"' in site.page("cards")
    assert 'id="claim-I001"' in site.page("ledger")  # old links to the row still work
    assert 'href="cards.html#claim-I001"' in site.page("ledger")


def test_the_register_yields_to_a_page_of_its_own(site):
    register = site.page("register")
    assert 'href="chapter.html#statement-T1"' in register
    assert "There is growth." not in register.replace('title="Growth. There is growth.', "")
    assert "There is decline." in register
    assert 'id="statement-T1"' in register
    assert "There is growth." in site.page("chapter")


def test_two_cards_of_one_record_are_reported(make_site):
    site = make_site(BOOK | {"again": "# Again\n\n```{statement-card} T1\n```\n"})
    (warning,) = site.warnings
    assert "statement T1 is shown on again already" in warning or "is shown on chapter already" in warning


def test_an_unknown_record_or_kind_is_reported(make_site):
    text = (
        "# A\n\n```{statement-card} T9\n```\n\n```{statement-cards} theses\n```\n\n```{claim-cards} 7\n```\n"
    )
    site = make_site({"a": text + "\n```{claim-card} I009\n```\n\n{count}`clams`\n"})
    assert [line.split("WARNING: ")[1] for line in site.warnings] == [
        "statement-card: unknown statement 'T9' (ids stand in ledger/statements.yml)",
        "statement-cards: unknown kind 'theses' (there are: thesis, finding, paradox, stage, judgement, uncertainty,"
        " falsifier, opportunity, background, analysis, consistency)",
        "claim-cards: unknown dimension '7' (there are: 1, 2)",
        "claim-card: unknown claim 'I009' (did you mean 'I002'?)",
        "nothing counted as 'clams' (did you mean 'claims'?)",
    ]


def test_records_and_works_say_where_they_are_used(site):
    section = 'href="chapter.html#used-here"'
    assert section in site.page("cards")
    works = re.split(r'(?=id="cite-)', site.page("works"))
    other = next(part for part in works if part.startswith('id="cite-other2025"'))
    assert section in other
    assert 'href="cards.html#claim-I002"' in other


def test_a_claim_that_nobody_uses_has_no_empty_list(make_site):
    site = make_site({"cards": BOOK["cards"], "works": BOOK["works"]})
    assert "Used in" not in site.page("cards")


def test_citations_have_round_years_and_lead_to_the_work(site):
    assert re.search(r'Other \(<a[^>]*href="works.html#cite-other2025"[^>]*>2025</a>\)', site.page("chapter"))


def test_every_id_has_its_permanent_address(site):
    folder = site.root / "out/id"
    names = {path.stem for path in folder.glob("*.html")}
    placed = {"I001", "I002", "T1", "T2", "B01", "collapse.toy", "toy-holds", "vendor2024", "other2025"}
    assert names == placed
    for path in folder.glob("*.html"):
        target = re.search(r'url=\.\./([^#"]+)#([^"]+)"', path.read_text("utf-8"))
        page = (site.root / "out" / target[1]).read_text("utf-8")
        assert f'id="{target[2]}"' in page, path.name
        assert f'href="../{target[1]}#{target[2]}"' in path.read_text("utf-8")


def test_a_page_read_again_forgets_what_it_showed(make_site):
    make_site(BOOK)
    site = make_site(BOOK | {"cards": "# Cards\n\n```{claim-cards} 2\n```\n"})
    domain = site.app.env.get_domain("ledger")
    assert 'href="cards.html#claim-I002"' in site.page("chapter")
    assert 'href="ledger.html#claim-I001"' in site.page("chapter")
    assert [identifier for _, identifier, _ in domain.shown_on("cards")] == ["I002"]
    assert [identifier for _, identifier, _ in domain.shown_on("ledger")] == ["I001"]
    assert [(kind, place.own) for kind, _, place in domain.shown_on("chapter")] == [("statement", True)]


def test_reading_in_parallel_gives_the_same_pages(make_site):
    many = BOOK | {f"page{k}": f"# Page {'x' * k}\n\n{{claim}}`I001`\n" for k in range(1, 8)}
    one = make_site(many)
    pages = {name: one.page(name) for name in many}
    (one.root / "trees/environment.pickle").unlink()
    two = make_site(many, parallel=2)
    assert two.warnings == []
    assert {name: two.page(name) for name in many} == pages


def test_another_book_links_here_by_its_inventory(site, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    inventory = site.root / "out/objects.inv"
    (other / "conf.py").write_text(
        "extensions = ['myst_parser', 'sphinx.ext.intersphinx']\nsource_suffix = '.md'\nnitpicky = True\n"
        f"intersphinx_mapping = {{'ours': ('https://example.org/o/', {str(inventory)!r})}}\nhtml_theme = 'basic'\n"
    )
    (other / "index.md").write_text(
        "# Other\n\n[](inv:ours:ledger:claim#I001), [](inv:ours:ledger:experiment#collapse.toy),"
        " {ref}`claim-I002`, {external+ours:ref}`statement-T1`\n"
    )
    folders = [other, other, other / "out", other / "trees"]
    warnings = StringIO()
    with docutils_namespace():
        app = Sphinx(*folders, "html", status=None, warning=warnings)
        app.build()
    assert warnings.getvalue() == ""
    page = (other / "out/index.html").read_text("utf-8")
    for target in (
        "cards.html#claim-I001",
        "register.html#experiment-collapse-toy",
        "cards.html#claim-I002",
        "chapter.html#statement-T1",
    ):
        assert f'href="https://example.org/o/{target}"' in page
