from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from nltk.lm import MLE

from ouroboros.experiments.collapse import scripture, tail_extinction
from ouroboros.stats import wright_fisher

FEW = {
    "books": ["Genesis"],
    "chains": 3,
    "generations": 20,
    "recorded": [1, 10, 20],
    "shares": [0.1, 0.5],
    "fitted_counts": [1, 2, 4],
    "small": {"n": 300, "share": 0.1, "chains": 60, "generations": 10, "recorded": [1, 5, 10]},
    "end": {"n": 20, "chains": 60, "generations": 100, "recorded": [20, 40, 100]},
    "bigram": {"chains": 2, "streams": 10, "generations": 10},
}


@pytest.fixture(scope="module")
def words(trial):
    return trial("collapse.tail-extinction")


@pytest.fixture(scope="module")
def smoke_table(words):
    return words.table()


def rerun(words, table, *ids):
    """The table with some of its jobs run again."""
    fresh = [table[~table["job"].isin(ids)]]
    for job in words.module.jobs(words.smoke):
        if job.id in ids:
            again = words.module.simulate(job.parameters, np.random.default_rng(908))
            again.insert(0, "job", job.id)
            fresh.append(again)
    return pd.concat(fresh, ignore_index=True)


# --- the text ----------------------------------------------------------------------------------------------


def test_the_text_is_the_whole_book():
    ids, vocabulary = scripture.words()
    counts = np.bincount(ids)
    assert len(ids) == 791_440 and len(vocabulary) == 12_559
    assert np.all(np.diff(counts) <= 0), "sorted by falling count"
    assert scripture.verses("Genesis")[0] == "In the beginning God created the heavens and the earth."
    # Verse numbers are no words; the one below stood in the middle of a passage.
    assert not any(word.isdigit() for word in vocabulary)
    assert counts[vocabulary.index("jesus")] == 983


def test_an_unknown_book_is_refused():
    with pytest.raises(ValueError, match="there is no Hamlet"):
        scripture.words("Genesis", "Hamlet")


# --- rewriting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", wright_fisher.ARMS)
def test_every_text_has_the_same_length_and_invents_no_word(arm):
    counts = np.array([5, 0, 3, 2])
    real = 0 if arm == "replace" else 4
    run = tail_extinction.texts(arm, counts, 10, real, 50, np.random.default_rng(1))
    gone = np.zeros((50, 4), dtype=bool)
    for _ in range(12):
        text, model = next(run)
        assert np.all(text.sum(axis=1) == 10) and np.all(text[:, 1] == 0)
        assert model.sum(axis=1) == pytest.approx(np.ones(50))
        if arm == "replace":
            assert not np.any(gone & (text > 0)), "what is gone stays gone"
            gone |= text == 0
        if arm == "whole":
            assert np.all(model[:, counts > 0] > 0)


def test_a_kept_word_never_dies():
    counts = np.ones(40, dtype=int)
    run = tail_extinction.texts("fixed", counts, 40, 10, 30, np.random.default_rng(2))
    alive = np.stack([next(run)[0] > 0 for _ in range(60)])
    assert np.all(alive.all(axis=0).sum(axis=1) >= 10)


def test_the_bigram_model_is_that_of_nltk():
    ids, vocabulary = scripture.words("Ruth")
    text = ids[: len(ids) // 10 * 10].reshape(10, -1)
    rings = [[vocabulary[i] for i in (*stream, stream[0])] for stream in text]
    peer = MLE(2)
    peer.fit(
        ([(a, b) for a, b in pairwise(ring)] + [(w,) for w in ring[:-1]] for ring in rings),
        vocabulary,
    )
    rng = np.random.default_rng(3)
    pairs = np.zeros_like(text)
    drawn = Counter()
    for _ in range(60):
        new, _ = tail_extinction.rewrite(text, pairs, rng)
        for a, b in zip(new[:, :-1].ravel(), new[:, 1:].ravel(), strict=True):
            drawn[vocabulary[a], vocabulary[b]] += 1
    for first in ("the", "ruth", "unto"):
        total = sum(times for (a, _), times in drawn.items() if a == first)
        after = Counter({b: times for (a, b), times in drawn.items() if a == first})
        for second, times in after.items():
            p = peer.score(second, [first])
            assert p > 0, "a pair that nobody wrote"
            assert times / total == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / total) + 1e-9)


