"""A text rewritten from its own word frequencies, and from its own word pairs: our engine against plain ways to do it.

Words: all chains of a generation in one multinomial draw, against a loop that draws the words of each chain one by one
and counts them. Pairs: the bigram model as arrays, against the bigram model of NLTK. Prints seconds per thousand
words and ratios, and holds that both sides follow the same law.
"""

from itertools import pairwise
from time import perf_counter

import numpy as np
from nltk.lm import MLE
from nltk.lm.preprocessing import padded_everygram_pipeline

from ouroboros.experiments.collapse import scripture
from ouroboros.experiments.collapse.tail_extinction import rewrite, texts

BOOK = "Genesis"
CHAINS, GENERATIONS = 20, 10
SHORT_BOOK = "Ruth"
STREAMS = 20


def engine(counts: np.ndarray, rng: np.random.Generator) -> float:
    """Share of words alive at the end, all chains at once."""
    run = texts("replace", counts, int(counts.sum()), 0, CHAINS, rng)
    for _, (text, _) in zip(range(GENERATIONS), run, strict=False):
        last = text
    return (last > 0).mean()


def loop(counts: np.ndarray, rng: np.random.Generator) -> float:
    """The same, chain by chain: draw every word, count, divide."""
    n, alive = int(counts.sum()), []
    for _ in range(CHAINS):
        text = counts
        for _ in range(GENERATIONS):
            text = np.bincount(rng.choice(len(counts), size=n, p=text / n), minlength=len(counts))
        alive.append((text > 0).mean())
    return float(np.mean(alive))


def pairs(text: np.ndarray) -> set[tuple[int, int]]:
    """Word pairs of streams that are read as rings."""
    return set(zip(text.ravel().tolist(), np.roll(text, -1, axis=1).ravel().tolist(), strict=True))


def follows(streams: list[list[int]]) -> set[tuple[int, int]]:
    """Word pairs of streams as they stand."""
    return {pair for stream in streams for pair in pairwise(stream)}


def timed(work, *arguments) -> tuple[float, object]:
    """Seconds, best of three, and the last result."""
    best = float("inf")
    for _ in range(3):
        start = perf_counter()
        result = work(*arguments)
        best = min(best, perf_counter() - start)
    return best, result


def bigram_engine(text: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A new text of the same shape."""
    return rewrite(text, np.zeros_like(text), rng)[0]


def bigram_nltk(text: np.ndarray) -> list[list[str]]:
    """The same by NLTK: count the pairs, then write stream by stream, each from its first word."""
    streams = [[str(word) for word in [*stream, stream[0]]] for stream in text]
    grams, vocabulary = padded_everygram_pipeline(2, streams)
    model = MLE(2)
    model.fit(grams, vocabulary)
    return [
        [first[0], *model.generate(text.shape[1] - 1, text_seed=[first[0]], random_seed=k)]
        for k, first in enumerate(streams)
    ]


def main() -> None:
    """Run all and print the table."""
    ids, _ = scripture.words(BOOK)
    counts = np.bincount(ids)
    short, _ = scripture.words(SHORT_BOOK)
    text = short[: len(short) // STREAMS * STREAMS].reshape(STREAMS, -1)
    ours, alive = timed(engine, counts, np.random.default_rng(1))
    plain, alive_plain = timed(loop, counts, np.random.default_rng(2))
    # The standard error of the difference is about four thousandths.
    assert abs(alive - alive_plain) < 0.02, f"share of words alive: {alive} and {alive_plain}"
    ours_pairs, written = timed(bigram_engine, text, np.random.default_rng(3))
    peer_pairs, by_peer = timed(bigram_nltk, text)
    known = pairs(text)
    assert follows(written.tolist()) <= known, "our text holds a pair that its model lacks"
    by_peer = [[int(word) for word in " ".join(stream).split("</s>")[0].split()] for stream in by_peer]
    assert follows(by_peer) <= known, "NLTK wrote a pair that its model lacks"

    words = CHAINS * GENERATIONS * int(counts.sum())
    rows = [
        ("words, all chains at once", ours, words, ours),
        ("words, NumPy loop", plain, words, ours),
        ("pairs, arrays", ours_pairs, text.size, ours_pairs),
        ("pairs, NLTK", peer_pairs, text.size, ours_pairs),
    ]
    print(
        f"{BOOK}: {CHAINS} chains, {GENERATIONS} generations; {SHORT_BOOK}: one generation of {text.size} words"
    )
    print(f"{'how':28} {'seconds':>9} {'per 1000 words':>15} {'ratio to ours':>14}")
    for name, seconds, count, own in rows:
        print(f"{name:28} {seconds:9.3f} {1000 * seconds / count:15.6f} {seconds / own:14.1f}")


if __name__ == "__main__":
    main()
