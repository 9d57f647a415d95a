"""The form above the table of claims, written into the page so that nothing moves when its script wakes up.

The script (``ledger-table.js``) works this form; it does not build it. Readers without scripts do not see it: the theme
hides ``pst-js-only`` from them. What depends on citations is known only when they are resolved, so a placeholder stands
for the form until then.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

#: Name of each facet in the address and the script, and its label, in the order of the form.
FACETS = {
    "dimension": "Dimension",
    "kind": "Kind",
    "audit": "Audit",
    "mark": "Tested here",
    "statement": "Statement",
    "source": "Source",
}
#: What a claim has in each facet.
Values = Mapping[str, Sequence[str]]
_BETWEEN_WORKS = re.compile(r"(?<=\)), ")
_NUMBER = re.compile(r"(\d+)")


class ClaimFilter(nodes.General, nodes.Element):
    """Placeholder of the form; ``values`` has a mapping for each row of the table that follows."""


def works_of(cited: str) -> list[str]:
    """Split what a cell of sources says into works; the script splits the same way."""
    return [work for part in _BETWEEN_WORKS.split(" ".join(cited.split())) if (work := part.strip())]


def filter_form(values: Sequence[Values]) -> str:
    """Write the form for claims with these values, as it stands while nothing is chosen.

    Parameters
    ----------
    values : sequence of mappings
        Values by facet for each claim.

    Returns
    -------
    str
        HTML. Every choice says how many claims have it.
    """
    parts = [
        '<form class="ledger-filter pst-js-only" role="search" aria-label="Filter the claims" autocomplete="off">',
        '<label>Search<input type="search" id="ledger-q" placeholder="/" aria-keyshortcuts="/" autocomplete="off">'
        "</label>",
    ]
    for name, label in FACETS.items():
        counts = Counter(value for claim in values for value in dict.fromkeys(claim.get(name, ())))
        parts.append(f'<label>{label}<select id="ledger-{name}"><option value="">any</option>')
        parts += (
            f'<option value="{escape(value, quote=True)}">{escape(value)} ({counts[value]})</option>'
            for value in _sorted(counts)
        )
        parts.append("</select></label>")
    count = f"{len(values)} of {len(values)} claims"
    parts.append('<button type="button">Show all</button>')
    parts.append(f'<output class="ledger-count" aria-live="polite">{count}</output></form>')
    return "".join(parts)


def _sorted(values: Iterable[str]) -> list[str]:
    """Sort for readers: accents and case aside, numbers by their size."""

    def key(value: str) -> tuple:
        plain = unicodedata.normalize("NFKD", value).casefold()
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
        parts = _NUMBER.split(plain)
        return [(int(part) if k % 2 else 0, "" if k % 2 else part) for k, part in enumerate(parts)], value

    return sorted(values, key=key)


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace the placeholder by the form once the table says which works its claims cite."""
    for place in list(doctree.findall(ClaimFilter)):
        if app.builder.format != "html":
            place.parent.remove(place)
            continue
        table = place.parent[place.parent.index(place) + 1]
        rows = next(table.findall(nodes.tbody)).findall(nodes.row)
        values = [
            {**known, "source": works_of(row[place["source_column"]].astext())}
            for known, row in zip(place["values"], rows, strict=True)
        ]
        place.replace_self(nodes.raw("", filter_form(values), format="html"))


def setup(app: Sphinx) -> None:
    """Register the placeholder and the hook."""
    app.add_node(ClaimFilter)
    app.connect("doctree-resolved", _fill)
