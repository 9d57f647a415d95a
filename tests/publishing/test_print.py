"""The whole book in one file: opened by the readers' own libraries, complete, with links that lead somewhere."""

import re
import zipfile

import pytest
from lxml import etree
from pypdf import PdfReader

from ouroboros.publishing.chapters import chapters
from ouroboros.publishing.epub import write_epub
from ouroboros.publishing.print_book import write_pdf, write_print

X = {"x": "http://www.w3.org/1999/xhtml", "o": "http://www.idpf.org/2007/opf"}


def test_epub_is_whole_and_its_links_resolve(built_book):
    with zipfile.ZipFile(built_book / "_build/html/print/ouroboros.epub") as book:
        assert book.infolist()[0].filename == "mimetype"
        assert book.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert book.read("mimetype") == b"application/epub+zip"
        package = etree.fromstring(book.read("OEBPS/content.opf"))
        listed = {item.get("id"): item.get("href") for item in package.iterfind(".//o:item", X)}
        assert {f"OEBPS/{href}" for href in listed.values()} <= set(book.namelist())
        spine = [listed[item.get("idref")] for item in package.iterfind(".//o:itemref", X)]
        pages = {name: etree.fromstring(book.read(f"OEBPS/{name}")) for name in {*spine, "nav.xhtml"}}
    assert len(spine) == len(chapters(built_book)) == 3
    links = 0
    for name, page in pages.items():
        for link in page.iterfind(".//x:a[@href]", X):
            place, _, anchor = link.get("href").partition("#")
            if "://" in place:
                continue
            target = pages[place or name]
            links += 1
            assert not anchor or target.xpath(f"//*[@id='{anchor}']"), (name, link.get("href"))
    assert links >= 4  # the contents, and a claim named on a page
    assert [a.get("href") for a in pages["nav.xhtml"].iterfind(".//x:a", X)] == spine


def test_ids_of_the_single_page_are_unique_and_its_links_resolve(built_book):
    text = (built_book / "_build/html/print/book.html").read_text("utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {a for a in re.findall(r'href="#([^"]+)"', text)} <= set(ids)


def test_the_same_pages_give_the_same_files(built_book):
    site = built_book / "_build/html"
    name = _name(site)
    # A build prints before the policy moves the styles of pages into sheets, so its own files are no witness here.
    first, second = (_printed(site, built_book, name) for _ in range(2))
    assert first == second


def _printed(site, source, name):
    write_print(site, source, name)
    return {p.name: p.read_bytes() for p in (site / "print").iterdir()}


def _name(site):
    return re.search(r"Edition ([\w.]+),", (site / "print/index.html").read_text())[1]


@pytest.fixture
def pdf(built_book):
    return write_pdf(built_book / "_build/html", built_book, "2026.11")


def test_pdf_has_contents_with_page_numbers_and_links(pdf):
    reader = PdfReader(pdf)
    pages = [page.extract_text() for page in reader.pages]
    (contents,) = [n for n, text in enumerate(pages) if re.search(r"^Contents$", text, re.MULTILINE)]
    for title in ("Cover", "Page", "A notebook"):
        number = int(re.search(rf"^{title}\s+(\d+)", pages[contents], re.MULTILINE)[1])
        assert title in pages[number - 1], (title, number)
    jumps = [a.get_object() for a in reader.pages[contents].get("/Annots", [])]
    assert len([jump for jump in jumps if "/Dest" in jump or "/A" in jump]) >= 3
    assert reader.metadata.title.endswith("edition 2026.11")
    assert "ouroboros.pdf" in (pdf.parent / "index.html").read_text()


def test_an_unsound_page_makes_no_epub(built_book, tmp_path):
    from ouroboros.publishing.chapters import articles

    site = built_book / "_build/html"
    page = site / "book/page.html"
    page.write_text(page.read_text().replace("</article>", "<svg x=1></svg></article>"))
    with pytest.raises(etree.XMLSyntaxError):
        write_epub(tmp_path / "x.epub", articles(site, built_book), site, "2026.11")
    assert not (tmp_path / "x.epub").exists()
