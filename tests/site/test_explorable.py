"""The explorable of the paradox page in a browser: what it shows is what Python computes."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from ouroboros.sphinxext import explorable

pytestmark = pytest.mark.site

PAGE = "book/argument/paradoxes.html"


def shown(browser):
    outputs = browser.find_elements(By.CSS_SELECTOR, ".explorable [data-out]")
    return {out.get_attribute("data-out"): out.get_attribute("textContent") for out in outputs}


def lines(browser):
    found = browser.find_elements(By.CSS_SELECTOR, ".explorable polyline")
    return {line.get_attribute("data-line"): line.get_attribute("points") for line in found}


def slider(browser, name):
    return browser.find_element(By.ID, f"explorable-{name}")


def press(browser, name, key, times):
    slider(browser, name).send_keys(key * times)


@pytest.fixture(scope="module")
def start():
    return explorable.START


def test_without_scripts_the_drawing_and_its_sentence_stand(server, make_browser, start):
    browser = make_browser(javascript=False)
    browser.get(f"{server}/{PAGE}")
    assert shown(browser) == explorable.answers(start["size"], start["share"], start["generation"])
    assert browser.find_element(By.CSS_SELECTOR, ".explorable svg").is_displayed()
    assert not browser.find_element(By.CSS_SELECTOR, ".explorable form").is_displayed()


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_keyboard_moves_it_to_what_python_computes(site, server, browser, start, scheme):
    browser.get(f"{server}/{PAGE}" if scheme == "http" else (site / PAGE).as_uri())
    WebDriverWait(browser, 10).until(lambda b: slider(b, "size").is_displayed())
    n, percent, t = start["size"], start["share"], start["generation"]
    assert shown(browser) == explorable.answers(n, percent, t), "the script starts where the page stands"
    press(browser, "size", Keys.ARROW_RIGHT, 7)
    press(browser, "share", Keys.ARROW_LEFT, 6)
    press(browser, "generation", Keys.ARROW_RIGHT, 11)
    expected = explorable.answers(n + 70, percent - 6, t + 11)
    WebDriverWait(browser, 10).until(lambda b: shown(b) == expected, message="not what Python computes")
    assert slider(browser, "share").get_attribute("aria-valuetext") == "4 %: 5 of 120"
    press(browser, "share", Keys.HOME, 1)
    expected = explorable.answers(n + 70, 0, t + 11)
    assert "typical chain" in expected["typical"]
    WebDriverWait(browser, 10).until(lambda b: shown(b) == expected)


def test_the_script_draws_the_lines_that_the_page_carries(server, browser, make_browser):
    plain = make_browser(javascript=False)
    plain.get(f"{server}/{PAGE}")
    browser.get(f"{server}/{PAGE}")
    WebDriverWait(browser, 10).until(lambda b: slider(b, "size").is_displayed())
    static, live = lines(plain), lines(browser)
    assert static.keys() == live.keys() and len(static) == 9
    for name, points in static.items():
        pairs = zip(points.replace(",", " ").split(), live[name].replace(",", " ").split(), strict=True)
        assert max(abs(float(a) - float(b)) for a, b in pairs) <= 0.1001, name
