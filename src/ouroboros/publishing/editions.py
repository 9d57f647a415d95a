"""Frozen editions: where they lie, how they are verified, how a build puts them beside the current state.

``editions/<id>/`` holds what was published under that number and is never written again. ``SHA256SUMS``
lists every file, so that tampering shows.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.redirects import PLACE, Moved, covered

FOLDER = "editions"
SUMS = "SHA256SUMS"
NAME = re.compile(r"\d{4}\.(0[1-9]|1[0-2])")
#: The only files of a published site that later editions may change.
UNVERSIONED = ("editions.json", "editions.html", "edition.js")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A published edition.

    Attributes
    ----------
    id : str
        ``2026.11``.
    folder : Path
        ``editions/<id>``.
    meta : dict
        Content of ``edition.json``.
    """

    id: str
    folder: Path
    meta: dict[str, Any]

    @property
    def title(self) -> str:
        """Name in lists."""
        return f"{self.id} ({self.meta['title']})"

    def state(self) -> dict[str, Any]:
        """State that comparisons read."""
        return json.loads((self.folder / "state.json").read_text("utf-8"))

    def anchors(self) -> list[str]:
        """Every ``page#anchor`` that was published."""
        return (self.folder / "anchors.txt").read_text("utf-8").splitlines()


def frozen_editions(root: Path) -> list[Frozen]:
    """List published editions, oldest first; unfinished releases do not count.

    Raises
    ------
    BuildError
        If an edition has no readable ``edition.json``.
    """
    found = []
    for folder in sorted((root / FOLDER).glob("*")):
        if not folder.is_dir() or not NAME.fullmatch(folder.name):
            continue
        try:
            meta = json.loads((folder / "edition.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise BuildError(
                f"{FOLDER}/{folder.name}/edition.json: cannot be read: {error} (git checkout {FOLDER}/{folder.name})"
            ) from error
        found.append(Frozen(folder.name, folder, meta))
    return found


def file_sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder except the list itself, by relative path."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)
    return {p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest() for p in paths}


def edition_faults(root: Path) -> list[str]:
    """Everything that was altered in a published edition, one line each."""
    faults = []
    for edition in frozen_editions(root):
        place = f"{FOLDER}/{edition.id}"
        listed_file = edition.folder / SUMS
        if not listed_file.is_file():
            faults.append(f"{place}/{SUMS}: missing (git checkout {place})")
            continue
        lines = listed_file.read_text("utf-8").splitlines()
        listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        now = file_sums(edition.folder)
        for name in sorted(listed.keys() | now.keys()):
            if listed.get(name) != now.get(name):
                what = "added" if name not in listed else "missing" if name not in now else "altered"
                faults.append(
                    f"{place}/{name}: {what} after the edition was published (git checkout {place})"
                )
    return faults


def lost_addresses(root: Path, anchors: Iterable[str], moved: Sequence[Moved] = ()) -> list[str]:
    """Permanent addresses of published editions that a new state of the site would no longer have, one line each.

    Parameters
    ----------
    root : Path
        The checkout.
    anchors : iterable of str
        Addresses of the new state (see :func:`ouroboros.publishing.archive.anchors_of`).
    moved : sequence of Moved
        Addresses that lead on to where their content stands now.
    """
    here = set(anchors)
    lost = {}
    for edition in frozen_editions(root):
        # The pages of the original were only ever published below v/, where they stay; its ids are the report's.
        promised = (a for a in edition.anchors() if a.startswith("id/") or not edition.meta.get("original"))
        for address in promised:
            if address not in here and not covered(address, moved):
                lost.setdefault(address, edition.id)
    return [
        f"{edition}: {address} was published and would vanish (keep it, or say in {PLACE} where it went: "
        f'"{address}: page.html#anchor")'
        for address, edition in lost.items()
    ]


def place_editions(root: Path, site: Path, current: str) -> int:
    """Unpack every published edition into a freshly built site and write the files that list them.

    Parameters
    ----------
    root : Path
        The checkout.
    site : Path
        The new site, not published yet.
    current : str
        Name of the state that the site itself shows.

    Returns
    -------
    int
        Number of editions placed.

    Raises
    ------
    BuildError
        If an edition was altered or its archive is unsound.
    """
    faults = edition_faults(root)
    if faults:
        raise BuildError("\n".join(faults))
    editions = frozen_editions(root)
    for edition in editions:
        _unpack(edition, site)
        shutil.copyfile(edition.folder / "site.zip", site / "v" / f"{edition.id}.zip")
    # The original is where the report starts from: whoever asks for the newest edition does not mean it.
    newest = next((e for e in reversed(editions) if not e.meta.get("original")), None)
    listing = only_itself(current, newest is None)
    for edition in reversed(editions):
        listing.append(
            {
                "id": edition.id,
                "title": edition.title,
                "path": f"v/{edition.id}/",
                "newest": edition is newest,
            }
        )
    write_unversioned(site, listing)
    _write_latest(f"v/{newest.id}/" if newest else "", newest.id if newest else current, site)
    return len(editions)


def only_itself(current: str, newest: bool = True) -> list[dict[str, Any]]:
    """List the current state as the only one there is, for files that are shared by all editions."""
    return [{"id": current, "title": f"{current} (current)", "path": "", "newest": newest}]


def write_unversioned(site: Path, listing: list[dict[str, Any]]) -> None:
    """Write the three files that are shared by all editions."""
    (site / "editions.json").write_text(json.dumps(listing, indent=1, ensure_ascii=False) + "\n", "utf-8")
    items = "\n".join(
        f'<li><a href="{escape(e["path"] or "./", quote=True)}index.html">{escape(e["title"])}</a>'
        f"{_zip_of(e, site)}</li>"
        for e in listing
    )
    page = _page("Editions of Ouroboros", f"<h1>Editions of Ouroboros</h1>\n<ul>\n{items}\n</ul>")
    (site / "editions.html").write_text(page, "utf-8")
    script = files("ouroboros.publishing") / "static/edition.js"
    (site / "edition.js").write_text(script.read_text("utf-8"), "utf-8")


def _zip_of(entry: dict[str, Any], site: Path) -> str:
    archive = entry["path"].rstrip("/") + ".zip"
    return f' (<a href="{archive}">zip for reading offline</a>)' if (site / archive).is_file() else ""


def _unpack(edition: Frozen, site: Path) -> None:
    archive = edition.folder / "site.zip"
    inside = f"v/{edition.id}/"
    try:
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                # Only this edition's own folder is taken, and nothing that climbs out of it.
                if name.startswith(inside) and ".." not in Path(name).parts:
                    opened.extract(name, site)
    except (OSError, zipfile.BadZipFile) as error:
        raise BuildError(f"{FOLDER}/{edition.id}/site.zip: cannot be unpacked: {error}") from error


def _write_latest(folder: str, name: str, site: Path) -> None:
    """``latest/`` leads to the newest edition, page by page, by redirects that need no script."""
    shutil.rmtree(site / "latest", ignore_errors=True)
    source = site / folder
    for page in sorted(source.rglob("*.html")):
        place = page.relative_to(source)
        if place.parts[0] in ("v", "cite", "changes") or (not folder and place.as_posix() in UNVERSIONED):
            continue
        target = site / "latest" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        way = "../" * len(place.parts) + f"{folder}{place.as_posix()}"
        target.write_text(redirect(way, f"Ouroboros, edition {name}"), "utf-8")


def redirect(target: str, title: str) -> str:
    """Page that leads to another one, with a link for readers whose browser does not follow."""
    address = escape(target, quote=True)
    return _page(
        title,
        f'<p><a href="{address}">{escape(title)}</a></p>',
        f'<meta http-equiv="refresh" content="0; url={address}">\n<link rel="canonical" href="{address}">',
    )


def _page(title: str, body: str, head: str = "") -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # These pages stand at any depth and beside any edition, so they say that they have no icon.
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n{head}\n'
        "<style>body{font:1.05rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
        "@media(prefers-color-scheme:dark){body{background:#121212;color:#e6e6e6}a{color:#8ab8ff}}</style>\n"
        f"</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
