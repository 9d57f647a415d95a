"""What ``ouroboros cite`` prints: the choice of thing, edition and format, and what may be wrong with it."""

from __future__ import annotations

import difflib
from importlib.metadata import version
from pathlib import Path

from ouroboros.ledger import Ledger
from ouroboros.publishing.address import base_url
from ouroboros.publishing.citables import WHOLE, Citable, Edition, citables
from ouroboros.publishing.citing import FORMATS, bibtex, csl_json, in_format, ris
from ouroboros.publishing.editions import NAME, frozen_editions
from ouroboros.publishing.errors import BuildError


def current_edition(root: Path, name: str | None = None) -> Edition:
    """Edition that references are pinned to: the one named, else the newest published, else the current state.

    Raises
    ------
    BuildError
        If the edition named was not published.
    """
    published = [edition.id for edition in frozen_editions(root)]
    if name is not None and (not NAME.fullmatch(name) or name not in published):
        raise BuildError(f"--edition {name}: not published (there are: {', '.join(published) or 'none'})")
    audited = [edition.id for edition in frozen_editions(root) if not edition.meta.get("original")]
    chosen = name or (audited[-1] if audited else version("ouroboros"))
    return Edition(chosen, base_url(root))


def citables_in(root: Path, ledger: Ledger, edition: Edition) -> dict[str, Citable]:
    """What can be cited in an edition, by id: a published one holds what has an address in it."""
    found = {citable.id: citable for citable in citables(ledger)}
    for frozen in frozen_editions(root):
        if frozen.id == edition.id:
            there = set(frozen.anchors())
            found = {i: c for i, c in found.items() if i == WHOLE or f"id/{i}.html" in there}
    return found


def references(
    root: Path,
    ledger: Ledger,
    identifier: str | None,
    style: str,
    *,
    everything: bool = False,
    edition: str | None = None,
) -> str:
    """Text of one reference or of all.

    Raises
    ------
    BuildError
        If the id, the style or the edition is not known, or neither an id nor everything is asked for.
    """
    if style not in FORMATS:
        raise BuildError(f"--style {style}: no such format (there are: {', '.join(FORMATS)})")
    pinned = current_edition(root, edition)
    known = citables_in(root, ledger, pinned)
    if everything:
        return _all(list(known.values()), pinned, style)
    if identifier is None:
        raise BuildError("cite: name a claim, statement, experiment or forecast, or say --all")
    if identifier not in known:
        near = difflib.get_close_matches(identifier, known, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise BuildError(f"{identifier}: nothing with this id can be cited{hint}")
    return in_format(known[identifier], pinned, style)


def _all(items: list[Citable], edition: Edition, style: str) -> str:
    writers = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}
    if style in writers:
        return writers[style](items, edition).strip()
    return "\n".join(in_format(citable, edition, style) for citable in items)
