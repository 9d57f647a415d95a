"""Files at the top of a site for those who did not come by a link: a page for lost addresses, a word to robots."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from html import escape
from pathlib import Path

from ouroboros.publishing.mark import svg

#: Where a reader who is lost may go on.
_WAYS = {
    "index.html": "The cover",
    "book/claims/index.html": "The claims, audited",
    "book/evidence/index.html": "The experiments",
    "editions.html": "All editions",
}


def write_wayfinding(site: Path, base: str) -> None:
    """Write ``404.html`` and ``robots.txt``, which names the sitemap if there is one.

    Parameters
    ----------
    site : Path
        Folder of the site, complete but for these files.
    base : str
        Where it is published, ending in a slash; empty if unknown.
    """
    robots = ["User-agent: *", "Allow: /"]
    if base and (site / "sitemap.xml").is_file():
        robots += ["", f"Sitemap: {base}sitemap.xml"]
    (site / "robots.txt").write_text("\n".join(robots) + "\n", "utf-8")
    icon = site / "_static" / "favicon.ico"
    if icon.is_file():
        # Where browsers look on pages that name no icon, such as data and print.
        shutil.copyfile(icon, site / "favicon.ico")
    ways = {page: title for page, title in _WAYS.items() if (site / page).is_file()}
    (site / "404.html").write_text(lost_page(base, ways), "utf-8")


def lost_page(base: str, ways: Mapping[str, str]) -> str:
    """Write the page for addresses that do not exist.

    A server shows it at any depth, so its links start at the top: of the address of the site, or of the host while the
    site has none.
    """
    top = escape(base or "/", quote=True)
    drawn = svg(attributes=' aria-hidden="true"')
    items = "".join(f'<li><a href="{top}{page}">{escape(title)}</a></li>\n' for page, title in ways.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<title>Not found: Ouroboros</title>\n'
        "<style>:root{color-scheme:light dark}"
        "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1.25rem;"
        "color:#1a2126;background:#fff}svg{width:6rem;height:6rem;color:#00684f}h1{margin:.5rem 0}"
        "a{color:#0a5c96}li{margin:.35rem 0}input,button{font:inherit;padding:.4rem .7rem}"
        "@media(prefers-color-scheme:dark){body{background:#14181b;color:#e6e9eb}svg{color:#6fd3b4}"
        "a{color:#86c3f0}}</style>\n</head>\n<body>\n<main>\n"
        f"{drawn}\n<h1>Nothing is here</h1>\n"
        "<p>This address leads to no page of the report. Pages of published editions keep theirs; a page of the "
        "current state may have moved.</p>\n"
        f'<form action="{top}search.html" role="search"><label>Search the report '
        '<input type="search" name="q"></label> <button>Search</button></form>\n'
        f"<ul>\n{items}</ul>\n</main>\n</body>\n</html>\n"
    )
