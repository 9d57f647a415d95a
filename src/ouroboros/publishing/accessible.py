"""Names and roles that the theme and pandas leave out, and that a screen reader needs."""

from __future__ import annotations

import re
from html import escape, unescape

_SIDEBAR = re.compile(r'<div id="pst-primary-sidebar"(?![^>]*\srole=)')
_FOLD = re.compile(r"(<a\s[^>]*>)((?:(?!</a>).)*)(</a>\s*<details[^>]*>\s*<summary)>", re.DOTALL)
_ENTRY = re.compile(r'(<div class="citation"[^>]*\srole=")doc-biblioentry"')
_BLANK_HEAD = re.compile(r"<th(\s[^>]*)?>(?:\s|&nbsp;|\u00a0)*</th>")


def name_parts(html: str) -> str:
    """Give a page's parts the names they lack.

    The sidebar becomes a landmark, and each fold of the table of contents says which pages it holds. A header cell
    without text becomes a plain cell, and an entry of a bibliography an item of its list: docutils gives it a role that
    is no longer one.

    Parameters
    ----------
    html : str
        A page as the theme wrote it.

    Returns
    -------
    str
    """
    html = _SIDEBAR.sub('<div id="pst-primary-sidebar" role="complementary" aria-label="Site"', html)
    html = _BLANK_HEAD.sub(r"<td\1></td>", html)
    html = _ENTRY.sub(r'\1listitem"', html)

    def named(match: re.Match) -> str:
        title = " ".join(unescape(re.sub(r"<[^>]*>", "", match[2])).split())
        return f'{match[1]}{match[2]}{match[3]} aria-label="{escape(f"Pages under {title}", quote=True)}">'

    return _FOLD.sub(named, html)
