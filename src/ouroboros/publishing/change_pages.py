"""A page and a JSON file for what changed between any two editions, below ``changes/`` of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import combinations
from pathlib import Path
from typing import Any

from ouroboros.publishing.change_report import names_of, to_html
from ouroboros.publishing.changes import Changes, changes_between

FOLDER = "changes"
CURRENT = "current"


def slug(name: str) -> str:
    """Part of an address that stands for an edition; a state that is not published has no number yet."""
    return CURRENT if "dev" in name else name


def page_name(old: str, new: str) -> str:
    """File of the comparison of two editions, without its ending; the same in every later build."""
    return f"{slug(old)}_{slug(new)}"


def write_change_pages(site: Path, states: Sequence[Mapping[str, Any]]) -> int:
    """Write the comparison of every pair of states, and the page that lists them.

    Parameters
    ----------
    site : Path
        A site whose pages are written.
    states : sequence of mapping
        States of all editions, oldest first, the one that the site shows last.

    Returns
    -------
    int
        Number of pairs.
    """
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    links = {p.stem: f"../id/{p.name}" for p in sorted((site / "id").glob("*.html"))}
    pages = {page for state in states for page in state.get("pages", {})}
    links |= {page: f"../{page}" for page in sorted(pages) if (site / page).is_file()}
    pairs = list(combinations(states, 2))
    for old, new in pairs:
        found = changes_between(old, new)
        name = page_name(found.old, found.new)
        (folder / f"{name}.json").write_text(found.to_json(), "utf-8")
        (folder / f"{name}.html").write_text(_page_of(found, old, new, links), "utf-8")
    (folder / "index.html").write_text(_index(pairs), "utf-8")
    return len(pairs)


def _page_of(found: Changes, old: Mapping, new: Mapping, links: Mapping[str, str]) -> str:
    name = page_name(found.old, found.new)
    body = (
        f"<h1>What changed from {escape(_named(found.old))} to {escape(_named(found.new))}</h1>\n"
        f'<p><a href="{name}.json">The same as JSON</a> · <a href="index.html">Other editions</a> · '
        f'<a href="../index.html">Cover</a></p>\n{to_html(found, names_of(old, new), links)}'
    )
    return _document(f"From {_named(found.old)} to {_named(found.new)}", body)


def _named(edition: str) -> str:
    return "the current state" if slug(edition) == CURRENT else f"edition {edition}"


def _index(pairs: Sequence[tuple[Mapping, Mapping]]) -> str:
    items = "\n".join(
        f'<li><a href="{page_name(old["edition"], new["edition"])}.html">'
        f"From {escape(_named(old['edition']))} to {escape(_named(new['edition']))}</a></li>"
        for old, new in reversed(pairs)
    )
    said = f"<ul>\n{items}\n</ul>" if pairs else "<p>There is one edition so far, and nothing to compare.</p>"
    body = f'<h1>What changed between two editions</h1>\n{said}\n<p><a href="../index.html">Cover</a></p>'
    return _document("What changed between two editions", body)


def _document(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        '<link rel="stylesheet" href="../_static/cite.css">\n<link rel="stylesheet" href="../_static/changes.css">\n'
        f"</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
