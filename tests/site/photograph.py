"""Photograph the built site: pages, in both themes, at both widths, and as colour-blind readers see them.

``make screenshots`` writes ``_build/screenshots/<page>.<theme>.<width>.png``; the pictures of the README come from it.
"""

from __future__ import annotations

import argparse
import base64
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from browsers import chromium
from selenium.webdriver.remote.webdriver import WebDriver

from ouroboros.publishing.serve import serve

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "cover": "index.html",
    "summary": "book/summary.html",
    "finding": "book/argument/k1-bootstrap.html",
    "claims": "book/claims/index.html",
    "explorer": "book/claims/index.html?audit=discrepant&q=model",
    "claim": "book/claims/technical-development.html#claim-I017",
    "evidence": "notebooks/collapse/gaussian-chain.html",
    "forecasts": "book/forecasts/index.html",
    "search": "search.html?q=peak%20data",
    "lost": "404.html",
}
SIZES = {1280: 800, 390: 844}
#: What Chromium can imitate; on the pages where colour carries most.
DEFICIENCIES = ("protanopia", "deuteranopia", "tritanopia", "achromatopsia")
COLOURED = ("cover", "claims", "evidence")


def photograph(browser: WebDriver, address: str, target: Path, width: int, *, whole: bool) -> None:
    """Write a picture of a page: its first screen, or all of it."""
    browser.get(address)
    time.sleep(0.8)  # scripts that fetch what they show
    clip = {}
    if whole:
        size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"clip": {"x": 0, "y": 0, "width": width, "height": min(size["height"], 8000), "scale": 1}}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole, **clip})
    target.write_bytes(base64.b64decode(shot["data"]))


def pictures(server: str, folder: Path, names: list[str], *, whole: bool) -> Iterator[Path]:
    """Photograph pages in every theme and width; yield each file as it is written."""
    for width, height in SIZES.items():
        with tempfile.TemporaryDirectory() as profile:
            browser = chromium(Path(profile), width=width, height=height)
            try:
                for theme in ("light", "dark"):
                    features = [
                        {"name": "prefers-color-scheme", "value": theme},
                        {"name": "prefers-reduced-motion", "value": "reduce"},
                    ]
                    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
                    for name in names:
                        target = folder / f"{name}.{theme}.{width}.png"
                        photograph(browser, f"{server}/{PAGES[name]}", target, width, whole=whole)
                        yield target
                for deficiency in DEFICIENCIES if width > 600 else ():
                    browser.execute_cdp_cmd("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
                    for name in (name for name in names if name in COLOURED):
                        target = folder / f"{name}.{deficiency}.{width}.png"
                        photograph(browser, f"{server}/{PAGES[name]}", target, width, whole=whole)
                        yield target
            finally:
                browser.quit()


def main() -> None:
    """Photograph what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help=f"of {', '.join(PAGES)}; all by default")
    parser.add_argument("--whole", action="store_true", help="the whole page and not its first screen")
    given = parser.parse_args()
    if unknown := set(given.pages) - set(PAGES):
        parser.error(f"no such page: {', '.join(sorted(unknown))} (there are: {', '.join(PAGES)})")
    site, folder = ROOT / "_build/html", ROOT / "_build/screenshots"
    if not (site / "index.html").is_file():
        parser.error("no site in _build/html: run `make book` first")
    folder.mkdir(parents=True, exist_ok=True)
    running = serve(site, 0)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_address[1]}"
    for written in pictures(address, folder, given.pages or list(PAGES), whole=given.whole):
        print(os.path.relpath(written, ROOT))
    running.shutdown()


if __name__ == "__main__":
    main()
