"""axe-core on the kinds of page that readers meet, in both themes, on a phone and on a screen.

`benchmarks/bench_accessibility.py` runs it on every page.
"""

import pytest
from axe import set_theme, violations

pytestmark = pytest.mark.site

PAGES = [
    "index.html",
    "book/claims/index.html",
    "book/claims/technical-development.html",
    "book/forecasts/index.html",
    "notebooks/collapse/gaussian-chain.html",
    "notebooks/claims/audit-summary.html",
    "search.html?q=kuhn",
    "404.html",
]


@pytest.fixture(scope="module", params=[390, 1280])
def sized_browser(request, make_browser):
    browser = make_browser(width=request.param)
    browser.set_script_timeout(120)
    return browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(server, sized_browser, page, theme):
    browser = sized_browser
    set_theme(browser, theme)
    browser.get(f"{server}/{page}")
    if page != "404.html":
        assert browser.execute_script("return document.documentElement.dataset.theme") == theme
    found = violations(browser)
    told = [f"{rule}: {asks}: {node}" for rule, asks, nodes in found for node in nodes[:4] or [""]]
    assert told == []


def test_axe_can_find_something(server, browser):
    browser.get(f"{server}/index.html")
    browser.execute_script("document.querySelector('main').append(document.createElement('img'))")
    assert "image-alt" in [rule for rule, _, _ in violations(browser)]
