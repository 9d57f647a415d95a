"""A local web server for the built site."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the terminal is for errors."""


def serve(site: Path, port: int) -> ThreadingHTTPServer:
    """Return a server for `site` on localhost; call ``serve_forever`` to run it.

    Raises
    ------
    OSError
        If the port is taken.
    """
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(site)))
