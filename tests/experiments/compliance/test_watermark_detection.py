import hashlib

import numpy as np
import pytest

from ouroboros.experiments.compliance import marked_text, watermark_detection
from ouroboros.stats import watermark


@pytest.fixture(scope="module")
def detection(trial):
    return trial("compliance.watermark-detection")


@pytest.fixture(scope="module")
def found(detection):
    return detection.estimates()


SMALL_TEXT = np.array([0, 1, 2, 0, 1, 3, 0, 1, 2, 3])


def small_model():
    return marked_text.build(SMALL_TEXT, 5, (0.1, 0.3, 0.6))


def test_a_smoke_run_passes_every_check(detection, found):
    assert len(detection.checks) == 10
    assert detection.missed(detection.checks, found) == set()


def test_a_smoke_run_gives_what_every_criterion_needs_but_the_last(detection, found):
    needed = {name for c in detection.criteria for name in c.estimate}
    assert needed - found.keys() == {"trained-1-log10-p-worst"}


def test_probabilities_by_counting():
    model = small_model()
    state = np.array([[1], [np.searchsorted(model.orders[1].codes, 0 * 5 + 1)]])
    # After "0 1" come 2, 3, 2; after "1" the same; the text as a ring has 0 three times in ten.
    expected = 0.1 * np.array([3, 3, 2, 2, 0]) / 10 + 0.9 * np.array([0, 0, 2, 1, 0]) / 3
    assert model.probabilities(state)[0] == pytest.approx(expected)


def test_proposals_follow_the_probabilities():
    model, rng = small_model(), np.random.default_rng(3)
    state = np.repeat(model.start(1, rng), 40_000, axis=1)
    counts = np.bincount(model.propose(state, rng), minlength=5) / 40_000
    assert counts == pytest.approx(model.probabilities(state[:, :1])[0], abs=0.012)


def test_a_context_that_the_text_does_not_have_falls_back():
    model = small_model()
    state = model.advance(np.full((2, 1), -1), np.array([4]))
    assert model.probabilities(state)[0] == pytest.approx(np.array([3, 3, 2, 2, 0]) / 10)
    after = model.advance(model.advance(np.full((2, 1), -1), np.array([3])), np.array([1]))
    assert after[1, 0] == -1  # "3 1" does not occur


@pytest.mark.parametrize("weights", [(1.0,), (0.5, 0.6), (1.5, -0.5)])
def test_weights_that_are_no_distribution_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        marked_text.build(SMALL_TEXT, 5, weights)


def test_a_mark_multiplies_the_odds_of_green_words():
    model, rng = small_model(), np.random.default_rng(4)
    names, keys = np.arange(5, dtype=np.uint64), np.full(60_000, 11, dtype=np.uint64)
    words, states = marked_text.write(model, names, keys, 1, 0.5, 1.5, rng, keep=1)
    for place in np.unique(states[0], axis=1).T:
        mine = (states[0] == place[:, None]).all(axis=0)
        p = model.probabilities(place[:, None])[0]
        p = p * np.exp(1.5 * watermark.green(11, names[place[0]], names, 0.5))
        counts = np.bincount(words[mine, 1], minlength=5) / mine.sum()
        assert counts == pytest.approx(p / p.sum(), abs=0.03)


def test_identifiers_are_the_same_everywhere():
    # BLAKE2b of "the", eight bytes, read as little-endian: a mark must not depend on machine or hash seed.
    assert marked_text.identifiers(["the"]).tolist() == [
        int.from_bytes(hashlib.blake2b(b"the", digest_size=8).digest(), "little")
    ]


def test_without_the_key_nothing_is_seen(found):
    assert found["wrong-key-p"].value > 1e-3
    assert found["student-wrong-key-p"].value > 1e-3
    assert found["trained-0-excess"].low < 0.003


def test_repeats_inflate_the_score(found):
    assert found["high-count-repeats"].value > 5 * max(1, found["high-expected"].value)
    assert found["null-uniform-p-repeats"].value < 1e-6


def test_counting_repeats_is_caught(detection, monkeypatch):
    original = marked_text.read

    def careless(words, names, keys, gamma, *, repeats=False):
        return original(words, names, keys, gamma, repeats=True)

    monkeypatch.setattr(marked_text, "read", careless)
    missed = detection.missed(detection.checks, detection.estimates())
    assert {"E16-check-null", "E16-check-high"} <= missed


def test_a_writer_that_marks_twice_as_strongly_is_caught(detection, monkeypatch):
    original = marked_text.write

    def strong(model, names, keys, tokens, gamma, delta, rng, *, keep=0):
        return original(model, names, keys, tokens, gamma, 2 * delta, rng, keep=keep)

    monkeypatch.setattr(marked_text, "write", strong)
    assert "E16-check-law" in detection.missed(detection.checks, detection.estimates())


def test_an_unmarked_writer_meets_no_criterion_of_detection(detection, monkeypatch):
    original = marked_text.write

    def honest(model, names, keys, tokens, gamma, delta, rng, *, keep=0):
        return original(model, names, keys, tokens, gamma, 0.0, rng, keep=keep)

    monkeypatch.setattr(marked_text, "write", honest)
    parameters = detection.smoke | {"match": detection.smoke["match"] | {"area": {"20": 0.5}}}
    monkeypatch.setattr(watermark_detection, "_matched_estimates", lambda *_: iter(()))
    monkeypatch.setattr(np, "polyfit", lambda *_: np.array([0.5, 0.0]))
    criteria = [c for c in detection.criteria if c.id != "watermark-traces-a-hundredth"]
    with np.errstate(invalid="ignore", divide="ignore"):
        missed = detection.missed(criteria, detection.estimates(parameters))
    assert missed == {"watermark-detectable", "watermark-survives-editing", "watermark-traces-training"}
