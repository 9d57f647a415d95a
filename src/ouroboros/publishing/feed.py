"""An Atom feed of editions: one entry for each, with what changed since the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from feedgen.feed import FeedGenerator

from ouroboros.publishing.changes import Changes, changes_between
from ouroboros.publishing.citables import AUTHOR, PROJECT
from ouroboros.publishing.editions import Frozen


def history(editions: Sequence[Frozen]) -> list[Changes]:
    """Changes from each edition to the next, oldest first."""
    return [changes_between(before.state(), after.state()) for before, after in pairwise(editions)]


def atom(editions: Sequence[Frozen], base_url: str) -> str:
    """Feed of published editions.

    Parameters
    ----------
    editions : sequence of Frozen
        Oldest first.
    base_url : str
        Where the site is published, ending in a slash; empty while unknown, then addresses are relative.

    Returns
    -------
    str
        An Atom document; the same editions always give the same bytes.
    """
    feed = FeedGenerator()
    feed.id(base_url or "urn:ouroboros:report")
    feed.title(PROJECT)
    feed.author({"name": AUTHOR})
    feed.language("en")
    feed.link(href=f"{base_url}feed.xml", rel="self")
    feed.link(href=f"{base_url}index.html", rel="alternate")
    changes = dict(zip((e.id for e in editions[1:]), history(editions), strict=True))
    for edition in editions:
        change = changes.get(edition.id)
        entry = feed.add_entry()
        entry.id(f"urn:ouroboros:edition:{edition.id}")
        entry.title(f"Edition {edition.id}: {edition.meta['title']}")
        entry.link(href=f"{base_url}v/{edition.id}/index.html")
        entry.updated(_day(edition))
        entry.published(_day(edition))
        entry.summary(" ".join(change.headline()) if change else "The first edition.")
    feed.updated(_day(editions[-1]) if editions else datetime(2026, 2, 19, tzinfo=UTC))
    return feed.atom_str(pretty=True).decode()


def _day(edition: Frozen) -> datetime:
    return datetime.fromisoformat(edition.meta["date"]).replace(tzinfo=UTC)
