"""axe-core in a page of a browser."""

from __future__ import annotations

from importlib.resources import files

from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
#: axe leaves the rules that came with WCAG 2.2 off unless they are asked for.
_RUN = """
const done = arguments[arguments.length - 1];
const rules = Object.fromEntries(axe.getRules(["wcag22aa"]).map(({ruleId}) => [ruleId, {enabled: true}]));
axe.run(document, {resultTypes: ["violations"], rules}).then(
  (results) => done(results.violations.map(
    (v) => [v.id, v.help, v.nodes.map((n) => n.target.join(" ") + " | " + n.failureSummary)])),
  (error) => done([["error", String(error), []]]));
"""


def set_theme(browser: WebDriver, theme: str) -> None:
    """Ask pages for a theme, and for no motion, or axe may measure a colour on its way to another."""
    media = [("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")]
    features = [{"name": name, "value": value} for name, value in media]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def wake(browser: WebDriver) -> None:
    """Let the open page fetch what it keeps for a reader who acts, such as the buttons that copy code."""
    browser.execute_script("dispatchEvent(new Event('pointermove'))")
    asleep = "return document.querySelector('script[data-scripts]') && !('awake' in document.documentElement.dataset)"
    WebDriverWait(browser, 20, 0.05).until_not(lambda b: b.execute_script(asleep))


def violations(browser: WebDriver) -> list[tuple[str, str, list[str]]]:
    """Rules that the open page breaks, those of WCAG 2.2 among them: id, what it asks, and where."""
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(_AXE)
    return [(rule, asks, nodes) for rule, asks, nodes in browser.execute_async_script(_RUN)]
