"""An Atom feed: one entry for each edition with what changed since the one before, one for each event of a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

from feedgen.feed import FeedGenerator

from ouroboros.forecasting.events import Event
from ouroboros.forecasting.export import PAGES
from ouroboros.publishing.change_pages import FOLDER, page_name
from ouroboros.publishing.changes import Changes, changes_between
from ouroboros.publishing.citables import AUTHOR, PROJECT
from ouroboros.publishing.editions import Frozen


def history(editions: Sequence[Frozen]) -> list[Changes]:
    """Changes from each edition to the next, oldest first."""
    return [changes_between(before.state(), after.state()) for before, after in pairwise(editions)]


def atom(editions: Sequence[Frozen], base_url: str, forecasts: Sequence[Event] = ()) -> str:
    """Feed of published editions and of what happened to forecasts.

    Parameters
    ----------
    editions : sequence of Frozen
        Oldest first.
    base_url : str
        Where the site is published, ending in a slash; empty while unknown, then addresses are relative.
    forecasts : sequence of Event
        Oldest first; they link to the current pages, not to those of an edition.

    Returns
    -------
    str
        An Atom document; the same editions always give the same bytes.
    """
    feed = FeedGenerator()
    # A feed keeps its name when the site moves, or readers would see every entry again.
    feed.id("urn:ouroboros:report")
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
        entry.summary(_summary(change, base_url) if change else "The first edition.")
    for event in forecasts:
        entry = feed.add_entry()
        entry.id(f"urn:ouroboros:forecast:{event.name}")
        entry.title(event.title)
        entry.link(href=f"{base_url}{_page(event)}")
        entry.category(term=f"forecast-{event.kind}")
        entry.updated(_midnight(event.day))
        entry.published(_midnight(event.day))
        entry.summary(event.text)
    days = [_day(edition) for edition in editions] + [_midnight(event.day) for event in forecasts]
    feed.updated(max(days, default=datetime(2026, 2, 19, tzinfo=UTC)))
    return feed.atom_str(pretty=True).decode()


def _summary(change: Changes, base_url: str) -> str:
    # feedgen writes no other kind of link into an entry than the one to its page.
    return " ".join(
        [*change.headline(), f"All of it: {base_url}{FOLDER}/{page_name(change.old, change.new)}.html"]
    )


def _page(event: Event) -> str:
    if event.id is None:
        return f"{PAGES}/index.html"
    return f"{PAGES}/{event.id}.html#forecast-{event.id}-{event.entry}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(edition: Frozen) -> datetime:
    return datetime.fromisoformat(edition.meta["date"]).replace(tzinfo=UTC)
