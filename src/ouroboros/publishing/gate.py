"""What a site must satisfy before it is published, read from its files alone.

No request to another host, every internal link and anchor resolves, every page has a title and
every image an alternative text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_SUBRESOURCE = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "input": ("src",),
}
_LINK_RELS_WITHOUT_REQUEST = {
    "canonical",
    "alternate",
    "license",
    "author",
    "next",
    "prev",
    "search",
    "index",
}
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@dataclass(slots=True)
class _Page:
    anchors: set[str] = field(default_factory=set)
    duplicate_anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    images_without_alt: list[str] = field(default_factory=list)
    title: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = _Page()
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        page = self.page
        for anchor in {given.get("id"), given.get("name") if tag == "a" else None} - {None, ""}:
            (page.duplicate_anchors if anchor in page.anchors else page.anchors).add(anchor)
        if tag in ("a", "area") and given.get("href"):
            page.links.append(given["href"])
        if tag == "link" and not set(given.get("rel", "").split()) & _LINK_RELS_WITHOUT_REQUEST:
            page.resources.append(given.get("href", ""))
        for attribute in _SUBRESOURCE.get(tag, ()):
            if given.get(attribute):
                page.resources += [part.split()[0] for part in given[attribute].split(", ") if part.strip()]
        if tag == "img" and "alt" not in given:
            page.images_without_alt.append(given.get("src", "?"))
        if given.get("style"):
            page.resources += [a or b for a, b in _CSS_URL.findall(given["style"])]
        self._in_title = tag == "title" and not page.title

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.page.title += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False


def _read(path: Path) -> _Page:
    reader = _Reader()
    reader.feed(path.read_text("utf-8"))
    return reader.page


def _is_foreign(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data", "blob")


def faults_of(site: Path, expected_pages: int | None = None) -> list[str]:
    """List everything that is wrong with a site, one line each.

    Parameters
    ----------
    site : Path
        Folder of the built site.
    expected_pages : int, optional
        At least so many pages must be there (a build that wrote nothing must not pass).

    Returns
    -------
    list of str
        ``page: what is wrong``, sorted; empty when the site is sound.
    """
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    faults: list[str] = []
    if expected_pages is not None and len(pages) < expected_pages:
        faults.append(f"{site.name}: {len(pages)} pages, but the table of contents has {expected_pages}")
    for path, page in pages.items():
        place = path.relative_to(site)
        if not page.title.strip():
            faults.append(f"{place}: page without a title")
        faults += [f"{place}: id '{a}' is given twice" for a in sorted(page.duplicate_anchors)]
        faults += [f"{place}: image without alternative text: {src}" for src in page.images_without_alt]
        for resource in page.resources:
            if _is_foreign(resource):
                faults.append(f"{place}: asks another host for {resource}")
            elif not resource.startswith(("data:", "blob:")) and not _target(path, resource, site).is_file():
                faults.append(f"{place}: loads a file that is not there: {resource}")
        faults += [f"{place}: {why}" for link in page.links for why in _link_fault(path, link, site, pages)]
    for sheet in sorted(site.rglob("*.css")):
        for first, second in _CSS_URL.findall(sheet.read_text("utf-8")):
            if _is_foreign(first or second):
                faults.append(f"{sheet.relative_to(site)}: asks another host for {first or second}")
    return sorted(faults)


def _target(page: Path, link: str, site: Path) -> Path:
    place = unquote(urlsplit(link).path)
    target = site / place.lstrip("/") if place.startswith("/") else page.parent / place if place else page
    target = target.resolve()
    return target / "index.html" if target.is_dir() else target


def _link_fault(page: Path, link: str, site: Path, pages: dict[Path, _Page]) -> list[str]:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return (
            ["link with a scheme that runs code"]
            if parts.scheme.lower() in ("javascript", "vbscript")
            else []
        )
    target = _target(page, link, site)
    if not target.is_relative_to(site.resolve()):
        return [f"link leaves the site: {link}"]
    if not target.is_file():
        return [f"link to a page that is not there: {link}"]
    anchor = unquote(parts.fragment)
    known = pages.get(site / target.relative_to(site.resolve()))
    if anchor and known is not None and anchor not in known.anchors:
        return [f"link to an anchor that is not there: {link}"]
    return []
