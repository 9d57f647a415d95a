"""The search index of the site: small, and fetched only by who searches."""

from __future__ import annotations

import json
import re

_CALL = re.compile(r"\ASearch\.setIndex\((?P<index>.*)\)\s*\Z", re.DOTALL)
_TAG = re.compile(r'\s*<script[^>]*src="(?P<place>[^"?]*searchindex\.js)[^"]*"[^>]*></script>')
#: Digits behind a decimal point, serial numbers, and words that ran together in a drawing: nobody types them.
_NEVER_TYPED = re.compile(r"0\d+|\d{5,}|(?=.*\d)\w{13,}|\w{31,}")


def slim_index(script: str) -> str:
    """Return the index without blanks and without terms that nobody searches for.

    Parameters
    ----------
    script : str
        ``searchindex.js`` as Sphinx wrote it.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the script is not a call of ``Search.setIndex`` with JSON.
    """
    match = _CALL.match(script.strip())
    if match is None:
        raise ValueError("the search index has another form than Sphinx 7 writes")
    index = json.loads(match["index"])
    for terms in (index["terms"], index["titleterms"]):
        for word in [word for word in terms if _NEVER_TYPED.fullmatch(word)]:
            del terms[word]
    return f"Search.setIndex({json.dumps(index, ensure_ascii=False, separators=(',', ':'))})\n"


def fetch_on_demand(html: str) -> str:
    """Let the search page load the index only when its address holds a query."""
    tag = _TAG.search(html)
    if tag is None:
        return html
    load = (
        '<script>if (new URLSearchParams(location.search).get("q"))'
        f' Search.loadIndex("{tag["place"]}");</script>\n'
    )
    return _TAG.sub("", html).replace("</body>", f"{load}</body>")
