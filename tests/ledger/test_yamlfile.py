"""The YAML reader: core schema, line numbers, and agreement with PyYAML."""

import re

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.ledger.yamlfile import read_yaml

TEXT = """\
# a comment
records:
- id: one
  note: >-
    folded
    text
  numbers: [1, 2.5, -3e-2, .5, +7]
- id: two
  when: 2026-11-23
  version: '1.10'
  none: ~
  also:
  truth: true
"""


def test_core_schema():
    first, second = read_yaml(TEXT, "x").data["records"]
    assert first == {"id": "one", "note": "folded text", "numbers": [1, 2.5, -0.03, 0.5, 7]}
    assert second == {
        "id": "two", "when": "2026-11-23", "version": "1.10", "none": None, "also": None, "truth": True,
    }  # fmt: skip


def test_lines():
    document = read_yaml(TEXT, "x")
    assert document.line(("records",)) == 2
    assert document.line(("records", 0)) == 3
    assert document.line(("records", 0, "note")) == 4
    assert document.line(("records", 0, "numbers", 3)) == 7
    assert document.line(("records", 1, "when")) == 9
    assert document.line(("records", 1, "absent")) == 8
    assert document.line(("records", 9)) == 2


def test_key_that_is_no_word():
    faults = read_yaml("a: 1\n? [b]\n: 2\n", "x").faults
    assert [str(fault) for fault in faults] == ["x:2: has a list or mapping as a key; keys must be words"]


# Control characters are line breaks to some readers of YAML and forbidden to others.
words = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff"),
    max_size=20,
)
# PyYAML writes words such as 0E0 bare, since its older schema does not take them for numbers.
words = words.filter(lambda word: not re.fullmatch(r"[-+]?[0-9.]+[eE][-+]?[0-9]+", word))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words.filter(bool), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_reads_back_whatever_was_written(data):
    text = yaml.safe_dump({"top": data}, allow_unicode=True)
    document = read_yaml(text, "x")
    assert document.data == {"top": data}
    assert document.faults == []


@given(st.text(max_size=80))
def test_no_text_makes_the_reader_stumble(text):
    document = read_yaml(text, "x")
    assert all(fault.line >= 1 for fault in document.faults)
