"""What the committed ledger holds."""

import re
from collections import Counter

import pytest
import yaml


def test_all_46_claims_in_seven_dimensions(ledger):
    assert list(ledger.claims) == [f"I{n:03d}" for n in range(1, 47)]
    assert Counter(c.dimension for c in ledger.claims.values()) == {1: 7, 2: 9, 3: 8, 4: 5, 5: 6, 6: 5, 7: 6}
    assert sorted(ledger.dimensions) == list(range(1, 8))


def test_statements_of_the_original_and_ours(ledger):
    letters = Counter(ident[0] for ident in ledger.statements)
    assert letters == {
        "T": 4,
        "K": 4,
        "P": 3,
        "S": 4,
        "J": 3,
        "U": 1,
        "X": 4,
        "O": 5,
        "B": 12,
        "A": 12,
        "D": 15,
    }


def test_forecasts_references_and_literature(ledger):
    original = [f.id for f in ledger.forecasts.values() if f.origin == "original"]
    assert len(original) == 20
    assert Counter(re.sub(r"\d", "", ident) for ident in original) == {
        "F": 4,
        "FJ": 3,
        "FX": 4,
        "FU": 1,
        "FM": 8,
    }
    assert len(ledger.literature) == 52
    assert len(ledger.references) >= 75
    assert [e.id for e in ledger.events.values() if e.track == "exhaustion"] == ["H31", "H32", "H33", "H34"]
    dates = [e.date[:7] for e in ledger.events.values() if e.track != "exhaustion"]
    assert dates == sorted(dates)
    assert len(ledger.rejected_evidence) == len(ledger.not_scored) == 4


def test_effective_verdicts(ledger):
    verdicts = Counter(claim.verdict for claim in ledger.claims.values())
    assert verdicts == {"nuanced": 22, "discrepant": 10, "confirmed": 7, "unverifiable": 6, "superseded": 1}


def test_the_update_wins(ledger):
    claim = ledger.claims["I045"]
    assert (claim.audit.verdict, claim.verdict) == ("unverifiable", "nuanced")
    assert (claim.audit.basis, claim.basis) == ("recalled", "read")
    assert (claim.confidence, claim.attribution_verdict) == (0.85, "unverifiable")
    assert ledger.claims["I030"].severity == "minor"
    assert ledger.claims["I040"].confidence == 0.92


def test_an_update_without_a_verdict_leaves_it(ledger):
    claim = ledger.claims["I017"]
    assert claim.updates and claim.updates[-1].verdict is None
    assert claim.verdict == claim.audit.verdict == "discrepant"


def test_the_key_findings_rest_on_the_claims_that_the_original_names(ledger):
    assert [c.id for c in ledger.claims_of("K1")] == ["I017", "I019", "I040", "I021"]
    assert [c.id for c in ledger.claims_of("K3")] == ["I016", "I007", "I046"]
    used = {c.id for k in ("K1", "K2", "K3", "K4") for c in ledger.claims_of(k)}
    assert len(used) == 20  # consistency finding D12


def test_the_paradoxes_that_are_our_reading_say_so(ledger):
    own = [s.id for s in ledger.statements.values() if s.own_reading]
    assert own == ["P2", "P3"]
    assert all("our reading" in ledger.statements[ident].note for ident in own)


def test_every_probability_of_the_original_is_imputed_or_ours_and_labelled(ledger):
    for forecast in ledger.forecasts.values():
        if forecast.origin == "original":
            assert forecast.prior("strict").imputed
            assert forecast.prior("strict").in_hindsight
    assert ledger.forecasts["FJ2"].probability("strict").value == 0.8
    assert ledger.forecasts["F1"].probability("strict") is None


def test_every_claim_and_literature_item_leads_to_a_work(ledger):
    cited = ledger.cited_keys()
    assert all(claim.sources for claim in ledger.claims.values())
    assert set(cited) <= set(ledger.bibliography)
    assert {item.source for item in ledger.literature.values()} <= set(cited)


def test_only_a_work_kept_for_a_page_is_unused(ledger, root):
    sources = [p for folder in ("book", "notebooks", "src") for p in (root / folder).rglob("*")]
    elsewhere = "".join(p.read_text("utf-8") for p in sources if p.suffix in (".md", ".py"))
    unused = {key for key in ledger.unused_keys() if key not in elsewhere}
    assert unused <= {"tran2018spectral", "odni2015icd203", "mastrandrea2011ipcc", "wintle2019verbal"}
    assert "tran2018spectral" not in ledger.unused_keys(also_used=["tran2018spectral"])


def test_every_claim_has_a_sentence_for_memos_that_stands_alone(ledger):
    for claim in ledger.claims.values():
        sentence = claim.memo_sentence
        assert sentence and sentence.endswith("."), claim.id
        assert not re.search(
            r"\bI\d{3}\b|\bthe original (states|says|report)|\bthe original's\b", sentence
        ), claim.id
        assert claim.text != sentence


@pytest.mark.parametrize("name", ["claims", "statements", "references", "forecasts", "literature", "events"])
def test_files_speak_in_the_voice_of_the_project(root, name):
    text = (root / "ledger" / f"{name}.yml").read_text(encoding="utf-8")
    prose = re.sub(r"https?://\S+", "", text)
    assert not re.search(r"\b(I|my|mine|My)\b(?! to 2 Aug)", prose)
    assert not re.search(r"\b(dossier|from memory|the seed)\b", prose, re.IGNORECASE)


@pytest.mark.parametrize(
    "name", ["claims", "statements", "experiments", "references", "forecasts", "literature", "events"]
)
def test_other_yaml_readers_read_the_same(root, name):
    """Also with the rules of YAML 1.1, but for bare dates, which those turn into dates."""
    from ouroboros.ledger.yamlfile import read_yaml

    class NoDates(yaml.SafeLoader):
        pass

    NoDates.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    text = (root / "ledger" / f"{name}.yml").read_text(encoding="utf-8")
    assert read_yaml(text, name).data == yaml.load(text, Loader=NoDates)
    assert text.startswith(f"# yaml-language-server: $schema=schemas/{name}.schema.json\n")
