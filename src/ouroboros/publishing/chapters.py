"""The text of a built site page by page, ready to stand in one document: ids and links made unique.

Drawings are kept as they are while the page around them is parsed, since HTML parsers change the case
of the names in them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from lxml import etree, html

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_SVG_ID = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
_SVG_LINK = re.compile(r'(<a\b[^>]*?\bhref=)"([^"]*)"')
_POINTING = ("aria-labelledby", "aria-describedby", "for", "headers")
#: Furniture that means nothing on paper or in a reader.
_DROPPED = (
    ".//a[@class='headerlink']",
    ".//a[@class='cite-link']",
    ".//script",
    ".//button",
    ".//form",
    ".//*[contains(@class,'prev-next')]",
    ".//*[contains(@class,'pst-js-only')]",
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One page of the book.

    Attributes
    ----------
    page : str
        Address within the site.
    part : str
        Part of the book, empty for the cover.
    level : int
        Depth in the table of contents, from 0.
    """

    page: str
    part: str
    level: int


def chapters(source: Path) -> list[Chapter]:
    """List the pages that ``_toc.yml`` in a folder names, in reading order."""
    contents = yaml.safe_load((source / "_toc.yml").read_text("utf-8"))
    found = [Chapter(f"{contents['root']}.html", "", 0)]

    def walk(nodes: list[dict[str, Any]], part: str, level: int) -> None:
        for node in nodes:
            if "file" in node:
                found.append(Chapter(f"{node['file']}.html", part, level))
            walk(node.get("sections", ()), part, level + 1)

    walk(contents.get("chapters", ()), "", 0)
    for part in contents.get("parts", ()):
        walk(part.get("chapters", ()), part.get("caption", ""), 0)
    return found


def prefix_of(page: str) -> str:
    """What makes the ids of a page unique within the book; also the id of the page itself."""
    return re.sub(r"[^A-Za-z0-9]+", "-", page.removesuffix(".html"))


class Article:
    """The text of a page as a tree whose ids no other page has."""

    def __init__(self, site: Path, page: str) -> None:
        self.page, self.prefix, self.drawings = page, prefix_of(page), []
        text = (site / page).read_text("utf-8")
        start, end = text.find("<article"), text.rfind("</article>")
        body = _SVG.sub(self._keep, text[start : end + len("</article>")])
        self.tree = html.fragment_fromstring(body)
        for path in _DROPPED:
            for element in self.tree.xpath(path):
                element.drop_tree()
        for element in self.tree.iter(etree.Element):
            self._make_unique(element)
        self.tree.tag = "section"
        self.tree.set("id", self.prefix)
        self.tree.set("class", "chapter")
        heading = self.tree.find(".//h1")
        self.title = " ".join(heading.text_content().split()) if heading is not None else page

    def _keep(self, match: re.Match) -> str:
        drawn = _SVG_ID.sub(lambda m: f"{m[1]}{self.prefix}--{m[2]}", match[0])
        if "xmlns=" not in drawn.split(">", 1)[0]:
            drawn = drawn.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        if "xlink:" in drawn and "xmlns:xlink" not in drawn:
            drawn = drawn.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
        self.drawings.append(drawn)
        return f'<span class="drawing" data-drawing="{len(self.drawings) - 1}"></span>'

    def _make_unique(self, element: etree._Element) -> None:
        for name, value in element.items():
            if name == "id":
                element.set(name, f"{self.prefix}--{value}")
            elif name in _POINTING:
                element.set(name, " ".join(f"{self.prefix}--{part}" for part in value.split()))
            elif name.startswith("on") or name == "style":
                continue

    def links(self) -> Iterator[tuple[etree._Element, str, str]]:
        """Go over links within the site: the element, the page and the anchor that it leads to."""
        for element in self.tree.iter("a"):
            parts = urlsplit(element.get("href", ""))
            if parts.scheme or parts.netloc or not element.get("href"):
                continue
            place = unquote(parts.path)
            joined = posixpath.normpath(posixpath.join(posixpath.dirname(self.page), place))
            yield element, joined if place else self.page, parts.fragment

    def text(self, *, xml: bool) -> str:
        """The page as HTML, or as XHTML for readers that accept nothing else."""
        written = etree.tostring(self.tree, method="xml" if xml else "html", encoding="unicode")
        spot = re.compile(r'<span class="drawing" data-drawing="(\d+)"(?:></span>|/>)')
        return spot.sub(lambda m: self.drawings[int(m[1])], written)

    def anchors(self) -> set[str]:
        """Every id of the page."""
        found = {element.get("id") for element in self.tree.iter(etree.Element)}
        return {anchor for anchor in found if anchor}


def _relinked(article: Article, led: Callable[[str, str], str], link: re.Match) -> str:
    """A link inside a drawing, which the parser did not see."""
    parts = urlsplit(unescape(link[2]))
    if parts.scheme or parts.netloc or not parts.path:
        return link[0]
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(article.page), unquote(parts.path)))
    return f'{link[1]}"{escape(led(joined, parts.fragment), quote=True)}"'


def articles(site: Path, source: Path) -> list[tuple[Chapter, Article]]:
    """Read every page of the book that is there, in reading order."""
    return [(c, Article(site, c.page)) for c in chapters(source) if (site / c.page).is_file()]


def resolve(
    read: list[tuple[Chapter, Article]], address: Callable[[str, str], str], site_prefix: str
) -> None:
    """Let links between pages lead to their place in the document.

    Parameters
    ----------
    read : list of (Chapter, Article)
        All pages.
    address : callable
        From the page and the id to the address within the document.
    site_prefix : str
        Way from the document to the site, for files that are no pages of the book.
    """
    known = {article.page: (article, article.anchors()) for _, article in read}

    def led(page: str, anchor: str) -> str:
        if page not in known:
            return f"{site_prefix}{page}" + (f"#{anchor}" if anchor else "")
        there, anchors = known[page]
        wanted = f"{there.prefix}--{anchor}" if anchor else there.prefix
        return address(page, wanted if wanted in anchors else there.prefix)

    for _, article in read:
        for element, page, anchor in list(article.links()):
            element.set("href", led(page, anchor))
        article.drawings = [_SVG_LINK.sub(partial(_relinked, article, led), d) for d in article.drawings]
        for image in article.tree.iter("img"):
            source = image.get("src", "")
            if not source.startswith("data:"):
                place = posixpath.normpath(posixpath.join(posixpath.dirname(article.page), unquote(source)))
                image.set("src", f"{site_prefix}{place}")
