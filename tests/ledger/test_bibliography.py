"""references.bib, as our reader and as the one of the book sees it."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_file
from pybtex.plugin import find_plugin

from ouroboros.ledger.bibliography import decode, read_bibliography


def test_both_readers_find_the_same_works(root, ledger):
    other = parse_file(str(root / "references.bib"))
    assert set(other.entries) == set(ledger.bibliography)
    for key, entry in ledger.bibliography.items():
        persons = other.entries[key].persons["author"]
        families = [decode(" ".join([*person.prelast_names, *person.last_names])) for person in persons]
        assert families == [name.family for name in entry.authors]


def test_the_style_of_the_book_formats_every_work_without_complaint(root):
    database = parse_file(str(root / "references.bib"))
    style = find_plugin("pybtex.style.formatting", "alpha")()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        formatted = list(style.format_bibliography(database))
    assert len(formatted) == len(database.entries)


def test_one_entry_per_work_in_order_of_keys(ledger):
    keys = list(ledger.bibliography)
    assert keys == sorted(keys)
    titles = [entry.title.casefold() for entry in ledger.bibliography.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    "gone", ["ibm2024modelcollapse", "kazdan2025collapse", "yi2026escaping", "shumailov2024"]
)
def test_the_losing_key_of_a_merged_work_is_gone(root, ledger, gone):
    assert gone not in ledger.bibliography
    for path in (root / "ledger").glob("*.yml"):
        assert f"key: {gone}\n" not in path.read_text(encoding="utf-8")


ENTRY = """\
@misc{key,
  author = {M{\\"u}ller, J{\\'o}hn and {Tom and Sons} and van der Berg, Ann and others},
  title  = {{Half \\& half: 50\\% of {LLM} data}},
  year   = {2024},
  eprint = {2401.00001},
  archivePrefix = {arXiv},
}
"""


def test_an_entry_in_unicode():
    entry = read_bibliography(ENTRY).entries["key"]
    assert [str(name) for name in entry.authors] == [
        "Jóhn Müller",
        "Tom and Sons",
        "Ann van der Berg",
        "others",
    ]
    assert entry.title == "Half & half: 50% of LLM data"
    assert (entry.year, entry.arxiv, entry.address) == (
        2024,
        "2401.00001",
        "https://arxiv.org/abs/2401.00001",
    )
    assert entry.line == 1


def test_what_was_not_read_is_known(ledger):
    assert ledger.bibliography["fortune2024synthetic"].recalled
    assert ledger.bibliography["idc2025lifesciences"].not_located
    assert not ledger.bibliography["shumailov2024collapse"].recalled


@given(st.text(alphabet='@{}=,"\\ab1\n %', max_size=60))
def test_no_text_makes_the_reader_stumble(text):
    found = read_bibliography(text)
    assert all(fault.line >= 1 for fault in found.faults)
