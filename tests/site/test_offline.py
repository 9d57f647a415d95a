"""What readers take along opens from their disk: the zip of every edition, and that of the whole site."""

import json
import zipfile
from urllib.parse import unquote, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from ouroboros.publishing.editions import frozen_editions

pytestmark = pytest.mark.site


def _failures(browser):
    """What the page asked for and did not get, and anything it asked of another host."""
    found = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        asked = message["params"].get("request", {}).get("url", "file:")
        if message["method"] == "Network.requestWillBeSent" and urlsplit(asked).scheme not in (
            "file",
            "data",
        ):
            found.append(asked)
        if message["method"] == "Network.loadingFailed" and message["params"]["type"] not in (
            "Fetch",
            "Other",
        ):
            found.append(message["params"]["errorText"])
    return found


def test_the_zip_of_every_edition_opens_from_files(root, browser, tmp_path):
    for edition in frozen_editions(root):
        folder = tmp_path / edition.id
        with zipfile.ZipFile(edition.folder / "site.zip") as archive:
            archive.extractall(folder)
        browser.get_log("performance")
        browser.get((folder / "index.html").as_uri())
        # The first page leads to the cover of the edition by itself.
        WebDriverWait(browser, 20).until(lambda b, e=edition: b.current_url.endswith(f"/v/{e.id}/index.html"))
        assert f"Edition {edition.id}" in browser.find_element(By.CSS_SELECTOR, ".edition-switcher").text
        browser.find_element(By.CSS_SELECTOR, "article a.reference.internal[href$='.html']").click()
        assert browser.find_element(By.CSS_SELECTOR, "article h1").text
        assert unquote(urlsplit(browser.current_url).path).startswith(str(folder / "v" / edition.id))
        browser.find_element(By.CSS_SELECTOR, ".edition-switcher a").click()
        assert edition.id in browser.find_element(By.CSS_SELECTOR, "ul").text
        assert _failures(browser) == []


def test_the_zip_of_the_whole_site_opens_from_files(site, browser, tmp_path):
    with zipfile.ZipFile(site / "ouroboros.zip") as archive:
        archive.extractall(tmp_path)
    browser.get_log("performance")
    browser.get((tmp_path / "ouroboros/index.html").as_uri())
    assert browser.find_element(By.CSS_SELECTOR, "article h1").text
    browser.get((tmp_path / "ouroboros/changes/index.html").as_uri())
    browser.find_element(By.CSS_SELECTOR, "li a").click()
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith("What changed from")
    assert _failures(browser) == []
