"""The search index of the site: small, and fetched only by who searches."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_CALL = re.compile(r"\ASearch\.setIndex\((?P<index>.*)\)\s*\Z", re.DOTALL)
_TAG = re.compile(r"\s*<script[^>]*(?:searchindex|searchtools|language_data)\.js[^>]*></script>")
#: Digits behind a decimal point, serial numbers, checksums and the like: nobody types them.
_NEVER_TYPED = re.compile(r"0\d+|\d{5,}|(?=.*\d)\w{13,}|\w{31,}")


_FULL = 90  # what one sign of the packed page lists counts at most
_SHARED = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Turns what `pack` wrote into the object that Sphinx's search reads.
_UNPACK = """Search.setIndex(((index) => {
  for (const name of ["terms", "titleterms"]) {
    const terms = {};
    let word = "";
    const [words, pages] = index[name].map((part) => part.split(" "));
    words.forEach((rest, k) => {
      word = word.slice(0, parseInt(rest[0], 36)) + rest.slice(1);
      const found = [];
      let page = -1;
      for (const sign of pages[k]) {
        const step = sign.charCodeAt(0) - 35;
        page += step || FULL;
        if (step) found.push(page);
      }
      terms[word] = found.length === 1 ? found[0] : found;
    });
    index[name] = terms;
  }
  return index;
})(INDEX));
"""


def pack(terms: Mapping[str, int | list[int]]) -> list[str]:
    """Write words and their pages as two texts: a third lighter than as JSON when compressed.

    Parameters
    ----------
    terms : mapping
        Number of the page, or numbers of the pages, by word.

    Returns
    -------
    list of str
        Words in order, each as how many letters it shares with the one before (a digit of base 36) and the rest;
        and for each word its pages, every sign the distance from the page before, ``#`` for a distance to add to.
    """
    words, pages, last = [], [], ""
    for word in sorted(terms):
        shared = min(_common(last, word), len(_SHARED) - 1)
        words.append(_SHARED[shared] + word[shared:])
        last = word
        signs, page = "", -1
        for found in sorted([terms[word]] if isinstance(terms[word], int) else terms[word]):
            far, step = divmod(found - page - 1, _FULL)
            signs += "#" * far + chr(35 + step + 1)
            page = found
        pages.append(signs)
    return [" ".join(words), " ".join(pages)]


def _common(one: str, other: str) -> int:
    """Letters that two words begin with alike; the script counts those beyond 16 bits twice, so they end it."""
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return next((k for k, (a, b) in pairs if a != b or a > "\uffff"), shorter)


def slim_index(script: str) -> str:
    """Return the index packed and without terms that nobody searches for.

    Parameters
    ----------
    script : str
        ``searchindex.js`` as Sphinx wrote it.

    Returns
    -------
    str
        A script that unpacks itself.

    Raises
    ------
    ValueError
        If the script is not a call of ``Search.setIndex`` with JSON.
    """
    match = _CALL.match(script.strip())
    if match is None:
        raise ValueError("the search index has another form than Sphinx 7 writes")
    index = json.loads(match["index"])
    for name in ("terms", "titleterms"):
        index[name] = pack({w: at for w, at in index[name].items() if not _NEVER_TYPED.fullmatch(w)})
    packed = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    return _UNPACK.replace("FULL", str(_FULL)).replace("INDEX", packed)


def search_on_demand(html: str) -> str:
    """Let the search page load one script that decides where to search; it fetches an index only for a query."""
    html, dropped = _TAG.subn("", html)
    if not dropped:
        return html
    return html.replace("</body>", '<script src="_static/site-search.js"></script>\n</body>')
