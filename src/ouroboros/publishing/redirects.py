"""Addresses that moved: a list kept by hand, and what a site shows where they were.

A static site cannot answer with a redirect, and no server ever sees the anchor of an address. So an old anchor stays on
its page as an empty mark beside the new one, or as a line that leads to another page; an old page stays as a page that
leads on, which a script of its own turns into a jump to the right section.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from posixpath import dirname, relpath

from ouroboros.ledger.yamlfile import read_yaml
from ouroboros.publishing.errors import BuildError

PLACE = "book/redirects.yml"
_SCRIPT = "moved.js"
_ADDRESS = re.compile(r"(?![./])[^#\s]+\.html(#[^#\s]+)?")
#: An empty mark may stand inside the element with the new anchor, except in these: it stands before them.
_NO_TEXT_INSIDE = ("table", "ul", "ol", "dl", "img", "input", "hr")


@dataclass(frozen=True, slots=True)
class Moved:
    """One entry of the list.

    Attributes
    ----------
    old, new : str
        Addresses from the top of the site: ``page.html`` or ``page.html#anchor``.
    line : int
        Line of the entry.
    """

    old: str
    new: str
    line: int

    def fault(self, what: str) -> str:
        """One line on what is wrong with it."""
        return f"{PLACE}:{self.line}: {what}"


def load_redirects(root: Path) -> list[Moved]:
    """Read the list; a checkout without one has moved nothing.

    Raises
    ------
    BuildError
        With every fault of form, one per line.
    """
    path = root / PLACE
    if not path.is_file():
        return []
    document = read_yaml(path.read_text("utf-8"), PLACE)
    faults = [str(fault) for fault in document.faults]
    if document.data is not None and not isinstance(document.data, dict):
        faults.append(
            f"{PLACE}:1: is no list of addresses (old.html#anchor: new.html#anchor, one on each line)"
        )
    moved = []
    for old, new in document.data.items() if not faults and document.data else ():
        entry = Moved(old, str(new), document.line([old]))
        wrong = [address for address in (entry.old, entry.new) if not _ADDRESS.fullmatch(address)]
        faults += [
            entry.fault(
                f"{address!r} is no address (page.html or page.html#anchor, from the top of the site)"
            )
            for address in wrong
        ]
        moved.append(entry)
    if faults:
        raise BuildError("\n".join(faults))
    return moved


def covered(address: str, moved: Iterable[Moved]) -> bool:
    """Whether the list says where an address went; a page that moved takes its anchors along."""
    return any(entry.old in (address, address.partition("#")[0]) for entry in moved)


def apply_redirects(site: Path, moved: list[Moved]) -> list[str]:
    """Put what leads on into a site whose pages are written.

    Parameters
    ----------
    site : Path
        The site.
    moved : list of Moved
        What moved.

    Returns
    -------
    list of str
        What is wrong with the list on this site, one line each: a target that is not there, an old address that is.
    """
    faults, gone = [], {}
    for entry in moved:
        page, _, anchor = entry.old.partition("#")
        if not _stands(site, entry.new):
            faults.append(entry.fault(f"leads to {entry.new}, which is not there"))
        elif _stands(site, entry.old):
            faults.append(entry.fault(f"{entry.old} stands on the site: remove the entry or the address"))
        elif not (site / page).is_file():
            gone.setdefault(page, []).append(entry)
        elif not anchor:
            faults.append(entry.fault(f"{entry.old} stands on the site: remove the entry or the address"))
        else:
            _mark(site / page, anchor, entry)
    # Pages are written last, so that no entry takes one for a page of the book.
    for page, entries in gone.items():
        _write_page(site, page, entries)
    return faults


def _stands(site: Path, address: str) -> bool:
    page, _, anchor = address.partition("#")
    path = site / page
    return path.is_file() and (not anchor or f' id="{escape(anchor)}"' in path.read_text("utf-8"))


def _mark(path: Path, anchor: str, entry: Moved) -> None:
    html = path.read_text("utf-8")
    page, _, target = entry.new.partition("#")
    name = escape(anchor, quote=True)
    opening = re.search(rf'<(\w+)[^>]* id="{re.escape(escape(target))}"[^>]*>', html) if target else None
    if page == entry.old.partition("#")[0] and opening:
        at = opening.start() if opening[1] in _NO_TEXT_INSIDE else opening.end()
        mark = f'<span id="{name}"></span>'
    else:
        at = html.rfind("</article>")
        link = _link(entry.old, entry.new)
        mark = f'<p class="moved" id="{name}">What stood here under this address now stands at {link}.</p>\n'
    path.write_text(html[:at] + mark + html[at:], "utf-8")


def _link(old: str, new: str) -> str:
    return f'<a href="{escape(_way(old, new), quote=True)}">{escape(new)}</a>'


def _way(old: str, new: str) -> str:
    page, mark, anchor = new.partition("#")
    return f"{relpath(page, dirname(old.partition('#')[0]) or '.')}{mark}{anchor}"


def _write_page(site: Path, page: str, entries: list[Moved]) -> None:
    whole = next((entry for entry in entries if entry.old == page), entries[0])
    way = escape(_way(page, whole.new), quote=True)
    items = "\n".join(
        f'<li id="{escape(entry.old.partition("#")[2], quote=True)}">{_link(page, entry.new)}</li>'
        for entry in entries
        if "#" in entry.old
    )
    sections = f"<p>Its sections:</p>\n<ul>\n{items}\n</ul>\n" if items else ""
    top = "../" * page.count("/")
    target = site / page
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<title>This page moved</title>\n'
        f'<script src="{top}_static/{_SCRIPT}" data-page="{way}"></script>\n'
        f'<link rel="canonical" href="{way}">\n'
        # A moment's patience, so that the script may choose the section first.
        f'<meta http-equiv="refresh" content="1; url={way}">\n'
        f'<link rel="stylesheet" href="{top}_static/cite.css">\n</head>\n<body>\n<main>\n'
        f"<h1>This page moved</h1>\n<p>It stands at {_link(page, whole.new)}.</p>\n{sections}</main>\n"
        "</body>\n</html>\n",
        "utf-8",
    )
    (site / "_static").mkdir(exist_ok=True)
    shutil.copyfile(files("ouroboros.publishing") / "static" / _SCRIPT, site / "_static" / _SCRIPT)
