"""How often Python looks through all objects of a build: when they have doubled, and not at every quarter more.

Sphinx keeps the trees of all pages until it writes them, so that hardly any of what a full collection goes through is
garbage. At every quarter more this takes a fourth of the time of a large book's build; at every doubling it takes half
as long, and the build needs no more memory at its peak. Young objects are collected as ever.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping

from sphinx.application import Sphinx

#: Thresholds as they were before the build.
_before: list[tuple[int, int, int]] = []


def _wait_for_as_many(phase: str, info: Mapping[str, int]) -> None:
    """After a full collection, put the next one off until as many objects again may be there."""
    if phase == "stop" and info["generation"] == 2:
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, max(middle, len(gc.get_objects()) // (young * middle)))


def _begin(app: Sphinx, *_: object) -> None:
    if not _before and gc.get_threshold()[0]:
        _before.append(gc.get_threshold())
        gc.callbacks.append(_wait_for_as_many)


def _end(app: Sphinx, exception: Exception | None) -> None:
    if _before:
        gc.callbacks.remove(_wait_for_as_many)
        gc.set_threshold(*_before.pop())


def setup(app: Sphinx) -> None:
    """Register the hooks; a build that fails ends as well."""
    app.connect("env-before-read-docs", _begin)
    app.connect("build-finished", _end)
