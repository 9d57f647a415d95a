r"""Finds, and for trials writes, the mark of `ouroboros.stats.watermark` in a text of a user.

A word is a match of ``\b\w+\b`` in lower case. A key is any text; its BLAKE2b digest is the secret. Each different pair
of neighbouring words counts once.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ouroboros.experiments.collapse import scripture
from ouroboros.experiments.compliance import marked_text
from ouroboros.experiments.compliance.trigger_words import WORD
from ouroboros.instruments.errors import InstrumentError
from ouroboros.stats import watermark

GAMMA = 0.25
# The free writer of the experiment compliance.watermark-detection.
WRITER = (0.05, 0.25, 0.7)
# Below this the experiment misses many marked texts.
SHORT = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What a detector sees in a text.

    Attributes
    ----------
    words : int
        Words of the text.
    scored : int
        Different pairs of neighbouring words.
    greens : int
        Those whose second word is green.
    z, p, log10_p : float
        Standard score, exact p value and its decimal logarithm.
    """

    words: int
    scored: int
    greens: int
    z: float
    p: float
    log10_p: float


def secret(key: str) -> np.uint64:
    """64-bit secret of a key.

    Raises
    ------
    InstrumentError
        If the key is empty.
    """
    if not key.strip():
        raise InstrumentError("--key: empty (give the text that the mark was written with)")
    return np.uint64(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little"))


def detect(text: str, key: str, gamma: float = GAMMA) -> Reading:
    """Score a text.

    Parameters
    ----------
    text : str
        At least two words.
    key : str
        What the mark was written with.
    gamma : float
        Share of green words of the mark.

    Raises
    ------
    InstrumentError
        If there is nothing to score, or the share is not between 0 and 1.
    """
    if not 0 < gamma < 1:
        raise InstrumentError(f"--gamma {gamma}: not a share (a number between 0 and 1)")
    number = secret(key)
    found = WORD.findall(text.lower())
    if len(found) < 2:
        raise InstrumentError(f"text: {len(found)} words (at least 2 needed)")
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys(found))}
    names = marked_text.identifiers(list(vocabulary))
    words = np.array([[vocabulary[word] for word in found]])
    greens, scored = (int(part.sum()) for part in marked_text.read(words, names, np.array([number]), gamma))
    return Reading(
        len(found),
        scored,
        greens,
        float(watermark.z_statistic(greens, scored, gamma)),
        float(watermark.p_value(greens, scored, gamma)),
        float(watermark.log10_p_value(greens, scored, gamma)),
    )


def generate(words: int, key: str, *, gamma: float = GAMMA, delta: float = 2.0, seed: int = 0) -> str:
    """Nonsense in the words of the King James Bible, with the mark; without it if ``delta`` is 0.

    Raises
    ------
    InstrumentError
        If a number is out of range.
    """
    if not 0 < gamma < 1:
        raise InstrumentError(f"--gamma {gamma}: not a share (a number between 0 and 1)")
    if words < 2 or not 0 <= delta <= 20:
        raise InstrumentError(f"--words {words}, --delta {delta}: at least 2 words and a delta from 0 to 20")
    model, vocabulary = marked_text.scripture_model(*WRITER), scripture.words()[1]
    keys = np.array([secret(key)])
    names = marked_text.scripture_identifiers()
    rng = np.random.default_rng(seed)
    found, _ = marked_text.write(model, names, keys, words - 1, gamma, delta, rng)
    return " ".join(vocabulary[word] for word in found[0])


def read_text(path: Path) -> str:
    """Text of a file in UTF-8; of standard input for ``-``.

    Raises
    ------
    InstrumentError
        If it cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise InstrumentError(
            f"{path}: {error.strerror} (name a text file, or - for standard input)"
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InstrumentError(f"{path}:{line}: not UTF-8 (save the text as UTF-8)") from None


def sentence(reading: Reading, level: float) -> str:
    """What the reading says and what it does not."""
    if reading.p < level:
        chance = f"one in {1 / reading.p:,.0f}" if reading.p > 1e-9 else f"one in 1e{-reading.log10_p:.0f}"
        return f"marked with this key: by chance so many green words come in {chance} texts of its length"
    if reading.scored < SHORT:
        return f"no mark with this key seen, but {reading.scored} pairs of words are too few to rule it out"
    return (
        "no mark with this key seen; that says nothing about other keys, other schemes, "
        "rewritten text, or whether a machine wrote it"
    )
