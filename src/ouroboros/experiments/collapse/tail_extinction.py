r"""A real text that is rewritten, generation after generation, by drawing words from its own last version.

Arms of the text as a whole (`ouroboros.stats.wright_fisher` defines them and gives their laws): ``replace``;
``fresh`` and ``fixed`` at several shares of real words. The same, and ``whole``, on a small part of the text, where
the error of the frequencies is large enough to be judged. ``to-the-end``: ``replace`` on a text so small that it can
be followed until one word is left. ``bigram``: the rewriting model knows which word follows which, by relative
frequency without smoothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.experiments.collapse import scripture
from ouroboros.stats import reporting, wright_fisher
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import clopper_pearson
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS

COLUMNS = ["arm", "share", "n", "group", "quantity", "t", *SUMMARY_COLUMNS]

# Classes of words by their number of occurrences in the real text: 1, 2-3, 4-7, ..., 128 and more.
_CLASS_STARTS = (1, 2, 4, 8, 16, 32, 64, 128)
_FREQUENT = 128
_KINDS = ("fresh", "fixed")


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per arm.

    Parameters
    ----------
    parameters : mapping
        ``books`` names of the books, all if empty; ``chains``, ``generations``, ``recorded`` of the arms on the
        whole text, ``shares`` of real words; ``fitted_counts`` occurrences of the words whose median time to
        extinction is fitted; ``small`` and ``end`` with ``n``, ``chains``, ``generations``, ``recorded`` (and
        ``share`` for ``small``); ``bigram`` with ``chains``, ``streams``, ``generations``.

    Raises
    ------
    ValueError
        If a generation that checks or criteria need is not recorded.
    """
    needed = {1, 10, 20, parameters["generations"]}
    if not needed <= set(parameters["recorded"]):
        raise ValueError(f"recorded: must hold {sorted(needed)}")
    if not {0.1, 0.5} <= set(parameters["shares"]):
        raise ValueError("shares: must hold 0.1 and 0.5")
    text = {"books": parameters["books"]}
    whole = text | {key: parameters[key] for key in ("chains", "generations", "recorded", "fitted_counts")}
    found = [Job("bigram", text | parameters["bigram"] | {"arm": "bigram"})]
    found.append(Job("replace", whole | {"arm": "replace", "share": 0.0}))
    for kind in _KINDS:
        for share in parameters["shares"]:
            found.append(Job(f"{kind}-{share:g}", whole | {"arm": kind, "share": share}))
    for arm in wright_fisher.ARMS:
        share = 0.0 if arm == "replace" else parameters["small"]["share"]
        found.append(
            Job(f"small-{arm}", text | parameters["small"] | {"arm": f"small-{arm}", "share": share})
        )
    found.append(Job("to-the-end", text | parameters["end"] | {"arm": "to-the-end", "share": 0.0}))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Rewrite the text in all chains of one arm.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of every word.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. ``alive``: share of the words (bigram: also of the word pairs) of the real text, or of
        the ``group`` of them that occur so and so often in it, that occur in generation t. ``law``, ``law-low``,
        ``law-high``: the same in theory. ``unspeakable``: share of the running words of the real text that the
        text of generation t lacks. ``distance``: total variation distance of word frequencies to the real ones.
        ``extinction-slope``: slope of log median time to extinction over log count. On small texts ``error``
        (E‖p_t − p_0‖²), ``heterozygosity`` and their ``law``; ``to-the-end``: ``single``, share of chains with one
        word left, and its ``law``.
    """
    arm = parameters["arm"]
    if arm == "bigram":
        table = _bigram(parameters, rng)
    elif arm == "to-the-end":
        table = _to_the_end(parameters, rng)
    elif arm.startswith("small-"):
        table = _small(parameters, rng)
    else:
        table = _whole_text(parameters, rng)
    return pd.DataFrame(table, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `simulate`, concatenated, with the leading column ``job``.
    parameters : mapping
        As for `jobs`.
    """
    cells = table.set_index(["job", "quantity", "group", "t"]).sort_index()
    return [*_checks(cells, parameters), *_criteria(cells, parameters), *_page(cells, parameters)]


