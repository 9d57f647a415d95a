"""Lighthouse on the cover, a chapter, a page of evidence and the explorer, served with gzip; median of three runs.

Targets: desktop, all four categories at least 98; mobile, performance at least 90 and the other three at least 98;
layout shift 0. Needs npm, which fetches Lighthouse (`npx lighthouse@12`), and Chromium. Exit code 1 if a target is
missed, 0 with one line if npm is not there.
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "index.html",
    "book/argument/k1-bootstrap.html",
    "notebooks/collapse/gaussian-chain.html",
    "book/claims/index.html",
)
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
#: What the score of performance is made of, beside the shift: milliseconds, and how each is called in the output.
TIMES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
}
LIGHTHOUSE = "lighthouse@12"
_PACKED = (".html", ".css", ".js", ".svg", ".json", ".xml")


class Packed(SimpleHTTPRequestHandler):
    """Serve a folder as a static host does: text compressed, a day in the cache."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Let browsers keep what they got."""
        self.send_header("Cache-Control", "public, max-age=86400")
        super().end_headers()

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in _PACKED or not path.is_file():
            super().do_GET()
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def run(address: str, preset: str, chromium: str) -> dict:
    """Scores of one run, and its layout shift."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--only-categories={','.join(CATEGORIES)}"]
        command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
        command += ["--preset=desktop"] if preset == "desktop" else []
        done = subprocess.run(
            command, env={**os.environ, "CHROME_PATH": chromium}, capture_output=True, text=True, timeout=600
        )
        if not report.is_file():
            sys.exit(f"{address}: Lighthouse failed: {done.stderr[-500:]}")
        told = json.loads(report.read_text("utf-8"))
    scores = {name: round(100 * (told["categories"][name]["score"] or 0)) for name in CATEGORIES}
    failed = [
        audit
        for name in CATEGORIES[1:]
        for part in told["categories"][name]["auditRefs"]
        if (audit := part["id"]) and told["audits"][audit]["score"] == 0 and part["weight"]
    ]
    shift = told["audits"]["cumulative-layout-shift"].get("numericValue", 0.0)
    times = {name: told["audits"][name].get("numericValue", 0.0) for name in TIMES}
    return {**scores, **times, "shift": shift, "failed": failed}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("pages", nargs="*", default=list(PAGES))
    given = parser.parse_args()
    if not shutil.which("npx"):
        print("npm is not installed: Lighthouse was not run")
        return 0
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    site = ROOT / "_build/html"
    if chromium is None or not (site / "index.html").is_file():
        print("needs Chromium and a built site (`make book`)", file=sys.stderr)
        return 2
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Packed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    missed = 0
    for preset in ("desktop", "mobile"):
        for page in given.pages:
            runs = [run(f"{address}/{page}", preset, chromium) for _ in range(given.runs)]
            middle = {
                name: statistics.median(each[name] for each in runs)
                for name in (*CATEGORIES, *TIMES, "shift")
            }
            asked = {name: 98 for name in CATEGORIES} | ({"performance": 90} if preset == "mobile" else {})
            short = [name for name, least in asked.items() if middle[name] < least]
            short += ["layout shift"] if middle["shift"] > 0 else []
            missed += len(short)
            scores = ", ".join(f"{name} {middle[name]:.0f}" for name in CATEGORIES)
            scores += "; " + ", ".join(f"{word} {middle[name]:.0f} ms" for name, word in TIMES.items())
            why = f"; missed: {', '.join(short)} {sorted(set(runs[0]['failed']))}" if short else ""
            print(f"{preset:8} {page}: {scores}; shift {middle['shift']:.3f}{why}", flush=True)
    server.shutdown()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
