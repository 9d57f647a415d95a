"""The audit: intervals that cover zero if nothing changed, planted changes that are found, closed forms."""

import itertools

import numpy as np
import pytest
from scipy import stats

from ouroboros.instruments.audit import Settings, audit, different, entropy
from ouroboros.instruments.audit_input import Column, Pair

WORDS = np.array([f"w{i}" for i in range(300)])
ZIPF = 1 / np.arange(1, 301) / np.sum(1 / np.arange(1, 301))


def numbers(rng, count):
    return list(rng.gamma(2.0, 1.0, count))


def categories(rng, count):
    return list(rng.choice(WORDS[:40], count, p=ZIPF[:40] / ZIPF[:40].sum()))


def texts(rng, count, top=300):
    share = ZIPF[:top] / ZIPF[:top].sum()
    return [" ".join(rng.choice(WORDS[:top], 12, p=share)) for _ in range(count)]


MAKERS = {"number": numbers, "category": categories, "text": texts}


def findings(kind, before, after, seed=0, resamples=200):
    pair = Pair([Column("x", kind, before, after)])
    return {f.measure: f for f in audit(pair, Settings(resamples=resamples, seed=seed))}


@pytest.mark.parametrize(
    ("kind", "sizes", "rounds"), [("number", (100, 150), 60), ("category", (150, 250), 80)]
)
def test_two_halves_of_the_same_data_cover_zero_at_the_nominal_rate(kind, sizes, rounds):
    rng = np.random.default_rng(31)
    covered = {}
    for seed in range(rounds):
        values = MAKERS[kind](rng, sum(sizes))
        found = findings(kind, values[: sizes[0]], values[sizes[0] :], seed)
        for measure, finding in found.items():
            covered.setdefault(measure, []).append(finding.low <= 0 <= finding.high)
    # Nominal 0.95; below what one in ten thousand runs would show the intervals are too narrow.
    lowest = stats.binom.ppf(1e-4, rounds, 0.95)
    assert {measure: sum(hits) for measure, hits in covered.items() if sum(hits) < lowest} == {}


def test_intervals_are_not_so_wide_that_they_always_cover():
    rng = np.random.default_rng(32)
    hits = [
        finding.low <= 0 <= finding.high
        for seed in range(30)
        for finding in findings("number", numbers(rng, 150), numbers(rng, 150), seed).values()
    ]
    assert not all(hits)


def test_texts_of_one_law_show_little():
    rng = np.random.default_rng(33)
    rounds = [findings("text", texts(rng, 60), texts(rng, 60), seed, resamples=100) for seed in range(8)]
    seen = [f.verdict != "no change seen" for found in rounds for f in found.values()]
    assert sum(seen) <= 8


def test_a_clipped_tail_is_found_and_not_called_anything_else():
    rng = np.random.default_rng(34)
    before = np.array(numbers(rng, 1200))
    after = np.clip(numbers(rng, 1200), *np.quantile(before, [0.04, 0.96]))
    found = findings("number", list(before), list(after[(after > after.min()) & (after < after.max())]))
    assert found["share of the tail"].verdict == "worse"
    assert found["share of the tail"].before == pytest.approx(0.1, abs=0.03)


def test_a_shift_is_drift_of_its_own_size():
    rng = np.random.default_rng(35)
    before, after = rng.normal(0, 2, 1500), rng.normal(1, 2, 1500)
    found = findings("number", list(before), list(after))["drift: Wasserstein"]
    assert found.low < 0.5 < found.high and found.verdict == "worse"


def test_lost_categories_are_lost_tail_diversity_and_entropy():
    rng = np.random.default_rng(36)
    before = categories(rng, 1500)
    after = [value for value in categories(rng, 2500) if int(value[1:]) < 15]
    found = findings("category", before, after)
    for measure in ("share of the tail", "different values at equal size", "entropy"):
        assert found[measure].verdict == "worse", measure


def test_fewer_words_and_copied_texts_are_found():
    rng = np.random.default_rng(37)
    before = texts(rng, 120)
    narrow = texts(rng, 60, top=60)
    copies = [text + " w1" for text in before[:60]]
    found = findings("text", before, narrow + narrow[:40] + copies)
    for measure in ("share of the tail", "entropy of words", "distinct-1 at equal size"):
        assert found[measure].verdict == "worse", measure
    assert found["near-duplicates at equal size"].verdict == "worse"
    assert found["near-copies of the first file"].verdict == "worse"


def test_near_duplicates_of_a_file_beside_itself_do_not_count_the_text_itself():
    rng = np.random.default_rng(38)
    found = findings("text", texts(rng, 40), texts(rng, 40))
    assert found["near-duplicates at equal size"].before == 0


def test_different_values_at_a_size_by_enumeration():
    counts = np.array([3, 1, 2])
    items = np.repeat(np.arange(3), counts)
    draws = [len(set(draw)) for draw in itertools.combinations(items, 4)]
    assert different(counts, 4) == pytest.approx(np.mean(draws))
    assert different(np.ones(7, dtype=int), 4) == 4


def test_entropy_of_a_large_even_sample():
    assert entropy(np.full(8, 10_000)) == pytest.approx(3, abs=1e-3)


def test_same_seed_same_report():
    rng = np.random.default_rng(39)
    before, after = numbers(rng, 60), numbers(rng, 60)
    assert findings("number", before, after) == findings("number", before, after)


def test_repeated_rows_and_rows_of_the_first_file():
    rng = np.random.default_rng(40)
    before = [f"{a:.6f}" for a in rng.random(200)]
    after = before[:100] + [f"{a:.6f}" for a in rng.random(60)] * 2
    pair = Pair(
        [Column("x", "number", [float(v) for v in before], [float(v) for v in after])], (before, after)
    )
    found = {f.measure: f for f in audit(pair, Settings(resamples=100))}
    assert found["repeated rows at equal size"].verdict == "worse"
    assert found["rows found in the first file"].verdict == "worse"
