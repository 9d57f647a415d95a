import gzip
import json

from ouroboros.publishing.site_search import records_of, write_site_search

PAGE = """<html><head><meta name="keywords" content="数据枯竭, 数据峰值"></head><body><article>
<section id="background"><h1>Background<a class="headerlink" href="#background">#</a></h1>
<p>Some say that peak data was reached.</p>
<section id="more"><h2>More</h2><p>Text below <code>inline</code>.</p></section>
<pre>secret_code()</pre><table><tr><td>tablecell</td></tr></table>
<section class="claim-card" id="claim-I017"><h2>I017. Perplexity</h2><p>It rose.</p></section>
<dl><dt id="term-peak-data">peak data</dt><dd><p>No more text.</p></dd></dl>
<div class="citation" id="cite-a2024"><span class="label">[1]</span><p>Ann A. A work. 2024.</p></div>
</section></article></body></html>
"""


def test_a_page_gives_a_record_for_each_card_and_one_for_the_rest(tmp_path):
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    found = {record.kind: record for record in records_of(tmp_path / "a.html", "book/a.html")}
    assert {kind: record.address for kind, record in found.items()} == {
        "claim": "book/a.html#claim-I017",
        "term": "book/a.html#term-peak-data",
        "source": "book/a.html#cite-a2024",
        "chapter": "book/a.html",
    }
    assert found["claim"].title == "I017. Perplexity"
    assert "No more text" in found["term"].body
    rest = found["chapter"]
    assert (rest.title, rest.keywords.split()) == ("Background", ["数据枯竭", "数据峰值"])
    assert "peak data was reached" in rest.body
    assert '<h2 id="more">More</h2>' in rest.body
    for excluded in ("secret_code", "tablecell", "It rose", "No more text", "Ann A."):
        assert excluded not in rest.body


def test_a_section_on_citing_is_no_source(tmp_path):
    (tmp_path / "a.html").write_text(
        '<html><body><article><h1>A</h1><section id="cite-this-section"><h2>Cite this section</h2></section></article>'
        "</body></html>"
    )
    (page,) = records_of(tmp_path / "a.html", "notebooks/a.html")
    assert page.kind == "experiment"


def test_an_overviews_line_for_a_card_elsewhere_is_no_record(tmp_path):
    (tmp_path / "a.html").write_text(
        '<html><body><article><h1>Statements</h1><div class="pointer docutils container" id="statement-K1">'
        '<p class="card-pointer"><a href="k1.html#statement-K1">K1 mixed</a> The paradox</p></div>'
        '<div class="card docutils container" id="statement-D01"><p class="card-head"><strong>D01. A sum</strong> '
        '<span class="chip is-note"><span>note</span></span></p><p>It differs.</p></div></article></body></html>'
    )
    card, page = records_of(tmp_path / "a.html", "book/statements/index.html")
    assert (card.address, card.title) == ("book/statements/index.html#statement-D01", "D01. A sum (note)")
    assert "It differs" in card.body
    assert "K1" not in page.body
    assert "The paradox" not in page.body


def test_kinds_of_pages_follow_their_folders(tmp_path):
    (tmp_path / "a.html").write_text("<html><body><article><h1>x</h1></article></body></html>")
    for address, kind in (
        ("notebooks/collapse/a.html", "experiment"),
        ("book/forecasts/F1.html", "forecast"),
        ("book/summary.html", "chapter"),
    ):
        (record,) = records_of(tmp_path / "a.html", address)
        assert record.kind == kind


def test_the_same_pages_give_the_same_bytes_in_small_pieces(tmp_path):
    read = []
    for name in ("one", "two"):
        site = tmp_path / name
        site.mkdir()
        # Written in another order each time: the order of a folder must not matter.
        for k in sorted(range(30), reverse=name == "two"):
            words = " ".join(f"word{(k * j) % 97}" for j in range(60))
            page = PAGE.replace("I017", f"I{k:03}").replace("It rose.", words)
            (site / f"p{k}.html").write_text(page.replace("a2024", f"a{k}"), "utf-8")
        assert write_site_search(site) == 120
        files = {
            p.relative_to(site).as_posix(): p.read_bytes()
            for p in (site / "pagefind").rglob("*")
            if p.is_file()
        }
        read.append(files)
    assert read[0] == read[1]
    entry = json.loads(read[0]["pagefind/pagefind-entry.json"])
    assert entry["languages"]["en"]["page_count"] == 120
    texts = [gzip.decompress(content) for name, content in read[0].items() if name.endswith(".pf_fragment")]
    assert any("数据枯竭".encode() in text for text in texts)
    assert not any("-ui" in name or "worker" in name for name in read[0])
