r"""How much of a corpus was generated, and how would one know?

Three worlds. ``hashing``: pairs of sets with a known Jaccard similarity s meet in a MinHash index with b bands of r
rows with probability 1 − (1 − s^r)^b. ``planted``: copies of passages of the King James Bible, more or less edited,
and text that a bigram model wrote, are looked up in an index of the originals. ``share``: documents are drawn from a
real and a generated law of words, and the share of generated ones is estimated by likelihood, with the law of the
generator known, or taken for that of another generator.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from ouroboros.experiments.collapse import scripture
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.mixture_share import corrected_share, likelihood_interval, maximum_likelihood_share
from ouroboros.stats.reporting import exact, extreme, interval, largest, mean, share, summarise

COLUMNS = ["world", "arm", "x", "quantity", "value", "trials"]


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per similarity, kind of planted text and pair of generator and assumption.

    Parameters
    ----------
    parameters : mapping
        ``bands`` and ``rows`` of the index. ``hashing``: ``similarities``, ``size`` of the union of a pair,
        ``pairs``. ``planted``: ``books``, ``words`` a passage, ``shingle`` words, ``edits`` (shares of words that are
        replaced). ``share``: ``symbols``, ``exponent`` of the real Zipf law, ``sharpness`` of the generator,
        ``others`` (sharpness of the generators that are taken for it), ``lengths`` of documents,
        ``documents``, ``generated`` share, ``simulations``. ``published``: ``flagged``, ``true-positive``,
        ``false-positive`` rates of a survey.
    """
    index = {"bands": parameters["bands"], "rows": parameters["rows"]}
    found = []
    for similarity in parameters["hashing"]["similarities"]:
        cell = index | {k: parameters["hashing"][k] for k in ("size", "pairs")}
        name = f"hashing-{round(100 * similarity):03d}"
        found.append(Job(name, cell | {"world": "hashing", "similarity": similarity}))
    planted = {k: parameters["planted"][k] for k in ("books", "words", "shingle")}
    for edit in parameters["planted"]["edits"]:
        cell = index | planted | {"world": "planted", "arm": f"edited-{edit:g}", "edit": edit}
        found.append(Job(f"planted-edited-{round(100 * edit):03d}", cell))
    found.append(Job("planted-fresh", index | planted | {"world": "planted", "arm": "fresh", "edit": 0.0}))
    mixture = {
        k: parameters["share"][k] for k in ("symbols", "exponent", "documents", "generated", "simulations")
    }
    assumed = parameters["share"]["sharpness"]
    for length in parameters["share"]["lengths"]:
        for true in (assumed, *parameters["share"]["others"]):
            cell = mixture | {"world": "share", "true": true, "assumed": assumed, "length": length}
            found.append(Job(f"share-{true:g}-l{length}", cell))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run one job.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. ``hashing`` and ``planted``: ``found`` (number of candidates) of ``trials``, ``expected``
        number and its ``variance`` given the true similarities, ``similarity`` (mean). ``share``:
        ``covered`` simulations of ``trials``; ``estimate``, ``estimate-se`` and ``width`` of the interval, means.
    """
    return pd.DataFrame(list(_WORLDS[parameters["world"]](parameters, rng)), columns=COLUMNS)


def candidate_probability(similarity: NDArray | float, bands: int, rows: int) -> NDArray:
    """Probability that two sets with this Jaccard similarity share at least one band."""
    return 1 - (1 - np.asarray(similarity, dtype=np.float64) ** rows) ** bands


# --------------------------------------------------------------------------------------------------
# Near-duplicates


def _hashing(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    union, pairs = parameters["size"], parameters["pairs"]
    common = round(parameters["similarity"] * union)
    only = (union - common) // 2
    met = 0
    for pair in range(pairs):
        names = rng.integers(2**62, size=common + 2 * only)
        first, second = names[: common + only], np.concatenate([names[:common], names[common + only :]])
        met += _meet([_digest(first, parameters)], _digest(second, parameters), parameters, pair)
    similarity = common / (common + 2 * only)
    p = float(candidate_probability(similarity, parameters["bands"], parameters["rows"]))
    place = ("hashing", "pairs", similarity)
    yield (*place, "found", met, pairs)
    yield (*place, "expected", pairs * p, pairs)
    yield (*place, "variance", pairs * p * (1 - p), pairs)


def _meet(originals: list[MinHash], other: MinHash, parameters: Mapping[str, Any], key: Any) -> bool:
    index = _index(parameters)
    for original in originals:
        index.insert(key, original)
    return key in index.query(other)


def _index(parameters: Mapping[str, Any]) -> MinHashLSH:
    bands, rows = parameters["bands"], parameters["rows"]
    return MinHashLSH(num_perm=bands * rows, params=(bands, rows))


def _digest(names: NDArray | list, parameters: Mapping[str, Any]) -> MinHash:
    found = MinHash(num_perm=parameters["bands"] * parameters["rows"])
    found.update_batch([str(name).encode() for name in names])
    return found


def _planted(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """Look up edited copies of passages, each under the name of its original; a written text under any name."""
    ids, vocabulary = scripture.words(*parameters["books"])
    length = parameters["words"]
    passages = ids[: len(ids) // length * length].reshape(-1, length)
    index = _index(parameters)
    originals = [shingles(passage, parameters["shingle"]) for passage in passages]
    for key, names in enumerate(originals):
        index.insert(key, _digest(sorted(names), parameters))
    if parameters["arm"] == "fresh":
        others = _written(ids, len(vocabulary), passages.shape, rng)
    else:
        # A replaced word is drawn from the text's own frequencies, so that nothing but the place is new.
        replaced = rng.random(passages.shape) < parameters["edit"]
        others = np.where(replaced, rng.choice(ids, size=passages.shape), passages)
    met, expected, variance, similar = 0, 0.0, 0.0, 0.0
    for key, other in enumerate(others):
        names = shingles(other, parameters["shingle"])
        hits = index.query(_digest(sorted(names), parameters))
        if parameters["arm"] == "fresh":
            alike = np.array([jaccard(names, original) for original in originals])
            met += bool(hits)
            p = 1 - np.prod(1 - candidate_probability(alike, parameters["bands"], parameters["rows"]))
            similar += alike.max()
        else:
            alike = jaccard(names, originals[key])
            met += key in hits
            p = float(candidate_probability(alike, parameters["bands"], parameters["rows"]))
            similar += alike
        expected, variance = expected + p, variance + p * (1 - p)
    place = ("planted", parameters["arm"], parameters["edit"])
    yield (*place, "found", met, len(others))
    yield (*place, "expected", expected, len(others))
    yield (*place, "variance", variance, len(others))
    yield (*place, "similarity", similar / len(others), len(others))


def shingles(words: NDArray, size: int) -> set[tuple[int, ...]]:
    """Runs of ``size`` words that occur in a passage."""
    return {tuple(words[at : at + size].tolist()) for at in range(len(words) - size + 1)}


def jaccard(first: set, second: set) -> float:
    """Size of the intersection over that of the union."""
    return len(first & second) / len(first | second)


def _written(ids: NDArray, symbols: int, shape: tuple[int, int], rng: np.random.Generator) -> NDArray:
    """Text of a bigram model: each word follows a random occurrence of the one before it."""
    order = np.argsort(ids[:-1], kind="stable")
    starts = np.searchsorted(ids[:-1][order], np.arange(symbols + 1))
    followers = ids[1:][order]
    text = np.empty(shape, dtype=np.int64)
    text[:, 0] = rng.choice(ids[:-1], size=shape[0])
    for at in range(1, shape[1]):
        first, last = starts[text[:, at - 1]], starts[text[:, at - 1] + 1]
        # The last word of the text may have no follower; the text then goes on anywhere.
        place = first + (rng.random(shape[0]) * (last - first)).astype(np.int64)
        drawn = followers[np.minimum(place, len(followers) - 1)]
        text[:, at] = np.where(last > first, drawn, rng.choice(ids[:-1], size=shape[0]))
    return text


# --------------------------------------------------------------------------------------------------
# Share by likelihood


def laws(symbols: int, exponent: float, sharpness: float) -> tuple[NDArray, NDArray]:
    """Zipf law of real words, and that of a generator which raises it to a power (above 1: rare words are rarer)."""
    real = np.arange(1, symbols + 1, dtype=np.float64) ** -exponent
    generated = real**sharpness
    return real / real.sum(), generated / generated.sum()


def _share(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    symbols, exponent = parameters["symbols"], parameters["exponent"]
    real, generated = laws(symbols, exponent, parameters["true"])
    score = np.log(laws(symbols, exponent, parameters["assumed"])[1]) - np.log(real)
    shape = (parameters["simulations"], parameters["documents"])
    written = rng.random(shape) < parameters["generated"]
    ratios = np.empty(shape)
    for kind, law in ((True, generated), (False, real)):
        chosen = written == kind
        ratios[chosen] = rng.multinomial(parameters["length"], law, size=int(chosen.sum())) @ score
    low, high = likelihood_interval(ratios)
    truth, trials = parameters["generated"], shape[0]
    summary = summarise(maximum_likelihood_share(ratios), rng)
    place = ("share", f"{parameters['true']:g}", parameters["length"])
    yield (*place, "covered", np.count_nonzero((low <= truth) & (truth <= high)), trials)
    yield (*place, "estimate", float(summary["value"]), trials)
    yield (*place, "estimate-se", float(summary["se"]), trials)
    yield (*place, "width", (high - low).mean(), trials)


_WORLDS = {"hashing": _hashing, "planted": _planted, "share": _share}


# --------------------------------------------------------------------------------------------------
# Estimates


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    cells: dict[tuple, dict[str, dict]] = {}
    for row in table.to_dict(orient="records"):
        cells.setdefault((row["world"], row["arm"], row["x"]), {})[row["quantity"]] = row
    return [
        *_duplicates(cells),
        *_shares(cells, parameters),
        *_published(parameters["published"]),
    ]


def _duplicates(cells: Mapping[tuple, Mapping]) -> Iterator[Estimate]:
    scores, departures, pairs = [], [], 0
    for (world, arm, x), cell in cells.items():
        if world == "share":
            continue
        found, expected = cell["found"], cell["expected"]["value"]
        scores.append((found["value"] - expected) / np.sqrt(max(cell["variance"]["value"], 1.0)))
        if world == "hashing":
            departures.append((found["value"] - expected) / found["trials"])
            pairs = int(found["trials"])
            yield share(
                f"met-{round(100 * x):03d}",
                int(found["value"]),
                pairs,
                "Share of pairs that meet in the index",
            )
        else:
            words = "Share of passages that the index finds"
            yield share(f"recall-{arm}", int(found["value"]), int(found["trials"]), words)
            similar = cell["similarity"]
            words = "Mean Jaccard similarity to the original (of fresh text: to the most similar passage)"
            yield exact(f"similarity-{arm}", similar["value"], int(similar["trials"]), words)
    yield largest("candidates-max-z", scores, pairs, "Departure of the number found from its expectation")
    words = "Departure of the share of pairs that meet from the closed form"
    yield largest("candidates-departure", departures, pairs, words, unit="share")


def _shares(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    right = f"{parameters['share']['sharpness']:g}"
    for (world, arm, length), cell in cells.items():
        if world != "share":
            continue
        kind = "known" if arm == right else f"taken-{arm}"
        covered, trials = cell["covered"], int(cell["covered"]["trials"])
        name = f"{kind}-l{length:g}"
        yield share(
            f"coverage-{name}", int(covered["value"]), trials, "Share of 95 % intervals that hold the truth"
        )
        value, se = cell["estimate"]["value"], cell["estimate-se"]["value"]
        row = {"value": value, "low": value - 1.96 * se, "high": value + 1.96 * se, "replicates": trials}
        yield mean(f"share-{name}", row, "Mean estimate of the share of generated documents")
        yield exact(f"width-{name}", cell["width"]["value"], trials, "Mean width of the interval")
    longest = max(parameters["share"]["lengths"])
    mistaken = [
        share("worst", int(cell["covered"]["value"]), int(cell["covered"]["trials"]), "Coverage")
        for (world, arm, length), cell in cells.items()
        if world == "share" and arm != right and length == longest
    ]
    words = "Lowest coverage among generators that were taken for another one, longest documents"
    yield extreme("coverage-taken-worst", mistaken, words, end="high")


def _published(survey: Mapping[str, float]) -> Iterator[Estimate]:
    """Share flagged by a survey, corrected for its detector; the ends double its false alarms and drop them."""
    flagged, hit, alarm = survey["flagged"], survey["true-positive"], survey["false-positive"]
    value, low, high = (float(corrected_share(flagged, hit, rate)) for rate in (alarm, 2 * alarm, 0.0))
    words = "Share of generated articles that a published survey's count and error rates imply"
    yield interval("survey-corrected", value, low, high, 1, words, method="range")
