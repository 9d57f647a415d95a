"""A page for each thing that can be cited, with its reference in every format; needs no script."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

from ouroboros.ledger import Ledger
from ouroboros.publishing.citables import Citable, Edition, citables
from ouroboros.publishing.citing import FORMATS, STYLE_TITLES, in_format

_TITLES = {"bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON", **STYLE_TITLES}
#: Text first: most readers paste a line; files for programs follow.
_ORDER = (*STYLE_TITLES, *(name for name in FORMATS if name not in STYLE_TITLES))


def write_cite_pages(ledger: Ledger, edition: Edition, folder: Path) -> int:
    """Write ``<id>.html`` for everything that can be cited, and the script that copies.

    Parameters
    ----------
    ledger : Ledger
        All records.
    edition : Edition
        What references are pinned to.
    folder : Path
        Target folder, ``cite/`` of a site.

    Returns
    -------
    int
        Number of pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = files("ouroboros.publishing") / "static/copy.js"
    (folder / "copy.js").write_text(script.read_text("utf-8"), "utf-8")
    items = list(citables(ledger))
    for citable in items:
        # A record that no page shows has no address of its own: its reference leads back to the cover.
        stub = f"id/{citable.id}.html"
        back = stub if (folder.parent / stub).is_file() else "index.html"
        (folder / f"{citable.id}.html").write_text(_page(citable, edition, f"../{back}"), "utf-8")
    return len(items)


def _page(citable: Citable, edition: Edition, back: str) -> str:
    blocks = "\n".join(
        f'<section><h2 id="{name}">{_TITLES[name]}</h2>'
        f'<pre tabindex="0">{escape(in_format(citable, edition, name))}</pre></section>'
        for name in _ORDER
    )
    state = (
        "<p>This state is not published: its address is not permanent. Cite a numbered edition.</p>"
        if "dev" in edition.id
        else f"<p>Pinned to edition {escape(edition.id)}; this address stays.</p>"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Cite: {escape(citable.title)}</title>\n"
        '<link rel="stylesheet" href="../_static/cite.css">\n<script defer src="copy.js"></script>\n'
        f'</head>\n<body>\n<main>\n<h1>Cite</h1>\n<p><a href="{escape(back, quote=True)}">'
        f"{escape(citable.title)}</a></p>\n{state}\n{blocks}\n</main>\n</body>\n</html>\n"
    )
