"""Every kind of fault, with the exact message and line."""

import pytest

from ouroboros.ledger import LedgerFaults, load_ledger

C, S, R, F, E, B = (
    "ledger/claims.yml",
    "ledger/statements.yml",
    "ledger/references.yml",
    "ledger/forecasts.yml",
    "ledger/experiments.yml",
    "references.bib",
)

CASES = {
    "invalid yaml": (
        C, "  cited_as: {name: A blog}", "  cited_as: {name: A blog",
        ["ledger/claims.yml:30: is not valid YAML: did not find expected ',' or '}'"],
    ),
    "tab in yaml": (
        S, "  kind: finding", "\tkind: finding",
        ["ledger/statements.yml:3: is not valid YAML: found a tab character that violates indentation"],
    ),
    "duplicate key": (
        C, "  kind: quote\n", "  kind: quote\n  kind: quote\n",
        ["ledger/claims.yml:8: key 'kind' stands twice in the same mapping; keep one"],
    ),
    "bare no": (
        S, "title: A finding", "title: No",
        ["ledger/statements.yml:4: bare No is true or false to some YAML readers; write true, false, or 'No'"],
    ),
    "unknown field": (
        C, "    verdict: discrepant", "    vercdict: discrepant",
        [
            "ledger/claims.yml:15: I001: lacks the field 'verdict'",
            "ledger/claims.yml:16: I001: unknown field 'vercdict' (did you mean 'verdict'?)",
        ],
    ),
    "missing field": (
        C, "  text: Somebody uses it.\n", "", ["ledger/claims.yml:25: I002: lacks the field 'text'"],
    ),
    "not one of": (
        C, "verdict: discrepant", "verdict: discrepent",
        ["ledger/claims.yml:16: I001: 'verdict' is 'discrepent', which is not allowed"
         " (did you mean 'discrepant'?)"],
    ),
    "far from all": (
        C, "basis: recalled", "basis: zzz",
        ["ledger/claims.yml:18: I001: 'basis' is 'zzz', which is not allowed"
         " (one of read, recalled, read+recalled)"],
    ),
    "wrong type": (
        C, "text: Somebody said so.", "text: 3",
        ["ledger/claims.yml:8: I001: 'text' must be text, not 3"],
    ),
    "list for text": (
        C, "text: Somebody said so.", "text: [a]",
        ["ledger/claims.yml:8: I001: 'text' must be text, not a list"],
    ),
    "number as text": (
        C, "value: 60", "value: '60'",
        ["ledger/claims.yml:11: I001: 'value' must be a number, not '60'"],
    ),
    "whole number": (
        E, "seed: 1\n", "seed: 1.5\n",
        ["ledger/experiments.yml:12: toy.chain: 'seed' must be a whole number, not 1.5"],
    ),
    "empty text": (
        S, "text: It follows.", "text: ''",
        ["ledger/statements.yml:5: K1: 'text' is empty; write the text or leave the field out"],
    ),
    "null text": (
        S, "text: It follows.", "text:",
        ["ledger/statements.yml:5: K1: 'text' must be text, not empty"],
    ),
    "no source": (
        C, "sources: [{key: corp2025page}]", "sources: []",
        ["ledger/claims.yml:30: I002: 'sources' must not be empty"],
    ),
    "confidence above one": (
        C, "confidence: 0.5", "confidence: 1.5",
        ["ledger/claims.yml:19: I001: 'confidence' is 1.5, but must lie between 0 and 1"],
    ),
    "negative probability": (
        F, "value: 0.2", "value: -0.2",
        ["ledger/forecasts.yml:15: F1: 'value' is -0.2, but must lie between 0 and 1"],
    ),
    "impossible day": (
        C, "checked_on: '2026-11-23'", "checked_on: '2026-11-31'",
        ["ledger/claims.yml:20: I001: 'checked_on' '2026-11-31' is not a day of the calendar"],
    ),
    "not a date": (
        F, "made_on: '2026-02-19'", "made_on: spring",
        ["ledger/forecasts.yml:7: F1: 'made_on' 'spring' is not a date; write it as YYYY-MM-DD"],
    ),
    "window runs backwards": (
        F, "close: '2026-06-30'", "close: '2026-03-30'",
        ["ledger/forecasts.yml:8: F1: 'window' closes on 2026-03-30, before it opens on 2026-04-01"],
    ),
    "history out of order": (
        F, "  links: [K1]",
        "  - {as_of: '2026-11-20', strict: open, rationale: Older., by: us}\n  links: [K1]",
        ["ledger/forecasts.yml:2: F1: has 'history' out of order; append the newest last"],
    ),
    "ours but imputed": (
        F, "origin: original", "origin: edition",
        ["ledger/forecasts.yml:2: F1: is our own forecast, so its probabilities cannot be imputed"],
    ),
    "unknown citation key": (
        C, "key: smith2024words", "key: smith24words",
        ["ledger/claims.yml:13: I001: unknown citation key 'smith24words' (did you mean 'smith2024words'?)"],
    ),
    "unknown key in an update": (
        C, "    basis: read\n", "    basis: read\n    sources: [{key: nobody}]\n",
        ["ledger/claims.yml:25: I001: unknown citation key 'nobody'"],
    ),
    "unknown claim": (
        S, "claims: [I001, I002]", "claims: [I001, I022]",
        ["ledger/statements.yml:7: K1: unknown claim 'I022' (did you mean 'I002'?)"],
    ),
    "kind mixed up": (
        E, "statements: [K1]", "statements: [I001]",
        [
            "ledger/experiments.yml:9: toy.chain: 'I001' is a claim, but a statement is meant here",
        ],
    ),
    "unknown target": (
        F, "links: [K1]", "links: [K2]",
        ["ledger/forecasts.yml:24: F1: unknown record 'K2'"],
    ),
    "duplicate id": (
        C, "- id: I002", "- id: I001",
        [
            "ledger/claims.yml:25: I001: id is taken by the claim at ledger/claims.yml:5",
            "ledger/statements.yml:7: K1: unknown claim 'I002' (did you mean 'I001'?)",
        ],
    ),
    "duplicate id across kinds": (
        E, "id: chain-shrinks", "id: E01-check-variance",
        ["ledger/experiments.yml:24: E01-check-variance: id is taken by the check at"
         " ledger/experiments.yml:17"],
    ),
    "kind against letter": (
        S, "kind: finding", "kind: thesis",
        ["ledger/statements.yml:2: K1: is of kind 'thesis', but its id stands for 'finding'"],
    ),
    "own reading without note": (
        S, "  where: Analysis\n", "  where: Analysis\n  own_reading: true\n",
        ["ledger/statements.yml:2: K1: is marked own_reading, so it needs a note that says so"],
    ),
    "unknown dimension": (
        C, "- id: I002\n  dimension: 1", "- id: I002\n  dimension: 4",
        ["ledger/claims.yml:26: I002: dimension 4 is not among those listed at the top of the file"],
    ),
    "criterion cannot fail": (
        E, "if_not_met: 0", 'if_not_met: "+"',
        ["ledger/experiments.yml:24: chain-shrinks: says '+' whether met or not; a criterion must be able"
         " to come out both ways"],
    ),
    "threshold does not fit": (
        E, "threshold: [-1, 0]", "threshold: 0",
        ["ledger/experiments.yml:24: chain-shrinks: compares 'within', so its threshold must be a pair"
         " [low, high]"],
    ),
    "empty range": (
        E, "threshold: [-1, 0]", "threshold: [1, 0]",
        ["ledger/experiments.yml:33: chain-shrinks: 'threshold' [1, 0] is an empty range;"
         " the first end must lie below the second"],
    ),
    "superseded without reason": (
        E, "    scope: toy\n", "    scope: toy\n    superseded_by: E01-check-variance\n",
        [
            "ledger/experiments.yml:24: chain-shrinks: needs both 'superseded_by' and 'reason', or neither",
            "ledger/experiments.yml:35: chain-shrinks: 'E01-check-variance' is a check, but a criterion is"
            " meant here",
        ],
    ),
    "check without reference": (
        E, "    reference: R-A1\n", "",
        ["ledger/experiments.yml:17: E01-check-variance: lacks the field 'reference'"],
    ),
    "check against unknown reference": (
        E, "reference: R-A1", "reference: R-A2",
        ["ledger/experiments.yml:22: E01-check-variance: unknown reference 'R-A2' (did you mean 'R-A1'?)"],
    ),
    "check against a pilot": (
        E, "reference: R-A1", "reference: R-PILOT",
        ["ledger/experiments.yml:22: E01-check-variance: checks against R-PILOT, which is a pilot of ours"
         " and not a reference"],
    ),
    "no experiment, and yet one": (
        S, "  text: It follows.\n", "  text: It follows.\n  no_experiment: It is a matter of taste.\n",
        ["ledger/statements.yml:6: K1: says that no experiment can decide it, but a criterion bears on it"],
    ),
    "reference from nowhere": (
        R, "  sources: [{key: smith2024words, locator: eq. 6}]\n", "",
        ["ledger/references.yml:2: R-A1: needs a source, or 'derived: true' for a closed form derived"
         " without one"],
    ),
    "no records": (
        S, "statements:\n", "statement:\n",
        [
            "ledger/forecasts.yml:24: F1: unknown record 'K1'",
            "ledger/experiments.yml:9: toy.chain: unknown statement 'K1'",
            "ledger/experiments.yml:26: chain-shrinks: unknown claim or statement 'K1'",
            "ledger/statements.yml:1: lacks the field 'statements'",
            "ledger/statements.yml:1: unknown field 'statement' (did you mean 'statements'?)",
        ],
    ),
    "bib without year": (
        B, "  year    = {2024},\n", "",
        ["references.bib:1: smith2024words: needs a year of four digits, not 'nothing'"],
    ),
    "bib without author": (
        B, "  author       = {{Corp and Sons}},\n", "",
        ["references.bib:9: corp2025page: lacks an author (a body goes in braces)"],
    ),
    "bib without address": (
        B, "  url          = {https://example.org/a_b},\n", "",
        ["references.bib:9: corp2025page: needs a doi, an eprint or a url (or a note that begins with"
         " 'not located')"],
    ),
    "bib url with remark": (
        B, "a_b}", "a_b (recalled)}",
        ["references.bib:9: corp2025page: url 'https://example.org/a_b (recalled)' is not a bare web address"],
    ),
    "bib doi with resolver": (
        B, "{10.1000/182}", "{https://doi.org/10.1000/182}",
        ["references.bib:1: smith2024words: doi 'https://doi.org/10.1000/182' is not a bare DOI such as"
         " 10.1000/182"],
    ),
    "bib entry type": (
        B, "@misc{", "@online{",
        ["references.bib:9: corp2025page: unknown entry type 'online' (one of article, book, incollection,"
         " inproceedings, manual, misc, phdthesis, techreport)"],
    ),
    "bib key twice": (
        B, "corp2025page", "smith2024words",
        [
            "ledger/claims.yml:30: I002: unknown citation key 'corp2025page'",
            "references.bib:9: smith2024words: key stands twice; one entry per work",
        ],
    ),
    "bib field twice": (
        B, "  journal = {Journal of Words},\n", "  journal = {Words},\n  journal = {Words},\n",
        ["references.bib:1: smith2024words: field journal stands twice in one entry"],
    ),
    "bib work twice": (
        B, "  url          =", "  doi = {10.1000/182},\n  url          =",
        ["references.bib:9: corp2025page: is the same work as 'smith2024words' (doi 10.1000/182)"],
    ),
}  # fmt: skip


