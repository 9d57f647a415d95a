"""What a reader's first visit to a page costs: everything that the browser asks for, compressed."""

import gzip
import json
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.site

BUDGET = 120_000


def _asked_for(browser, address: str) -> set[str]:
    """Paths of all that a page load requests of our server, nothing taken from the browser's cache."""
    browser.get_log("performance")
    browser.get(address)
    paths = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = urlsplit(message["params"]["request"]["url"])
            if url.scheme == "http":
                paths.add(unquote(url.path).lstrip("/"))
    return paths


def test_no_first_view_weighs_more_than_120_kb(site, pages, server, make_browser):
    @cache
    def weight(path: str) -> int:
        return len(gzip.compress((site / (path or "index.html")).read_bytes(), 6))

    # The whole book as one file for the printer is a download and not a view.
    pages = [page for page in pages if not page.startswith("print/")]
    browser = make_browser()
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    weights = {}
    for page in pages:
        asked = _asked_for(browser, f"{server}/{page}")
        # favicon.ico is the browser's own idea and not there.
        weights[page] = sum(weight(path) for path in asked if (site / path).is_file())
        assert urlsplit(page).path in asked, f"{page}: the log of requests is empty"
    for page in sorted(weights, key=weights.get, reverse=True)[:10]:
        print(f"first view: {weights[page] / 1000:6.1f} kB {page}")
    assert {page: size for page, size in weights.items() if size > BUDGET} == {}
