"""axe-core on the kinds of page that readers meet, in both themes, on a phone and on a screen.

`benchmarks/bench_accessibility.py` runs it on every page.
"""

import pytest
from axe import set_theme, violations, wake
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.site

PAGES = [
    "index.html",
    "book/claims/index.html",
    "book/claims/technical-development.html",
    "book/audit.html",
    "book/forecasts/index.html",
    "book/forecasts/F1.html",
    "notebooks/collapse/gaussian-chain.html",
    "notebooks/claims/audit-summary.html",
    "search.html?q=kuhn",
    "404.html",
    "editions.html",
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
    wake(browser)
    if page not in ("404.html", "editions.html"):
        assert browser.execute_script("return document.documentElement.dataset.theme") == theme
    found = violations(browser)
    told = [f"{rule}: {asks}: {node}" for rule, asks, nodes in found for node in nodes[:4] or [""]]
    assert told == []


def test_axe_can_find_something(server, browser):
    browser.get(f"{server}/index.html")
    browser.execute_script("document.querySelector('main').append(document.createElement('img'))")
    assert "image-alt" in [rule for rule, _, _ in violations(browser)]


def test_axe_knows_the_rules_of_wcag_22(server, browser):
    browser.get(f"{server}/index.html")
    browser.execute_script(
        "const row = document.createElement('div'); row.innerHTML = '<button>a</button><button>b</button>';"
        "for (const b of row.children) Object.assign(b.style, {all: 'unset', width: '9px', height: '9px', "
        "display: 'inline-block', fontSize: '6px', overflow: 'hidden'});"
        "document.querySelector('main').prepend(row)"
    )
    assert "target-size" in [rule for rule, _, _ in violations(browser)]


def test_what_waits_for_a_reader_comes_with_the_first_sign_of_one(server, browser):
    browser.get(f"{server}/notebooks/collapse/gaussian-chain.html")
    there = "return [typeof bootstrap, document.querySelectorAll('.copybtn').length > 0]"
    assert browser.execute_script(there) == ["undefined", False]
    wake(browser)
    assert browser.execute_script(there) == ["object", True]


def test_a_click_that_comes_before_the_menu_can_open_opens_it(server, browser):
    browser.get(f"{server}/notebooks/collapse/gaussian-chain.html")
    browser.execute_script("document.querySelector('[data-bs-toggle=dropdown]').click()")
    WebDriverWait(browser, 10).until(
        lambda b: b.find_element(By.CSS_SELECTOR, ".dropdown-download-buttons .dropdown-menu").is_displayed()
    )
