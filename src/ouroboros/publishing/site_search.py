"""The search of the site when a server shows it: Pagefind's index of the book's own records and pages.

A claim, a statement, a forecast, a term and a source are each a record of their own, so that a result leads to the
card and not to the page that holds forty of them; what remains of a page is a record too. Code, tables and drawings are
left out. Over ``file://``, where a browser may not fetch an index, the theme's search serves.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from fnmatch import fnmatch
from html import escape
from pathlib import Path
from typing import Any

import zopfli.gzip
from lxml import html
from lxml.html import HtmlElement
from pagefind_bin import get_executable

from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.sections import book_pages

FOLDER = "pagefind"
#: Smaller pieces than Pagefind's default of 20 000: a word costs its reader 3 kB instead of 28.
_PIECE = "1500"
#: Everything that Pagefind writes and the search page does not load: its own widgets, its worker.
_UNUSED = ("*-ui.*", "pagefind-highlight.js", "pagefind-worker.js", "wasm.unknown.pagefind")
_NOT_READ = (
    ".//pre", ".//table", ".//svg", ".//math", ".//script", ".//style", ".//button", ".//form", ".//dialog",
    ".//a[@class='headerlink']", ".//a[@class='cite-link']", ".//p[@class='cite-record']",
    # What repeats words of other records, or words about the page itself.
    ".//dt[normalize-space()='Used in']/following-sibling::dd[1]", ".//*[contains(@class,'cited-in')]",
    ".//*[contains(@class,'claim-notes')]", ".//*[contains(@class,'verdict-line')]",
    ".//*[contains(@class,'figure-links')]", ".//*[contains(@class,'reading-time')]",
    ".//*[contains(@class,'cite-this')]", ".//*[contains(@class,'prev-next')]",
    ".//*[contains(@class,'cell_input')]", ".//span[@class='label']",
)  # fmt: skip
_NOT_PAGES = ("genindex.html", "search.html", "404.html", "editions.html")
_CARD = re.compile(r"(?P<kind>claim|statement|term|cite)-")
_KIND_OF_CARD = {"claim": "claim", "statement": "statement", "term": "term", "cite": "source"}
#: First folder of a page's address, and what a page there is. Everything else is a chapter.
_KIND_OF_PAGE = (
    ("notebooks/claims/", "chapter"), ("notebooks/", "experiment"), ("book/forecasts/", "forecast"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """What a search may find.

    Attributes
    ----------
    address : str
        From the top of the site.
    kind : str
        claim, statement, experiment, forecast, chapter, term or source.
    title : str
        What a result is called.
    body : str
        HTML of its text.
    keywords : str
        Words that find it although its text does not have them.
    """

    address: str
    kind: str
    title: str
    body: str
    keywords: str = field(default="")

    def page(self) -> str:
        """Write it as a page for Pagefind."""
        words = f"<p>{escape(self.keywords)}</p>" if self.keywords else ""
        return (
            f'<html lang="en"><body data-pagefind-meta="kind:{self.kind}"><h1>{escape(self.title)}</h1>'
            f"{self.body}{words}</body></html>"
        )


def records_of(page: Path, address: str) -> Iterator[Record]:
    """Go over the records of a page: its cards first, then the rest of it.

    Parameters
    ----------
    page : Path
        A page of the site.
    address : str
        Its place from the top of the site.
    """
    tree = html.fromstring(page.read_text("utf-8"))
    article = tree.find(".//article")
    if article is None:
        return
    for path in _NOT_READ:
        for element in article.xpath(path):
            element.drop_tree()
    for element in article.xpath(".//*[@id]"):
        match = _CARD.match(element.get("id"))
        if match is None or element.getparent() is None:
            continue
        classes = element.get("class", "").split()
        if match["kind"] == "cite" and "citation" not in classes:
            continue  # a section of that name, and no work of the bibliography
        if "pointer" in classes:
            # An overview's line for a record whose card stands on another page, where it is found.
            element.drop_tree()
            continue
        yield _card(element, _KIND_OF_CARD[match["kind"]], f"{address}#{element.get('id')}")
        element.drop_tree()
    heading = article.find(".//h1")
    title = _text(heading) if heading is not None else address
    if heading is not None:
        heading.drop_tree()
    keywords = " ".join(tree.xpath("//head/meta[@name='keywords']/@content")).replace(",", " ")
    kind = next((kind for start, kind in _KIND_OF_PAGE if address.startswith(start)), "chapter")
    yield Record(address, kind, title, _inside(article), keywords)


def _card(element: HtmlElement, kind: str, address: str) -> Record:
    if element.tag == "dt":
        # A term: its explanation follows it.
        title, body = _text(element), element.getnext()
        drawn = _inside(body) if body is not None and body.tag == "dd" else ""
        if body is not None and body.tag == "dd":
            body.drop_tree()
        return Record(address, kind, title, drawn)
    copy = deepcopy(element)
    heading = next(copy.iter("h1", "h2", "h3", "h4"), None)
    if heading is None:
        heading = next(iter(copy.xpath(".//*[contains(@class,'card-head')]")), None)
    title = _title(heading) if heading is not None else _shortened(_text(copy))
    if heading is not None:
        heading.drop_tree()
    return Record(address, kind, title, _inside(copy))


def _title(heading: HtmlElement) -> str:
    """Words of a card's head; its verdict stands in brackets, because a result shows no chips."""
    words = [_text(chip) for chip in heading.xpath("./span[contains(@class,'chip ')]")]
    for chip in heading.xpath("./span[contains(@class,'chip ')]"):
        chip.drop_tree()
    return f"{_text(heading)} ({', '.join(words)})" if words else _text(heading)


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _shortened(text: str, letters: int = 90) -> str:
    return text if len(text) <= letters else text[:letters].rsplit(" ", 1)[0] + " …"


