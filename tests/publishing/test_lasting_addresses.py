"""An address that an edition published never vanishes: a build that would lose one fails, unless it leads on."""

import subprocess

import pytest

from ouroboros.publishing.book import build
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.redirects import PLACE
from ouroboros.publishing.release import release

SECTION = "\n## Old heading\n\nText.\n"


def _commit(folder):
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for arguments in (("add", "-A"), ("commit", "-q", "-m", "state")):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def published(clone_book, tmp_path):
    """A checkout whose one edition has a section that the test can rename."""
    checkout = clone_book(tmp_path / "clone")
    (checkout / ".gitignore").write_text("_build/\neditions/.lock\n")
    page = checkout / "book/page.md"
    page.write_text(page.read_text() + SECTION)
    _commit(checkout)
    release(checkout, "2026.11", title="a test", day="2026-11-26")
    return checkout


def test_a_heading_that_is_renamed_and_a_page_that_is_removed_need_a_redirect(published):
    anchors = (published / "editions/2026.11/anchors.txt").read_text().splitlines()
    assert {"book/page.html#old-heading", "notebooks/small.html", "id/I001.html"} <= set(anchors)
    page, contents, moved = (published / place for place in ("book/page.md", "_toc.yml", PLACE))

    page.write_text(page.read_text().replace("Old heading", "New heading"))
    with pytest.raises(BuildError) as caught:
        build(published)
    assert str(caught.value) == (
        "2026.11: book/page.html#old-heading was published and would vanish (keep it, or say in "
        'book/redirects.yml where it went: "book/page.html#old-heading: page.html#anchor")'
    )

    moved.write_text("book/page.html#old-heading: book/page.html#new-heading\n")
    site = build(published).site
    text = (site / "book/page.html").read_text()
    assert '<section id="new-heading"><span id="old-heading"></span>' in text.replace("\n", "")

    contents.write_text("format: jb-book\nroot: index\nchapters:\n- file: book/page\n")
    (published / "notebooks/small.md").unlink()
    with pytest.raises(BuildError, match=r"2026\.11: notebooks/small\.html was published and would vanish"):
        build(published)
    moved.write_text(moved.read_text() + "notebooks/small.html: book/page.html\n")
    assert "url=../book/page.html" in (build(published).site / "notebooks/small.html").read_text()

    # What leads on is published by the next edition too, and with it the redirect becomes an address of its own.
    _commit(published)
    release(published, "2026.12", title="a test", day="2026-12-26")
    anchors = (published / "editions/2026.12/anchors.txt").read_text().splitlines()
    assert {"book/page.html#old-heading", "book/page.html#new-heading", "notebooks/small.html"} <= set(
        anchors
    )
