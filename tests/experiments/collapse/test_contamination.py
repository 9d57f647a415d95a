from itertools import pairwise

import numpy as np
import pytest

from ouroboros.experiments.collapse import contamination, scripture


@pytest.fixture(scope="module")
def study(trial):
    return trial("collapse.contamination")


@pytest.fixture(scope="module")
def small(study):
    smoke = study.smoke
    return smoke | {
        "hashing": smoke["hashing"] | {"pairs": 60},
        "planted": smoke["planted"] | {"books": ["Ruth"]},
        "share": smoke["share"] | {"simulations": 40},
    }


def test_a_smoke_run_passes_every_check(study):
    assert study.missed(study.checks, study.estimates()) == set()


def test_the_probability_of_meeting_is_that_of_the_bands():
    """By enumeration of two bands of two rows."""
    s = 0.3
    one = s**2
    assert contamination.candidate_probability(s, 2, 2) == pytest.approx(2 * one - one**2)


def test_shingles_and_similarity():
    words = np.array([1, 2, 3, 1, 2, 3])
    assert contamination.shingles(words, 3) == {(1, 2, 3), (2, 3, 1), (3, 1, 2)}
    assert contamination.jaccard({1, 2, 3}, {2, 3, 4}) == 0.5


def test_written_text_has_only_pairs_of_the_book():
    ids, vocabulary = scripture.words("Jonah")
    text = contamination._written(ids, len(vocabulary), (20, 30), np.random.default_rng(4))
    known = set(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))
    last = int(ids[-1])
    for row in text.tolist():
        pairs = [pair for pair in pairwise(row) if pair[0] != last]
        assert set(pairs) <= known


def test_an_index_with_other_bands_is_found_out(study, small, monkeypatch):
    right = contamination._index

    def other(parameters):
        return right(parameters | {"bands": 16, "rows": 8})

    monkeypatch.setattr(contamination, "_index", other)
    missed = study.missed(study.checks, study.estimates(small))
    assert "E20-check-candidates" in missed


def test_a_survey_without_errors_is_taken_as_it_is():
    perfect = {"flagged": 0.4, "true-positive": 1.0, "false-positive": 0.0}
    (found,) = contamination._published(perfect)
    assert (found.value, found.low, found.high) == (0.4, 0.4, 0.4)


def test_a_generator_that_is_known_is_counted_and_a_flat_one_missed(study, small):
    found = study.estimates(small)
    assert found["share-known-l200"].value == pytest.approx(0.3, abs=0.05)
    assert found["share-taken-0.8-l200"].value < 0.02
