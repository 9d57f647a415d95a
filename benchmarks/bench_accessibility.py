"""axe-core on every page of the built site, in both themes and at both widths; exit code 1 if a page breaks a rule."""

import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/site"))

from axe import set_theme, violations  # noqa: E402
from browsers import chromium  # noqa: E402

from ouroboros.publishing.sections import book_pages  # noqa: E402
from ouroboros.publishing.serve import serve  # noqa: E402


def main() -> int:
    site = ROOT / "_build/html"
    pages = [page.relative_to(site).as_posix() for page in book_pages(site)]
    if not pages:
        print("no site in _build/html: run `make book` first", file=sys.stderr)
        return 2
    running = serve(site, 0)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_address[1]}"
    start, faults = time.perf_counter(), 0
    for width in (390, 1280):
        with tempfile.TemporaryDirectory() as profile:
            browser = chromium(Path(profile), width=width)
            browser.set_script_timeout(120)
            for theme in ("light", "dark"):
                set_theme(browser, theme)
                for page in pages:
                    browser.get(f"{address}/{page}")
                    for rule, asks, nodes in violations(browser):
                        faults += 1
                        print(f"{page} ({theme}, {width} px): {rule}: {asks}: {nodes[0] if nodes else ''}")
            browser.quit()
    took = time.perf_counter() - start
    print(f"{len(pages)} pages, 2 themes, 2 widths: {faults} violations, {took:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
