"""The whole book as one page, as EPUB and as PDF, below ``print/`` of a site.

The page and the EPUB need nothing but the built pages and depend on them alone. The PDF is that page, printed by
Chromium: once to learn on which page each chapter begins, once with those numbers in the contents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path

from ouroboros.publishing.chapters import Article, Chapter, articles, resolve
from ouroboros.publishing.citables import AUTHOR, PROJECT
from ouroboros.publishing.epub import write_epub
from ouroboros.publishing.tools import print_pdf

FOLDER = "print"
EPUB, PDF, PAGE = "ouroboros.epub", "ouroboros.pdf", "book.html"
#: At the top of the site, so that the archive does not hold itself.
ZIP = "ouroboros.zip"
_SHEETS = (
    "styles/pydata-sphinx-theme.css",
    "ouroboros.css",
    "argument.css",
    "stacks.css",
    "drawings.css",
    "attributes.css",
)


def write_print(site: Path, source: Path, name: str) -> int:
    """Write the single page, the EPUB and the page that leads to them.

    Parameters
    ----------
    site : Path
        A site whose pages are written.
    source : Path
        Folder with the ``_toc.yml`` that they were built from.
    name : str
        Edition.

    Returns
    -------
    int
        Number of chapters.
    """
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    read = articles(site, source)
    resolve(read, lambda page, anchor: f"#{anchor}", "../")
    (folder / PAGE).write_text(_single_page(site, read, name, {}), "utf-8")
    read = articles(site, source)
    write_epub(folder / EPUB, read, site, name)
    write_index(site, name)
    return len(read)


def write_pdf(site: Path, source: Path, name: str) -> Path:
    """Print the book to PDF, with page numbers in its contents.

    Raises
    ------
    BuildError
        If no Chromium is installed.
    """
    from pypdf import PdfReader

    folder = site / FOLDER
    read = articles(site, source)
    resolve(read, lambda page, anchor: f"#{anchor}", "../")
    draft_page, draft = folder / ".draft.html", folder / ".draft.pdf"
    try:
        draft_page.write_text(_single_page(site, read, name, dict.fromkeys(_prefixes(read), 0)), "utf-8")
        print_pdf(draft_page, draft)
        reader = PdfReader(draft)
        there = {
            key.lstrip("/"): reader.get_destination_page_number(place) + 1
            for key, place in reader.named_destinations.items()
        }
        numbers = {prefix: there[prefix] for prefix in _prefixes(read) if prefix in there}
        draft_page.write_text(_single_page(site, read, name, numbers), "utf-8")
        print_pdf(draft_page, draft)
        _settle(draft, folder / PDF, name)
    finally:
        draft_page.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    write_index(site, name)
    return folder / PDF


def _settle(printed: Path, target: Path, name: str) -> None:
    """Take the clock out of a PDF: the day and the random id that the browser writes."""
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=printed)
    writer.metadata = {"/Title": f"{PROJECT}, edition {name}", "/Author": AUTHOR}
    part = target.with_name(f".{target.name}.part")
    writer.write(part)
    part.replace(target)


def write_index(site: Path, name: str) -> None:
    """Write the page that leads to the forms in which the book can be taken along."""
    folder = site / FOLDER
    rows = [(EPUB, "EPUB, for readers"), (PAGE, "One page, for printing and for searching in the browser")]
    if (folder / PDF).is_file():
        rows.insert(1, (PDF, "PDF, with page numbers"))
    if (site / ZIP).is_file():
        rows.append(
            (f"../{ZIP}", "The whole site as a zip, for reading offline: unpack it and open index.html")
        )
    items = "\n".join(f'<li><a href="{file}">{text}</a> ({_size(folder / file)})</li>' for file, text in rows)
    missing = (
        "<p>The PDF is printed by <code>make print</code>.</p>"
        if "dev" in name
        else "<p>This edition was frozen without a PDF; the single page prints as one.</p>"
    )
    note = "" if (folder / PDF).is_file() else missing
    (folder / "index.html").write_text(
        _document(
            "Take the book along",
            '<link rel="stylesheet" href="../_static/cite.css">',
            f"<main><h1>Take the book along</h1>\n<p>Edition {escape(name)}, the whole book in one file.</p>\n"
            f'<ul>\n{items}\n</ul>\n{note}\n<p><a href="../index.html">Back to the cover</a></p></main>',
        ),
        "utf-8",
    )


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _prefixes(read: list[tuple[Chapter, Article]]) -> list[str]:
    return [article.prefix for _, article in read]


def _single_page(
    site: Path, read: list[tuple[Chapter, Article]], name: str, numbers: Mapping[str, int]
) -> str:
    sheets = "\n".join(
        f'<link rel="stylesheet" href="../_static/{sheet}">'
        for sheet in _SHEETS
        if (site / "_static" / sheet).is_file()
    )
    style = (files("ouroboros.publishing") / "static/print.css").read_text("utf-8")
    body = [
        f'<header class="title-page"><p class="book-title">{escape(PROJECT)}</p>',
        f"<p>{escape(AUTHOR)}</p><p>Edition {escape(name)}</p></header>",
        _contents(read, numbers),
        *(article.text(xml=False) for _, article in read),
    ]
    return _document(f"{PROJECT}, edition {name}", f"{sheets}\n<style>{style}</style>", "\n".join(body))


def _contents(read: list[tuple[Chapter, Article]], numbers: Mapping[str, int]) -> str:
    lines, part = ['<nav class="contents" id="contents"><h1>Contents</h1>'], None
    for chapter, article in read:
        if chapter.part != part:
            part = chapter.part
            lines.append(f'<p class="part">{escape(part)}</p>')
        number = numbers.get(article.prefix)
        shown = "" if number is None else f'<span class="page">{number or "000"}</span>'
        lines.append(
            f'<p class="level-{chapter.level}"><a href="#{article.prefix}">{escape(article.title)}</a>{shown}</p>'
        )
    return "\n".join([*lines, "</nav>"])


def _document(title: str, head: str, body: str) -> str:
    body = re.sub(r"[ \t]+\n", "\n", body)
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="../_static/favicon.svg">\n'
        f"{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
