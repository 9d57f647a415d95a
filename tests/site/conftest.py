"""The built site, served locally to a browser that cannot reach any other host."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import chromium

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


@pytest.fixture(scope="session")
def make_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Open headless Chromium windows whose every host but this machine is unreachable."""
    opened = []

    def make(**asked):
        browser = chromium(tmp_path_factory.mktemp("chromium"), **asked)
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        browser.quit()


@pytest.fixture(scope="session")
def browser(make_browser):
    return make_browser()
