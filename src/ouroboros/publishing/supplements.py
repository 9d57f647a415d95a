"""What lies beside the pages of a site: data, references, changes, feed."""

from __future__ import annotations

from pathlib import Path

from ouroboros.forecasting.events import events
from ouroboros.lab import load_all_evidence
from ouroboros.ledger import load_ledger
from ouroboros.publishing.address import base_url
from ouroboros.publishing.change_pages import write_change_pages
from ouroboros.publishing.changes import changes_between
from ouroboros.publishing.citables import Citable, Edition, citables, original_citables
from ouroboros.publishing.cite_pages import write_cite_pages
from ouroboros.publishing.citing import bibtex, csl_json, ris
from ouroboros.publishing.data_export import original_tables, write_data, write_tables
from ouroboros.publishing.editions import frozen_editions
from ouroboros.publishing.feed import atom, history
from ouroboros.publishing.print_book import write_print
from ouroboros.publishing.state import page_digests, state_of, write_state


def write_supplements(root: Path, site: Path, name: str) -> None:
    """Write ``data/``, the references of the report, what changed and ``feed.xml`` into a site.

    Parameters
    ----------
    root : Path
        The checkout.
    site : Path
        Folder with the polished pages.
    name : str
        Name of the state that the site shows.
    """
    ledger = load_ledger(root)
    evidence = load_all_evidence(root, ledger)
    write_data(root, ledger, evidence, site / "data")
    state = {**state_of(ledger, evidence, name), "pages": page_digests(site)}
    (site / "data" / "state.json").write_text(write_state(state), "utf-8")
    edition = Edition(name, base_url(root))
    _write_references(list(citables(ledger)), edition, site)
    write_print(site, root, name)
    editions = frozen_editions(root)
    steps = history(editions)
    if editions:
        steps.append(changes_between(editions[-1].state(), state))
    text = "[" + ",".join(step.to_json().strip() for step in steps) + "]\n"
    (site / "data" / "changes.json").write_text(text, "utf-8")
    write_change_pages(site, [*(edition.state() for edition in editions), state])
    feed = atom(editions, edition.base_url, events(ledger.forecasts.values()))
    (site / "feed.xml").write_text(feed, "utf-8")


def write_original_supplements(root: Path, site: Path, name: str) -> None:
    """Write data and references of the edition that shows the original as found; it has nothing to compare."""
    ledger = load_ledger(root)
    write_tables(original_tables(ledger), site / "data")
    _write_references(list(original_citables(ledger)), Edition(name, base_url(root)), site)


def _write_references(items: list[Citable], edition: Edition, site: Path) -> None:
    (site / "ouroboros.bib").write_text(bibtex(items, edition), "utf-8")
    (site / "ouroboros.json").write_text(csl_json(items, edition), "utf-8")
    (site / "ouroboros.ris").write_bytes(ris(items, edition).encode())
    write_cite_pages(items, edition, site)
