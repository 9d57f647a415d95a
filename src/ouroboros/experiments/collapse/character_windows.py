"""The King James Bible as windows of characters: small letters and the space, a word at the start of each.

The words are those of `ouroboros.experiments.collapse.scripture`, joined by single spaces, so that a text written
character by character is read back into the same words.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from ouroboros.experiments.collapse import scripture

ALPHABET = " abcdefghijklmnopqrstuvwxyz"
SPACE = 0

# Windows follow each other through the text; of every ten runs of a hundred, one is held out for tests.
_RUN = 100
_RUNS = 10

_CODES = np.full(128, -1, dtype=np.int8)
_CODES[np.frombuffer(ALPHABET.encode(), dtype=np.uint8)] = np.arange(len(ALPHABET))
_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)


def encode(text: str) -> NDArray[np.int8]:
    """Numbers of the characters of a text.

    Raises
    ------
    ValueError
        If a character is neither a small letter nor a space.
    """
    codes = _CODES[np.frombuffer(text.encode("ascii", "replace"), dtype=np.uint8) & 127]
    if (codes < 0).any():
        raise ValueError(f"text: {text[int(np.argmax(codes < 0))]!r} is no small letter and no space")
    return codes


def decode(rows: NDArray) -> list[str]:
    """Texts of windows, the leading space left out."""
    data = _LETTERS[rows[:, 1:]]
    return [row.tobytes().decode() for row in data]


def cut(text: str, length: int) -> NDArray[np.int8]:
    """Cut a text into windows that each start with a word; a word cut off by one starts the next.

    Parameters
    ----------
    text : str
        Words joined by single spaces.
    length : int
        Characters of a window.

    Returns
    -------
    numpy.ndarray of int8
        Shape (windows, length + 1); place 0 is the space before the window. What does not fill a last window is
        left out.

    Raises
    ------
    ValueError
        If a window is shorter than a word.
    """
    padded = f" {text} "
    starts, start = [], 0
    while start + length < len(padded):
        starts.append(start)
        following = padded.rfind(" ", start + 1, start + length + 1)
        if following < 0:
            raise ValueError(f"length {length}: shorter than the word at {padded[start : start + 30]!r}")
        start = following
    return encode(padded)[np.array(starts, dtype=np.int64)[:, None] + np.arange(length + 1)]


@functools.lru_cache(maxsize=4)
def real_windows(length: int, *books: str) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Windows of the named books (all by default) to train on, and those held out.

    Returns
    -------
    (numpy.ndarray of int8, numpy.ndarray of int8)
        Shape (windows, length + 1) each. Held out are every tenth hundred of consecutive windows, so only the
        ends of such a run have neighbours among the others.
    """
    ids, vocabulary = scripture.words(*books)
    rows = cut(" ".join(vocabulary[i] for i in ids), length)
    held = np.arange(len(rows)) // _RUN % _RUNS == 0
    return rows[~held], rows[held]


def words(rows: NDArray) -> list[list[str]]:
    """Words of each window that are followed by a space within it; the last may be cut off and does not count."""
    return [[word for word in text.split(" ")[:-1] if word] for text in decode(rows)]
