from pathlib import Path

import pytest

from ouroboros.ledger import Ledger, load_ledger

ROOT = Path(__file__).resolve().parents[2]

FILES = {
    "ledger/claims.yml": """\
dimensions:
- number: 1
  title: Players
claims:
- id: I001
  dimension: 1
  kind: quote
  text: Somebody said so.
  cited_as: {name: A paper, date: '2024'}
  quantities:
  - {name: share, value: 60, unit: percent, as_of: '2024'}
  sources:
  - key: smith2024words
  source_says: Something else.
  audit:
    verdict: discrepant
    correction: Say something else.
    basis: recalled
    confidence: 0.5
    checked_on: '2026-11-23'
  updates:
  - date: '2026-11-24'
    text: Read by now.
    basis: read
- id: I002
  dimension: 1
  kind: adoption
  text: Somebody uses it.
  cited_as: {name: A blog}
  sources: [{key: corp2025page}]
  source_says: They do.
  audit: {verdict: confirmed, correction: None needed., basis: read, confidence: 0.9, checked_on: '2026-11-23'}
""",
    "ledger/statements.yml": """\
statements:
- id: K1
  kind: finding
  title: A finding
  text: It follows.
  where: Analysis
  claims: [I001, I002]
  forecasts: [F1]
""",
    "ledger/references.yml": """\
references:
- id: R-A1
  protocols: [E01]
  quantity: variance
  value: 0.5
  tolerance: {rel: 0.02}
  setup: n samples
  mark: V
  sources: [{key: smith2024words, locator: eq. 6}]
- id: R-PILOT
  protocols: [E01]
  quantity: trial run
  value: 1.0
  tolerance: {rel: 0.1}
  setup: one run
  mark: D
  derived: true
  pilot: true
""",
    "ledger/forecasts.yml": """\
forecasts:
- id: F1
  origin: original
  kind: dated
  title: It happens
  statement: It will happen.
  made_on: '2026-02-19'
  window: {open: '2026-04-01', close: '2026-06-30'}
  resolution:
    strict: It happened.
    sources: [the press]
  probabilities:
  - date: '2026-11-23'
    reading: strict
    value: 0.2
    label: imputed, not made by the authors
    by: the editors
    why: It seldom does.
  history:
  - as_of: '2026-11-23'
    strict: open
    rationale: Too early.
    by: the editors
  links: [K1]
""",
    "ledger/experiments.yml": """\
experiments:
- id: toy.chain
  protocol: E01
  module: ouroboros.experiments.toy.chain
  notebook: notebooks/toy/chain.md
  title: A chain
  question: Does it shrink?
  claims: [I001]
  statements: [K1]
  method: Draw and refit.
  not_shown: [Anything large.]
  seed: 1
  tiers:
    smoke: {n: 10}
    publish: {n: 100}
  checks:
  - id: E01-check-variance
    statement: The variance is right.
    estimate: max-z
    comparison: at-most
    threshold: 4
    reference: R-A1
  criteria:
  - id: chain-shrinks
    statement: The variance falls.
    bears_on: [K1]
    if_met: "+"
    if_not_met: 0
    test: ordering
    estimate: [slope, ratio]
    field: high
    comparison: within
    threshold: [-1, 0]
    scope: toy
    fixed_on: '2026-11-23'
""",
    "references.bib": """\
@article{smith2024words,
  author  = {Smith, Ann and others},
  title   = {{Words}},
  journal = {Journal of Words},
  year    = {2024},
  doi     = {10.1000/182},
}

@misc{corp2025page,
  author       = {{Corp and Sons}},
  title        = {{A page with 5\\% more}},
  howpublished = {Corp},
  year         = {2025},
  url          = {https://example.org/a_b},
  urldate      = {2026-11-23},
}
""",
}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """The ledger as it is committed."""
    return load_ledger(ROOT)


@pytest.fixture
def small(tmp_path):
    """Write a small sound ledger; edits are (file, old text, new text) applied to it."""

    def write(*edits: tuple[str, str, str]) -> Path:
        files = dict(FILES)
        for name, old, new in edits:
            assert files[name].count(old) >= 1, f"{old!r} is not in {name}"
            files[name] = files[name].replace(old, new, 1)
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write
