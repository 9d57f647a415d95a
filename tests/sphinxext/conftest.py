"""A tiny ledger and a Sphinx with nothing but what the extension needs, so that a test of it takes a second."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

CLAIMS = """\
dimensions:
- {number: 1, title: "Industry: market"}
- {number: 2, title: Players}
claims:
- id: I001
  title: Market size
  dimension: 1
  kind: market-forecast
  text: The market grows from USD 351.2M.
  cited_as: {name: A vendor, date: "2024"}
  quantities: [{name: market size, value: 351.2, unit: USD million, as_of: "2023"}]
  sources: [{key: vendor2024, locator: p. 4}]
  source_says: It says so, see https://example.org/a.
  audit: {verdict: confirmed, correction: None needed., basis: read, confidence: 0.9, checked_on: "2026-11-23"}
  reproduction_card: {model: small, seeds: [1, 2]}
- id: I002
  dimension: 2
  kind: quote
  text: Somebody said so.
  cited_as: {name: A paper}
  sources: [{key: vendor2024}, {key: other2025}]
  source_says: Something else.
  audit: {verdict: discrepant, severity: minor, correction: Not so., basis: recalled, confidence: 0.5,
          checked_on: "2026-11-23"}
"""
STATEMENTS = """\
statements:
- {id: T1, kind: thesis, title: Growth, text: There is growth., where: theses, claims: [I001, I002]}
- {id: T2, kind: thesis, title: Decline, text: There is decline., where: theses}
- id: B01
  kind: background
  title: Dated early
  text: It was early.
  where: opening
  audit: {verdict: overstated, checked_on: "2026-11-23"}
"""
EXPERIMENTS = """\
experiments:
- id: collapse.toy
  protocol: E01
  module: ouroboros.experiments.collapse.gaussian_chain
  notebook: notebooks/toy.md
  title: A toy
  question: Does it?
  claims: [I001]
  statements: [T1]
  method: By $x$.
  not_shown: [Much.]
  seed: 1
  tiers: {smoke: {n: 10}, publish: {n: 100}}
  criteria:
  - {id: toy-holds, statement: It holds., bears_on: [T1, I001], if_met: "+", if_not_met: "-", test: bound,
     estimate: x, comparison: at-most, threshold: 0.5, scope: toy, fixed_on: "2026-11-23"}
"""
BIB = """\
@misc{vendor2024,
  author = {{A Vendor}}, title = {A Report}, year = {2024}, url = {https://example.org/report}, urldate = {2026-11-23}
}
@misc{other2025,
  author = {Other, Ann}, title = {A Paper}, year = {2025}, url = {https://example.org/paper}, urldate = {2026-11-23}
}
"""
CONF = """\
extensions = ["myst_parser", "sphinxcontrib.bibtex", "ouroboros.sphinxext"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
source_suffix = ".md"
project, author, release, html_theme = "Small", "Nobody", "2026.11", "basic"
html_math_renderer = "mathml"
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year_round"
bibtex_default_style = "unsrt"
bibtex_cite_id = "cite-{key}"
nitpicky = True
html_baseurl = ""
"""


@dataclass
class Site:
    """What a build left behind."""

    root: Path
    app: Sphinx
    warnings: list[str]

    def page(self, name: str) -> str:
        """HTML of a page."""
        return (self.root / "out" / f"{name}.html").read_text("utf-8")


def _build(
    root: Path,
    pages: dict[str, str],
    *,
    parallel: int = 1,
    ledger: dict[str, str] | None = None,
    settings: str = "",
    bibliography: str = BIB,
    before: Callable[[Path], None] = lambda root: None,
) -> Site:
    folder = root / "ledger"
    folder.mkdir(exist_ok=True)
    given = {"claims": CLAIMS, "statements": STATEMENTS, "experiments": EXPERIMENTS} | (ledger or {})
    for name, text in given.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    (root / "references.bib").write_text(bibliography, "utf-8")
    (root / "conf.py").write_text(CONF + settings)
    listed = "\n".join(name for name in pages if name != "index")
    cover = pages.get("index", "# Cover") + f"\n\n```{{toctree}}\n{listed}\n```\n"
    for name, text in (pages | {"index": cover}).items():
        (root / f"{name}.md").parent.mkdir(parents=True, exist_ok=True)
        (root / f"{name}.md").write_text(text, "utf-8")
    before(root)
    warnings = StringIO()
    with docutils_namespace():
        folders = [root, root, root / "out", root / "trees"]
        app = Sphinx(*folders, "html", status=None, warning=warnings, parallel=parallel)
        app.build()
    told = re.sub(r"\x1b\[[0-9;]*m", "", warnings.getvalue()).replace(f"{root}/", "")
    return Site(root, app, [line for line in told.splitlines() if line.strip()])


@pytest.fixture
def make_site(tmp_path: Path):
    """Build a book from pages (name -> Markdown); the cover lists them."""
    return partial(_build, tmp_path)


@pytest.fixture(scope="module")
def make_shared_site(tmp_path_factory: pytest.TempPathFactory):
    """Build a book that several tests of a file look at."""
    return lambda pages, **more: _build(tmp_path_factory.mktemp("book"), pages, **more)
