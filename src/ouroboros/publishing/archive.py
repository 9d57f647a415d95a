"""Zip files that depend on their content alone, and the anchors of a site."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

_DAY = (2026, 2, 19, 0, 0, 0)  # zip cannot say "no date"
_ELEMENT = re.compile(r'<(?P<tag>[a-zA-Z0-9]+)\b[^>]*?\sid="(?P<id>[^"]+)"')
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
#: Pages that nobody is promised: references lead to pages, never the other way round.
_PASSING_FOLDERS = ("v/", "latest/", "print/", "cite/", "changes/")
_PASSING_PAGES = ("search.html", "genindex.html", "editions.html")
#: Ids that are counted or made up by a program: they may name another thing in the next build.
_COUNTED = re.compile(r"(id\d+$|fig\d+-|codecell\d+|copybtn|mpl-|T_)")
_CONTROLS = ("input", "select", "button", "textarea", "output", "dialog")


def write_zip(target: Path, folder: Path, prefix: str, extra: Mapping[str, bytes]) -> None:
    """Pack a folder below `prefix`, with extra files beside it; the same content gives the same bytes.

    Parameters
    ----------
    target : Path
        Zip file to write.
    folder : Path
        What to pack.
    prefix : str
        Folder inside the archive, ending in a slash.
    extra : mapping of str to bytes
        Further members by name.
    """
    members = {f"{prefix}{p.relative_to(folder).as_posix()}": p for p in folder.rglob("*") if p.is_file()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted({*members, *extra}):
            info = zipfile.ZipInfo(name, _DAY)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            content = extra[name] if name in extra else members[name].read_bytes()
            archive.writestr(info, content, compresslevel=9)


def anchors_of(site: Path) -> list[str]:
    """List every address of a site that is promised to last: pages, records by their ids, and anchors in the text.

    An anchor of the text is a section, a record, a criterion, a source, a term, a figure: what a reader may have
    linked. Parts of drawings, cells of computed tables, controls and ids that are counted do not count, nor do
    pages that only serve others (search, print, references, frozen editions).
    """
    found = set()
    for page in sorted(site.rglob("*.html")):
        place = page.relative_to(site).as_posix()
        if place.startswith(_PASSING_FOLDERS) or place in _PASSING_PAGES:
            continue
        found.add(place)
        html = page.read_text("utf-8")
        start, end = html.find("<article"), html.rfind("</article>")
        article = _DRAWING.sub("", html[start:end]) if start >= 0 else ""
        found |= {
            f"{place}#{element['id']}"
            for element in _ELEMENT.finditer(article)
            if element["tag"] not in _CONTROLS and not _COUNTED.match(element["id"])
        }
    return sorted(found)
