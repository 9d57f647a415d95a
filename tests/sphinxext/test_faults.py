"""Broken roles and directives: each is one line with page, line, what is wrong and what would be right.

With those of ledger, evidence and notebooks in the files of this name beside it, this is the corpus of faults.
"""

import pytest

CASES = {
    "claim": (
        "See {claim}`I003`.",
        "3: unknown claim 'I003' (did you mean 'I002'?)",
    ),
    "statement for claim": (
        "See {claim}`T1`.",
        "3: T1 is a statement, not a claim (write {statement}`T1`)",
    ),
    "statement": (
        "See {statement}`T3`.",
        "3: unknown statement 'T3' (ids stand in ledger/statements.yml)",
    ),
    "experiment": (
        "See {experiment}`collapse.tay`.",
        "3: unknown experiment 'collapse.tay' (did you mean 'collapse.toy'?)",
    ),
    "forecast": (
        "See {forecast}`F9`.",
        "3: unknown forecast 'F9' (ids stand in ledger/forecasts.yml)",
    ),
    "reference": (
        "See {reference}`R-A1`.",
        "3: unknown reference 'R-A1' (ids stand in ledger/references.yml)",
    ),
    "criterion": (
        "See {criterion}`toy-hold`.",
        "3: unknown criterion 'toy-hold' (did you mean 'toy-holds'?)",
    ),
    "check": (
        "See {check}`toy-holds`.",
        "3: toy-holds is a criterion, not a check (write {criterion}`toy-holds`)",
    ),
    "evidence without estimate": (
        "It is {evidence}`collapse.toy`.",
        "3: {evidence}`collapse.toy`: write <experiment id>:<estimate name>[!value]",
    ),
    "evidence with unknown form": (
        "It is {evidence}`collapse.toy:x!all`.",
        "3: {evidence}`collapse.toy:x!all`: write <experiment id>:<estimate name>[!value]",
    ),
    "evidence of nothing": (
        "It is {evidence}`collapse.tay:x`.",
        "3: unknown experiment 'collapse.tay' (did you mean 'collapse.toy'?)",
    ),
    "count": (
        "There are {count}`claimz`.",
        "3: nothing counted as 'claimz' (did you mean 'claims'?)",
    ),
    "name": (
        "It was {name}`12 of them`.",
        "3: {name}`12 of them`: a name begins with a letter",
    ),
    "role": (
        "See {claym}`I001`.",
        "3: Unknown interpreted text role \"claym\" (did you mean 'claim'?)",
    ),
    "citation": (
        "See {cite:p}`vendor24`.",
        "3: could not find bibtex key \"vendor24\" (did you mean 'vendor2024'?)",
    ),
    "citation of nothing near": (
        "See {cite:p}`nobody1900`.",
        '3: could not find bibtex key "nobody1900" (add the work to references.bib, or correct the key)',
    ),
    "label": (
        "See {ref}`nowhere`.",
        "3: undefined label: 'nowhere' (write (name)= above the heading that is meant, or correct the name)",
    ),
    "term": (
        "A {term}`nothing`.",
        "3: term not in glossary: 'nothing' (add it to the glossary, or take the role away)",
    ),
    "number": (
        "It was 12.",
        "3: '12' stands for nothing that its sentence names (name the claim or evidence it comes from",
    ),
    "number of the claim": (
        "It was USD 352M ({claim}`I001`).",
        "3: '352M' is no figure of I001 (name the claim or evidence it comes from",
    ),
    "number cited without a place": (
        "It was 12 {cite:p}`vendor2024`.",
        "3: '12' stands for nothing that its sentence names (name the claim or evidence",
    ),
    "page of evidence": (
        "```{evidence-results} collapse.tay\n```",
        "3: evidence-results: unknown experiment 'collapse.tay' (there are: collapse.toy)",
    ),
    "cards of a dimension": (
        "```{claim-cards} 9\n```",
        "3: claim-cards: unknown dimension '9' (there are: 1, 2)",
    ),
    "card of a claim": (
        "```{claim-card} I003\n```",
        "3: claim-card: unknown claim 'I003' (did you mean 'I002'?)",
    ),
    "cards of a kind": (
        "```{statement-cards} theses\n```",
        "3: statement-cards: unknown kind 'theses' (there are: thesis, finding,",
    ),
    "card of a statement": (
        "```{statement-card} T3\n```",
        "3: statement-card: unknown statement 'T3' (ids stand in ledger/statements.yml)",
    ),
    "note on a claim": (
        "```{claim-note} I003\nText.\n```",
        "3: claim-note: unknown claim 'I003' (did you mean 'I002'?)",
    ),
    "directive": (
        "```{evidence-result} collapse.toy\n```",
        "3: Unknown directive type: 'evidence-result' (did you mean 'evidence-results'?)",
    ),
    "card twice": (
        "```{statement-card} T2\n```",
        " statement T2 is shown on a-sound already; an id has one place",
    ),
}


@pytest.fixture(scope="module")
def told(make_shared_site):
    pages = {f"fault{k:02}": f"# Page\n\n{text}\n" for k, (text, _) in enumerate(CASES.values())}
    sound = "# Works\n\n```{bibliography}\n```\n\n```{statement-card} T2\n```\n"
    return make_shared_site(pages | {"a-sound": sound}).warnings


@pytest.mark.parametrize("k", range(len(CASES)), ids=CASES)
def test_a_fault_of_a_page_is_one_line(told, k):
    (found,) = [line for line in told if line.startswith(f"fault{k:02}.md")]
    place, _, text = found.partition(" WARNING: ")
    expected = list(CASES.values())[k][1]
    assert f"{place.removeprefix(f'fault{k:02}.md:')} {text}".startswith(expected)


def test_nothing_else_is_said(told):
    assert len(told) == len(CASES)