# --------------------------------------------------------------------------------------------------
# The text as a whole.


def _counts(names: Sequence[str]) -> NDArray:
    ids, _ = scripture.words(*names)
    return np.bincount(ids)


def _groups(counts: NDArray) -> Iterator[tuple[str, NDArray]]:
    """Names of the classes of words, and which words belong to each."""
    yield "all", np.ones(len(counts), dtype=bool)
    for start, end in zip(_CLASS_STARTS, [*_CLASS_STARTS[1:], None], strict=True):
        name = f"{start}+" if end is None else f"{start}-{end - 1}" if end - start > 1 else f"{start}"
        yield name, (counts >= start) if end is None else (counts >= start) & (counts < end)


def texts(arm: str, counts: NDArray, n: int, real: int, chains: int, rng: np.random.Generator) -> Iterator:
    """Counts of every word in the text of generation 1, 2, … and the model that wrote the next, for all chains.

    Parameters
    ----------
    arm : str
        One of `ouroboros.stats.wright_fisher.ARMS`.
    counts : numpy.ndarray of int
        Counts of the words in the real text.
    n, real : int
        Words of a generation, and how many of them are real.
    chains : int
        Independent chains.

    Yields
    ------
    (numpy.ndarray, numpy.ndarray)
        Counts and frequencies, each of shape (chains, words).
    """
    truth = counts / counts.sum()
    model = np.tile(truth, (chains, 1))
    kept = (
        rng.multivariate_hypergeometric(counts, real, size=chains, method="marginals")
        if arm == "fixed"
        else 0
    )
    while True:
        if arm in ("replace", "whole"):
            text = rng.multinomial(n, model)
        elif arm == "fresh":
            text = rng.multinomial(real, truth, size=chains) + rng.multinomial(n - real, model)
        else:
            text = kept + rng.multinomial(n - real, model)
        model = text / n
        if arm == "whole":
            model = (real / n) * truth + (1 - real / n) * model
        yield text, model


def _whole_text(parameters: Mapping[str, Any], rng: np.random.Generator) -> list[dict]:
    counts = _counts(parameters["books"])
    n, chains, last = int(counts.sum()), parameters["chains"], parameters["generations"]
    arm, real = parameters["arm"], round(parameters["share"] * counts.sum())
    truth, groups, recorded = counts / n, dict(_groups(counts)), sorted(parameters["recorded"])
    found: dict[tuple[str, str], list[NDArray]] = {}
    lifetime = np.ones((chains, len(counts)), dtype=np.int64)
    for t, (text, model) in zip(range(1, last + 1), texts(arm, counts, n, real, chains, rng), strict=False):
        alive = text > 0
        lifetime += alive
        if t in recorded:
            for name, members in groups.items():
                found.setdefault(("alive", name), []).append(alive[:, members].mean(axis=1))
            found.setdefault(("unspeakable", "all"), []).append((~alive) @ truth)
            distance = np.abs(model - truth).sum(axis=1) / 2
            found.setdefault(("distance", "all"), []).append(distance)
    keys = {"arm": arm, "share": parameters["share"], "n": n}
    rows = []
    for (quantity, name), values in found.items():
        summary = reporting.summarise(np.array(values), rng)
        rows += reporting.rows(keys | {"quantity": quantity, "group": name}, "t", recorded, summary)
    for name, members in groups.items():
        rows += _laws(keys | {"group": name}, arm, counts, members, n, real, recorded)
    if arm == "replace":
        slopes = [_extinction_slope(chain, counts, parameters["fitted_counts"]) for chain in lifetime]
        summary = reporting.summarise([slopes], rng)
        rows += reporting.rows(keys | {"quantity": "extinction-slope", "group": "all"}, "t", [last], summary)
    return rows


