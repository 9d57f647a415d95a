"""What stands behind a chip is shown on hover and on focus, goes with Escape, and can be pointed at."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.site

PAGE = "book/audit.html"
CHIP = "a.ledger-link[href*='claim-I004']"


@pytest.fixture
def chip(server, browser):
    browser.get(f"{server}/{PAGE}")
    found = browser.find_element(By.CSS_SELECTOR, CHIP)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    return found


def card(browser):
    found = browser.find_elements(By.ID, "ledger-card")
    return found[0] if found and found[0].is_displayed() else None


def wait_for(browser, there: bool):
    return WebDriverWait(browser, 5).until(lambda b: (card(b) is not None) == there and (card(b) or True))


def test_a_chip_has_colour_icon_and_word(chip):
    inside = chip.find_element(By.CSS_SELECTOR, ".chip")
    assert inside.find_elements(By.CSS_SELECTOR, "svg.glyph[aria-hidden=true]")
    assert "discrepant" in inside.text or "nuanced" in inside.text
    assert "is-" in inside.get_attribute("class")


def test_hover_shows_statement_and_source(chip, browser, ledger):
    ActionChains(browser).move_to_element(chip).perform()
    shown = wait_for(browser, True)
    text = " ".join(shown.text.split())
    assert " ".join(ledger.claims["I004"].text.split()) in text
    assert shown.find_element(By.TAG_NAME, "p").text.startswith("Primary source: ")
    assert chip.get_attribute("aria-describedby") == "ledger-card"
    ActionChains(browser).move_to_element(shown).pause(0.5).perform()
    assert card(browser) is not None, "the card must stay while it is pointed at"
    ActionChains(browser).move_by_offset(-300, 300).perform()
    wait_for(browser, False)


def test_focus_shows_it_and_escape_closes_it(chip, browser, ledger):
    browser.execute_script("arguments[0].focus()", chip)
    wait_for(browser, True)
    chip.send_keys(Keys.ESCAPE)
    assert card(browser) is None
    assert ledger.claims["I004"].text.split()[0] in chip.get_attribute("title")
    assert browser.switch_to.active_element == chip
    chip.send_keys(Keys.TAB)
    following = browser.switch_to.active_element
    if "ledger-link" in (following.get_attribute("class") or ""):
        assert card(browser) is not None


def test_every_chip_of_the_page_has_something_to_show(server, browser):
    browser.get(f"{server}/{PAGE}")
    empty = browser.execute_script(
        "return [...document.querySelectorAll('a.ledger-link')].filter((a) => !a.title.includes(' \u2014 '))"
        ".map((a) => a.outerHTML.slice(0, 120))"
    )
    assert empty == []
