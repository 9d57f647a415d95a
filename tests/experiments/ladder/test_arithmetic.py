import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouroboros.experiments.ladder import arithmetic
from ouroboros.experiments.ladder.arithmetic import Problems

SIGNS = "0123456789+=$ "


def row(text):
    return np.array([[SIGNS.index(sign) for sign in text.ljust(arithmetic.WIDTH)]], dtype=np.int8)


def text_of(rows):
    return ["".join(SIGNS[symbol] for symbol in row).rstrip() for row in rows]


def problems(first, second, level):
    return Problems(*(np.array([number]) for number in (first, second, level)))


@pytest.mark.parametrize(
    ("first", "second", "level", "text"),
    [
        (123, 456, 3, "$321+654=975$"),
        (7, 5, 1, "$7+5=21$"),
        (0, 0, 1, "$0+0=0$"),
        (99999, 99999, 5, "$99999+99999=899991$"),
        (1000, 2000, 4, "$0001+0002=0003$"),
    ],
)
def test_strings_read_as_the_sums_they_are(first, second, level, text):
    rows = arithmetic.encode(problems(first, second, level))
    assert text_of(rows) == [text]
    found = arithmetic.read(rows)
    assert [int(part[0]) for part in found] == [first, second, level]
    assert arithmetic.right(rows, found).all()


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("$321+654=974$", 3),  # wrong digit
        ("$321+654=9750$", 3),  # one zero too many
        ("$321+654=97$", 3),  # one digit short
        ("$321+654=975", 3),  # never closed
        ("$321+654=$", 3),  # no answer
        ("$321+65=683$", 0),  # unequal lengths
        ("$320+654=974$", 0),  # leading zero
        ("$321-654", 0),
        ("321+654=975$", 0),
        ("$321+654=97+$", 3),
    ],
)
def test_the_verifier_refuses_what_is_not_a_right_sum(text, level):
    text = text.replace("-", "$")
    found = arithmetic.read(row(text))
    assert found.level[0] == level
    assert not arithmetic.right(row(text), found).any()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), level=st.integers(1, 5))
def test_what_is_drawn_is_posed_and_answered_rightly(seed, level):
    drawn = arithmetic.draw(np.full(50, level), np.random.default_rng(seed))
    rows = arithmetic.encode(drawn)
    found = arithmetic.read(rows)
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(drawn, found, strict=True))
    assert arithmetic.right(rows, found).all()
    mask = arithmetic.answer_mask(drawn)
    for line, marks, total in zip(text_of(rows), mask, drawn.first + drawn.second, strict=True):
        answer = str(total)[::-1] + "$"
        assert line.endswith("=" + answer)
        assert marks.sum() == len(answer) and marks[: line.index("=") + 1].sum() == 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_one_changed_symbol_never_passes_as_the_same_problem_solved(seed):
    rng = np.random.default_rng(seed)
    drawn = arithmetic.draw(rng.integers(1, 6, size=1), rng)
    rows = arithmetic.encode(drawn)
    place = rng.integers(len(text_of(rows)[0]))
    rows[0, place] = (rows[0, place] + rng.integers(1, arithmetic.SYMBOLS)) % arithmetic.SYMBOLS
    found = arithmetic.read(rows)
    if arithmetic.right(rows, found)[0]:
        # Only a changed operand can leave a right sum, and then it is another problem... with another answer.
        pytest.fail(f"{text_of(rows)[0]} passed")


def test_names_of_problems_are_their_own():
    pairs = Problems(np.array([1, 11, 1, 1]), np.array([11, 1, 1, 1]), np.array([2, 2, 1, 2]))
    assert len(np.unique(arithmetic.identity(pairs))) == 4
