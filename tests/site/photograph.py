"""Photograph the built site: pages, in both themes, at both widths, and as colour-blind readers see them.

``make screenshots`` writes ``_build/screenshots/<page>.<theme>.<width>.png``, with ``PAGES=--readme`` also the pictures
of the README into ``book/assets``, light enough for a page that everybody loads. ``PAGES="--readme --edition 2026.11"``
takes them of a released site.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from browsers import chromium
from PIL import Image
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
    "figure": "notebooks/collapse/gaussian-chain.html#fig-gaussian-chain",
    "forecasts": "book/forecasts/index.html",
    "search": "search.html?q=peak%20data",
    "lost": "404.html",
}
SIZES = {1280: 800, 390: 844}
#: Pictures of the README by their names in ``book/assets``: page, theme, width.
README = {
    "cover": ("cover", "light", 1280),
    "cover-dark": ("cover", "dark", 1280),
    "claims": ("explorer", "light", 1280),
    "evidence": ("figure", "light", 1280),
    "phone": ("cover", "light", 390),
}
#: Bytes that a picture of the README may have.
MOST = 250_000
#: What Chromium can imitate; on the pages where colour carries most.
DEFICIENCIES = ("protanopia", "deuteranopia", "tritanopia", "achromatopsia")
COLOURED = ("cover", "claims", "evidence")


def photograph(browser: WebDriver, address: str, target: Path, width: int, *, whole: bool) -> None:
    """Write a picture of a page: its first screen, or all of it."""
    browser.get(address)
    time.sleep(0.8)  # scripts that fetch what they show
    if whole:
        # A window as high as the page, and not a clip beyond the window: Chromium moves wide pages sideways there.
        size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        _set_window(browser, width, min(size["height"], 8000))
        time.sleep(0.2)
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {})
    target.write_bytes(base64.b64decode(shot["data"]))
    if whole:
        _set_window(browser, width, SIZES[width])


def _set_window(browser: WebDriver, width: int, height: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def lighter(picture: bytes, most: int = MOST) -> bytes:
    """Reduce the colours of a PNG until it has at most so many bytes.

    Raises
    ------
    ValueError
        If even 16 colours are too many.
    """
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        written = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() <= most:
            return written.getvalue()
    raise ValueError(f"a picture of {image.width} x {image.height} pixels does not fit into {most} bytes")


def write_readme_pictures(written: Path, assets: Path) -> Iterator[Path]:
    """Copy the pictures that the README shows, with as few colours as their size allows."""
    for name, (page, theme, width) in README.items():
        target = assets / f"{name}.png"
        target.write_bytes(lighter((written / f"{page}.{theme}.{width}.png").read_bytes()))
        yield target


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
    parser.add_argument(
        "--readme", action="store_true", help="write the pictures of the README into book/assets"
    )
    parser.add_argument("--edition", help="photograph a frozen edition, such as 2026.11, and not this state")
    given = parser.parse_args()
    if given.readme:
        given.pages, given.whole = sorted({page for page, _, _ in README.values()}), False
    if unknown := set(given.pages) - set(PAGES):
        parser.error(f"no such page: {', '.join(sorted(unknown))} (there are: {', '.join(PAGES)})")
    site, folder = ROOT / "_build/html", ROOT / "_build/screenshots"
    if not (site / "index.html").is_file():
        parser.error("no site in _build/html: run `make book` first")
    below = f"/v/{given.edition}" if given.edition else ""
    if below and not (site / below[1:] / "index.html").is_file():
        parser.error(f"no edition {given.edition} in _build/html/v")
    folder.mkdir(parents=True, exist_ok=True)
    running = serve(site, 0)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_address[1]}{below}"
    for written in pictures(address, folder, given.pages or list(PAGES), whole=given.whole):
        print(os.path.relpath(written, ROOT))
    running.shutdown()
    for target in write_readme_pictures(folder, ROOT / "book/assets") if given.readme else ():
        print(f"{os.path.relpath(target, ROOT)} ({target.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