def _laws(
    keys: dict, arm: str, counts: NDArray, members: NDArray, n: int, real: int, recorded: Sequence[int]
) -> Iterator[dict]:
    """Rows of the share of words alive in theory; replace has published bounds besides."""
    for t in recorded:
        found = {"law": wright_fisher.survival(arm, counts[members], n, real, t).mean()}
        if arm == "replace":
            low, high = wright_fisher.survival_bounds(counts[members], n, t)
            found |= {"law-low": low.mean(), "law-high": high.mean()}
        for quantity, value in found.items():
            yield keys | _exact_row(quantity, t, value)


def _exact_row(quantity: str, t: int, value: float, replicates: int = 1) -> dict:
    return {
        "quantity": quantity,
        "t": t,
        "value": value,
        "se": np.nan,
        "low": value,
        "high": value,
        "replicates": replicates,
    }


def _extinction_slope(lifetime: NDArray, counts: NDArray, fitted: Sequence[int]) -> float:
    """Slope of log median time to extinction over log count in one chain.

    Under ``replace`` a word that is gone stays gone, so one more than the number of generations that hold it is the
    first that does not.
    """
    medians = [np.median(lifetime[counts == count]) for count in fitted]
    return float(np.polyfit(np.log(fitted), np.log(medians), 1)[0])


# --------------------------------------------------------------------------------------------------
# Small texts, where frequencies move fast enough to be judged.


def _sample(names: Sequence[str], n: int, rng: np.random.Generator) -> NDArray:
    """Counts of the words of n places of the text, taken without replacement."""
    ids, _ = scripture.words(*names)
    counts = np.bincount(rng.choice(ids, size=n, replace=False))
    return counts[counts > 0]


