"""Sphinx extension: the ledger as a domain, evidence as roles, the parts of every kind of page."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from sphinx.application import Sphinx

from ouroboros.sphinxext import book_data

STATIC = Path(__file__).with_name("static")


def _add_static(app: Sphinx, config: object) -> None:
    app.config.html_static_path.append(str(STATIC))


def setup(app: Sphinx) -> dict[str, object]:
    """Register every part: each module of this package that has a ``setup``.

    The checkout is ``ouroboros_root``, the source folder by default.
    """
    app.add_config_value("ouroboros_root", "", "env")
    app.connect("config-inited", _add_static)
    app.connect("builder-inited", book_data.load)
    app.add_css_file("ouroboros.css")
    app.add_js_file("cards.js", loading_method="defer")
    app.add_js_file("print-button.js", loading_method="defer")
    for found in iter_modules(__path__):
        part = import_module(f"{__name__}.{found.name}")
        if hasattr(part, "setup"):
            part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
