"""The two programs outside Python that documents need: pandoc and Chromium, with a clear word when one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ouroboros.publishing.errors import BuildError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCE = 900  # seconds


def pandoc(arguments: list[str], text: str, folder: Path) -> str:
    """Run pandoc on a text in a folder and return what it prints.

    Raises
    ------
    BuildError
        If pandoc is not installed, fails, or warns (a citation that it does not find is a warning).
    """
    program = shutil.which("pandoc")
    if program is None:
        raise BuildError("pandoc: not installed (on Debian: apt-get install pandoc)")
    done = subprocess.run(
        [program, *arguments], cwd=folder, input=text, capture_output=True, text=True, timeout=_PATIENCE
    )
    said = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode != 0 or said:
        raise BuildError(f"pandoc: {'; '.join(said) or f'failed with code {done.returncode}'}")
    return done.stdout


def browser() -> str | None:
    """Chromium, if there is one."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def print_pdf(page: Path, target: Path) -> None:
    """Print an HTML file to PDF by headless Chromium, which makes no request to any host.

    Raises
    ------
    BuildError
        If no Chromium is installed or it writes nothing.
    """
    program = browser()
    if program is None:
        raise BuildError(
            "chromium: not installed, and PDF is printed by it (on Debian: apt-get install chromium)"
        )
    with tempfile.TemporaryDirectory() as profile:
        part = Path(profile) / "out.pdf"
        command = [
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={profile}/profile",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={part}",
            page.resolve().as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
        if done.returncode != 0 or not part.is_file():
            raise BuildError(f"chromium: could not print {page.name} (code {done.returncode})")
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.part")
        shutil.copyfile(part, beside)
        os.replace(beside, target)
