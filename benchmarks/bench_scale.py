"""A ledger of 10,000 claims and 2,000 sources: seconds to validate it, and how the build grows with its size.

Prints both, the peak of memory, and the growth as an exponent: 1 is linear, 2 quadratic. A book of a quarter of the
size is the peer. It has the theme of the report, which names all pages beside each page.
"""

import math
import resource
import sys
import tempfile
from io import StringIO
from pathlib import Path
from time import process_time

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from ouroboros.ledger import load_ledger

CLAIMS = 10_000
CLAIMS_PER_SOURCE = 5
CLAIMS_PER_PAGE = 50
STEP = 4
VALIDATED_WITHIN = 10.0  # seconds
LINEAR_UP_TO = 1.15  # exponent

CONF = """\
extensions = ["myst_parser", "sphinxcontrib.bibtex", "ouroboros.sphinxext"]
source_suffix = ".md"
project, author, release, html_theme = "Scale", "Nobody", "1", "sphinx_book_theme"
html_math_renderer = "mathml"
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year_round"
bibtex_default_style = "unsrt"
bibtex_cite_id = "cite-{key}"
exclude_patterns = ["out", "trees"]
"""
VERDICTS = ("confirmed", "nuanced", "discrepant", "superseded", "unverifiable")


def write_book(root: Path, claims: int) -> None:
    """Write a ledger, its literature, and a page of cards for every so many claims."""
    sources, pages = claims // CLAIMS_PER_SOURCE, claims // CLAIMS_PER_PAGE
    lines = ["dimensions:"]
    lines += [f"- {{number: {k}, title: 'Dimension {k}: a field'}}" for k in range(1, pages + 1)]
    lines.append("claims:")
    for k in range(claims):
        severity = ", severity: minor" if VERDICTS[k % 5] == "discrepant" else ""
        lines += [
            f"- id: I{k:05}",
            f"  title: Claim number {k}",
            f"  dimension: {k // CLAIMS_PER_PAGE + 1}",
            "  kind: empirical-result",
            f"  text: In the year of the study {k} of the samples were written by a model, and nobody noticed.",
            "  cited_as: {name: A paper, date: '2025'}",
            f"  quantities: [{{name: samples, value: {k}, unit: samples, as_of: '2025'}}]",
            f"  sources: [{{key: author{k % sources}paper, locator: p. {k % 9 + 1}}}]",
            "  source_says: It says so in its results, for one model and one task.",
            f"  audit: {{verdict: {VERDICTS[k % 5]}{severity}, correction: 'None needed.', basis: read,"
            " confidence: 0.9, checked_on: '2026-11-23'}",
        ]
    statements = ["statements:"]
    for k in range(max(1, claims // 100)):
        listed = ", ".join(f"I{100 * k + i:05}" for i in range(20))
        statements.append(
            f"- {{id: B{k:03}, kind: background, title: Statement {k}, text: There is growth., where: opening,"
            f" claims: [{listed}], audit: {{verdict: consistent, checked_on: '2026-11-23'}}}}"
        )
    (root / "ledger").mkdir()
    (root / "ledger/claims.yml").write_text("\n".join(lines) + "\n")
    (root / "ledger/statements.yml").write_text("\n".join(statements) + "\n")
    (root / "references.bib").write_text(
        "\n".join(
            f"@misc{{author{k}paper, author = {{Author{k}, Ann and Other, Ben}}, title = {{A Paper Number {k}}},"
            f" year = {{2025}}, url = {{https://example.org/{k}}}, urldate = {{2026-11-23}}}}"
            for k in range(sources)
        )
    )
    (root / "conf.py").write_text(CONF)
    names = []
    for k in range(1, pages + 1):
        names.append(f"page{k}")
        first = (k - 1) * CLAIMS_PER_PAGE
        used = " ".join(f"{{claim}}`I{first + i:05}`" for i in range(0, CLAIMS_PER_PAGE, 5))
        (root / f"page{k}.md").write_text(f"# Page {k}\n\n{used}\n\n```{{claim-cards}} {k}\n```\n")
    fixed = {
        "ledger": "# Ledger\n\n```{claim-table}\n```\n",
        "argument": "# Argument\n\n```{statement-cards} background\n```\n",
        "works": "# Works\n\n```{bibliography}\n:all:\n```\n",
    }
    for name, text in fixed.items():
        (root / f"{name}.md").write_text(text)
    listed = "\n".join([*names, *fixed])
    (root / "index.md").write_text(f"# Scale\n\n```{{toctree}}\n{listed}\n```\n")


def measure(claims: int) -> tuple[float, float, float]:
    """Seconds to validate and to build a book of so many claims, and the peak of this process so far in MB."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_book(root, claims)
        start = process_time()
        assert len(load_ledger(root).claims) == claims
        validated = process_time() - start
        warnings = StringIO()
        start = process_time()
        with docutils_namespace():
            app = Sphinx(root, root, root / "out", root / "trees", "html", status=None, warning=warnings)
            app.build()
        built = process_time() - start
        assert warnings.getvalue() == "", warnings.getvalue()[:2000]
        assert 'id="claim-I00001"' in (root / "out/page1.html").read_text()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return validated, built, peak


def main(claims: int = CLAIMS) -> None:
    """Measure two sizes and print seconds, ratios and exponents."""
    measure(CLAIMS_PER_PAGE)  # imports are nobody's growth
    small, large = measure(claims // STEP), measure(claims)
    print(
        f"{'claims':>8} {'sources':>8} {'validate, s':>12} {'build, s':>10} {'ms per claim':>13} {'peak, MB':>9}"
    )
    for size, (validated, built, peak) in ((claims // STEP, small), (claims, large)):
        sources = size // CLAIMS_PER_SOURCE
        print(f"{size:8} {sources:8} {validated:12.2f} {built:10.1f} {1000 * built / size:13.2f} {peak:9.0f}")
    exponents = [math.log(b / a) / math.log(STEP) for a, b in zip(small[:2], large[:2], strict=True)]
    print(
        f"growth as a power of the size: validate {exponents[0]:.2f}, build {exponents[1]:.2f} (1 is linear)"
    )
    assert large[0] < VALIDATED_WITHIN, f"validation took {large[0]:.1f} s"
    assert exponents[1] < LINEAR_UP_TO, f"the build grows with the power {exponents[1]:.2f} of its size"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
