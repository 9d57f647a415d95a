import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.experiments.collapse import character_windows, scripture
from ouroboros.experiments.collapse.character_windows import SPACE, cut, decode, encode, real_windows, words

WORDS = st.lists(st.text("abz", min_size=1, max_size=7), min_size=1, max_size=60)


@given(WORDS, st.integers(8, 20))
def test_windows_hold_the_words_of_the_text_in_order_and_none_twice(text, length):
    rows = cut(" ".join(text), length)
    found = [word for window in words(rows) for word in window]
    assert found == text[: len(found)]
    # What is missing fits in the rest after the last window.
    assert sum(len(word) + 1 for word in text[len(found) :]) <= 2 * length
    assert (rows[:, 0] == SPACE).all() and (rows[:, 1] != SPACE).all()


def test_a_word_cut_off_does_not_count():
    assert words(np.array([encode(" the lord sa")])) == [["the", "lord"]]
    assert words(np.array([encode(" the  lord  ")])) == [["the", "lord"]]


def test_text_survives_encoding():
    assert decode(encode(" in the beginning")[None]) == ["in the beginning"]


@pytest.mark.parametrize("text", ["God", "a.b", "naïve"])
def test_other_characters_are_refused(text):
    with pytest.raises(ValueError, match="no small letter"):
        encode(text)


def test_a_window_shorter_than_a_word_is_refused():
    with pytest.raises(ValueError, match="length 6: shorter than the word"):
        cut("a nebuchadnezzar b", 6)


def test_held_out_windows_are_others():
    training, held = real_windows(64, "Genesis")
    assert len(held) == pytest.approx(len(training) / 9, rel=0.3)
    texts = set(decode(training))
    # Some sentences recur in the text itself.
    assert np.mean([text in texts for text in decode(held)]) < 0.01


def test_windows_are_read_back_into_the_words_of_the_book():
    _, vocabulary = scripture.words("Ruth")
    rows = cut(" ".join(vocabulary), 40)
    assert {word for window in words(rows) for word in window} <= set(vocabulary)
    assert character_windows.real_windows(64, "Ruth")[0].dtype == np.int8
