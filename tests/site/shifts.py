"""What moves by itself while a page loads."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

from selenium.webdriver.remote.webdriver import WebDriver

_SHIFTS = """
const done = arguments[arguments.length - 1];
const found = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const what = entry.sources.map(({node, previousRect: a, currentRect: b}) => {
      const e = node instanceof Element ? node : node?.parentElement;
      const name = e ? [e.tagName.toLowerCase(), e.id && `#${e.id}`, ...[...e.classList].map((c) => `.${c}`)] : ["?"];
      const box = (r) => [r.x, r.y, r.width, r.height].map(Math.round);
      return `${name.join("")} ${box(a)} to ${box(b)}`;
    });
    found.push([entry.value, what.join("; ")]);
  }
}).observe({type: "layout-shift", buffered: true});
setTimeout(() => done(found), arguments[0]);
"""


class _Slow(SimpleHTTPRequestHandler):
    """A phone's network: every answer waits, then comes in pieces, and nothing is kept for the next page."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def copyfile(self, source, outputfile) -> None:
        sleep(0.12)
        while piece := source.read(16_384):
            outputfile.write(piece)
            sleep(len(piece) / 500_000)


def slow_server(site: Path) -> ThreadingHTTPServer:
    """Return a server whose scripts and sheets come late; call ``serve_forever`` to run it."""
    return ThreadingHTTPServer(("127.0.0.1", 0), partial(_Slow, directory=str(site)))


#: A word that grows while its letters come in over a slow network is a shift of some millionths; readers see text come.
_TEXT_COMING = 0.00001


def shifts(browser: WebDriver, wait: int = 300) -> list[str]:
    """Layout shifts of the open page so far and in the next `wait` milliseconds, each with what moved."""
    found = browser.execute_async_script(_SHIFTS, wait)
    return [f"{value:.5f}: {what}" for value, what in found if value > _TEXT_COMING]
