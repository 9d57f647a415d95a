"""Pages on paper: no navigation, nothing that sticks, nothing folded or cut off."""

import pytest
from selenium.webdriver.common.by import By

pytestmark = pytest.mark.site
NAVIGATION = (
    ".bd-header-article, .bd-sidebar-primary, .bd-sidebar-secondary, .prev-next-area, .edition-switcher, .cite-link, "
    ".headerlink, .figure-links, .bd-footer-content, form.ledger-filter"
)


@pytest.fixture(scope="module")
def paper(make_browser):
    browser = make_browser(width=720, height=1000)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    return browser


@pytest.mark.parametrize(
    "page",
    [
        "index.html",
        "book/argument/k1-bootstrap.html",
        "book/claims/index.html",
        "book/claims/technical-development.html",
        "notebooks/collapse/gaussian-chain.html",
    ],
)
def test_paper_has_the_words_and_no_navigation(server, paper, page):
    paper.get(f"{server}/{page}")
    shown = paper.execute_script(
        "return [...document.querySelectorAll(arguments[0])].filter((e) => e.offsetParent !== null && e.offsetHeight)"
        ".map((e) => e.className)",
        NAVIGATION,
    )
    assert shown == []
    stuck = paper.execute_script(
        "return [...document.querySelectorAll('.bd-article *')].filter((e) => e.offsetHeight &&"
        " /sticky|fixed/.test(getComputedStyle(e).position)).map((e) => e.className)"
    )
    assert stuck == []
    cut = paper.execute_script(
        "return [...document.querySelectorAll('.pst-scrollable-table-container, .figure-box, .verdict-scope')]"
        ".filter((e) => getComputedStyle(e).overflow !== 'visible').map((e) => e.className)"
    )
    assert cut == []


def test_what_is_folded_on_a_screen_is_open_on_paper(server, paper):
    paper.get(f"{server}/book/claims/technical-development.html")
    heights = paper.execute_script(
        "return [...document.querySelectorAll('details.more:not([open])')].map((e) => "
        "e.offsetHeight - e.querySelector('summary').offsetHeight)"
    )
    assert heights
    assert min(heights) > 10


def test_a_link_to_another_site_prints_its_address(server, paper):
    paper.get(f"{server}/book/method/more-than-one-machine.html")
    link = paper.find_element(By.CSS_SELECTOR, ".bd-article a.external[href^='http']")
    behind = paper.execute_script("return getComputedStyle(arguments[0], '::after').content", link)
    assert link.get_attribute("href").rstrip("/") in behind
