"""A small whole book, so that a test of the build takes seconds."""

import shutil
import subprocess
from pathlib import Path

import pytest

CLAIMS = """\
dimensions:
- {number: 1, title: Industry}
claims:
- id: I001
  dimension: 1
  kind: market-forecast
  text: The market grows.
  cited_as: {name: A vendor, date: "2024"}
  sources: [{key: vendor2024}]
  source_says: It says so.
  audit: {verdict: confirmed, correction: None needed., basis: read, confidence: 0.9, checked_on: "2026-11-23"}
"""
STATEMENTS = """\
statements:
- id: T1
  kind: thesis
  title: Growth
  text: There is growth.
  where: theses
  claims: [I001]
"""
BIB = """\
@misc{vendor2024,
  author = {{A Vendor}},
  title = {A Report},
  year = {2024},
  url = {https://example.org/report},
  urldate = {2026-11-23}
}
"""
NOTEBOOK = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

# A notebook

```{code-cell} ipython3
1 + 1
```

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-line
    caption: A line rises.
  image:
    alt: A line from the lower left to the upper right.
---
import matplotlib.pyplot as plt
from ouroboros import plotting
plotting.use_house_style()
_ = plt.plot([1, 2])
```
"""


def write_small_book(book: Path, root: Path) -> Path:
    """Write a checkout with one claim, one page and one notebook."""
    for folder in ("ledger", "book", "notebooks", "evidence"):
        (book / folder).mkdir(parents=True)
    shutil.copy(root / "_config.yml", book)
    (book / "requirements.txt").write_text("")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: book/page\n- file: notebooks/small\n"
    )
    (book / "index.md").write_text("# Cover\n\n```{dashboard}\n```\n")
    (book / "book/page.md").write_text(
        "# Page\n\nSee {claim}`I001`, $x^2$ and {cite:p}`vendor2024`.\n\n"
        "```{claim-table}\n```\n\n```{bibliography}\n```\n"
    )
    (book / "notebooks/small.md").write_text(NOTEBOOK)
    (book / "ledger/claims.yml").write_text(CLAIMS)
    (book / "ledger/statements.yml").write_text(STATEMENTS)
    (book / "references.bib").write_text(BIB)
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
