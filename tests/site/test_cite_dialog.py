"""The reference of a section and of a record: a dialog for the keyboard, a page without scripts, heads for programs."""

import json
import re

import bibtexparser
import jsonschema
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from ouroboros.publishing.sections import book_pages

pytestmark = pytest.mark.site
PAGE = "book/claims/players.html"
LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
TEXT = {"type": "string", "minLength": 1}
ORGANIZATION = {
    "type": "object",
    "required": ["@type", "name"],
    "properties": {"@type": {"const": "Organization"}, "name": TEXT},
}
#: What search engines ask of a ClaimReview, and of a Report, in the terms of schema.org.
SCHEMAS = {
    "ClaimReview": {
        "required": [
            "@context",
            "@type",
            "url",
            "claimReviewed",
            "itemReviewed",
            "author",
            "datePublished",
            "reviewRating",
        ],
        "properties": {
            "@context": {"const": "https://schema.org"},
            "url": TEXT,
            "claimReviewed": TEXT,
            "author": ORGANIZATION,
            "datePublished": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
            "itemReviewed": {
                "required": ["@type", "datePublished", "appearance"],
                "properties": {"@type": {"const": "Claim"}},
            },
            "reviewRating": {
                "required": ["@type", "alternateName"],
                "properties": {
                    "@type": {"const": "Rating"},
                    "alternateName": {
                        "enum": ["confirmed", "nuanced", "discrepant", "superseded", "unverifiable"]
                    },
                    "ratingValue": {"type": "integer", "minimum": 1, "maximum": 4},
                },
                "dependentRequired": {"ratingValue": ["bestRating", "worstRating"]},
            },
        },
    },
    "Report": {
        "required": ["@context", "@type", "name", "url", "author", "isPartOf", "version", "license"],
        "properties": {
            "@context": {"const": "https://schema.org"},
            "name": TEXT,
            "url": TEXT,
            "author": ORGANIZATION,
        },
    },
}


def _open(browser, address, selector):
    browser.get(address)
    link = browser.find_element(By.CSS_SELECTOR, selector)
    link.send_keys(Keys.ENTER)  # as from the keyboard
    return WebDriverWait(browser, 20).until(lambda b: b.find_element(By.CSS_SELECTOR, "dialog[open]"))


def test_dialog_of_a_claim_opens_copies_and_closes_from_the_keyboard(server, browser):
    dialog = _open(browser, f"{server}/{PAGE}", "#claim-I010 .cite-link")
    assert "I010" in dialog.find_element(By.TAG_NAME, "h2").text
    blocks = {b.get_attribute("data-format"): b.text for b in dialog.find_elements(By.TAG_NAME, "pre")}
    assert set(blocks) == {
        "APA", "Chicago author-date", "IEEE", "Harvard", "GB/T 7714", "BibTeX", "RIS", "CSL-JSON",
    }  # fmt: skip
    assert f"{server}/id/I010.html" in blocks["APA"]
    assert bibtexparser.parse_string(blocks["BibTeX"]).entries[0].key.endswith("-I010")
    assert json.loads(blocks["CSL-JSON"])[0]["URL"].endswith("id/I010.html")
    copy = dialog.find_element(By.CSS_SELECTOR, "button.cite-copy")
    copy.send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: copy.text in ("Copied", "Selected"))
    assert browser.execute_script("return document.activeElement.closest('dialog') !== null")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not browser.find_elements(By.CSS_SELECTOR, "dialog[open]")


def test_dialog_of_a_section_leads_to_the_section(server, browser):
    dialog = _open(browser, f"{server}/book/summary.html", "h2 .cite-link")
    there = dialog.find_element(By.CSS_SELECTOR, ".cite-permalink a").get_attribute("href")
    assert re.fullmatch(rf"{server}/book/summary\.html#[\w-]+", there)


@pytest.mark.parametrize("kind", ["experiment", "forecast", "statement"])
def test_every_kind_of_record_has_its_way_to_a_reference(site, kind, ledger):
    pages = "\n".join(p.read_text("utf-8") for p in book_pages(site))
    missing = [i for i in getattr(ledger, f"{kind}s") if f"cite/{i}.html" not in pages]
    shown = [i for i in missing if (site / "id" / f"{i}.html").is_file()]
    assert shown == []


def test_every_section_of_every_page_has_a_reference(site):
    for page in book_pages(site):
        text = page.read_text("utf-8")
        assert text.count('title="Link to this heading"') <= text.count('class="cite-link"'), page


def test_without_javascript_the_same_link_opens_a_page(site, make_browser):
    browser = make_browser(javascript=False)
    browser.get((site / PAGE).as_uri())
    browser.find_element(By.CSS_SELECTOR, "#claim-I010 .cite-link").click()
    assert browser.current_url.endswith("cite/I010.html")
    assert "@incollection" in browser.find_element(By.TAG_NAME, "body").text


def test_heads_hold_valid_records_and_a_review_for_each_claim(site, ledger):
    reviewed = []
    for page in book_pages(site):
        text = page.read_text("utf-8")
        if "<article" not in text:
            continue
        assert '<meta name="citation_title"' in text and '<meta name="citation_publication_date"' in text, (
            page
        )
        records = [json.loads(found) for found in LD.findall(text)]
        for record in records:
            jsonschema.validate(record, SCHEMAS[record["@type"]])
            if record["@type"] == "ClaimReview":
                reviewed.append(record["itemReviewed"]["identifier"])
                assert (page.parent / record["url"]).resolve().is_file()
        assert [r["@type"] for r in records].count("Report") == 1, page
    assert sorted(reviewed) == sorted(ledger.claims)