def _inside(element: HtmlElement) -> str:
    """Words of an element with the headings that a result may lead to; nothing else of its markup counts."""
    parts = [escape(element.text or "")]
    for child in element:
        if not isinstance(child.tag, str):
            parts.append(escape(child.tail or ""))
            continue
        inner = _inside(child)
        if child.tag in ("h2", "h3"):
            # Sphinx sets the anchor of a heading on the section around it.
            holder = child.getparent()
            anchor = holder.get("id") if holder.tag == "section" else None
            place = f' id="{escape(anchor, quote=True)}"' if anchor else ""
            parts.append(f"<{child.tag}{place}>{inner}</{child.tag}>")
        elif child.tag in ("p", "li", "dt", "dd", "figcaption", "summary"):
            parts.append(f"<p>{inner}</p>")
        else:
            parts.append(inner)
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def write_site_search(site: Path) -> int:
    """Write Pagefind's index of a site into its folder ``pagefind``.

    Parameters
    ----------
    site : Path
        A site whose pages are written.

    Returns
    -------
    int
        Number of records.

    Raises
    ------
    BuildError
        If Pagefind fails.
    """
    records = [
        record
        for page in book_pages(site)
        if (address := page.relative_to(site).as_posix()) not in _NOT_PAGES
        for record in records_of(page, address)
    ]
    shutil.rmtree(site / FOLDER, ignore_errors=True)
    with _Service() as service:
        index = service.ask("NewIndex", config={})["index_id"]
        # One after the other: their order decides numbers inside the index and so its bytes, and Pagefind takes the
        # files of a folder in the order of the file system.
        for record in records:
            service.ask("AddFile", index_id=index, url=record.address, file_contents=record.page())
        # Taken as an answer and written here: Pagefind's own writing may not have ended when it says so.
        files = service.ask("GetFiles", index_id=index)["files"]
    for file in files:
        if not any(fnmatch(file["path"], pattern) for pattern in _UNUSED):
            target = site / FOLDER / file["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_packed(file["path"], b64decode(file["content"])))
    return len(records)


def _packed(path: str, content: bytes) -> bytes:
    """Pack the program of the search, four fifths of what a first result costs, as tightly as gzip allows."""
    return zopfli.gzip.compress(gzip.decompress(content)) if path.endswith(".pagefind") else content


class _Service:
    """Pagefind as a process that is asked line by line.

    Its Python client asks ten questions a second, which is a minute for the six hundred records of this book; spoken to
    directly, the same process needs half a second.
    """

    def __enter__(self) -> _Service:
        settings = {**os.environ, "PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE": _PIECE}
        self._asked = 0
        try:
            self._process = subprocess.Popen(
                [str(get_executable()), "--service"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=settings,
            )
        except OSError as error:
            raise BuildError(f"{FOLDER}: Pagefind cannot be started: {error}") from error
        return self

    def __exit__(self, *raised: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()
        self._process.terminate()
        self._process.wait()

    def ask(self, kind: str, **payload: object) -> dict[str, Any]:
        """Ask one question and wait for its answer."""
        self._asked += 1
        question = {"message_id": self._asked, "payload": {"type": kind, **payload}}
        try:
            self._process.stdin.write(b64encode(json.dumps(question).encode()) + b",")
            self._process.stdin.flush()
            answer = json.loads(b64decode(self._read()))["payload"]
        except (OSError, ValueError) as error:
            raise BuildError(f"{FOLDER}: Pagefind does not answer: {error}") from error
        if answer["type"] == "Error":
            raise BuildError(f"{FOLDER}: {answer['message']}")
        return answer

    def _read(self) -> bytes:
        """Everything up to the comma that ends an answer."""
        found = bytearray()
        while (sign := self._process.stdout.read(1)) != b",":
            if not sign:
                raise OSError("it ended")
            found += sign
        return bytes(found)
