"""Permanent addresses: ``id/<ID>.html`` leads to wherever a record stands today, also without a server."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx

from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.uses import SOURCE

FOLDER = "id"


def stub(identifier: str, kind: str, target: str) -> str:
    """Write the page that leads on.

    Parameters
    ----------
    identifier, kind : str
        What is addressed.
    target : str
        Where it stands, relative to the folder of the stubs.

    Returns
    -------
    str
        A whole page: it redirects by itself and shows the link to browsers that do not.
    """
    name, place = escape(f"{kind} {identifier}"), escape(target, quote=True)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="robots" content="noindex">\n'
        f"<title>{name}</title>\n"
        f'<link rel="canonical" href="{place}">\n<meta http-equiv="refresh" content="0; url={place}">\n'
        f'</head>\n<body>\n<main><h1>{name}</h1><p>It stands at <a href="{place}">{place}</a>.</p></main>\n'
        "</body>\n</html>\n"
    )


def addresses(app: Sphinx) -> Iterator[tuple[str, str, str]]:
    """Go over everything with an id or a citation key: what it is, its id, and its place from the top."""
    domain = app.env.get_domain("ledger")
    for kind, identifier in domain.places:
        place = domain.place(kind, identifier)
        yield kind, identifier, f"{app.builder.get_target_uri(place.docname)}#{place.anchor}"
    for citation in app.env.get_domain("cite").citations:
        page = app.builder.get_target_uri(citation.bibliography_key.docname)
        yield SOURCE, citation.key, f"{page}#{citation.citation_id}"


def unplaced(app: Sphinx) -> list[str]:
    """Ids of the ledger that no page shows: nothing can link to them."""
    placed = {identifier for _, identifier in app.env.get_domain("ledger").places}
    return [identifier for identifier in book_data.of(app.env).ledger.ids if identifier not in placed]


def _write_stubs(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for kind, identifier, target in addresses(app):
        page = folder / f"{identifier}.html"
        # A key may hold characters that end a path or an address; ids of the ledger never do.
        if page.parent == folder and quote(identifier, safe="+") == identifier:
            page.write_text(stub(identifier, kind, f"../{target}"), "utf-8")
            written.add(page)
    for leftover in set(folder.glob("*.html")) - written:
        leftover.unlink()


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("build-finished", _write_stubs)
