"""Run Sphinx on staged sources with every warning an error, and report what it says as ``file:line: text``."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from jupyter_book.config import get_final_config
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from ouroboros.publishing.errors import BuildError

EPOCH = "1771459200"  # 2026-02-19, the day of the original: dates in outputs must not move with the clock
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(r"^(?P<place>.*?):? ?(?:WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.*)$")


def run_sphinx(
    sources: Path, output: Path, doctrees: Path, *, fresh: bool, overrides: Mapping[str, Any]
) -> Path:
    """Build the pages.

    Parameters
    ----------
    sources : Path
        Folder with ``_config.yml``, ``_toc.yml`` and the pages.
    output, doctrees : Path
        Folders of Sphinx, kept between runs.
    fresh : bool
        Forget what earlier runs read.
    overrides : mapping
        Sphinx settings that win over ``_config.yml``.

    Returns
    -------
    Path
        `output`.

    Raises
    ------
    BuildError
        With every warning and error, one per line.
    """
    if fresh:
        shutil.rmtree(doctrees, ignore_errors=True)
        shutil.rmtree(output, ignore_errors=True)
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    warnings, status = StringIO(), StringIO()
    failure = None
    with redirect_stdout(status), redirect_stderr(warnings), docutils_namespace():
        config, _ = get_final_config(
            user_yaml=sources / "_config.yml",
            sourcedir=sources,
            cli_config={**overrides, "latex_individualpages": False},
            validate=True,
        )
        # A setting of sphinx_comments, which is not loaded; Sphinx would warn that nobody knows it.
        config.pop("comments_config", None)
        try:
            with patch_docutils(str(sources)):
                app = Sphinx(
                    srcdir=str(sources),
                    confdir=None,
                    outdir=str(output),
                    doctreedir=str(doctrees),
                    buildername="html",
                    confoverrides={**config, "nitpicky": True},
                    status=status,
                    warning=warnings,
                    freshenv=fresh,
                    parallel=1,
                    keep_going=True,
                )
                known = set(app.env.all_docs)
                app.build()
                # Sphinx forgets a page that is gone, but leaves its file where the site is taken from.
                for page in known - app.env.found_docs:
                    (output / f"{page}.html").unlink(missing_ok=True)
        except SphinxError as error:
            failure = str(error)
    faults = _as_faults(warnings.getvalue(), sources)
    if failure is not None:
        faults += [line for line in failure.splitlines() if line.strip()]
    if faults:
        # Sphinx does not warn again about a page it has read: without this the next run would pass.
        shutil.rmtree(doctrees, ignore_errors=True)
        shutil.rmtree(output, ignore_errors=True)
        raise BuildError("\n".join(faults))
    return output


def _as_faults(warnings: str, sources: Path) -> list[str]:
    """Turn Sphinx's warnings into ``file:line: text`` with places of the checkout, in order, once each."""
    faults: dict[str, None] = {}
    for line in _COLOUR.sub("", warnings).splitlines():
        match = _WARNING.match(line)
        if match:
            place = match["place"].replace(f"{sources}{os.sep}", "").strip()
            faults[f"{place}: {match['text']}" if place else match["text"]] = None
    return list(faults)
