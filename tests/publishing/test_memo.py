"""Evidence briefs, set by the real pandoc: right references, links that lead to them, clear words without a tool."""

import re
import zipfile
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from ouroboros.publishing import tools
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.memo import escaped, write_memo

SITE = "https://example.org/ouroboros/"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def brief(root, ledger, tmp_path_factory):
    folder = tmp_path_factory.mktemp("memo")

    def write(ending, **options):
        return write_memo(root, ledger, ["K1", "K3", "F2"], folder / f"brief{ending}", site=SITE, **options)

    return write


def _expected_sources(ledger):
    claims = [ledger.claims[c] for s in ("K1", "K3") for c in ledger.statements[s].claims]
    return {s.key for claim in claims if claim.memo_sentence for s in claim.sources}


def test_html_cites_what_it_says_and_links_every_citation(brief, ledger):
    page = BeautifulSoup(brief(".html").read_text("utf-8"), "html.parser")
    entries = {e["id"].removeprefix("ref-") for e in page.select(".csl-entry")}
    assert _expected_sources(ledger) and _expected_sources(ledger) <= entries
    cited = {a["href"].removeprefix("#ref-") for a in page.select("a[href^='#ref-']")}
    assert cited == entries
    for identifier in ("K1", "K3", "F2"):
        assert page.find("a", href=re.compile(rf"^{SITE}.*id/{identifier}\.html$"))
    text = page.get_text(" ", strip=True)
    assert " ".join(ledger.statements["K1"].text.split()) in " ".join(text.split())
    assert "Verdict:" in text and "Outcome, strictly read: resolved-no" in text
    assert page.select("figure img[src^='data:image/png']")
    assert "example.org" in page.select_one(".csl-entry a[href*='example.org']")["href"]


def test_docx_holds_the_same_references_and_links(brief, ledger):
    with zipfile.ZipFile(brief(".docx")) as document:
        body = ElementTree.fromstring(document.read("word/document.xml"))
        links = document.read("word/_rels/document.xml.rels").decode()
        assert any(name.startswith("word/media/") for name in document.namelist())
    text = "".join(node.text or "" for node in body.iter(f"{W}t"))
    assert "References" in text
    for key in _expected_sources(ledger):
        # Styles set apostrophes as in print, and lower the case of titles.
        title = ledger.bibliography[key].title.replace("'", "’").lower()
        assert title[:30] in text.replace("'", "’").lower(), key
    for identifier in ("K1", "K3", "F2"):
        assert re.search(rf'Target="{SITE}[^"]*id/{identifier}\.html"', links)
    targets = {b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")}
    jumps = {h.get(f"{W}anchor") for h in body.iter(f"{W}hyperlink")} - {None}
    assert jumps and jumps <= targets


def test_markdown_stands_with_its_figures_and_names_no_path_of_this_machine(brief, root):
    memo = brief(".md")
    text = memo.read_text("utf-8")
    assert text.startswith("# Evidence brief: K1, K3, F2")
    images = re.findall(r"\]\((brief-figures/[^)]+\.png)\)", text)
    assert images and all((memo.parent / image).is_file() for image in images)
    assert str(root) not in text


def test_pdf_is_printed(brief):
    from pypdf import PdfReader

    reader = PdfReader(brief(".pdf"))
    assert "Evidence brief: K1, K3, F2" in reader.pages[0].extract_text()


def test_claims_and_experiments_can_be_briefed_in_a_chinese_style(root, ledger, tmp_path):
    target = write_memo(
        root, ledger, ["I017", "collapse.gaussian-chain"], tmp_path / "m.html", style="gb7714", site=SITE
    )
    assert "[1]" in BeautifulSoup(target.read_text("utf-8"), "html.parser").get_text()


@pytest.mark.parametrize(
    ("ids", "name", "options", "words"),
    [
        (["I0017"], "m.docx", {}, r"I0017: nothing with this id .*did you mean 'I"),
        (["K1"], "m.odt", {}, r"-o .*m\.odt: no such format \(there are: \.docx, \.md, \.html, \.pdf\)"),
        (["K1"], "m.docx", {"style": "mla"}, "--style mla"),
        (["K1"], "m.docx", {"edition": "2025.01"}, "--edition 2025.01: not published"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(root, ledger, tmp_path, ids, name, options, words):
    with pytest.raises(BuildError, match=words):
        write_memo(root, ledger, ids, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["pandoc", "chromium"])
def test_a_missing_program_is_named_with_its_package(root, ledger, tmp_path, monkeypatch, missing):
    found = tools.shutil.which
    monkeypatch.setattr(
        tools.shutil,
        "which",
        lambda name: None if missing in name or ("chrom" in missing and "chrom" in name) else found(name),
    )
    with pytest.raises(BuildError, match=f"{missing}: not installed.*apt-get install {missing}"):
        write_memo(root, ledger, ["F2"], tmp_path / "m.pdf")
    assert list(tmp_path.iterdir()) == []


def test_markup_in_records_is_plain_text():
    assert escaped("a_b * [c] @d $1") == r"a\_b \* \[c\] \@d \$1"


def test_the_example_memo_builds_with_pandoc(root, ledger, tmp_path):
    from ouroboros.publishing.cite_command import references

    (tmp_path / "ouroboros.bib").write_text(
        references(root, ledger, None, "bibtex", everything=True, edition="2026.02")
    )
    text = (root / "examples/memo.md").read_text("utf-8")
    page = tools.pandoc(
        [
            "--from=markdown",
            "--to=html5",
            "--citeproc",
            "--metadata=link-citations:true",
            "--bibliography=ouroboros.bib",
            f"--bibliography={root / 'references.bib'}",
        ],
        text,
        tmp_path,
    )  # pandoc warns of a key that it does not find, and a warning is an error here
    soup = BeautifulSoup(page, "html.parser")
    entries = {e["id"].removeprefix("ref-") for e in soup.select(".csl-entry")}
    assert {"ouroboros-2026.02-I017", "ouroboros-2026.02-K1", "shumailov2024collapse"} <= entries
    assert "v/2026.02/id/I017.html" in page
    tools.pandoc(
        [
            "--from=markdown",
            "--to=docx",
            "--citeproc",
            "--bibliography=ouroboros.bib",
            f"--bibliography={root / 'references.bib'}",
            "--output=memo.docx",
        ],
        text,
        tmp_path,
    )
    with zipfile.ZipFile(tmp_path / "memo.docx") as document:
        assert "AI models collapse" in document.read("word/document.xml").decode()
