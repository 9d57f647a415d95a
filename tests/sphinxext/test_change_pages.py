"""The page of changes leads to those that are written later; a record that nothing can test says why."""

import json

import pytest

CLAIMS_UNTESTED = """\
dimensions:
- {number: 1, title: Industry}
claims:
- id: I001
  dimension: 1
  kind: regulation
  text: A law asks for it.
  cited_as: {name: A law}
  sources: [{key: vendor2024}]
  source_says: It does.
  audit: {verdict: confirmed, correction: None., basis: read, confidence: 0.9, checked_on: "2026-11-23"}
  no_experiment: A law is read, not measured.
"""
STATEMENTS_UNTESTED = """\
statements:
- {id: O1, kind: opportunity, title: An offer, text: Offer it., where: end, claims: [I001],
   no_experiment: It is a matter of markets.}
"""


@pytest.fixture
def edition(tmp_path):
    folder = tmp_path / "editions/2026.02"
    folder.mkdir(parents=True)
    state = {"edition": "2026.02", "claims": {"I001": {"text": "x", "audit": None, "mark": None}}}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "edition.json").write_text(json.dumps({"id": "2026.02", "title": "the original"}))


@pytest.mark.parametrize("editions", [True, False])
def test_changes_link_their_page_and_all_pairs_where_those_are_written(edition, make_site, editions):
    page = {"book/changes": "# Changes\n\n```{changes}\n```\n"}
    site = make_site(page, settings=f"ouroboros_editions = {editions}\n")
    text = site.page("book/changes")
    assert "From edition 2026.02 to 2026.11." in text
    for target in ("../changes/2026.02_2026.11.html", "../changes/index.html"):
        assert (f'href="{target}"' in text) == editions


def test_what_no_experiment_decides_says_why(make_site):
    pages = {
        "claims": "# Claims\n\n```{claim-cards} 1\n```\n\n```{bibliography}\n```\n",
        "one": "# One\n\n```{statement-card} O1\n```\n\n```{tested-by} O1\n```\n\n```{tested-by} I001\n```\n",
    }
    ledger = {
        "claims": CLAIMS_UNTESTED,
        "statements": STATEMENTS_UNTESTED,
        "experiments": "experiments: []\n",
    }
    site = make_site(pages, ledger=ledger)
    assert site.warnings == []
    text = site.page("one")
    assert "No criterion of this edition bears on it. It is a matter of markets." in text
    assert "No criterion of this edition bears on it. A law is read, not measured." in text
    body = text[text.index("<body") :]  # the head describes the page in the same words
    assert body.count("It is a matter of markets.") == 2  # the card says it, too
    assert "A law is read, not measured." in site.page("claims")
