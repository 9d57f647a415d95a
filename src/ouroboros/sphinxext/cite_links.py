"""A way to the reference of every section and record: a link that a script turns into a dialog.

The link leads to a page below ``cite/`` that works without a script (see
:mod:`ouroboros.publishing.cite_pages`), so nothing is lost where scripts or ``fetch`` are not allowed.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.sphinxext.domain import LedgerDomain

CITABLE = ("claim", "statement", "experiment", "forecast")
#: Opening tag of what shows a record without a heading of its own: a card, the head of a page, a row.
_BOX = re.compile(r'<(?:div class="[^"]*"|td(?: class="[^"]*")?) id="(?P<anchor>[^"]+)">')
_HEADING = re.compile(
    r'<a class="headerlink" href="#(?P<anchor>[^"]+)" title="Link to this heading">.*?</a>', re.DOTALL
)


def link_html(address: str, what: str) -> str:
    """Link to a page of references.

    Parameters
    ----------
    address : str
        Relative to the page that it stands on.
    what : str
        What is cited, for readers who hear the link.
    """
    return f'<a class="cite-link" href="{address}" title="Cite {what}" aria-label="Cite {what}">Cite</a>'


def with_cite_links(body: str, page: str, records: dict[str, str]) -> str:
    """Add a link to every heading of a page.

    Parameters
    ----------
    body : str
        HTML of the page's text.
    page : str
        Name of the page, without its ending.
    records : dict of str to str
        Ids of the ledger's records by their anchor on this page; they have references of their own.
    """
    top = "../" * page.count("/")

    def add_to_box(match: re.Match) -> str:
        if match["anchor"] not in records:
            return match[0]
        identifier = records[match["anchor"]]
        link = link_html(f"{top}cite/{identifier}.html", identifier)
        return f'{match[0]}<p class="cite-record">{link}</p>'

    def add(match: re.Match) -> str:
        anchor = match["anchor"]
        if anchor in records:
            return match[0] + link_html(f"{top}cite/{records[anchor]}.html", records[anchor])
        return match[0] + link_html(f"{top}cite/pages/{page}.html#{anchor}", "this section")

    return _BOX.sub(add_to_box, _HEADING.sub(add, body))


def _add_links(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is None or not app.config.ouroboros_editions or "body" not in context:
        return
    domain: LedgerDomain = app.env.get_domain("ledger")
    # Rows of the original bring their links with them.
    shown = () if app.config.ouroboros_original else domain.shown_on(page)
    records = {place.anchor: identifier for kind, identifier, place in shown if kind in CITABLE}
    context["body"] = with_cite_links(context["body"], page, records)


def setup(app: Sphinx) -> None:
    """Register the hook and what makes a dialog of the link."""
    app.connect("html-page-context", _add_links)
    app.add_css_file("cite-dialog.css")
    app.add_js_file("cite.js", loading_method="defer")
