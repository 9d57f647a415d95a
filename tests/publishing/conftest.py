"""A small whole book, so that a test of the build takes seconds."""

import shutil
import subprocess
from pathlib import Path

import pytest


def write_small_book(book: Path, root: Path) -> Path:
    """Write a checkout with one claim, one page and one notebook, in the configuration of this repository."""
    shutil.copytree(root / "tests/small_book", book)
    shutil.copy(root / "_config.yml", book)
    (book / "evidence").mkdir()
    return book


@pytest.fixture
def small_book(tmp_path: Path, root: Path) -> Path:
    """A checkout with one claim, one page and one notebook."""
    return write_small_book(tmp_path / "checkout", root)


@pytest.fixture(scope="session")
def clone_book(tmp_path_factory, root: Path):
    """Put the small book under version control and make clean clones of it."""
    origin = write_small_book(tmp_path_factory.mktemp("repository") / "origin", root)
    options = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")

    def git(*arguments: str) -> None:
        subprocess.run(["git", *options, *arguments], cwd=origin, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "A small book")

    def clone(where: Path) -> Path:
        where.parent.mkdir(parents=True, exist_ok=True)
        git("clone", "-q", str(origin), str(where))
        return where

    return clone


def forbid_execution_in_sphinx(patch: pytest.MonkeyPatch) -> None:
    """Make the execution of a notebook by Sphinx an error."""

    def refuse(*arguments, **options):
        raise AssertionError("Sphinx runs a notebook")

    patch.setattr("myst_nb.core.execute.cache.single_nb_execution", refuse)


@pytest.fixture
def sphinx_may_not_run_notebooks(monkeypatch) -> None:
    """Make the execution of a notebook by Sphinx an error."""
    forbid_execution_in_sphinx(monkeypatch)


@pytest.fixture(scope="session")
def first_build(clone_book, tmp_path_factory):
    """A clean clone of the small book, built while Sphinx could not run a notebook if it wanted to."""
    from ouroboros.publishing.book import build

    with pytest.MonkeyPatch.context() as patch:
        forbid_execution_in_sphinx(patch)
        return build(clone_book(tmp_path_factory.mktemp("first") / "clone"))


@pytest.fixture
def built_book(first_build, tmp_path: Path) -> Path:
    """A copy of the built small book to change at will."""
    copy = tmp_path / "copy"
    shutil.copytree(first_build.site.parents[1], copy)
    return copy
