"""axe-core in a page of a browser."""

from __future__ import annotations

from importlib.resources import files

from selenium.webdriver.remote.webdriver import WebDriver

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  (results) => done(results.violations.map(
    (v) => [v.id, v.help, v.nodes.map((n) => n.target.join(" ") + " | " + n.failureSummary)])),
  (error) => done([["error", String(error), []]]));
"""


def set_theme(browser: WebDriver, theme: str) -> None:
    """Ask pages for a theme, and for no motion, or axe may measure a colour on its way to another."""
    media = [("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")]
    features = [{"name": name, "value": value} for name, value in media]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def violations(browser: WebDriver) -> list[tuple[str, str, list[str]]]:
    """Rules that the open page breaks: id, what it asks, and where."""
    browser.execute_script(_AXE)
    return [(rule, asks, nodes) for rule, asks, nodes in browser.execute_async_script(_RUN)]
