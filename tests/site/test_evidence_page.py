"""A page of evidence: its verdict stays in sight, claims stand in the margin, figures lead to data and code."""

import pytest
from selenium.webdriver.common.by import By

pytestmark = pytest.mark.site
PAGE = "notebooks/collapse/gaussian-chain.html"


def _box(browser, selector: str) -> dict:
    return browser.execute_script(
        "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
        "return {left: r.left, right: r.right, top: r.top, bottom: r.bottom}",
        selector,
    )


@pytest.fixture(scope="module")
def phone(make_browser):
    return make_browser(width=390, height=844)


@pytest.mark.parametrize("narrow", [False, True], ids=["screen", "phone"])
@pytest.mark.parametrize("page", [PAGE, "notebooks/collapse/images.html", "notebooks/ladder/foundry.html"])
def test_the_verdict_stays_in_sight(server, browser, phone, page, narrow):
    browser = phone if narrow else browser
    browser.get(f"{server}/{page}")
    line = browser.find_element(By.CSS_SELECTOR, ".verdict-line")
    assert "criteria met" in line.text
    assert "Scope: toy" in line.text
    assert line.find_elements(By.CSS_SELECTOR, "a[href*='statement-K1'] .chip")
    browser.execute_script("document.documentElement.style.scrollBehavior = 'auto'; scrollTo(0, 2500)")
    box = _box(browser, ".verdict-line")
    assert 0 <= box["top"] < 120
    assert box["bottom"] - box["top"] < 160
    behind = browser.execute_script(
        "return document.elementFromPoint(arguments[0], arguments[1]).closest('.verdict-line') !== null",
        box["left"] + 5, (box["top"] + box["bottom"]) / 2,
    )  # fmt: skip
    assert behind, "something lies over the line"


@pytest.mark.parametrize("narrow", [False, True], ids=["screen", "phone"])
@pytest.mark.parametrize(
    "anchor", ["fig-gaussian-chain", "verdict", "criterion-gaussian-chain-variance-lost"]
)
def test_what_an_address_leads_to_is_not_under_the_line(server, browser, phone, anchor, narrow):
    browser = phone if narrow else browser
    browser.get("about:blank")
    browser.get(f"{server}/{PAGE}#{anchor}")
    assert _box(browser, f"[id='{anchor}']")["top"] >= _box(browser, ".verdict-line")["bottom"]


def test_an_experiment_without_criteria_says_so(server, browser):
    browser.get(f"{server}/notebooks/collapse/definitions.html")
    line = browser.find_element(By.CSS_SELECTOR, ".verdict-line")
    assert line.text.startswith("No verdict: it describes and has no criterion.")


def test_a_figure_can_be_read_on_a_phone(server, phone):
    phone.get(f"{server}/{PAGE}")
    least, box, drawn = phone.execute_script(
        "const svg = document.querySelector('.figure-box > svg'), scale = svg.getBoundingClientRect().width /"
        " svg.viewBox.baseVal.width;"
        "const sizes = [...svg.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize) * scale);"
        "return [Math.min(...sizes), svg.parentElement.clientWidth, svg.parentElement.scrollWidth]"
    )
    assert least >= 9
    assert drawn > box  # it scrolls inside itself


def test_claims_stand_beside_the_text_on_a_wide_screen_and_in_it_on_a_phone(server, make_browser):
    wide, narrow = make_browser(width=1440), make_browser(width=390, height=844)
    for browser in (wide, narrow):
        browser.get(f"{server}/{PAGE}")
    note, question = _box(wide, ".claim-notes"), _box(wide, ".question")
    assert note["left"] >= question["right"]
    note, question = _box(narrow, ".claim-notes"), _box(narrow, ".question")
    assert question["bottom"] <= note["top"] <= question["bottom"] + 60
    assert note["right"] <= 390


def test_every_figure_leads_to_its_data_and_its_code(site, server, browser):
    browser.get(f"{server}/{PAGE}")
    for figure in browser.find_elements(By.CSS_SELECTOR, "article figure"):
        links = [a.get_attribute("href") for a in figure.find_elements(By.CSS_SELECTOR, ".figure-links a")]
        assert any(link.endswith("data/evidence/collapse.gaussian-chain.csv") for link in links)
        assert any("_sources/notebooks/collapse/gaussian-chain.md" in link for link in links)
        for link in links:
            assert (site / link.removeprefix(f"{server}/")).is_file()


@pytest.mark.parametrize(
    "page", ["book/claims/index.html", "book/evidence/index.html", "book/statements/index.html"]
)
def test_a_long_table_scrolls_inside_itself_under_a_fixed_head(server, browser, page):
    browser.get(f"{server}/{page}")
    box = "document.querySelector('.scroll-x .pst-scrollable-table-container')"
    heights = browser.execute_script(f"const b = {box}; return [b.clientHeight, b.scrollHeight]")
    assert heights[0] < heights[1]
    before = _box(browser, ".scroll-x thead th")["top"]
    browser.execute_script(f"{box}.scrollTop = 600")
    assert abs(_box(browser, ".scroll-x thead th")["top"] - before) < 2
