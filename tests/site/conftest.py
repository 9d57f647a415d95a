"""The built site, served locally to a browser that cannot reach any other host."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

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


def _find(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise AssertionError(f"none of {', '.join(names)} is installed (Debian: chromium chromium-driver)")


@pytest.fixture(scope="session")
def make_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Open headless Chromium windows whose every host but this machine is unreachable."""
    opened = []

    def make(*, width: int = 1280, height: int = 900, dark: bool = False, javascript: bool = True):
        options = webdriver.ChromeOptions()
        options.binary_location = _find("chromium", "chromium-browser", "google-chrome")
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            f"--window-size={width},{height}",
            f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        ):
            options.add_argument(flag)
        if dark:
            options.add_argument("--force-dark-mode")
        if not javascript:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2}
            )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(_find("chromedriver"), log_output=os.devnull)
        browser = webdriver.Chrome(options=options, service=service)
        browser.set_page_load_timeout(60)
        # Chrome's window has a least width; the viewport of a phone has to be set by the device metrics.
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        browser.quit()


@pytest.fixture(scope="session")
def browser(make_browser):
    return make_browser()
