"""axe-core on every page of the built site, in both themes and at both widths; exit code 1 if a page breaks a rule.

Every page is opened once and then shown in both themes and at both widths, in as many browsers as there are cores.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/site"))

from axe import set_theme, violations, wake  # noqa: E402
from browsers import chromium, set_width  # noqa: E402

from ouroboros.publishing.sections import book_pages  # noqa: E402
from ouroboros.publishing.serve import serve  # noqa: E402

STATES = ((1280, "light"), (1280, "dark"), (390, "dark"), (390, "light"))
_RESIZED = 0.4  # the theme looks 0.3 s after a change of width which boxes scroll


def follows(browser, theme: str, patience: float = 3.0) -> bool:
    """Whether the open page takes on a theme that the system asks for; pages without the theme's script just do."""
    asked = "return document.documentElement.dataset.theme ?? arguments[0]"
    end = time.perf_counter() + patience
    while browser.execute_script(asked, theme) != theme:
        if time.perf_counter() > end:
            return False
        time.sleep(0.02)
    return True


def examine(browser, address: str, page: str) -> Iterator[str]:
    """Open a page and go through its states; yield a line for each rule that it breaks in one."""
    set_width(browser, STATES[0][0])
    set_theme(browser, STATES[0][1])
    browser.get(f"{address}/{page}")
    wake(browser)
    shown = STATES[0][0]
    for width, theme in STATES:
        if width != shown:
            set_width(browser, width)
            time.sleep(_RESIZED)
            shown = width
        set_theme(browser, theme)
        if not follows(browser, theme):
            yield f"{page}: does not follow the {theme} theme"
        for rule, asks, nodes in violations(browser):
            yield f"{page} ({theme}, {width} px): {rule}: {asks}: {len(nodes)}, such as {nodes[0] if nodes else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("pages", nargs="*", help="all of the site by default")
    given = parser.parse_args()
    site = ROOT / "_build/html"
    pages = given.pages or [page.relative_to(site).as_posix() for page in book_pages(site)]
    if not pages:
        print("no site in _build/html: run `make book` first", file=sys.stderr)
        return 2
    running = serve(site, 0)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_address[1]}"
    free: SimpleQueue = SimpleQueue()

    def one(page: str) -> list[str]:
        browser = free.get()
        try:
            return list(examine(browser, address, page))
        finally:
            free.put(browser)

    start, faults = time.perf_counter(), 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profiles:
        browsers = [chromium(Path(profiles, str(k))) for k in range(given.browsers)]
        try:
            for browser in browsers:
                browser.set_script_timeout(120)
                free.put(browser)
            with ThreadPoolExecutor(given.browsers) as pool:
                for lines in pool.map(one, pages):
                    faults += len(lines)
                    for line in lines:
                        print(line, flush=True)
        finally:
            for browser in browsers:
                browser.quit()
    running.shutdown()
    took = time.perf_counter() - start
    print(f"{len(pages)} pages, 2 themes, 2 widths: {faults} violations, {took / 60:.1f} min")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
