"""A small whole book, so that a test of the build takes seconds."""

import shutil
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
"""


@pytest.fixture
def small_book(tmp_path: Path, root: Path) -> Path:
    """A checkout with one claim, one page and one notebook."""
    book = tmp_path / "checkout"
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
