"""The first screen of the cover answers what this is, since when, what holds, what does not and what changed."""

import pytest
from selenium.webdriver.common.by import By

pytestmark = pytest.mark.site


def _bottoms(browser, selector: str) -> list[float]:
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((e) => e.getBoundingClientRect().bottom)",
        selector,
    )


def test_one_screen_answers_everything(server, make_browser):
    browser = make_browser(width=1280, height=800)
    browser.get(f"{server}/index.html")
    for selector, count in (
        (".edition-line", 1),
        (".cover-card", 4),
        (".whats-new", 1),
        (".dashboard-block", 3),
    ):
        bottoms = _bottoms(browser, selector)
        assert len(bottoms) == count
        assert max(bottoms) <= 800, selector


def test_a_phone_shows_what_it_is_since_when_and_what_holds_first(server, make_browser):
    browser = make_browser(width=390, height=844)
    browser.get(f"{server}/index.html")
    assert max(_bottoms(browser, ".edition-line")) < 200
    assert max(_bottoms(browser, ".cover-card.holds, .cover-card.fails")) <= 844
    assert max(_bottoms(browser, ".cover-card.changed > p:first-child")) <= 844


@pytest.mark.parametrize("width", [390, 1280])
def test_no_bracket_is_parted_from_its_chip(server, make_browser, width):
    browser = make_browser(width=width, height=844)
    for page in ("index.html", "book/summary.html"):
        browser.get(f"{server}/{page}")
        pieces = browser.find_elements(By.CSS_SELECTOR, ".together")
        assert len(pieces) > 3
        lines = browser.execute_script(
            "return [...document.querySelectorAll('.together')].map((e) => {"
            "  const parts = [...e.childNodes].map((n) => { const r = document.createRange(); r.selectNode(n);"
            "    return r.getBoundingClientRect(); }).filter((r) => r.width);"
            "  return Math.max(...parts.map((r) => r.top)) - Math.min(...parts.map((r) => r.bottom)); })"
        )
        assert max(lines) < 0, "two parts of a piece stand on different lines"
