"""What every page says of itself: its edition, its address, what reference managers and search engines read."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Claim
from ouroboros.publishing.citables import PROJECT
from ouroboros.sphinxext import book_data

#: Audits as numbers, for programs that sort by them; what cannot be verified has none.
RATINGS = {"discrepant": 1, "superseded": 2, "nuanced": 3, "confirmed": 4}
RATING_SAYS = "How the claim compares with its primary source."
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
    title = plain_title(context.get("title") or app.config.project)
    address = f"{page}.html"
    base = edition_base(app)
    whole = f"{base}{address}" if base else None
    tags = [
        f'<meta name="{name}" content="{escape(value, quote=True)}">'
        for name, value in citation_tags(app, title, whole)
    ]
    records = [report_record(app, title, whole or address.rsplit("/", 1)[-1]), *_reviews(app, page, base)]
    parts = [context.get("metatags", ""), *tags, *map(_json_ld, records)]
    if whole:
        # Sphinx writes the canonical link; it would leave out the folder of the edition. A page that does not know
        # where it stands names no canonical address: a relative one says nothing, and search engines ignore it.
        context["pageurl"] = whole
    if app.config.ouroboros_editions:
        parts.append(
            f'<script defer src="{root}edition.js" data-edition="{escape(app.config.release)}"'
            f' data-page="{escape(address)}"></script>'
        )
    context["metatags"] = "\n".join(parts)


def edition_base(app: Sphinx) -> str:
    """Absolute address of the edition's top, ending in a slash; empty while the site has no address."""
    base = app.config.html_baseurl
    if not base:
        return ""
    base = base if base.endswith("/") else f"{base}/"
    return f"{base}v/{app.config.release}/" if app.config.ouroboros_edition_prefix else base


def citation_tags(app: Sphinx, title: str, address: str | None) -> list[tuple[str, str]]:
    """Names and values of the ``citation_*`` tags that reference managers read."""
    year, _, rest = app.config.release.partition(".")
    tags = [
        ("citation_title", title),
        ("citation_author", app.config.author),
        ("citation_publication_date", f"{year}/{rest[:2]}"),
        ("citation_inbook_title", PROJECT),
        ("citation_technical_report_institution", app.config.author),
        ("citation_technical_report_number", app.config.release),
        ("citation_language", "en"),
    ]
    return [*tags, ("citation_public_url", address)] if address else tags


def report_record(app: Sphinx, title: str, address: str) -> dict:
    """A page as schema.org describes a part of a report."""
    return {
        "@context": "https://schema.org",
        "@type": "Report",
        "name": title,
        "url": address,
        "isPartOf": {"@type": "Report", "name": PROJECT, "version": app.config.release},
        "author": {"@type": "Organization", "name": app.config.author},
        "version": app.config.release,
        "inLanguage": "en",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }


def _reviews(app: Sphinx, page: str, base: str) -> list[dict]:
    """A review for each claim whose card stands on this page; the original knows of no audit."""
    if app.config.ouroboros_original:
        return []
    claims = book_data.of(app.env).ledger.claims
    way = base or "../" * page.count("/")
    return [
        claim_review(claims[identifier], f"{way}id/{identifier}.html", app.config.author)
        for kind, identifier, place in app.env.get_domain("ledger").shown_on(page)
        # A page that was read before a claim left the ledger still shows it.
        if kind == "claim" and place.own and identifier in claims
    ]


def claim_review(claim: Claim, address: str, author: str) -> dict:
    """An audited claim as a schema.org ClaimReview.

    Parameters
    ----------
    claim : Claim
        With its audit.
    address : str
        Where the audit stands.
    author : str
        Who audited it.
    """
    rating: dict = {"@type": "Rating", "alternateName": claim.verdict, "ratingExplanation": RATING_SAYS}
    if claim.verdict in RATINGS:
        rating |= {
            "ratingValue": RATINGS[claim.verdict],
            "bestRating": max(RATINGS.values()),
            "worstRating": 1,
        }
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": address,
        "claimReviewed": claim.text,
        "itemReviewed": {
            "@type": "Claim",
            "identifier": claim.id,
            "text": claim.text,
            "datePublished": "2026-02-19",
            "appearance": {
                "@type": "Report",
                "name": "INS008",
                "inLanguage": "zh",
                "datePublished": "2026-02-19",
            },
        },
        "reviewBody": claim.audit.correction,
        "author": {"@type": "Organization", "name": author},
        "datePublished": claim.checked_on.isoformat(),
        "reviewRating": rating,
        "inLanguage": "en",
    }


def _json_ld(record: dict) -> str:
    # "</" would end the element from inside a string.
    data = json.dumps(record, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
    return f'<script type="application/ld+json">{data}</script>'


def plain_title(title: str) -> str:
    """Text of a title, which Sphinx hands over as markup."""
    return " ".join(unescape(_TAG.sub("", title)).split())


def setup(app: Sphinx) -> None:
    """Register the settings and the hook."""
    app.add_config_value("ouroboros_edition_prefix", "", "html")
    # Plain `jupyter-book build .` knows no editions: it writes no switcher.
    app.add_config_value("ouroboros_editions", False, "html")
    app.connect("html-page-context", _add_context)
    app.connect("config-inited", lambda app, config: config.templates_path.append(str(TEMPLATES)))
