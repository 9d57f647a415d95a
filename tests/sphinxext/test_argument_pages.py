"""What the argument's pages draw: notes on claims, tests of statements, sentences for memos."""

import re
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

GOOD = """
:::{claim-note} I017
Our *own* reading.
:::

## Tests

```{tested-by} P1
```

## No tests

```{tested-by} D08
```

## Memo

```{memo-sentences} K3 I016
```
"""
BAD = """
:::{claim-note} I999
Words.
:::

```{tested-by} F1
```

```{memo-sentences} F2
```

{tally}`claims wrong`
"""


def _build(root: Path, source: Path, body: str) -> tuple[list[str], str]:
    """Build one page with the ledger and the evidence of the checkout; return its parts and the warnings."""
    (source / "conf.py").write_text(
        "extensions = ['myst_parser', 'sphinxcontrib.bibtex', 'ouroboros.sphinxext']\n"
        f"ouroboros_root = {str(root)!r}\nbibtex_bibfiles = [{str(root / 'references.bib')!r}]\n"
        # Sphinx keeps suffixes of an earlier build in the process (myst-nb's of a book) in its default.
        "source_suffix = '.md'\n"
        "html_theme = 'basic'\nsuppress_warnings = ['myst.domains', 'bibtex.missing_field']\n"
        "myst_enable_extensions = ['colon_fence', 'dollarmath']\n"
    )
    (source / "index.md").write_text(f"# Page\n{body}")
    warnings = StringIO()
    with docutils_namespace():
        out = source / "out"
        Sphinx(source, source, out, source / "trees", "html", status=None, warning=warnings).build()
    parts = re.split(r"<h2>", (out / "index.html").read_text("utf-8"))
    texts = [" ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split()) for part in parts]
    return texts, warnings.getvalue()


@pytest.fixture(scope="module")
def parts(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The parts of a page without faults."""
    return _build(root, tmp_path_factory.mktemp("good"), GOOD)[0]


@pytest.fixture(scope="module")
def warnings(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The warnings of a page that gets everything wrong."""
    return _build(root, tmp_path_factory.mktemp("bad"), BAD)[1]


def test_a_note_gives_the_claim_its_audit_its_mark_and_our_words(parts):
    assert "I017 discrepant" in parts[0]
    assert "perplexity rose from 20 to 28" in parts[0]
    assert "Our own reading." in parts[0]


def test_a_statement_shows_the_criteria_that_bear_on_it_and_their_scope(parts):
    assert "Under replacement variance is lost" in parts[1]
    assert "met: speaks for it" in parts[1]
    assert "Scope: toy: one-dimensional Gaussian" in parts[1]
    assert "Plain copying is fast" not in parts[1]


def test_what_nothing_tests_says_so(parts):
    assert "No criterion of this edition bears on it." in parts[2]


def test_memo_sentences_follow_the_claims_of_a_statement_once_each(parts):
    assert parts[3].count("I016") == 1
    assert parts[3].index("I016") < parts[3].index("I007") < parts[3].index("I046")


@pytest.mark.parametrize(
    "message",
    [
        "unknown claim 'I999'",
        "'F1' is neither a statement nor a claim",
        "'F2' is neither a statement nor a claim",
        "write claims, statements, forecasts or experiments",
    ],
)
def test_a_wrong_id_or_word_is_a_warning_with_its_place(warnings, message):
    assert re.search(r"index\.md:\d+.*" + re.escape(message), warnings)


def test_criteria_that_came_out_neither_way_are_counted_and_not_listed(root, tmp_path):
    parts, _ = _build(root, tmp_path, "\n## Stage\n\n```{tested-by} S2\n```\n")
    assert "criteria came out neither way and decide nothing; they stand with the experiment" in parts[1]
    assert "decides nothing" not in parts[1].replace("decide nothing", "")
