"""What every page says about the edition it belongs to: switcher, canonical address, citation data."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

_TAG = re.compile(r"<[^>]*>")
TEMPLATES = Path(__file__).with_name("templates")


def edition_root(page: str, prefix: str) -> str:
    """Way from a page to the folder that holds ``editions.html``.

    Parameters
    ----------
    page : str
        Name of the page without its ending, such as ``book/claims/index``.
    prefix : str
        Way from the edition's own top to that folder: empty for the current state, ``../../`` in ``v/<id>/``.
    """
    return "../" * page.count("/") + prefix


def _add_context(
    app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    root = edition_root(page, app.config.ouroboros_edition_prefix)
    context["edition_root"] = root
    context["editions"] = app.config.ouroboros_editions
    title = context.get("title") or app.config.project
    base = app.config.html_baseurl.rstrip("/")
    address = f"{page}.html"
    canonical = f"{base}/{address}" if base else address.rsplit("/", 1)[-1]
    script = (
        f'<script defer src="{root}edition.js" data-edition="{escape(app.config.release)}"'
        f' data-page="{escape(address)}"></script>'
    )
    year, _, rest = app.config.release.partition(".")
    meta = {
        "citation_title": _plain(title),
        "citation_author": app.config.author,
        "citation_publication_date": f"{year}/{rest[:2]}",
        "citation_inbook_title": app.config.project,
    }
    if base:
        meta["citation_public_url"] = canonical
    tags = "\n".join(f'<meta name="{k}" content="{escape(v, quote=True)}">' for k, v in meta.items())
    record = {
        "@context": "https://schema.org",
        "@type": "Report",
        "name": _plain(title),
        "isPartOf": {"@type": "Report", "name": app.config.project, "version": app.config.release},
        "author": {"@type": "Organization", "name": app.config.author},
        "version": app.config.release,
        "inLanguage": "en",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    # "</" would end the element from inside a string.
    data = json.dumps(record, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
    ld = f'<script type="application/ld+json">{data}</script>'
    link = f'<link rel="canonical" href="{escape(canonical, quote=True)}">'
    parts = [context.get("metatags", ""), tags, ld]
    # Sphinx writes the canonical address itself once the site has an address of its own.
    parts += [] if base else [link]
    parts += [script] if app.config.ouroboros_editions else []
    context["metatags"] = "\n".join(parts)


def _plain(title: str) -> str:
    """Text of a title, which Sphinx hands over as markup."""
    return " ".join(unescape(_TAG.sub("", title)).split())


def setup(app: Sphinx) -> None:
    """Register the settings and the hook."""
    app.add_config_value("ouroboros_edition_prefix", "", "html")
    # Plain `jupyter-book build .` knows no editions: it writes no switcher.
    app.add_config_value("ouroboros_editions", False, "html")
    app.connect("html-page-context", _add_context)
    app.connect("config-inited", lambda app, config: config.templates_path.append(str(TEMPLATES)))
