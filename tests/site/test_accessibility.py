"""axe-core on the kinds of page that readers meet, in both themes, on a phone and on a screen."""

from importlib.resources import files

import pytest

pytestmark = pytest.mark.site

PAGES = [
    "index.html",
    "book/claims/index.html",
    "book/claims/technical-development.html",
    "notebooks/collapse/gaussian-chain.html",
    "notebooks/claims/audit-summary.html",
    "search.html",
]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  (results) => done(results.violations.map(
    (v) => [v.id, v.help, v.nodes.map((n) => n.target.join(" ") + " | " + n.failureSummary)])),
  (error) => done([["error", String(error), []]]));
"""


@pytest.fixture(scope="module", params=[390, 1280])
def sized_browser(request, make_browser):
    browser = make_browser(width=request.param)
    browser.set_script_timeout(120)
    return browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(server, sized_browser, page, theme):
    browser = sized_browser
    # Without motion, or axe may measure a colour on its way to another.
    media = [("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")]
    features = [{"name": name, "value": value} for name, value in media]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(f"{server}/{page}")
    assert browser.execute_script("return document.documentElement.dataset.theme") == theme
    browser.execute_script(AXE)
    found = browser.execute_async_script(RUN)
    told = [f"{rule}: {help_}: {node}" for rule, help_, nodes in found for node in nodes[:4] or [""]]
    assert told == []


def test_axe_can_find_something(server, browser):
    browser.get(f"{server}/index.html")
    browser.execute_script("document.querySelector('main').append(document.createElement('img'))")
    browser.execute_script(AXE)
    assert "image-alt" in [rule for rule, _, _ in browser.execute_async_script(RUN)]
