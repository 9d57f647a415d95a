"""The site under its own policy: nothing is blocked, and what pages do by script still works."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from ouroboros.publishing.policy import policy_faults

pytestmark = pytest.mark.site


def test_nothing_in_the_pages_is_forbidden(site):
    assert policy_faults(site) == []


def _blocked(browser) -> list[str]:
    return [e["message"] for e in browser.get_log("browser") if "Content Security Policy" in e["message"]]


def test_the_browser_blocks_nothing(pages, server, browser):
    browser.get_log("browser")
    blocked = []
    for page in [*pages, "404.html", "search.html?q=kuhn", "v/2026.02/index.html"]:
        browser.get(f"{server}/{page}")
        blocked += [f"{page}: {message}" for message in _blocked(browser)]
    assert blocked == []


def test_a_script_that_a_page_brings_along_is_blocked(server, browser):
    browser.get(f"{server}/index.html")
    browser.get_log("browser")
    browser.execute_script(
        "const p = document.createElement('p'); p.innerHTML = '<img src=x onerror=\"window.ran = 1\">';"
        "document.querySelector('main').append(p)"
    )
    WebDriverWait(browser, 5).until(_blocked)
    assert browser.execute_script("return window.ran") is None


def test_the_theme_switches_and_the_button_prints(server, browser):
    browser.get(f"{server}/book/summary.html")
    before = browser.execute_script("return document.documentElement.dataset.mode")
    browser.execute_script("document.querySelector('button.theme-switch-button').click()")
    assert browser.execute_script("return document.documentElement.dataset.mode") != before
    browser.execute_script("window.print = () => { window.printed = true; }")
    browser.execute_script("document.querySelector('button.btn-download-pdf-button').click()")
    assert browser.execute_script("return window.printed")


def test_drawings_and_bars_look_as_they_did_with_style_attributes(server, browser):
    browser.get(f"{server}/index.html")
    grown = browser.execute_script(
        "return [...document.querySelectorAll('.segment')].map((s) => getComputedStyle(s).flexGrow)"
    )
    assert len(set(grown)) > 3
    browser.get(f"{server}/notebooks/collapse/gaussian-chain.html")
    strokes = browser.execute_script(
        "return [...document.querySelectorAll('svg.figure-svg path[stroke]')]"
        ".map((path) => getComputedStyle(path).stroke)"
    )
    assert len(set(strokes)) >= 4
    joins = browser.execute_script(
        "return [...document.querySelectorAll('svg.figure-svg')].map((s) => getComputedStyle(s).strokeLinejoin)"
    )
    assert set(joins) == {"round"}


def test_an_address_that_leads_nowhere_has_a_page(server, browser):
    browser.get(f"{server}/404.html")
    assert browser.find_element(By.TAG_NAME, "h1").text == "Nothing is here"
    links = [a.get_attribute("href") for a in browser.find_elements(By.CSS_SELECTOR, "main li a")]
    assert f"{server}/book/claims/index.html" in links