def test_numbers_of_pairs_follow_their_words():
    rng = np.random.default_rng(4)
    text = rng.integers(0, 7, size=(3, 50))
    numbers = text * 100 + np.roll(text, -1, axis=1)
    for _ in range(3):
        text, numbers = tail_extinction.rewrite(text, numbers, rng)
        expected = text * 100 + np.roll(text, -1, axis=1)
        assert np.array_equal(numbers[:, :-1], expected[:, :-1]) and np.all(numbers[:, -1] == -1)
        numbers[:, -1] = expected[:, -1]


# --- checks ------------------------------------------------------------------------------------------------


def test_a_grid_that_cannot_carry_the_criteria_is_refused(words):
    with pytest.raises(ValueError, match="recorded"):
        words.module.jobs(FEW | {"recorded": [1, 20]})
    with pytest.raises(ValueError, match="shares"):
        words.module.jobs(FEW | {"shares": [0.1]})


def test_a_short_run_gives_every_estimate_of_a_long_one(words):
    found = words.estimates(FEW)
    assert {n for part in (*words.checks, *words.criteria) for n in part.estimate} <= found.keys()


def test_a_smoke_run_passes_every_check(words, smoke_table):
    assert words.missed(words.checks, words.estimates(table=smoke_table)) == set()


def test_wrong_copies_are_caught(words, smoke_table, monkeypatch):
    original = tail_extinction.texts

    def too_faithful(arm, counts, n, real, chains, rng):
        # Every second text is not drawn but repeated.
        for text, model in original(arm, counts, n, real, chains, rng):
            yield text, model
            yield text, model

    monkeypatch.setattr(tail_extinction, "texts", too_faithful)
    again = rerun(words, smoke_table, "replace", "fresh-0.1", "small-replace", "small-whole", "to-the-end")
    assert words.missed(words.checks, words.estimates(table=again)) >= {
        "E02-check-survival-bounds",
        "E02-check-survival-with-real-words",
        "E02-check-heterozygosity",
        "E02-check-error",
        "E02-check-single-word",
    }


@pytest.mark.parametrize(
    ("law", "check", "job"),
    [
        ("survival_bounds", "E02-check-survival-bounds", "replace"),
        ("survival", "E02-check-survival-with-real-words", "fixed-0.1"),
        ("expected_error", "E02-check-error", "small-fresh"),
        ("limiting_error", "E02-check-limiting-error", "small-whole"),
        ("single_symbol", "E02-check-single-word", "to-the-end"),
        ("heterozygosity", "E02-check-heterozygosity", "small-replace"),
    ],
)
def test_a_wrong_formula_is_caught(words, smoke_table, monkeypatch, law, check, job):
    right = getattr(wright_fisher, law)

    def wrong(*arguments):
        if law == "limiting_error":
            n, real, s0 = arguments
            return right(n, round(0.8 * real), s0)
        if law == "single_symbol":
            return right(arguments[0], 2 * np.asarray(arguments[1]))
        if law == "heterozygosity":
            return right(arguments[0], arguments[1] // 4, arguments[2])
        *rest, t = arguments
        return right(*rest, 2 * t)

    monkeypatch.setattr(wright_fisher, law, wrong)
    assert check in words.missed(words.checks, words.estimates(table=rerun(words, smoke_table, job)))


# --- criteria ----------------------------------------------------------------------------------------------


def test_criteria_can_fall_either_way(words, smoke_table):
    met = {c.id for c in words.criteria} - words.missed(words.criteria, words.estimates(table=smoke_table))
    assert {"tail-extinction-tail-before-bulk", "tail-extinction-ten-per-cent-slows"} <= met
    # A world in which copies lose whole vocabularies at once, common words first, and real words do nothing.
    other = smoke_table.copy()
    alive = other["quantity"] == "alive"
    other.loc[alive, ["value", "low", "high"]] = 0.3
    other.loc[alive & (other["t"] == 1), ["value", "low", "high"]] = 0.9
    other.loc[other["quantity"] == "extinction-slope", ["value", "low", "high"]] = 0.2
    other.loc[other["quantity"] == "single", "value"] = 0.1
    other.loc[other["quantity"] == "distance", ["value", "low", "high"]] = 0.9
    still_met = {c.id for c in words.criteria} - words.missed(words.criteria, words.estimates(table=other))
    assert not still_met & {
        "tail-extinction-in-order-of-rarity",
        "tail-extinction-tail-before-bulk",
        "tail-extinction-pairs-too",
        "tail-extinction-ends-in-one-word",
        "tail-extinction-ten-per-cent-slows",
        "tail-extinction-half-keeps-the-tail",
    }
    assert "tail-extinction-ruined-in-ten" in still_met
