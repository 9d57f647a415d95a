"""The argument's pages reach every claim and statement, and say of forecasts what the ledger says."""

import re
from pathlib import Path

import pytest

from ouroboros.lab.judge import statement_verdicts
from ouroboros.lab.store import load_all_evidence
from ouroboros.ledger import load_ledger

NAMED = re.compile(r"\{(?:claim|statement)\}`(?:[^`<]*<)?([A-Z]\d+)>?`")
DRAWN = re.compile(r"^[`:]{3,}\{(?:claim-note|statement-card)\} ([A-Z]\d+)$", re.MULTILINE)
LETTERS_OF_THE_ARGUMENT = set("TKPSJUXO")


@pytest.fixture(scope="module")
def ledger(root: Path):
    """The ledger of the checkout."""
    return load_ledger(root)


@pytest.fixture(scope="module")
def pages(root: Path) -> dict[str, set[str]]:
    """The ids that each page of the argument names or draws."""
    paths = [root / "book/summary.md", *sorted((root / "book/argument").glob("*.md"))]
    sources = {path.stem: path.read_text("utf-8") for path in paths}
    return {name: {*NAMED.findall(text), *DRAWN.findall(text)} for name, text in sources.items()}


def test_every_claim_and_every_statement_is_reachable(ledger, pages):
    reached = set().union(*pages.values())
    assert set(ledger.claims) - reached == set()
    assert set(ledger.statements) - reached == set()


def test_a_finding_lists_every_claim_it_rests_on(ledger, pages):
    findings = {"K1": "k1-bootstrap", "K2": "k2-self-play", "K3": "k3-cost", "K4": "k4-compliance"}
    for finding, page in findings.items():
        assert set(ledger.statements[finding].claims) - pages[page] == set(), finding


def test_every_step_of_the_argument_shows_what_tests_it(root, ledger):
    text = "".join(path.read_text("utf-8") for path in (root / "book/argument").glob("*.md"))
    tested = re.findall(r"^```\{tested-by\} ([A-Z]\d+)$", text, re.MULTILINE)
    steps = [ident for ident in ledger.statements if ident[0] in LETTERS_OF_THE_ARGUMENT]
    assert sorted(tested) == sorted(steps)


@pytest.mark.parametrize(
    ("forecast", "strict", "lenient"),
    [
        ("F1", "resolved-no", "resolved-yes"),
        ("F2", "resolved-no", "resolved-ambiguous"),
        ("F3", "open", "open"),
        ("FU1", "resolved-yes", "resolved-yes"),
        ("FJ2", "open", "resolved-yes"),
        ("FM5", "resolved-no", "resolved-yes"),
        ("FX1", "open", "resolved-yes"),
        ("FX2", "open", "resolved-yes"),
        ("FX3", "open", "resolved-yes"),
        ("FX4", "open", "resolved-yes"),
    ],
)
def test_forecasts_stand_as_the_prose_says(ledger, forecast, strict, lenient):
    """When one of these fails, an outcome moved: rewrite the sentences on it, then this list."""
    status = ledger.forecasts[forecast].status
    assert (status.strict, status.lenient) == (strict, lenient)


def test_verdicts_of_claims_stand_as_the_prose_says(ledger):
    """The pages call these wrong, void, untraceable or right in words of their own."""
    said = {
        "discrepant": "I002 I003 I004 I010 I012 I017 I022 I029 I034 I037",
        "superseded": "I031",
        "unverifiable": "I001 I005 I007 I024 I027 I044",
        "confirmed": "I008 I014 I018 I019 I026 I028 I042",
    }
    for verdict, claims in said.items():
        found = [ident for ident, claim in ledger.claims.items() if claim.verdict == verdict]
        assert found == claims.split(), verdict


def test_verdicts_of_statements_stand_as_the_prose_says(root, ledger):
    """When one of these fails, a verdict moved: rewrite the sentences on it, then this list."""
    said = {
        "contradicted": "T2 K3 S4 X4 O2",
        "mixed": "T1 T3 T4 K1 K2 K4 P1 P2 S1 S3 J1 J2",
    }
    computed = statement_verdicts(ledger, load_all_evidence(root, ledger))
    for verdict, statements in said.items():
        assert {name: computed[name].verdict for name in statements.split()} == dict.fromkeys(
            statements.split(), verdict
        )


FINDING_SECTIONS = (
    "The claim as made", "The evidence chain", "What our experiments show", "The strongest counter-evidence",
    "Verdict and scope", "For a memo",
)  # fmt: skip
OPPORTUNITY_PARTS = ("Problem.", "Evidence.", "A product would", "What our experiments demonstrate.")


@pytest.mark.parametrize("page", ["k1-bootstrap", "k2-self-play", "k3-cost", "k4-compliance"])
def test_every_finding_has_the_sections_of_a_finding(root, page):
    text = (root / f"book/argument/{page}.md").read_text("utf-8")
    places = [text.find(f"\n## {title}") for title in FINDING_SECTIONS]
    assert min(places) > 0
    assert places == sorted(places)
    assert re.search(r"\n## Forecasts? and what would overturn it\n", text)


def _sections(root: Path, page: str) -> dict[str, str]:
    """Text of each section that draws the card of a statement, by that statement."""
    text = (root / f"book/argument/{page}.md").read_text("utf-8")
    parts = [part for part in re.split(r"\n## ", text) if "{statement-card}" in part]
    return {re.search(r"\{statement-card\} (\w+)", part).group(1): part for part in parts}


def test_every_opportunity_has_its_five_parts(root):
    sections = _sections(root, "opportunities")
    assert sorted(sections) == ["O1", "O2", "O3", "O4", "O5"]
    for name, text in sections.items():
        assert [part for part in OPPORTUNITY_PARTS if f"**{part}" not in text] == [], name


@pytest.mark.parametrize("page", ["judgements", "falsifiers"])
def test_what_was_wagered_names_its_forecast_and_what_happened(root, ledger, page):
    for name, text in _sections(root, page).items():
        assert any(f"`{forecast}`" in text for forecast in ledger.statements[name].forecasts), name
        assert "**State:**" in text or "**What happened since.**" in text, name
        assert "**To watch:**" in text or "**Would be overturned**" in text, name
        assert re.search(r"not consensus|called non-consensus", text), name
