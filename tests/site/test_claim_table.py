"""The table of claims: filters, search, sorting, and the address that remembers them; by keyboard too."""

import gzip
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ouroboros.lab import load_accepted, reproduction_mark

pytestmark = pytest.mark.site

PAGE = "book/claims/index.html"


@pytest.fixture
def table(server, browser):
    browser.get(f"{server}/{PAGE}")
    return browser


def shown(browser) -> list[str]:
    """Ids of the visible rows from top to bottom."""
    return browser.execute_script(
        "return [...document.querySelectorAll('table.claims tbody tr')]"
        ".filter((row) => row.offsetParent !== null).map((row) => row.cells[0].textContent.trim())"
    )


def state(browser) -> dict[str, str]:
    """What the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(browser.current_url).query).items()}


def choose(browser, name: str, beginning: str) -> None:
    select = Select(browser.find_element(By.ID, f"ledger-{name}"))
    (text,) = [option.text for option in select.options if option.text.startswith(beginning)]
    select.select_by_visible_text(text)


def _marks(ledger, root) -> dict[str, str]:
    results = {ident: load_accepted(root, ident) for ident in ledger.experiments}
    evidence = {ident: result.evidence for ident, result in results.items() if result is not None}
    return {claim: reproduction_mark(ledger, evidence, claim) for claim in ledger.claims}


def test_each_filter_shows_what_the_ledger_says(table, ledger, site):
    marks = _marks(ledger, site.parents[1])
    claims = ledger.claims.values()
    wanted = {
        ("dimension", "6"): [c.id for c in claims if c.dimension == 6],
        ("kind", "quote"): [c.id for c in claims if c.kind == "quote"],
        ("audit", "discrepant"): [c.id for c in claims if c.verdict == "discrepant"],
        ("mark", "not tested"): [c.id for c in claims if marks[c.id] == "not tested"],
        ("statement", "K2 "): [c.id for c in claims if "K2" in (s.id for s in ledger.statements_for(c.id))],
    }
    assert shown(table) == list(ledger.claims)
    for (name, beginning), expected in wanted.items():
        choose(table, name, beginning)
        assert 0 < len(expected) < len(ledger.claims)
        assert shown(table) == expected, name
        assert list(state(table)) == [name]
        count = table.find_element(By.CSS_SELECTOR, ".ledger-count").text
        assert count == f"{len(expected)} of {len(ledger.claims)} claims"
        choose(table, name, "any")
    assert shown(table) == list(ledger.claims)
    assert state(table) == {}


def test_search_narrows_with_every_letter(table, ledger):
    field = table.find_element(By.ID, "ledger-q")
    numbers = [len(shown(table))]
    for letter in "gretel":
        field.send_keys(letter)
        numbers.append(len(shown(table)))
    assert numbers == sorted(numbers, reverse=True)
    assert "I002" in shown(table)
    assert numbers[-1] < len(ledger.claims) / 4
    assert state(table) == {"q": "gretel"}


def test_filters_add_up_and_the_address_brings_them_back(table, ledger):
    choose(table, "audit", "nuanced")
    choose(table, "dimension", "3")
    table.find_element(By.ID, "ledger-q").send_keys("model")
    table.find_element(By.CSS_SELECTOR, "table.claims thead th:nth-child(4) button").click()
    before, told = shown(table), state(table)
    assert before
    assert set(told) == {"audit", "dimension", "q", "sort"}
    assert all(ledger.claims[c].verdict == "nuanced" and ledger.claims[c].dimension == 3 for c in before)
    kinds = [ledger.claims[c].kind for c in before]
    assert kinds == sorted(kinds)
    address = table.current_url
    table.get("about:blank")
    table.get(address)
    assert shown(table) == before
    assert state(table) == told
    table.refresh()
    assert shown(table) == before
    table.find_element(By.XPATH, "//form[contains(@class,'ledger-filter')]//button[.='Show all']").click()
    assert shown(table) == list(ledger.claims)
    assert state(table) == {}


def test_sorting_goes_up_down_and_back(table, ledger):
    button = table.find_element(By.CSS_SELECTOR, "table.claims thead th:nth-child(1) button")
    head = table.find_element(By.CSS_SELECTOR, "table.claims thead th:nth-child(1)")
    button.click()
    assert (shown(table), head.get_attribute("aria-sort")) == (sorted(ledger.claims), "ascending")
    button.click()
    assert (shown(table), head.get_attribute("aria-sort")) == (sorted(ledger.claims)[::-1], "descending")
    button.click()
    assert (shown(table), head.get_attribute("aria-sort")) == (list(ledger.claims), None)


def _press(browser, *keys: str) -> None:
    browser.switch_to.active_element.send_keys(*keys)


def test_everything_works_by_keyboard(table, ledger):
    table.execute_script("document.getElementById('ledger-q').focus()")
    _press(table, "model")
    _press(table, Keys.TAB)
    reached = [table.switch_to.active_element.get_attribute("id")]
    for _ in range(5):
        _press(table, Keys.TAB)
        reached.append(table.switch_to.active_element.get_attribute("id"))
    names = ("dimension", "kind", "audit", "mark", "statement", "source")
    assert reached == [f"ledger-{name}" for name in names]
    for _ in range(3):
        _press(table, Keys.SHIFT, Keys.TAB)
    _press(table, "disc")
    assert state(table) == {"q": "model", "audit": "discrepant"}
    assert all(ledger.claims[c].verdict == "discrepant" for c in shown(table))
    for _ in range(4):
        _press(table, Keys.TAB)
    assert table.switch_to.active_element.text == "Show all"
    _press(table, Keys.ENTER)
    assert shown(table) == list(ledger.claims)
    _press(table, Keys.TAB)
    # The table scrolls inside itself, so the keyboard reaches it before its heads.
    assert "scrollable" in table.switch_to.active_element.get_attribute("class")
    _press(table, Keys.TAB)
    assert "sort" in table.switch_to.active_element.get_attribute("class")
    _press(table, Keys.SPACE)
    assert state(table) == {"sort": "claim"}


def test_a_slash_leads_to_the_search_and_arrows_through_what_is_found(table, ledger):
    table.execute_script("document.activeElement.blur()")
    _press(table, "/")
    assert table.switch_to.active_element.get_attribute("id") == "ledger-q"
    _press(table, "gretel")
    found = shown(table)
    _press(table, Keys.ARROW_DOWN)
    assert table.switch_to.active_element.text == found[0]
    _press(table, Keys.ARROW_DOWN)
    assert table.switch_to.active_element.text == found[min(1, len(found) - 1)]
    for _ in found:
        _press(table, Keys.ARROW_UP)
    assert table.switch_to.active_element.get_attribute("id") == "ledger-q"
    _press(table, Keys.ESCAPE)
    assert shown(table) == list(ledger.claims)


def test_the_search_reads_statements_and_titles_of_sources(table, ledger):
    field = table.find_element(By.ID, "ledger-q")
    field.send_keys("recursively generated data author correction")
    assert shown(table) == ["I017"]
    field.clear()
    words = ledger.statements["K2"].text.split()[:6]
    field.send_keys(" ".join(words))
    resting = [c for c in ledger.claims if "K2" in (s.id for s in ledger.statements_for(c))]
    assert set(resting) <= set(shown(table))


def test_counts_of_a_facet_follow_the_other_facets(table, ledger):
    choose(table, "audit", "discrepant")
    told = {
        option.get_attribute("value"): option.text
        for option in Select(table.find_element(By.ID, "ledger-dimension")).options
    }
    for value, printed in told.items():
        if value:
            number = sum(
                c.verdict == "discrepant" and value.startswith(f"{c.dimension} ")
                for c in ledger.claims.values()
            )
            assert printed == f"{value} ({number})"
    audits = [option.text for option in Select(table.find_element(By.ID, "ledger-audit")).options]
    assert len(audits) == 1 + len({c.verdict for c in ledger.claims.values()})
    assert not any(option.endswith("(0)") for option in audits)


def test_the_form_that_the_page_brings_along_says_what_the_script_counts(site, table):
    written = html.fromstring((site / PAGE).read_text("utf-8"))
    for name in ("dimension", "kind", "audit", "mark", "statement", "source"):
        printed = [
            " ".join(o.text_content().split()) for o in written.xpath(f"//select[@id='ledger-{name}']/option")
        ]
        assert len(printed) > 3
        assert [o.text for o in Select(table.find_element(By.ID, f"ledger-{name}")).options] == printed
        assert not any(choice.endswith("(0)") for choice in printed)
    assert written.xpath("string(//output)") == table.find_element(By.CSS_SELECTOR, ".ledger-count").text


def test_the_script_is_small(site):
    assert len(gzip.compress((site / "_static/ledger-table.js").read_bytes())) < 30_000


def test_a_wrong_address_shows_everything(server, browser, ledger):
    browser.get(f"{server}/{PAGE}?audit=nonsense&sort=colour")
    assert shown(browser) == list(ledger.claims)


def test_without_javascript_the_table_is_plain_and_whole(server, make_browser, ledger):
    browser = make_browser(javascript=False)
    browser.get(f"{server}/{PAGE}")
    rows = browser.find_elements(By.CSS_SELECTOR, "table.claims tbody tr")
    assert [row.find_element(By.CSS_SELECTOR, "td").text for row in rows] == list(ledger.claims)
    assert not browser.find_element(By.CSS_SELECTOR, ".ledger-filter").is_displayed()
    assert not browser.find_elements(By.CSS_SELECTOR, "table.claims button")
