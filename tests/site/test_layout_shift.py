"""Nothing moves while a page loads, however late its scripts come."""

import threading

import pytest
from shifts import shifts, slow_server

pytestmark = pytest.mark.site

PAGES = [
    "index.html",
    "book/argument/k1-bootstrap.html",
    "book/claims/index.html",
    "book/forecasts/index.html",
    "notebooks/collapse/gaussian-chain.html",
    "search.html",
]


@pytest.fixture(scope="module")
def slow(site):
    running = slow_server(site)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()


@pytest.fixture(scope="module", params=[390, 1280])
def sized_browser(request, make_browser):
    browser = make_browser(width=request.param)
    # A phone's page sets its viewport while it loads, and for half a second after that Chromium counts no shift.
    metrics = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    return browser


@pytest.mark.parametrize("page", PAGES)
def test_nothing_moves(slow, sized_browser, page):
    sized_browser.get(f"{slow}/{page}")
    assert shifts(sized_browser) == []


def test_a_move_is_seen(slow, sized_browser):
    sized_browser.get(f"{slow}/{PAGES[1]}")
    assert shifts(sized_browser) == []
    sized_browser.execute_script(
        "const late = document.createElement('p'); late.style.height = '100px';"
        "document.querySelector('article').prepend(late)"
    )
    assert shifts(sized_browser) != []
