"""What ``ouroboros changes`` compares: two published editions, or one with the state of the checkout."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ouroboros.lab import load_all_evidence
from ouroboros.ledger import Ledger
from ouroboros.publishing import book
from ouroboros.publishing.change_pages import CURRENT
from ouroboros.publishing.changes import Changes, changes_between
from ouroboros.publishing.editions import Frozen, frozen_editions
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.state import state_of


def compare(root: Path, ledger: Ledger, old: str | None, new: str) -> tuple[Changes, bool]:
    """Compare two states.

    Parameters
    ----------
    root : Path
        The checkout.
    ledger : Ledger
        Its records.
    old, new : str
        Number of a published edition, or ``current``; without `old`, the newest edition before `new`.

    Returns
    -------
    changes : Changes
        What changed.
    pages : bool
        Whether pages were compared: those of the checkout are known only after a build.

    Raises
    ------
    BuildError
        If an edition was not published.
    """
    editions = frozen_editions(root)
    if old is None:
        if not (earlier := [e.id for e in editions if new == CURRENT or e.id < new]):
            raise BuildError(f"changes: no edition was published before {new}")
        old = earlier[-1]
    before, after = (_state(root, ledger, editions, name) for name in (old, new))
    pages = "pages" in before and "pages" in after
    if not pages:
        before, after = ({**state, "pages": {}} for state in (before, after))
    return changes_between(before, after), pages


def _state(root: Path, ledger: Ledger, editions: list[Frozen], name: str) -> dict[str, Any]:
    if name == CURRENT:
        state = state_of(ledger, load_all_evidence(root, ledger), version("ouroboros"))
        built = root / book.SITE / "data" / "state.json"
        if book.is_current(root) and built.is_file():
            state["pages"] = json.loads(built.read_text("utf-8")).get("pages", {})
        return state
    for edition in editions:
        if edition.id == name:
            return edition.state()
    there = ", ".join([*(e.id for e in editions), CURRENT])
    raise BuildError(f"{name}: no such edition (there are: {there})")
