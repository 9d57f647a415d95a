"""The built site, served locally to a browser that cannot reach any other host."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ouroboros.publishing.serve import serve

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site() -> Path:
    built = ROOT / "_build" / "html"
    assert (built / "index.html").is_file(), "no site in _build/html: run `make book` first"
    return built


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Pages that readers read: without frozen editions and the stubs that only lead on to another page."""
    found = (page.relative_to(site).as_posix() for page in site.rglob("*.html"))
    return sorted(page for page in found if not page.startswith(("v/", "id/", "latest/")))


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[str]:
    running = serve(site, 0)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
