"""Headless Chromium whose every host but this machine is unreachable."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


def find(*names: str) -> str:
    """Path of the first program that is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise AssertionError(f"none of {', '.join(names)} is installed (Debian: chromium chromium-driver)")


def chromium(
    profile: Path, *, width: int = 1280, height: int = 900, dark: bool = False, javascript: bool = True
) -> webdriver.Chrome:
    """Open a window.

    Parameters
    ----------
    profile : Path
        Folder for the browser's own files.
    width, height : int
        Of the viewport, in CSS pixels; below 600 wide it is a phone's.
    dark : bool
        Force the dark theme.
    javascript : bool
        Let pages run scripts.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = find("chromium", "chromium-browser", "google-chrome")
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--hide-scrollbars",
        f"--window-size={width},{height}",
        f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ):
        options.add_argument(flag)
    if dark:
        options.add_argument("--force-dark-mode")
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(find("chromedriver"), log_output=os.devnull)
    browser = webdriver.Chrome(options=options, service=service)
    browser.set_page_load_timeout(60)
    set_width(browser, width, height)
    return browser


def set_width(browser: webdriver.Chrome, width: int, height: int = 900) -> None:
    """Give the viewport a size. Chrome's window has a least width, so that of a phone is set by the device metrics."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def call_script(browser: webdriver.Chrome, script: Path, calls: list[list]) -> list:
    """Results of functions that a script of the pages offers, computed by the browser that readers use.

    Parameters
    ----------
    script : Path
        It offers functions by ``module.exports`` where there is a ``module``.
    calls : list of list
        Name and arguments of each call.

    Returns
    -------
    list
        As JSON holds them: what is not finite is None.
    """
    browser.get("about:blank")
    told = browser.execute_script(
        f"const module = {{exports: {{}}}};\n{script.read_text('utf-8')}\n"
        "return JSON.stringify(arguments[0].map(([name, ...rest]) => module.exports[name](...rest)));",
        calls,
    )
    return json.loads(told)
