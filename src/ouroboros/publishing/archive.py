"""Zip files that depend on their content alone, and the anchors of a site."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

_DAY = (2026, 2, 19, 0, 0, 0)  # zip cannot say "no date"
_ANCHOR = re.compile(r'\bid="([^"]+)"')


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
    """List every ``page#anchor`` inside the text of a site's pages; the theme's own furniture does not count."""
    found = set()
    for page in sorted(site.rglob("*.html")):
        place = page.relative_to(site).as_posix()
        if place.startswith(("v/", "latest/", "print/")):
            continue
        found.add(place)
        html = page.read_text("utf-8")
        start, end = html.find("<article"), html.rfind("</article>")
        article = html[start:end] if start >= 0 else ""
        found |= {f"{place}#{a}" for a in _ANCHOR.findall(article) if _is_lasting(a)}
    return sorted(found)


def _is_lasting(anchor: str) -> bool:
    """Whether an anchor is one that a reader may have linked: not a glyph of a figure, not a counted id."""
    return not re.match(r"(id\d+$|fig\d+-|codecell\d+|copybtn|mpl-)", anchor)