def _small(parameters: Mapping[str, Any], rng: np.random.Generator) -> list[dict]:
    n, chains, last = parameters["n"], parameters["chains"], parameters["generations"]
    arm, recorded = parameters["arm"].removeprefix("small-"), sorted(parameters["recorded"])
    real = round(parameters["share"] * n)
    counts = _sample(parameters["books"], n, rng)
    truth = counts / n
    s0 = float(np.square(truth).sum())
    error, left = np.empty((len(recorded), chains)), np.empty((len(recorded), chains))
    # About sixteen megabytes of frequencies at a time.
    size = max(1, 2_000_000 // len(counts))
    for start in range(0, chains, size):
        part = slice(start, min(start + size, chains))
        run = texts(arm, counts, n, real, part.stop - start, rng)
        for t, (_, model) in zip(range(1, last + 1), run, strict=False):
            if t in recorded:
                place = recorded.index(t)
                error[place, part] = np.square(model - truth).sum(axis=1)
                left[place, part] = 1 - np.square(model).sum(axis=1)
    keys = {"arm": parameters["arm"], "share": parameters["share"], "n": n}
    expected = {"error": [wright_fisher.expected_error(arm, n, real, s0, t) for t in recorded]}
    sampled = {"error": error}
    if arm == "replace":
        expected["heterozygosity"] = list(wright_fisher.heterozygosity(1 - s0, n, recorded))
        sampled["heterozygosity"] = left
    rows = []
    for quantity, values in sampled.items():
        named = keys | {"group": "all", "quantity": quantity}
        rows += reporting.rows(named, "t", recorded, reporting.summarise(values, rng))
        named = keys | {"group": quantity}
        rows += [named | _exact_row("law", t, v) for t, v in zip(recorded, expected[quantity], strict=True)]
    if arm == "whole":
        limit = wright_fisher.limiting_error(n, real, s0)
        rows.append(keys | {"group": "error"} | _exact_row("limit", last, limit))
        rows.append(keys | {"group": "error"} | _exact_row("unit", last, (1 - s0) / n))
    return rows


def _to_the_end(parameters: Mapping[str, Any], rng: np.random.Generator) -> list[dict]:
    n, chains, last = parameters["n"], parameters["chains"], parameters["generations"]
    recorded = sorted(parameters["recorded"])
    counts = _sample(parameters["books"], n, rng)
    keys = {"arm": "to-the-end", "share": 0.0, "n": n, "group": "all"}
    expected = wright_fisher.single_symbol(counts, recorded)
    rows = []
    for t, (text, _) in zip(range(1, last + 1), texts("replace", counts, n, 0, chains, rng), strict=False):
        if t in recorded:
            single = int(((text > 0).sum(axis=1) == 1).sum())
            low, high = clopper_pearson(single, chains)
            law = expected[recorded.index(t)]
            row = _exact_row("single", t, single / chains, chains) | {"low": low, "high": high}
            # The exact standard deviation of the share, so that nothing is divided by an observed zero.
            rows += [keys | row | {"se": np.sqrt(law * (1 - law) / chains)}, keys | _exact_row("law", t, law)]
    return rows


# --------------------------------------------------------------------------------------------------
# Words that know their neighbour.


def rewrite(text: NDArray, pairs: NDArray, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Write a text of the same shape by following each word with a successor that it had in the last text.

    This is the maximum-likelihood bigram model without smoothing: a successor is drawn with its relative frequency.

    Parameters
    ----------
    text : numpy.ndarray of int
        Shape (streams, length). Each stream is read as a ring, so that every word has a successor.
    pairs : numpy.ndarray of int
        Same shape: a number for each word and its successor, handed on with the successor that is drawn.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        The new text, and the numbers of its pairs; that of the last place of a stream is −1, since the ring is
        closed by a pair that nobody drew.
    """
    streams, length = text.shape
    flat = text.ravel()
    # Sixteen bits are sorted by radix, ten times as fast.
    order = np.argsort(flat.astype(np.uint16) if flat.max() < 65_536 else flat, kind="stable")
    successors = np.roll(text, -1, axis=1).ravel()[order]
    numbers = pairs.ravel()[order]
    counts = np.bincount(flat)
    start = np.cumsum(counts) - counts
    new, drawn = np.empty((length, streams), np.int64), np.full((length, streams), -1)
    new[0] = rng.choice(flat, size=streams)
    for place in range(1, length):
        word = new[place - 1]
        index = start[word] + (rng.random(streams) * counts[word]).astype(np.int64)
        new[place], drawn[place - 1] = successors[index], numbers[index]
    return new.T, drawn.T


def _bigram(parameters: Mapping[str, Any], rng: np.random.Generator) -> list[dict]:
    ids, vocabulary = scripture.words(*parameters["books"])
    streams, last, chains = parameters["streams"], parameters["generations"], parameters["chains"]
    real = ids[: len(ids) // streams * streams].reshape(streams, -1)
    types, numbers, pair_counts = np.unique(
        real * len(vocabulary) + np.roll(real, -1, axis=1), return_inverse=True, return_counts=True
    )
    counts = {"words": np.bincount(real.ravel(), minlength=len(vocabulary)), "pairs": pair_counts}
    groups = {
        (kind, name): members & (counts[kind] > 0)
        for kind in counts
        for name, members in _groups(counts[kind])
        if np.any(members & (counts[kind] > 0))
    }
    sample = np.empty((last, len(groups), chains))
    for chain in range(chains):
        text, pairs = real, numbers
        for t in range(last):
            text, pairs = rewrite(text, pairs, rng)
            pairs[:, -1] = _known(text[:, -1] * len(vocabulary) + text[:, 0], types)
            alive = {
                "words": np.bincount(text.ravel(), minlength=len(vocabulary)) > 0,
                # A ring may be closed by a pair that the real text does not have: it counts in the last place.
                "pairs": np.bincount(pairs.ravel(), minlength=len(types) + 1)[:-1] > 0,
            }
            sample[t, :, chain] = [alive[kind][members].mean() for (kind, _), members in groups.items()]
    keys = {"arm": "bigram", "share": 0.0, "n": real.size}
    recorded = range(1, last + 1)
    rows = []
    for place, ((kind, name), members) in enumerate(groups.items()):
        named = keys | {"group": f"{kind} {name}"}
        summary = reporting.summarise(sample[:, place], rng)
        rows += reporting.rows(named | {"quantity": "alive"}, "t", recorded, summary)
        for t in recorded:
            law = wright_fisher.survival("replace", counts[kind][members], real.size, 0, t).mean()
            rows.append(named | _exact_row("law", t, law))
    return rows


def _known(pairs: NDArray, types: NDArray) -> NDArray:
    """Numbers of pairs among the sorted types; one past the last for those that are not among them."""
    place = np.minimum(np.searchsorted(types, pairs), len(types) - 1)
    return np.where(types[place] == pairs, place, len(types))


# --------------------------------------------------------------------------------------------------
# Estimates.


def _real_jobs(parameters: Mapping[str, Any]) -> list[str]:
    return [f"{kind}-{share:g}" for kind in _KINDS for share in parameters["shares"]]


def _checks(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    chains, outside = parameters["chains"], []
    for t in parameters["recorded"]:
        value, low, high = (
            cells.loc[("replace", q, "all", t), "value"] for q in ("alive", "law-low", "law-high")
        )
        outside.append(max(low - value, value - high, 0.0))
    yield reporting.largest(
        "survival-outside-bounds",
        outside,
        chains,
        "Largest distance of the share of words alive under replace from its published bounds",
        unit="of all words",
    )
    apart = [
        cells.loc[(job, "alive", "all", t), "value"] - cells.loc[(job, "law", "all", t), "value"]
        for job in _real_jobs(parameters)
        for t in parameters["recorded"]
    ]
    yield reporting.largest(
        "survival-with-real-words-off-law",
        apart,
        chains,
        "Largest distance of the share of words alive with real words in the text from its branching law",
        unit="of all words",
    )
    small = parameters["small"]
    left = [cells.loc[("small-replace", "heterozygosity", "all", t)] for t in small["recorded"]]
    expected = [cells.loc[("small-replace", "law", "heterozygosity", t), "value"] for t in small["recorded"]]
    yield reporting.largest(
        "heterozygosity-off-law",
        [row["value"] / law - 1 for row, law in zip(left, expected, strict=True)],
        small["chains"],
        "Largest relative distance of heterozygosity on the small text from its closed form",
        unit="relative",
    )
    scores = []
    for arm in wright_fisher.ARMS:
        for t in small["recorded"]:
            row = cells.loc[(f"small-{arm}", "error", "all", t)]
            law = cells.loc[(f"small-{arm}", "law", "error", t), "value"]
            scores.append((row["value"] - law) / row["se"])
    yield reporting.largest(
        "max-z-error",
        scores,
        small["chains"],
        "Largest distance of E‖p_t − p_0‖² from its closed form, all arms",
    )
    last = max(small["recorded"])
    limit = cells.loc[("small-whole", "limit", "error", small["generations"]), "value"]
    yield reporting.exact(
        "limiting-error-ratio",
        cells.loc[("small-whole", "error", "all", last), "value"] / limit,
        small["chains"],
        "Error of the frequencies in the last generation, whole real text mixed in, over its limit",
    )
    scores = []
    for t in parameters["end"]["recorded"]:
        row = cells.loc[("to-the-end", "single", "all", t)]
        law = cells.loc[("to-the-end", "law", "all", t), "value"]
        # A normal score means something while both outcomes are expected a few times.
        if min(law, 1 - law) * row["replicates"] >= 5:
            scores.append((row["value"] - law) / row["se"])
    yield reporting.largest(
        "max-z-single-word",
        scores,
        parameters["end"]["chains"],
        "Largest distance of the share of chains with one word left from its exact probability",
    )


def _criteria(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    last = parameters["generations"]
    slope = cells.loc[("replace", "extinction-slope", "all", last)]
    yield reporting.mean(
        "extinction-slope",
        slope,
        "Slope of log median time to extinction over log number of occurrences, copying without real words",
    )
    off = sorted(abs(slope[end] - 1) for end in ("low", "high"))
    yield reporting.interval(
        "extinction-slope-departure",
        abs(slope["value"] - 1),
        0.0 if slope["low"] <= 1 <= slope["high"] else off[0],
        off[1],
        int(slope["replicates"]),
        "Distance of that slope from 1, that is, from times in proportion to occurrences",
        method="bootstrap",
    )
    for name, job, prefix, words in (
        ("rare-words-lost-first", "replace", "", "words"),
        ("rare-pairs-lost-first", "bigram", "pairs ", "word pairs"),
    ):
        yield reporting.difference(
            name,
            cells.loc[(job, "alive", f"{prefix}{_FREQUENT}+", 10)],
            cells.loc[(job, "alive", f"{prefix}1", 10)],
            f"Share alive in generation 10, {words} that occur at least {_FREQUENT} times minus those once",
        )
    end = parameters["end"]
    row = cells.loc[("to-the-end", "single", "all", end["generations"])]
    single = round(row["value"] * end["chains"])
    yield reporting.share(
        "single-word-at-the-end",
        single,
        end["chains"],
        f"Share of chains of {end['n']} words with one word left after {end['generations']} generations",
    )
    for kind in _KINDS:
        job = f"{kind}-0.1"
        yield reporting.difference(
            f"ten-per-cent-{kind}-gain",
            cells.loc[(job, "alive", "all", last)],
            cells.loc[("replace", "alive", "all", last)],
            f"Share of words alive in generation {last}, ten per cent {kind} real words minus none",
        )
        yield reporting.difference(
            f"ten-per-cent-{kind}-change",
            cells.loc[(job, "alive", "all", last)],
            cells.loc[(job, "alive", "all", 20)],
            f"Share of words alive with ten per cent {kind} real words, generation {last} minus 20",
        )
    for share, words in ((0.1, "ten-per-cent"), (0.5, "half")):
        kept = [
            reporting.ratio(
                f"{words}-{kind}-kept",
                cells.loc[(f"{kind}-{share:g}", "alive", "all", last)],
                cells.loc[("replace", "alive", "all", 1)],
                f"Words alive in generation {last} over those in one first copy, {kind} real words at {share:.0%}",
            )
            for kind in _KINDS
        ]
        yield from kept


def _page(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    last = parameters["generations"]
    shown = [("replace", t) for t in (1, 10, last)]
    shown += [(job, last) for job in _real_jobs(parameters)]
    for job, t in shown:
        words = "copying" if job == "replace" else "share of real words " + " ".join(reversed(job.split("-")))
        for quantity, what in (
            ("alive", "Share of the words of the real text in use"),
            ("unspeakable", "Share of the running words of the real text that the model cannot write"),
            ("distance", "Total variation distance to the real word frequencies"),
        ):
            yield reporting.mean(
                f"{quantity}-{job}-t{t}",
                cells.loc[(job, quantity, "all", t)],
                f"{what}, {words}, generation {t}",
            )
    yield reporting.mean(
        "once-words-alive-replace-t10",
        cells.loc[("replace", "alive", "1", 10)],
        "Share alive of the words that occur once, copying, generation 10",
    )
    bigram = parameters["bigram"]["generations"]
    for kind in ("words", "pairs"):
        yield reporting.mean(
            f"bigram-{kind}-alive-t{bigram}",
            cells.loc[("bigram", "alive", f"{kind} all", bigram)],
            f"Share of the {kind} of the real text in use, bigram model, generation {bigram}",
        )
        law = cells.loc[("bigram", "law", f"{kind} all", bigram), "value"]
        row = cells.loc[("bigram", "alive", f"{kind} all", bigram)]
        yield reporting.interval(
            f"bigram-{kind}-above-law",
            row["value"] - law,
            row["low"] - law,
            row["high"] - law,
            int(row["replicates"]),
            f"Share of {kind} alive under the bigram model minus that of independent symbols of the same counts",
            method="bootstrap",
        )
    end = parameters["end"]
    for t in (end["n"], end["generations"]):
        row = cells.loc[("to-the-end", "single", "all", t)]
        yield reporting.share(
            f"single-word-t{t}",
            round(row["value"] * end["chains"]),
            end["chains"],
            f"Share of chains of {end['n']} words with one word left, generation {t}",
        )
    counts = cells.loc[("replace", "alive", "all", 1)]
    yield reporting.exact("text-words", counts["n"], 1, "Running words of the real text", unit="words")
