"""Whole builds of a small book: what passes, what stops, and what is left when it stops."""

import filecmp
import re

import pytest

from ouroboros.publishing.book import BuildError, build


def _replace(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_builds_then_does_nothing_then_only_what_changed(small_book):
    first = build(small_book)
    assert first.pages >= 3
    assert (first.notebooks_run, first.notebooks_cached) == (1, 0)
    page = (first.site / "book/page.html").read_text("utf-8")
    assert 'id="claim-I001"' in page
    assert 'id="cite-vendor2024"' in page
    assert "<math" in page
    assert not re.search(r"fontawesome|unpkg|jsdelivr", page)

    assert build(small_book).unchanged

    _replace(small_book / "book/page.md", "# Page", "# Page with another title")
    third = build(small_book)
    assert not third.unchanged
    assert (third.notebooks_run, third.notebooks_cached) == (0, 1)
    assert "Page with another title" in (third.site / "index.html").read_text("utf-8")


def test_two_builds_from_scratch_are_the_same_to_the_byte(small_book):
    site = build(small_book).site
    kept = small_book / "kept"
    site.rename(kept)
    again = build(small_book, force=True).site
    compared = filecmp.dircmp(kept, again)
    assert _differences(compared) == []


def _differences(compared):
    found = compared.left_only + compared.right_only
    _, mismatch, errors = filecmp.cmpfiles(
        compared.left, compared.right, compared.common_files, shallow=False
    )
    found += mismatch + errors
    for part in compared.subdirs.values():
        found += _differences(part)
    return found


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "notebooks/small.md",
            "1 + 1",
            "1 / 0",
            "notebooks/small.md: cell 1: ZeroDivisionError: division by zero",
        ),
        ("notebooks/small.md", "1 + 1", "1 +", "notebooks/small.md: a cell is not Python"),
        ("notebooks/small.md", "name: python3", "name: julia", "notebooks/small.md: no kernel named 'julia'"),
        (
            "book/page.md",
            "{claim}`I001`",
            "{claym}`I001`",
            'book/page.md:3: Unknown interpreted text role "claym"',
        ),
        ("book/page.md", "{claim}`I001`", "{claim}`I002`", "unknown claim 'I002' (did you mean 'I001'?)"),
        ("book/page.md", "{claim}`I001`", "{claim}`T1`", "book/page.md:3: T1 is a statement, not a claim"),
        ("book/page.md", "{cite:p}`vendor2024`", "{cite:p}`nobody`", 'could not find bibtex key "nobody"'),
        ("book/page.md", "$x^2$", "[x](gone.md)", "book/page.md:3:"),
        ("book/page.md", "$x^2$", '<img src="https://example.org/x.png" alt="">', "asks another host"),
        (
            "ledger/claims.yml",
            "vendor2024",
            "vendor24",
            "ledger/claims.yml:9: I001: unknown citation key 'vendor24'",
        ),
    ],
)
def test_a_fault_stops_the_build_with_its_place_and_leaves_the_last_site(small_book, file, old, new, message):
    good = build(small_book).site / "index.html"
    before = good.read_bytes()
    _replace(small_book / file, old, new)
    for _ in range(2):  # Sphinx forgets warnings of pages it has read: the second run must fail as well
        with pytest.raises(BuildError) as caught:
            build(small_book)
        assert message in str(caught.value)
    assert good.read_bytes() == before
    _replace(small_book / file, new, old)
    assert build(small_book).pages >= 3
