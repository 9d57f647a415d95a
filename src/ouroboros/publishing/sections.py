"""The sections of a built site, read from its pages: what each is called and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import html

from ouroboros.publishing.citables import Citable, shortened

#: Folders whose pages are not pages of the book.
NOT_BOOK = ("v", "id", "latest", "cite", "changes", "data", "print")
_HEADINGS = ("h1", "h2", "h3", "h4")


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a page.

    Attributes
    ----------
    page : str
        Address of the page, such as ``book/summary.html``.
    page_title, title : str
        Titles of the page and of the section; the same for the first section.
    anchor : str
        Id of the section on its page.
    """

    page: str
    page_title: str
    title: str
    anchor: str

    @property
    def citable(self) -> Citable:
        """What a memo cites."""
        title = self.title if self.title == self.page_title else f"{self.page_title}: {self.title}"
        return Citable(f"{self.page}#{self.anchor}", "section", shortened(title), "")


def book_pages(site: Path) -> Iterator[Path]:
    """Yield every page of the book itself, in a fixed order."""
    for path in sorted(site.rglob("*.html")):
        if path.relative_to(site).parts[0] not in NOT_BOOK:
            yield path


def sections_of(path: Path, page: str) -> list[Section]:
    """List the sections of a page in their order, those of records included.

    Parameters
    ----------
    path : Path
        The HTML file.
    page : str
        Its address within the site.
    """
    article = html.fromstring(path.read_text("utf-8")).find(".//article")
    found: list[tuple[str, str]] = []
    for heading in article.iter(*_HEADINGS) if article is not None else ():
        link = heading.find("a[@class='headerlink']")
        if link is None:
            continue
        for extra in heading.findall("a[@class='headerlink']") + heading.findall("a[@class='cite-link']"):
            extra.drop_tree()
        found.append((" ".join(heading.text_content().split()), link.get("href", "#")[1:]))
    return [Section(page, found[0][0], title, anchor) for title, anchor in found]
