"""Words are counted where a reader reads them, and paths add up over pages."""

from io import StringIO
from pathlib import Path

import pytest
from docutils.core import publish_doctree
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from ouroboros.sphinxext.reading_time import minutes_for, words_of


def _words(source: str) -> int:
    return words_of(publish_doctree(source, settings_overrides={"report_level": 5}))


def test_words_joined_by_hyphens_apostrophes_and_points_count_once():
    assert _words("It's a well-known 3.5-fold gain — really.") == 6


def test_code_tables_and_formulae_are_not_read():
    prose = "Two words.\n"
    extras = "\n::\n\n   code that nobody reads\n\n.. math:: a + b\n\n=== ===\none two\n=== ===\n\n.. comment here\n"
    assert _words(prose + extras) == 2


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (238, 1), (358, 2), (2380, 10)])
def test_minutes_follow_the_cited_rate(words, minutes):
    assert minutes_for(words) == minutes


@pytest.fixture
def built(tmp_path: Path):
    """Build a book of a cover with a reading path and two pages; return the pages and the warnings."""

    def build(path: str) -> tuple[dict[str, str], str]:
        (tmp_path / "book").mkdir()
        (tmp_path / "conf.py").write_text(
            "extensions = ['myst_parser', 'ouroboros.sphinxext.reading_time']\n"
            "source_suffix = '.md'\nhtml_theme = 'basic'\n"
        )
        (tmp_path / "index.md").write_text(f"# Cover\n\n```{{reading-path}}\n{path}\n```\n")
        (tmp_path / "book/long.md").write_text("# Long\n\n" + "word " * 475 + "\n")
        (tmp_path / "book/short.md").write_text("# Short\n\nHardly anything.\n")
        warnings = StringIO()
        with docutils_namespace():
            app = Sphinx(
                tmp_path,
                tmp_path,
                tmp_path / "out",
                tmp_path / "trees",
                "html",
                status=None,
                warning=warnings,
            )
            app.build()
        pages = {p.stem: p.read_text("utf-8") for p in (tmp_path / "out").rglob("*.html")}
        return pages, warnings.getvalue()

    return build


def test_a_page_of_the_book_says_how_long_it_is(built):
    pages, _ = built("book/long")
    assert "476 words, 2 minutes" in pages["long"]
    assert "minute" not in pages["short"]


def test_a_path_lists_minutes_and_their_sum(built):
    pages, warnings = built("book/long | for the numbers\nbook/short")
    assert "(2 minutes): for the numbers" in pages["index"]
    assert "(1 minute)" in pages["index"]
    assert "Together 2 minutes." in pages["index"]
    assert "reading-path" not in warnings


def test_a_path_to_a_missing_page_is_a_warning_with_its_place(built):
    _, warnings = built("book/gone")
    assert "there is no page 'book/gone'" in warnings
    assert "index" in warnings
