"""By keyboard: the way past the menu, a focus that is seen, and no motion for readers who asked for none."""

import pytest
from axe import set_theme, wake
from lxml import html
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.site

PAGES = [
    "index.html",
    "book/claims/index.html",
    "book/forecasts/index.html",
    "book/map.html",
    "notebooks/collapse/gaussian-chain.html",
    "search.html?q=kuhn",
    "404.html",
]

#: One element of each kind that the keyboard reaches (tag and classes), focused in turn. Told is what has no visible
#: focus: neither an outline of contrast 3 with what lies behind it, nor another shadow, border or ground than before.
_UNSEEN = """
const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
const opaque = (text) => { const c = rgb(text); return c.length === 3 || c[3] === 1 ? c : null; };
function behind(element) {
  for (let e = element.parentElement; e; e = e.parentElement) {
    const found = opaque(getComputedStyle(e).backgroundColor);
    if (found) return found;
  }
  return [255, 255, 255];
}
const look = (e) => { const s = getComputedStyle(e);
  return [s.boxShadow, s.borderTopColor, s.borderTopWidth, s.backgroundColor, s.textDecorationLine].join("|"); };
const kinds = new Map();
for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
  if (e.disabled || !e.checkVisibility({visibilityProperty: true})) continue;
  const kind = `${e.tagName.toLowerCase()}.${[...e.classList].filter((c) => !/^s-/.test(c)).sort().join(".")}`;
  if (!kinds.has(kind)) kinds.set(kind, e);
}
const unseen = [];
for (const [kind, e] of kinds) {
  document.activeElement.blur();
  const before = look(e);
  e.focus({preventScroll: true});
  if (document.activeElement !== e) continue;
  const s = getComputedStyle(e);
  const outlined = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
  const told = contrast(rgb(s.outlineColor), behind(e));
  const seen = outlined ? told >= 3 : look(e) !== before;
  if (!seen) unseen.push(`${kind}: ${outlined ? `contrast ${told.toFixed(1)}` : "nothing"}`);
}
return [kinds.size, unseen];
"""

_MOVING = """
const parts = [...document.querySelectorAll("*")]
  .flatMap((e) => [null, "::before", "::after"].map((part) => [e, getComputedStyle(e, part)]));
const lasts = (text) => text.split(",").some((part) => parseFloat(part) > 0);
const moves = (s) => lasts(s.transitionDuration) || s.scrollBehavior === "smooth"
  || (s.animationName !== "none" && lasts(s.animationDuration));
return parts.filter(([, s]) => moves(s)).map(([e]) => e.tagName + "." + e.className).slice(0, 9);
"""


@pytest.fixture(scope="module")
def browser(make_browser):
    """A window of this file's own, because the tests change what it asks pages for."""
    return make_browser()


def test_every_page_with_a_menu_offers_the_way_past_it(site, pages):
    without = []
    for page in pages:
        tree = html.fromstring((site / page).read_text("utf-8"))
        if not tree.xpath("//*[contains(@class, 'bd-sidebar-primary')]"):
            continue
        first = tree.xpath("//body//a[@href]")[0]
        target = first.get("href").removeprefix("#")
        if not first.get("href").startswith("#") or not tree.xpath("//main[@id=$target]", target=target):
            without.append(page)
    assert without == []


@pytest.mark.parametrize("page", ["index.html", "notebooks/collapse/gaussian-chain.html"])
def test_the_first_key_leads_past_the_menu(server, browser, page):
    set_theme(browser, "light")  # and no motion: the link slides into view
    browser.get(f"{server}/{page}")
    ActionChains(browser).send_keys(Keys.TAB).perform()
    link = browser.switch_to.active_element
    assert link.text == "Skip to main content"
    box = browser.execute_script("return arguments[0].getBoundingClientRect().toJSON()", link)
    assert box["top"] >= 0 and box["left"] >= 0 and box["height"] > 15
    ActionChains(browser).send_keys(Keys.ENTER).send_keys(Keys.TAB).perform()
    inside = browser.execute_script("return document.activeElement.closest('#main-content') !== null")
    assert inside, browser.switch_to.active_element.get_attribute("outerHTML")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_the_focus_is_seen(server, browser, page, theme):
    set_theme(browser, theme)
    browser.get(f"{server}/{page}")
    if page != "404.html":
        wake(browser)
    # From now on the browser shows a focus as it does for readers who use the keyboard.
    ActionChains(browser).send_keys(Keys.TAB).perform()
    kinds, unseen = browser.execute_script(_UNSEEN)
    assert kinds >= 3
    assert unseen == []


def test_a_hidden_focus_is_noticed(server, browser):
    browser.get(f"{server}/index.html")
    browser.execute_script(
        "const sheet = new CSSStyleSheet();"
        "sheet.replaceSync('main a { outline: none !important; box-shadow: none !important }');"
        "document.adoptedStyleSheets = [sheet]"
    )
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert any(told.startswith("a.") for told in browser.execute_script(_UNSEEN)[1])


@pytest.mark.parametrize("page", PAGES)
def test_nothing_moves_for_who_asked_for_no_motion(server, browser, page):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.get(f"{server}/{page}")
    if page == PAGES[0]:
        assert browser.execute_script(_MOVING) != [], "the theme moves something, or this test sees nothing"
    set_theme(browser, "light")
    assert browser.execute_script(_MOVING) == []
