"""What makes a page recognisable elsewhere: the mark, the icon of its tab, its description, its card when shared.

Sharing needs whole addresses. While the site has none (``html: baseurl`` unset), the tags that would hold one are left
out instead of naming a place that is not there.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.publishing import mark, social_card
from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.dashboard import AUDITS
from ouroboros.sphinxext.editions import edition_base, plain_title

CARD = "social-card.png"
SUBTITLE = ("What happens when models grow", "by eating their own output?")
_SHORT, _LONG = 60, 200  # letters of a description: fewer say nothing, more are cut by those who show them


def description(doctree: nodes.document) -> str:
    """What a page says of itself: its first paragraph of running text, cut at a word.

    Parameters
    ----------
    doctree : docutils.nodes.document
        With all links resolved.
    """
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section) or "verdict-line" in paragraph["classes"]:
            continue
        text = " ".join(
            "".join(
                part.astext()
                for part in paragraph.findall(nodes.Text)
                if not isinstance(part.parent, nodes.raw | nodes.math)
            ).split()
        )
        if len(text) < _SHORT:
            continue
        if len(text) <= _LONG:
            return text
        return text[:_LONG].rsplit(" ", 1)[0].rstrip(".,;:") + " …"
    return ""


def preview_tags(title: str, says: str, address: str, card: str, *, cover: bool) -> list[str]:
    """Tags that messengers and networks read when a page is shared.

    Parameters
    ----------
    title, says : str
        Of the page; without `says` the tags of descriptions are left out.
    address, card : str
        Whole addresses of the page and of its picture; empty while the site has none.
    cover : bool
        The site itself and not an article of it.
    """
    pairs = [("property", "og:type", "website" if cover else "article")]
    pairs += [("property", "og:site_name", "Ouroboros"), ("property", "og:title", title)]
    pairs += [("property", "og:locale", "en")]
    if says:
        pairs += [("name", "description", says), ("property", "og:description", says)]
    if address:
        pairs += [("property", "og:url", address), ("property", "og:image", card)]
        pairs += [("property", "og:image:width", "1200"), ("property", "og:image:height", "630")]
        pairs += [
            ("property", "og:image:alt", "The mark of Ouroboros and a bar that counts its claims by audit")
        ]
    pairs += [("name", "twitter:card", "summary_large_image" if address else "summary")]
    return [f'<meta {kind}="{name}" content="{escape(value, quote=True)}">' for kind, name, value in pairs]


def _add_tags(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    top = "../" * page.count("/")
    context["ouroboros_mark"] = mark.svg(attributes=' class="snake" aria-hidden="true" focusable="false"')
    parts = [
        context.get("metatags", ""),
        f'<link rel="icon" type="image/svg+xml" href="{top}_static/favicon.svg">',
        f'<link rel="alternate icon" sizes="16x16 32x32 48x48" href="{top}_static/favicon.ico">',
    ]
    base = edition_base(app)
    parts += preview_tags(
        plain_title(context.get("title") or app.config.project),
        description(doctree) if doctree is not None else "",
        f"{base}{page}.html" if base else "",
        f"{base}_static/{CARD}",
        cover=page == app.config.root_doc,
    )
    context["metatags"] = "\n".join(parts)


def _draw(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    data = book_data.of(app.env)
    folder = Path(app.outdir, "_static")
    (folder / "favicon.svg").write_text(mark.favicon(), "utf-8")
    (folder / "favicon.ico").write_bytes(social_card.icon())
    claims = data.ledger.claims.values()
    audits = Counter() if app.config.ouroboros_original else Counter(claim.verdict for claim in claims)
    newest = "" if app.config.ouroboros_original else data.evidence_date
    picture = social_card.card(
        "Ouroboros",
        SUBTITLE,
        [(word, audits[word]) for word in AUDITS],
        f"Edition {app.config.release}" + (f", evidence of {newest}" if newest else ""),
        f"{len(claims)} claims" + (", audited" if audits else ", as found"),
    )
    (folder / CARD).write_bytes(picture)


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("html-page-context", _add_tags)
    app.connect("build-finished", _draw)
