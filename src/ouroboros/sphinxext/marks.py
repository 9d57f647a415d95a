"""Chips: a verdict as icon, word and colour, so that colour is never the only carrier of meaning."""

from __future__ import annotations

from docutils import nodes

#: Strokes on a 16 x 16 grid. Each meaning has its own outline, told apart in grey and at 12 px.
_SHAPES = {
    "check": "M3 8.5l3.2 3.3L13 4.5",
    "cross": "M4 4l8 8M12 4l-8 8",
    "tilde": "M2.5 9.5c1.8-4 3.6-4 5.5-1.5s3.7 2.5 5.5-1.5",
    "half": "M8 2.5a5.5 5.5 0 100 11zM8 2.5a5.5 5.5 0 010 11",
    "clock": "M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 5v3.2l2.2 1.6",
    "question": "M5.5 6a2.5 2.5 0 115 0c0 1.8-2.5 2-2.5 3.8M8 12.6v.4",
    "ring": "M8 3a5 5 0 100 10A5 5 0 008 3z",
    "swap": "M3 6h9l-2.5-2.5M13 10H4l2.5 2.5",
}

_ICON_OF = {
    # audits of claims
    "confirmed": "check",
    "nuanced": "tilde",
    "discrepant": "cross",
    "superseded": "swap",
    "unverifiable": "question",
    # verdicts of statements
    "supported": "check",
    "mixed": "half",
    "contradicted": "cross",
    "untested": "ring",
    # our reading of statements that no experiment decides
    "consistent": "check",
    "roughly-consistent": "tilde",
    "rounded-down": "tilde",
    "note": "tilde",
    "inconsistent": "cross",
    "overstated": "cross",
    "mislabelled": "cross",
    "unsupported": "question",
    "missing-source": "question",
    "mixed-units": "half",
    "tension": "half",
    "risk": "half",
    # reproduction marks of claims
    "reproduced in a toy": "check",
    "not reproduced": "cross",
    "not tested": "ring",
    # forecasts
    "resolved-yes": "check",
    "resolved-no": "cross",
    "resolved-ambiguous": "half",
    "open": "clock",
    "overdue-unresolved": "question",
    # criteria and checks
    "met": "check",
    "not met": "cross",
    "passed": "check",
    "missed": "cross",
}


def icon_path(word: str) -> str:
    """Return the strokes of a word's icon, to stand in an SVG of any size."""
    shape = _SHAPES[_ICON_OF.get(word, "ring")]
    return (
        f'<path d="{shape}" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"'
        ' stroke-linejoin="round"/>'
    )


def icon_svg(word: str) -> str:
    """Return the icon of a verdict, audit or status as inline SVG (hidden from assistive technology)."""
    return (
        '<svg class="glyph" viewBox="0 0 16 16" width="1em" height="1em" aria-hidden="true" focusable="false">'
        f"{icon_path(word)}</svg>"
    )


def slug(word: str) -> str:
    """Turn a word of the vocabulary into a CSS class."""
    return "is-" + word.replace(" ", "-")


def chip(word: str, text: str | None = None) -> nodes.inline:
    """Build a chip.

    Parameters
    ----------
    word : str
        Word of the vocabulary; decides icon and colour.
    text : str, optional
        What is printed, `word` itself by default.

    Returns
    -------
    docutils.nodes.inline
    """
    node = nodes.inline("", "", classes=["chip", slug(word)])
    node += nodes.raw("", icon_svg(word), format="html")
    node += nodes.inline("", text or word.replace("-", " "))
    return node
