"""A watermark on text whose probabilities are known exactly: null law, power, rewriting, and traces in students.

Arms. ``null``: windows of the real text, a key for each, so that nothing is shared between them; ``one-key``: the
same windows under one key after another, as a detector in use meets them. ``detect``: marked documents of two
writers, one free and one that mostly copies, read with the right key and with a wrong one. ``match``: marked
documents at the lengths at which the mean score equals the published one. ``rewrite``: a share of the words of
marked documents replaced by words drawn from the frequencies of the language. ``student``: a model trained on text
of which a share was marked, read through its own predictions.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ouroboros.experiments.collapse import scripture
from ouroboros.experiments.compliance import marked_text
from ouroboros.stats import reporting, watermark
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.goodness_of_fit import kolmogorov_smirnov_p
from ouroboros.stats.intervals import clopper_pearson
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS

COLUMNS = ["arm", "writer", "delta", "share", "at", "quantity", *SUMMARY_COLUMNS]

# Windows or documents that are scored at a time: bounds memory at about 100 MB.
_BLOCK = 20_000
_HIGH = 4.0
_KEYS = 4
_GRID = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per null, writer and strength of the mark, rewritten share and marked share of training text.

    Parameters
    ----------
    parameters : mapping
        ``gamma``; ``writers`` weights of contexts of 0, 1, 2, … words, by name; ``deltas``; ``level`` of false
        alarms; ``null`` with ``windows``, ``tokens``, ``keys``; ``detect`` with ``documents``, ``lengths``,
        ``contexts`` whose probabilities are computed; ``match`` with ``documents``, ``tokens``, ``delta``, and
        published ``score`` at ``score-tokens``, ``area`` and ``power`` by length; ``rewrite`` with ``writer``,
        ``delta``, ``documents``, ``shares``, ``lengths``; ``student`` with ``writer``, ``delta``, ``replicates``,
        ``documents`` and ``tokens`` to train on, ``read`` documents to read, and marked ``shares``.
    """
    common = {"gamma": parameters["gamma"], "level": parameters["level"]}
    writers = parameters["writers"]
    found = [Job(arm, common | parameters["null"] | {"arm": arm}) for arm in ("null", "one-key")]
    for name, weights in writers.items():
        writer = common | {"writer": name, "weights": weights}
        for delta in parameters["deltas"]:
            cell = writer | parameters["detect"] | {"arm": "detect", "delta": delta}
            found.append(Job(f"detect-{name}-{delta:g}", cell))
        found.append(Job(f"match-{name}", writer | parameters["match"] | {"arm": "match"}))
    for arm in ("rewrite", "student"):
        chosen = common | parameters[arm] | {"arm": arm, "weights": writers[parameters[arm]["writer"]]}
        shares = chosen.pop("shares")
        found += [Job(f"{arm}-{share:g}", chosen | {"share": share}) for share in shares]
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Write and read what one job asks for.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of keys, words and uniform numbers.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``share`` that is rewritten or marked, ``at`` a length or a replicate.
    """
    run = {
        "null": _null,
        "one-key": _one_key,
        "detect": _detect,
        "match": _match,
        "rewrite": _rewrite,
        "student": _student,
    }[parameters["arm"]]
    keys = {"arm": parameters["arm"], "writer": parameters.get("writer", "")}
    keys |= {"delta": parameters.get("delta", 0.0), "share": parameters.get("share", 0.0)}
    found = [keys | row for row in run(parameters, rng)]
    return pd.DataFrame(found, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    cells = {
        (row["arm"], row["writer"], float(row["delta"]), float(row["share"]), row["at"], row["quantity"]): row
        for row in table.fillna({"writer": ""}).to_dict(orient="records")
    }
    return [
        *_null_estimates(cells, parameters),
        *_detection_estimates(cells, parameters),
        *_student_estimates(cells, parameters),
    ]


# --- arms --------------------------------------------------------------------------------------------------


def _number(at: int, quantity: str, value: float, replicates: int) -> dict:
    return {
        "at": at,
        "quantity": quantity,
        "value": float(value),
        "se": np.nan,
        "low": value,
        "high": value,
    } | {"replicates": replicates}


def _mean(at: int, quantity: str, sample: NDArray, rng: np.random.Generator) -> dict:
    summary = reporting.summarise(np.asarray(sample, dtype=np.float64)[None], rng)
    return reporting.rows({"at": at}, "quantity", [quantity], summary)[0]


def _share(at: int, quantity: str, hits: NDArray) -> dict:
    successes, trials = int(np.sum(hits)), int(np.size(hits))
    low, high = clopper_pearson(successes, trials)
    share = successes / trials
    se = np.sqrt(share * (1 - share) / trials)
    return {
        "at": at,
        "quantity": quantity,
        "value": share,
        "se": se,
        "low": low,
        "high": high,
        "replicates": trials,
    }


def _new_keys(count: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    return rng.integers(2**64, size=count, dtype=np.uint64)


def _windows(count: int, tokens: int, rng: np.random.Generator) -> NDArray:
    """Windows of the real text at random places, shape (count, tokens + 1)."""
    text, _ = scripture.words()
    return text[rng.integers(len(text) - tokens, size=count)[:, None] + np.arange(tokens + 1)]


def _null(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    gamma, tokens, windows = parameters["gamma"], parameters["tokens"], parameters["windows"]
    names = marked_text.scripture_identifiers()
    exact, repeated, high, expected = [], [], np.zeros(2), 0.0
    for begin in range(0, windows, _BLOCK):
        count = min(_BLOCK, windows - begin)
        texts, keys = _windows(count, tokens, rng), _new_keys(count, rng)
        for place, (kept, repeats) in enumerate(((exact, False), (repeated, True))):
            greens, scored = (
                part.sum(axis=1) for part in marked_text.read(texts, names, keys, gamma, repeats=repeats)
            )
            kept.append(watermark.randomised_p_value(greens, scored, gamma, rng.random(count)))
            high[place] += np.sum(watermark.z_statistic(greens, scored, gamma) > _HIGH)
            if not repeats:
                least = np.floor(gamma * scored + _HIGH * np.sqrt(scored * gamma * (1 - gamma))) + 1
                expected += float(np.sum(watermark.p_value(least, scored, gamma)))
    values = np.concatenate(exact)
    yield _number(0, "uniform-p", kolmogorov_smirnov_p(values, stats.uniform.cdf), windows)
    yield _number(
        0, "uniform-p-repeats", kolmogorov_smirnov_p(np.concatenate(repeated), stats.uniform.cdf), windows
    )
    yield _share(0, "alarms", values < parameters["level"])
    yield _share(0, "alarms-repeats", np.concatenate(repeated) < parameters["level"])
    yield _number(0, "high", high[0], windows)
    yield _number(0, "high-expected", expected, windows)
    yield _number(0, "high-repeats", high[1], windows)


def _one_key(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    gamma, names = parameters["gamma"], marked_text.scripture_identifiers()
    count = parameters["windows"] // parameters["keys"]
    rates = []
    for _ in range(parameters["keys"]):
        texts, key = _windows(count, parameters["tokens"], rng), _new_keys(1, rng)
        greens, scored = (part.sum(axis=1) for part in marked_text.read(texts, names, key, gamma))
        rates.append(float(np.mean(watermark.p_value(greens, scored, gamma) < parameters["level"])))
    yield _mean(0, "alarms", np.array(rates), rng)
    yield _number(0, "alarms-worst", max(rates), parameters["keys"])


def _detect(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    gamma, delta, documents = parameters["gamma"], parameters["delta"], parameters["documents"]
    lengths = parameters["lengths"]
    model, names = marked_text.scripture_model(*parameters["weights"]), marked_text.scripture_identifiers()
    keys = _new_keys(documents, rng)
    known = min(documents, parameters["contexts"])
    places = parameters["contexts"] // known
    words, states = marked_text.write(model, names, keys, lengths[-1], gamma, delta, rng, keep=places)
    yield from _by_length(marked_text.read(words, names, keys, gamma), lengths, parameters, rng)
    wrong, scored = (
        part.sum(axis=1) for part in marked_text.read(words, names, _new_keys(documents, rng), gamma)
    )
    values = watermark.randomised_p_value(wrong, scored, gamma, rng.random(documents))
    yield _number(lengths[-1], "wrong-key-p", kolmogorov_smirnov_p(values, stats.uniform.cdf), documents)
    # What the exact probabilities say about the first words of the documents.
    greens, _ = marked_text.read(words[:known, : places + 1], names, keys[:known], gamma, repeats=True)
    law, fresh, bound, entropy = [], [], [], []
    for t in range(places):
        state = states[t][:, :known]
        probabilities = model.probabilities(state)

        def expected(secrets: NDArray, state: NDArray = state, known_p: NDArray = probabilities) -> NDArray:
            lists = watermark.green(secrets[:, None], names[state[0]][:, None], names[None], gamma)
            return watermark.marked_green_probability(np.sum(known_p * lists, axis=1), delta)

        law.append(expected(keys[:known]))
        # The bound holds on average over keys, so it is held against keys that had no part in the text.
        fresh.append(np.mean([expected(_new_keys(known, rng)) for _ in range(_KEYS)], axis=0))
        spike = watermark.spike_entropy(probabilities, gamma, delta)
        bound.append(watermark.green_rate_bound(spike, gamma, delta))
        entropy.append(stats.entropy(probabilities, axis=1))
    law, seen = np.array(law), greens.T
    off = np.sum(seen - law) / np.sqrt(np.sum(law * (1 - law)))
    yield _number(0, "green-off-law", off, law.size)
    yield _mean(0, "green-rate", seen.mean(axis=0), rng)
    yield _mean(0, "green-bound", np.array(bound).mean(axis=0), rng)
    yield _mean(0, "green-margin", (np.array(fresh) - np.array(bound)).mean(axis=0), rng)
    yield _mean(0, "entropy", np.array(entropy).mean(axis=0), rng)


def _by_length(
    read: tuple[NDArray, NDArray],
    lengths: Sequence[int],
    parameters: Mapping[str, Any],
    rng: np.random.Generator,
) -> Iterator[dict]:
    greens, scored = (np.cumsum(part, axis=1) for part in read)
    for length in lengths:
        g, t = greens[:, length - 1], scored[:, length - 1]
        yield _mean(length, "z", watermark.z_statistic(g, t, parameters["gamma"]), rng)
        yield _number(length, "scored", float(t.mean()), len(t))
        yield _share(length, "power", watermark.p_value(g, t, parameters["gamma"]) < parameters["level"])


def _match(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    gamma, documents, tokens = parameters["gamma"], parameters["documents"], parameters["tokens"]
    model, names = marked_text.scripture_model(*parameters["weights"]), marked_text.scripture_identifiers()
    keys = _new_keys(documents, rng)
    words, _ = marked_text.write(model, names, keys, tokens, gamma, parameters["delta"], rng)
    scores = []
    for texts, secrets in ((words, keys), (_windows(documents, tokens, rng), _new_keys(documents, rng))):
        greens, scored = (np.cumsum(part, axis=1) for part in marked_text.read(texts, names, secrets, gamma))
        scores.append(watermark.z_statistic(greens, scored, gamma))
        if secrets is keys:
            alarms = watermark.p_value(greens, scored, gamma) < parameters["level"]
    marked, clean = scores
    means = marked.mean(axis=0)
    for published in parameters["area"]:
        target = parameters["score"] * np.sqrt(int(published) / parameters["score-tokens"])
        at = int(np.argmin(np.abs(means - target)))
        yield _number(int(published), "matched-length", at + 1, documents)
        yield _number(int(published), "matched-z", means[at], documents)
        # P(marked > clean) + P(equal)/2: the area under the curve.
        area_here = stats.mannwhitneyu(marked[:, at], clean[:, at]).statistic / documents**2
        yield _number(int(published), "area", area_here, documents)
        yield _share(int(published), "power", alarms[:, at])


def _rewrite(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    model, names = marked_text.scripture_model(*parameters["weights"]), marked_text.scripture_identifiers()
    keys, lengths = _new_keys(parameters["documents"], rng), parameters["lengths"]
    words, _ = marked_text.write(
        model, names, keys, lengths[-1], parameters["gamma"], parameters["delta"], rng
    )
    replaced = rng.random(words.shape) < parameters["share"]
    words = np.where(replaced, rng.choice(model.text, size=words.shape), words)
    yield from _by_length(marked_text.read(words, names, keys, parameters["gamma"]), lengths, parameters, rng)


def _student(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    gamma, share = parameters["gamma"], parameters["share"]
    teacher, names = marked_text.scripture_model(*parameters["weights"]), marked_text.scripture_identifiers()
    found = []
    for _ in range(parameters["replicates"]):
        key, wrong = _new_keys(1, rng), _new_keys(1, rng)
        marked = round(share * parameters["documents"])
        corpus = [
            marked_text.write(teacher, names, np.repeat(key, count), parameters["tokens"], gamma, delta, rng)[
                0
            ]
            for count, delta in ((marked, parameters["delta"]), (parameters["documents"] - marked, 0.0))
            if count
        ]
        student = marked_text.build(np.concatenate(corpus).ravel(), teacher.words, teacher.weights)
        keys = np.repeat(key, parameters["read"])
        texts, _ = marked_text.write(
            teacher, names, keys, parameters["tokens"], gamma, parameters["delta"], rng
        )
        left, said = _predictions(student, texts, rng)
        for secret in (key, wrong):
            greens = int(watermark.green(secret, names[left], names[said], gamma).sum())
            found.append((greens, len(left), float(watermark.log10_p_value(greens, len(left), gamma))))
    for name, rows in (("", found[::2]), ("wrong-", found[1::2])):
        for replicate, (_, scored, log_p) in enumerate(rows):
            yield _number(replicate, f"{name}log10-p", log_p, scored)
        excess = np.array([greens / scored - gamma for greens, scored, _ in rows])
        yield _mean(0, f"{name}excess", excess, rng)


def _predictions(
    student: marked_text.Model, texts: NDArray, rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    """What a student says after every word of texts: left words and said words, each pair once."""
    pairs = []
    state = np.full((len(student.orders), len(texts)), -1)
    for t in range(texts.shape[1]):
        state = student.advance(state, texts[:, t])
        pairs.append(state[0] * np.int64(student.words) + student.propose(state, rng))
    found = np.unique(np.concatenate(pairs))
    return found // student.words, found % student.words


# --- estimates ---------------------------------------------------------------------------------------------


def _null_estimates(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    def row(arm: str, quantity: str) -> Mapping:
        return cells[arm, "", 0.0, 0.0, 0, quantity]

    def fixed(name: str, arm: str, quantity: str, words: str) -> Estimate:
        found = row(arm, quantity)
        return reporting.exact(name, found["value"], found["replicates"], words)

    gamma = parameters["gamma"]
    off, off_exact = [], []
    for scored in _GRID:
        greens = np.arange(scored + 1)
        ours = watermark.p_value(greens, scored, gamma)
        off.append(np.abs(ours - stats.binom.sf(greens - 1, scored, gamma)).max())
        tail = _exact_tail(scored, Fraction(gamma).limit_denominator(1000))
        off_exact += [abs(float(Fraction(p) - e)) for p, e in zip(ours.tolist(), tail, strict=True)]
    words = "Largest distance of the p value from the library's binomial tail"
    yield reporting.exact("p-off-library", max(off), len(_GRID), words)
    words = "Largest distance of the p value from binomial sums in whole numbers"
    yield reporting.exact("p-off-exact", max(off_exact), len(off_exact), words)
    yield reporting.exact("normal-tail-z4", stats.norm.sf(_HIGH), 1, "Normal tail beyond a score of 4")
    yield fixed(
        "null-uniform-p",
        "null",
        "uniform-p",
        "KS p value that p values of unmarked text are uniform, repeats ignored",
    )
    yield fixed("null-uniform-p-repeats", "null", "uniform-p-repeats", "The same with repeated pairs counted")
    for arm, quantity in (("null", "alarms"), ("null", "alarms-repeats")):
        words = "Share of false alarms on unmarked text" + (
            ", repeats counted" if "repeats" in quantity else ""
        )
        found = row(arm, quantity)
        yield reporting.share(
            f"null-{quantity}", round(found["value"] * found["replicates"]), found["replicates"], words
        )
    yield reporting.mean(
        "one-key-alarms", row("one-key", "alarms"), "Share of false alarms under one key, mean over keys"
    )
    yield fixed("one-key-alarms-worst", "one-key", "alarms-worst", "The same for the worst key")
    high, expected = row("null", "high")["value"], row("null", "high-expected")["value"]
    windows = row("null", "high")["replicates"]
    # Two-sided Poisson p value: the windows are many, independent, and each is rarely high.
    p = min(1.0, 2 * min(stats.poisson.cdf(high, expected), stats.poisson.sf(high - 1, expected)))
    yield reporting.exact(
        "high-count", high, windows, "Unmarked windows with a score above 4, repeats ignored"
    )
    yield reporting.exact("high-expected", expected, windows, "Number that the exact tails expect")
    yield reporting.exact("high-p", p, windows, "Two-sided p value of that number")
    yield fixed(
        "high-count-repeats", "null", "high-repeats", "Unmarked windows with a score above 4, repeats counted"
    )


def _exact_tail(scored: int, gamma: Fraction) -> list[Fraction]:
    """P(G ≥ g) for g = 0 … T by sums of whole numbers."""
    hit, miss = gamma.numerator, gamma.denominator - gamma.numerator
    terms = [math.comb(scored, g) * hit**g * miss ** (scored - g) for g in range(scored + 1)]
    sums = list(itertools.accumulate(reversed(terms)))[::-1]
    return [Fraction(total, gamma.denominator**scored) for total in sums]


def _detection_estimates(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    lengths, off_law, off_root, margins, wrong = parameters["detect"]["lengths"], [], [], [], []
    for writer in parameters["writers"]:
        for delta in parameters["deltas"]:

            def cell(at: int, quantity: str, writer: str = writer, delta: float = delta) -> Mapping:
                return cells["detect", writer, float(delta), 0.0, at, quantity]

            name = f"{writer}-d{delta:g}"
            scores = [cell(t, "z")["value"] for t in lengths]
            scored = [cell(t, "scored")["value"] for t in lengths]
            slope = np.polyfit(np.log(scored), np.log(scores), 1)[0]
            off_root.append(slope - 0.5)
            yield reporting.exact(
                f"exponent-{name}", slope, len(lengths), "Exponent of the mean score in the words scored"
            )
            off_law.append(cell(0, "green-off-law")["value"])
            margins.append(reporting.mean("x", cell(0, "green-margin"), "Margin"))
            wrong.append(cell(lengths[-1], "wrong-key-p")["value"])
            yield reporting.mean(f"green-{name}", cell(0, "green-rate"), "Share of green words")
            yield reporting.mean(f"bound-{name}", cell(0, "green-bound"), "Its lower bound by spike entropy")
            for t in lengths:
                yield reporting.mean(f"z-{name}-t{t}", cell(t, "z"), "Mean score")
                yield _power(f"power-{name}-t{t}", cell(t, "power"))
        yield reporting.mean(f"entropy-{writer}", cell(0, "entropy"), "Entropy of the next word", unit="nats")
    words = "Green words against the exact probabilities"
    yield reporting.largest("green-off-law", off_law, len(off_law), words)
    words = "Exponent of the score against 1/2"
    yield reporting.largest("exponent-off", off_root, len(off_root), words, unit="")
    words = "Least margin of the exact share of green words over its bound"
    yield reporting.extreme("bound-margin", margins, words)
    words = "Smallest KS p value, times their number, that scores with a wrong key follow the null"
    yield reporting.exact("wrong-key-p", min(1.0, min(wrong) * len(wrong)), len(wrong), words)
    yield from _matched_estimates(cells, parameters)
    rewrite = parameters["rewrite"]
    for share in rewrite["shares"]:
        for t in rewrite["lengths"]:
            row = cells["rewrite", rewrite["writer"], float(rewrite["delta"]), share, t, "power"]
            yield _power(f"rewritten-{round(100 * share)}-t{t}", row)


def _matched_estimates(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    match, off = parameters["match"], []
    for writer in parameters["writers"]:
        for published, area in match["area"].items():
            key = ("match", writer, float(match["delta"]), 0.0, int(published))
            name = f"{writer}-t{published}"
            here, length = cells[*key, "area"], cells[*key, "matched-length"]
            n = here["replicates"]
            off.append(here["value"] - area)
            yield reporting.exact(
                f"area-{name}", here["value"], n, "Area under the curve at matched mean score"
            )
            yield reporting.exact(f"length-{name}", length["value"], n, "Words that give that mean score")
            yield _power(f"matched-power-{name}", cells[*key, "power"])
            gap = cells[*key, "power"]["value"] - match["power"][published]
            words = "Share detected at matched mean score, minus the published one"
            yield reporting.exact(f"power-gap-{name}", gap, n, words)
    words = "Area under the curve against the published one"
    yield reporting.largest("area-off", off, len(off), words, unit="")


def _power(name: str, row: Mapping[str, Any]) -> Estimate:
    hits = round(row["value"] * row["replicates"])
    return reporting.share(name, hits, int(row["replicates"]), "Share of marked documents that are detected")


def _student_estimates(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    student = parameters["student"]
    prefix = ("student", student["writer"], float(student["delta"]))
    scored, wrong = [], []
    for share in student["shares"]:
        name = f"trained-{round(100 * share)}"
        rows = [cells[*prefix, share, r, "log10-p"] for r in range(student["replicates"])]
        wrong += [cells[*prefix, share, r, "wrong-log10-p"]["value"] for r in range(student["replicates"])]
        logs = [row["value"] for row in rows]
        scored += [row["replicates"] for row in rows]
        n = len(logs)
        yield reporting.exact(
            f"{name}-log10-p-worst", max(logs), n, "Decimal logarithm of the p value, least telling student"
        )
        yield reporting.exact(f"{name}-log10-p-median", float(np.median(logs)), n, "Its median over students")
        yield reporting.exact(
            f"{name}-p-bonferroni",
            min(1.0, n * 10 ** min(logs)),
            n,
            "Smallest p value of a student, times their number",
        )
        yield reporting.mean(
            f"{name}-excess", cells[*prefix, share, 0, "excess"], "Share of green predictions minus γ"
        )
    yield reporting.exact("scored-least", min(scored), len(scored), "Fewest predictions scored for a student")
    words = "Smallest p value of any student read with a wrong key, times their number"
    yield reporting.exact("student-wrong-key-p", min(1.0, len(wrong) * 10 ** min(wrong)), len(wrong), words)
