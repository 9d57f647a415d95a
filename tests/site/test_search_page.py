"""The search: by kind, single records, Chinese terms, little to load, and the theme's own over files."""

import gzip
import json
from collections import Counter
from urllib.parse import quote, unquote, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from ouroboros.publishing.sections import book_pages
from ouroboros.publishing.site_search import records_of

pytestmark = pytest.mark.site
RESULTS = "#search-results .search-group li > a"


def found(server, browser, query: str) -> dict[str, list[str]]:
    """Addresses of the results by their kind, once they stand."""
    browser.get("about:blank")
    browser.get(f"{server}/search.html?q={quote(query)}")
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, RESULTS))
    WebDriverWait(browser, 20).until(
        lambda b: b.execute_script(
            "const m = document.querySelector('.search-more'); return m && !m.hidden || "
            "document.querySelectorAll(arguments[0]).length >= "
            "Math.min(8, parseInt(document.querySelector('.search-summary').textContent) || 1)",
            "#search-results .search-group > ol > li > a",
        )
    )
    return browser.execute_script(
        "return Object.fromEntries([...document.querySelectorAll('.search-group')].map((g) => "
        "[g.querySelector('h2').textContent, [...g.querySelectorAll('ol > li > a')].map((a) => a.href)]))"
    )


@pytest.mark.parametrize(
    ("query", "kind", "place"),
    [
        ("I017", "Claims", "#claim-I017"),
        ("peak data", "Terms", "book/glossary.html#term-peak-data"),
        ("Kuhn", "Experiments", "notebooks/self-play/cycling.html"),
        ("数据峰值", "Chapters", "book/background.html"),
        ("数据枯竭", "Experiments", "notebooks/cost/peak-data.html"),
        ("模型崩溃", "Chapters", "book/argument/k1-bootstrap.html"),
        ("模型坍缩", "Experiments", "notebooks/collapse/gaussian-chain.html"),
        ("Gretel", "Claims", "#claim-I003"),
    ],
)
def test_it_finds_records_by_kind(server, browser, query, kind, place):
    results = found(server, browser, query)
    assert any(address.endswith(place) for address in results.get(kind, ())), results


def test_the_record_asked_for_comes_first(server, browser):
    found(server, browser, "I017")
    first = browser.find_element(By.CSS_SELECTOR, RESULTS)
    assert first.get_attribute("href").endswith("#claim-I017")


def test_code_and_tables_are_not_searched(server, browser):
    for query in ("default_rng", "sort_values"):
        browser.get("about:blank")
        browser.get(f"{server}/search.html?q={query}")
        summary = WebDriverWait(browser, 20).until(
            lambda b: b.find_elements(By.CSS_SELECTOR, ".search-summary")
        )[0]
        WebDriverWait(browser, 20).until(lambda _, s=summary: s.text)
        assert not any(
            query in item.text for item in browser.find_elements(By.CSS_SELECTOR, ".search-excerpt")
        ), query


def test_less_than_100_kb_are_loaded_before_the_first_result(site, server, make_browser):
    browser = make_browser()
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    weights = {}
    for query in ("kuhn", "peak data", "模型崩溃"):
        browser.get_log("performance")
        found(server, browser, query)
        asked = []
        for entry in browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                path = unquote(urlsplit(message["params"]["request"]["url"]).path).lstrip("/")
                if path.startswith("pagefind/"):
                    asked.append(path)
        assert any("pf_index" in path for path in asked)
        # The first result needs its own text and not that of the others.
        texts = [path for path in asked if path.endswith(".pf_fragment")]
        needed = [path for path in asked if path not in texts[1:]] + ["_static/site-search.js"]
        weights[query] = sum(len(gzip.compress((site / path).read_bytes(), 6)) for path in set(needed))
    print({query: f"{weight / 1000:.1f} kB" for query, weight in weights.items()})
    assert max(weights.values()) < 100_000


def test_it_searches_as_one_types_and_the_address_follows(server, browser):
    browser.get(f"{server}/search.html")
    field = browser.find_element(By.CSS_SELECTOR, ".bd-search-container input[type=search]")
    field.send_keys("watermark")
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, RESULTS))
    assert "q=watermark" in browser.current_url
    assert browser.find_element(By.CSS_SELECTOR, ".search-summary").get_attribute("role") == "status"


def test_the_names_of_kinds_are_seen(server, browser):
    found(server, browser, "peak data")
    names = browser.find_elements(By.CSS_SELECTOR, ".search-group > h2")
    assert len(names) > 2
    assert all(name.is_displayed() and name.text for name in names)


def test_no_record_of_the_ledger_is_found_twice(site):
    found = Counter(
        record.address.partition("#")[2]
        for page in book_pages(site)
        for record in records_of(page, page.relative_to(site).as_posix())
        if "#" in record.address
    )
    assert {anchor for anchor in found if anchor.startswith("statement-")} >= {
        "statement-T1",
        "statement-D01",
    }
    assert [anchor for anchor, times in found.items() if times > 1] == []


def test_a_statement_is_found_once_on_its_own_page(server, browser):
    found(server, browser, "peak data is real")
    titles = [
        a.text for a in browser.find_elements(By.CSS_SELECTOR, "#search-results .search-group > ol > li > a")
    ]
    assert [title for title in titles if title.startswith("T1")] == ["T1. Peak data is real (mixed)"]
    places = [a.get_attribute("href") for a in browser.find_elements(By.CSS_SELECTOR, RESULTS)]
    assert [place for place in places if "statement-T1" in place] == [
        f"{server}/book/argument/theses.html#statement-T1"
    ]


def test_hostile_words_are_searched_as_words(server, browser):
    browser.get("about:blank")
    browser.get(f"{server}/search.html?q={quote('<img src=x onerror=window.ran=1> Kuhn')}")
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".search-summary"))
    assert browser.execute_script("return window.ran") is None
    assert not browser.find_elements(By.CSS_SELECTOR, "#search-results img")
