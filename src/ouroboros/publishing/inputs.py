"""What a build reads, and one digest of it all: the decision "nothing changed" costs no Sphinx start."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

#: Files at the top level and folders below it that can change a page.
TOP_FILES = ("_config.yml", "_toc.yml", "index.md", "references.bib", "requirements.txt")
PROSE_FOLDERS = ("book", "notebooks")
DATA_FOLDERS = ("ledger", "evidence", "editions")
CODE_FOLDER = Path("src/ouroboros")


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            yield path


def prose_files(root: Path) -> list[Path]:
    """List what Sphinx reads as sources: the cover, the book, the notebooks, configuration, bibliography."""
    top = [root / name for name in TOP_FILES if (root / name).is_file()]
    return top + [path for folder in PROSE_FOLDERS for path in _files_below(root / folder)]


def surrounding_files(root: Path) -> list[Path]:
    """List what pages are computed from: ledger, evidence, editions and the package itself."""
    folders = [root / folder for folder in DATA_FOLDERS] + [root / CODE_FOLDER]
    return [path for folder in folders for path in _files_below(folder)]


def digest(root: Path, files: list[Path]) -> str:
    """Hash the content and place of `files` together with the Python in use.

    Parameters
    ----------
    root : Path
        The checkout; places are taken relative to it.
    files : list of Path
        Existing files below `root`.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    total = hashlib.sha256(f"{sys.version_info[:3]}".encode())
    for path in files:
        total.update(str(path.relative_to(root)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