def faults(root) -> list[str]:
    with pytest.raises(LedgerFaults) as caught:
        load_ledger(root)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_fault_is_reported_with_file_line_and_remedy(small, case):
    name, old, new, expected = case
    assert sorted(faults(small((name, old, new)))) == sorted(expected)


def test_small_ledger_is_sound(small):
    ledger = load_ledger(small())
    assert list(ledger.claims) == ["I001", "I002"]


def test_all_faults_come_at_once_in_order(small):
    edits = [(name, old, new) for name, old, new, _ in (
        CASES["confidence above one"], CASES["unknown claim"], CASES["bib without year"],
        CASES["criterion cannot fail"], CASES["negative probability"],
    )]  # fmt: skip
    found = faults(small(*edits))
    assert len(found) == 5
    assert found == sorted(found)


def test_a_faulty_record_still_has_its_citations_checked(small):
    found = faults(small((C, "confidence: 0.5", "confidence: 5"), (C, "key: smith2024words", "key: smth")))
    assert len(found) == 2


@pytest.mark.parametrize("name", [C, S, B])
def test_missing_required_file(small, name):
    root = small()
    (root / name).unlink()
    assert f"{name}:1: is missing" in faults(root)


@pytest.mark.parametrize("name", [C, B])
def test_bytes_that_are_not_utf8(small, name):
    root = small()
    (root / name).write_bytes(b"\xff\xfe")
    assert any(line.startswith(f"{name}:1: is not UTF-8 text") for line in faults(root))


def test_truncated_bibliography_is_a_fault_and_not_a_log_line(small, caplog):
    root = small()
    (root / B).write_text("@misc{corp2025page,\n  title = {A page", encoding="utf-8")
    assert faults(root) == [
        "ledger/claims.yml:13: I001: unknown citation key 'smith2024words'",
        "ledger/references.yml:9: R-A1: unknown citation key 'smith2024words'",
        "references.bib:1: corp2025page: is not valid BibTeX: unexpectedly reached end of file",
    ]
    assert not caplog.records


def test_empty_files(small):
    root = small()
    for name in (C, S):
        (root / name).write_text("", encoding="utf-8")
    assert "ledger/claims.yml:1: must be a mapping of fields, not empty" in faults(root)
