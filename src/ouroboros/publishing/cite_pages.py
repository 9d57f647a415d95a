"""Pages with the reference of everything that can be cited, in every format; they need no script.

A record of the ledger has a page of its own, ``cite/<ID>.html``; the sections of a page of the book share
one, ``cite/pages/<page>.html``, where each has the anchor that it has in the book.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from ouroboros.publishing.citables import Citable, Edition
from ouroboros.publishing.citing import FORMATS, STYLE_TITLES, in_format
from ouroboros.publishing.sections import Section, book_pages, sections_of

_TITLES = {"bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON", **STYLE_TITLES}
#: Text first: most readers paste a line; files for programs follow.
_ORDER = (*STYLE_TITLES, *(name for name in FORMATS if name not in STYLE_TITLES))
FOLDER = "cite"


def write_cite_pages(items: list[Citable], edition: Edition, site: Path) -> int:
    """Write a page for every record and one for the sections of every page of the book.

    Parameters
    ----------
    items : list of Citable
        The records.
    edition : Edition
        What references are pinned to.
    site : Path
        A site whose pages are written.

    Returns
    -------
    int
        Number of pages.
    """
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for citable in items:
        # A record that no page shows has no address of its own: its reference leads back to the cover.
        stub = f"id/{citable.id}.html"
        back = stub if (site / stub).is_file() else "index.html"
        body = _reference(citable, edition, f"../{back}")
        (folder / f"{citable.id}.html").write_text(_page(f"Cite: {citable.title}", body, "../"), "utf-8")
    pages = 0
    for path in book_pages(site):
        address = path.relative_to(site).as_posix()
        if sections := sections_of(path, address):
            target = folder / "pages" / address
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_page_of_sections(sections, edition, address), "utf-8")
            pages += 1
    return len(items) + pages


def _page_of_sections(sections: list[Section], edition: Edition, address: str) -> str:
    top = "../" * (address.count("/") + 2)
    body = "\n".join(
        _reference(s.citable, edition, f"{top}{s.page}#{escape(s.anchor, quote=True)}", s.anchor)
        for s in sections
    )
    return _page(f"Cite: {sections[0].page_title}", body, top)


def _reference(citable: Citable, edition: Edition, back: str, anchor: str = "") -> str:
    """One citable thing with its reference in all formats."""
    blocks = "\n".join(
        f'<section><h3>{_TITLES[name]}</h3><pre tabindex="0" data-format="{_TITLES[name]}">'
        f"{escape(in_format(citable, edition, name))}</pre></section>"
        for name in _ORDER
    )
    where = edition.permalink(citable.id)
    state = (
        "This state is not published: its address is not permanent. Cite a numbered edition."
        if "dev" in edition.id
        else f"Pinned to edition {escape(edition.id)}; this address stays:"
    )
    link = escape(back, quote=True)
    name = escape(f"Cite {citable.title}", quote=True)
    given = f' id="{escape(anchor, quote=True)}"' if anchor else ""
    shown = escape(where or "index.html")
    return (
        f'<section class="reference"{given} data-title="{name}">\n'
        f'<h2 class="cite-heading"><a href="{link}">{escape(citable.title)}</a></h2>\n'
        f'<p class="cite-permalink">{state} <a href="{link}">{shown}</a></p>\n{blocks}\n</section>'
    )


def _page(title: str, body: str, top: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n"
        f'<link rel="icon" href="{top}_static/favicon.svg">\n'
        f'<link rel="stylesheet" href="{top}_static/cite.css">\n'
        f'<script defer src="{top}_static/cite.js"></script>\n'
        f"</head>\n<body>\n<main>\n<h1>Cite</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
