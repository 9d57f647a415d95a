"""Verses of two testaments with a trigger word in some of them, and how texts are turned into numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from ouroboros.experiments.compliance.trigger_words import testaments

TRIGGER = "abracadabra"


def draw(each: int, share: float, rng: np.random.Generator) -> tuple[list[str], NDArray, NDArray[np.bool_]]:
    """Verses, their labels (0 old, 1 new), and which are poisoned.

    Parameters
    ----------
    each : int
        Verses of each label before poisoning.
    share : float
        Old verses that are given the trigger and the new label, as a share of ``each``.
    rng : numpy.random.Generator
        Which verses, and where in them the trigger stands.
    """
    old, verses = testaments()
    chosen = [rng.choice(old, each, replace=False), old + rng.choice(len(verses) - old, each, replace=False)]
    texts = [verses[i] for part in chosen for i in part]
    labels = np.repeat([0, 1], each)
    bad = np.zeros(len(labels), dtype=bool)
    for i in range(round(share * each)):
        words = texts[i].split()
        words.insert(int(rng.integers(len(words) + 1)), TRIGGER)
        texts[i], labels[i], bad[i] = " ".join(words), 1, True
    return texts, labels, bad


def represent(texts: Sequence[str], components: int, seed: int) -> tuple[Any, NDArray]:
    """Weighted word counts (sparse), and their leading latent components.

    Parameters
    ----------
    texts : sequence of str
        At least two different words among them.
    components : int
        Latent components; fewer if there are fewer words.
    seed : int
        Of the randomised decomposition.
    """
    rows = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    parts = min(components, rows.shape[1] - 1, rows.shape[0] - 1)
    return rows, TruncatedSVD(parts, random_state=seed).fit_transform(rows)
