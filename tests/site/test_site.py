"""The site in a real browser with the network cut, and from its files."""

import json

import pytest
from selenium.webdriver.common.by import By

from ouroboros.publishing.gate import faults_of

pytestmark = pytest.mark.site


def test_links_anchors_and_resources_resolve(site):
    assert faults_of(site) == []


def test_every_page_opens_without_foreign_requests_failures_or_console_errors(pages, server, browser):
    faults = []
    for page in pages:
        browser.get_log("performance"), browser.get_log("browser")
        browser.get(f"{server}/{page}")
        for entry in browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            request = message["params"].get("request", {})
            response = message["params"].get("response", {})
            if message["method"] == "Network.requestWillBeSent":
                url = request["url"]
                if not url.startswith((server, "data:", "blob:")):
                    faults.append(f"{page}: asks for {url}")
            if message["method"] == "Network.responseReceived" and response["status"] >= 400:
                faults.append(f"{page}: {response['status']} for {response['url']}")
            if message["method"] == "Network.loadingFailed" and not message["params"].get("canceled"):
                faults.append(f"{page}: {message['params']['errorText']}")
        faults += [
            f"{page}: console: {e['message']}" for e in browser.get_log("browser") if e["level"] == "SEVERE"
        ]
    assert faults == []


def test_cover_counts_every_claim(site, server, browser, ledger):
    browser.get(f"{server}/index.html")
    blocks = browser.find_elements(By.CSS_SELECTOR, ".dashboard-block")
    assert len(blocks) == 3
    assert f"{len(ledger.claims)} claims" in blocks[0].text


def test_every_claim_has_its_anchor(server, browser, ledger):
    browser.get(f"{server}/book/claims/index.html")
    missing = [c for c in ledger.claims if not browser.find_elements(By.ID, f"claim-{c}")]
    assert missing == []


#: Text of an article beyond the right edge of the window that nothing scrolls into sight.
_CUT = """
const edge = document.documentElement.clientWidth + 1;
const scrolls = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
return [...document.querySelectorAll('.bd-article *')].filter((e) => e.getBoundingClientRect().right > edge
  && getComputedStyle(e).clipPath === 'none' && !scrolls(e.parentElement))
  .map((e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute('class')}"> ${e.textContent.trim().slice(0, 60)}`);
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways_and_no_words_are_cut_off(pages, server, make_browser, width):
    browser = make_browser(width=width)
    wide = []
    for page in pages:
        browser.get(f"{server}/{page}")
        over = browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            wide.append(f"{page}: {over} px")
        wide += [f"{page}: cut off: {what}" for what in browser.execute_script(_CUT)[:3]]
    assert wide == []


def test_search_works_from_files(site, browser):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{(site / 'search.html').as_uri()}?q=Gaussian")
    WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, "ul.search li a"))


def test_reads_from_files_and_without_javascript(site, make_browser, ledger):
    browser = make_browser(javascript=False)
    browser.get((site / "book/claims/index.html").as_uri())
    text = browser.find_element(By.TAG_NAME, "main").text
    assert [c for c in ledger.claims if c not in text] == []
    browser.get((site / "notebooks/collapse/gaussian-chain.html").as_uri())
    assert browser.find_elements(By.CSS_SELECTOR, "svg.figure-svg")
    assert browser.find_elements(By.CSS_SELECTOR, "math")
