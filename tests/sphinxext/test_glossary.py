"""Every term of the glossary has a meaning, comes from somewhere, and is used by a page."""

import re
from pathlib import Path

import pytest

OURS = "## How this book decides"


def _terms(text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for block in re.findall(r"```\{glossary\}\n(.*?)```", text, re.DOTALL):
        for entry in re.split(r"\n(?=\S)", block.strip()):
            term, _, meaning = entry.partition("\n")
            assert term not in entries, f"{term} is explained twice"
            entries[term] = " ".join(meaning.split())
    return entries


@pytest.fixture(scope="module")
def glossary(root: Path) -> str:
    return (root / "book" / "glossary.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def used(root: Path) -> set[str]:
    pages = [root / "index.md", *(root / "book").rglob("*.md"), *(root / "notebooks").rglob("*.md")]
    found = set()
    for page in pages:
        if page.name == "glossary.md":
            continue
        for written in re.findall(r"\{term\}`([^`]+)`", page.read_text(encoding="utf-8")):
            target = re.search(r"<(.+)>", written, re.DOTALL)
            found.add(" ".join((target[1] if target else written).split()).lower())
    return found


def test_there_are_about_forty_terms_and_each_has_a_meaning(glossary):
    terms = _terms(glossary)
    assert len(terms) >= 40
    assert [term for term, meaning in terms.items() if len(meaning.split()) < 5] == []


def test_every_term_is_linked_from_a_page(glossary, used):
    assert [term for term in _terms(glossary) if term.lower() not in used] == []


def test_most_terms_of_the_field_name_a_work_of_the_bibliography(glossary, ledger):
    field, ours = glossary.split(OURS)
    terms = _terms(field)
    cited = {term: re.findall(r"\{cite:[pt]\}`([\w-]+)", meaning) for term, meaning in terms.items()}
    assert {key for keys in cited.values() for key in keys} <= set(ledger.bibliography)
    assert sum(bool(keys) for keys in cited.values()) >= 0.6 * len(terms)
    assert "These words are ours" in ours
