"""Poisoned training data: how many examples plant a trigger, and what finds them.

Arms. ``stream``: a learner of words that reads each document once, with a fixed number of poisoned documents among
more and more clean ones (`trigger_words`). ``digits``: attacks on a small network and what is left of them once a
defence has removed what it suspects (`poisoned_digits`). ``verses``: the same defences on short texts, as
the instrument runs them, with a trigger word or without any poison.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ouroboros.experiments.compliance import poison_defences, poisoned_digits, poisoned_verses, trigger_words
from ouroboros.stats import reporting
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import normal_interval
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS

COLUMNS = ["arm", "cell", "frequency", "at", "quantity", *SUMMARY_COLUMNS]
DEFENCES = ("spectral", "clusters", "mistakes")
# Tran et al. remove half as many again as there can be poisoned examples.
_MARGIN = 1.5
_RESAMPLES = 1000


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per number of documents, per attack on the digits, and two for texts.

    Parameters
    ----------
    parameters : mapping
        ``stream`` with ``sizes``, ``counts`` of poisoned documents, ``frequencies`` of the trigger in clean ones,
        ``words``, ``length``, ``rate``, ``replicates`` and the count model's ``prior``; ``digits`` with ``attacks``
        as [name, share], ``train``, ``hidden``, ``epochs``, ``folds``, ``replicates``; ``verses`` with ``each`` of
        the two labels, ``share``, ``components``, ``folds``, ``replicates``.
    """
    stream = dict(parameters["stream"])
    found = [Job(f"stream-{size}", stream | {"arm": "stream", "size": size}) for size in stream.pop("sizes")]
    digits = dict(parameters["digits"])
    for attack, share in digits.pop("attacks"):
        cell = digits | {"arm": "digits", "attack": attack, "share": share}
        found.append(Job(f"digits-{_cell(attack, share)}", cell))
    for attack in ("none", "trigger"):
        found.append(Job(f"verses-{attack}", parameters["verses"] | {"arm": "verses", "attack": attack}))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Poison, train, defend: all replicates of one job.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of every choice.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``at`` is a number of poisoned documents, 0 where there is none.
    """
    run = {"stream": _stream, "digits": _digits, "verses": _verses}[parameters["arm"]]
    return pd.DataFrame([{"arm": parameters["arm"]} | row for row in run(parameters, rng)], columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    cells = {
        (row["arm"], row["cell"], float(row["frequency"]), row["at"], row["quantity"]): row
        for row in table.to_dict(orient="records")
    }
    return [
        *_stream_estimates(cells, parameters["stream"]),
        *_digits_estimates(cells, parameters["digits"]),
        *_flag_estimates(cells, "verses", ("none", "trigger")),
    ]


# --- arms --------------------------------------------------------------------------------------------------


def _cell(attack: str, share: float) -> str:
    return attack if attack in ("none", "noise") else f"{attack}-{round(100 * share)}"


def _rows(keys: Mapping[str, Any], found: Mapping[str, NDArray], rng: np.random.Generator) -> Iterator[dict]:
    """A summary of each quantity over its replicates."""
    names = list(found)
    summary = reporting.summarise(np.array([found[name] for name in names], dtype=np.float64), rng)
    yield from reporting.rows(keys, "quantity", names, summary)


def _stream(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    size = parameters["size"]
    # More than a quarter poisoned is no longer poisoning.
    counts = np.array([k for k in parameters["counts"] if k <= size // 4])
    often = parameters["frequencies"]
    outcome = trigger_words.learn(
        size,
        np.tile(counts, len(often)),
        np.repeat(often, len(counts)),
        words=parameters["words"],
        length=parameters["length"],
        rate=parameters["rate"],
        replicates=parameters["replicates"],
        rng=rng,
    )
    for place, frequency in enumerate(often):
        part = slice(place * len(counts), (place + 1) * len(counts))
        success, accuracy = outcome.success[:, part], outcome.accuracy[:, part]
        cell = {"cell": str(size), "frequency": frequency}
        yield cell | {"at": 0, "quantity": "log-half"} | _log_half(counts, success, rng)
        for k, count in enumerate(counts.tolist()):
            found = {"success": success[:, k], "accuracy": accuracy[:, k]}
            yield from _rows(cell | {"at": count}, found, rng)


def _log_half(counts: NDArray, success: NDArray, rng: np.random.Generator) -> dict:
    """Summary of the logarithm of the number for half success, by resampling replicates.

    It is read from the mean curve, because a single replicate may end before it gets there. A resample that does
    not get there counts as the largest number tried.
    """
    replicates = len(success)
    picks = rng.integers(replicates, size=(_RESAMPLES, replicates))
    halves = np.array([trigger_words.half_count(counts, success[pick].mean(axis=0)) for pick in picks])
    logs = np.log(np.where(np.isnan(halves), counts[-1], halves))
    value = math.log(trigger_words.half_count(counts, success.mean(axis=0)))
    low, high = np.quantile(logs, [0.025, 0.975])
    ends = {"low": min(low, value), "high": max(high, value)}
    return {"value": value, "se": float(logs.std()), **ends, "replicates": replicates}


def _digits(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    attack, share = parameters["attack"], parameters["share"]
    found: dict[str, list[float]] = {}
    for replicate in range(parameters["replicates"]):
        train, test = poisoned_digits.split(parameters["train"], rng)
        target = replicate % poisoned_digits.CLASSES
        images, bad = poisoned_digits.poison(train, attack, target, share, rng)
        seed = int(rng.integers(2**31))

        def fit(part: poisoned_digits.Images, seed: int = seed) -> Any:
            return poisoned_digits.fit(
                poisoned_digits.network(parameters["hidden"], parameters["epochs"], seed), part
            )

        victim = fit(images)
        features = poisoned_digits.hidden_features(victim, images.rows)
        count = round(_MARGIN * share * len(images.labels) / poisoned_digits.CLASSES)
        flags = flag(features, images.rows, images.labels, count, parameters["folds"], seed)
        outcomes = _measures(flags, bad)
        outcomes["success"] = poisoned_digits.attack_success(victim, test, target)
        outcomes["accuracy"] = poisoned_digits.accuracy(victim, test)
        for name, flagged in flags.items():
            repaired = fit(images.take(~flagged))
            outcomes[f"success-{name}"] = poisoned_digits.attack_success(repaired, test, target)
            outcomes[f"drop-{name}"] = outcomes["success"] - outcomes[f"success-{name}"]
            outcomes[f"accuracy-{name}"] = poisoned_digits.accuracy(repaired, test)
        for name, value in outcomes.items():
            found.setdefault(name, []).append(value)
    keys = {"cell": _cell(attack, share), "frequency": 0.0, "at": 0}
    yield from _rows(keys, {name: np.array(values) for name, values in found.items()}, rng)


def _verses(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    found: dict[str, list[float]] = {}
    for _ in range(parameters["replicates"]):
        share = parameters["share"] if parameters["attack"] == "trigger" else 0.0
        texts, labels, bad = poisoned_verses.draw(parameters["each"], share, rng)
        seed = int(rng.integers(2**31))
        rows, features = poisoned_verses.represent(texts, parameters["components"], seed)
        count = round(_MARGIN * parameters["share"] * parameters["each"])
        for name, value in _measures(
            flag(features, rows, labels, count, parameters["folds"], seed), bad
        ).items():
            found.setdefault(name, []).append(value)
    keys = {"cell": parameters["attack"], "frequency": 0.0, "at": 0}
    yield from _rows(keys, {name: np.array(values) for name, values in found.items()}, rng)


def flag(
    features: NDArray, rows: Any, labels: NDArray, count: int, folds: int, seed: int
) -> dict[str, NDArray[np.bool_]]:
    """What the three defences suspect.

    Parameters
    ----------
    features : ndarray
        What a model makes of the examples, shape (n, d).
    rows : array or sparse matrix
        The examples themselves, for the judge that is fitted without the example that it judges.
    labels : ndarray of int
        Labels 0, 1, ….
    count : int
        How many of each class the spectral defence is to name.
    folds, seed : int
        Of the cross-validation.
    """
    judge = LogisticRegression(max_iter=300)
    probabilities = poison_defences.out_of_fold(judge, rows, labels, folds, seed)
    return {
        "spectral": poison_defences.spectral_removal(features, labels, count),
        "clusters": poison_defences.activation_clusters(features, labels),
        "mistakes": poison_defences.confident_mistakes(probabilities, labels),
    }


def _measures(flags: Mapping[str, NDArray], bad: NDArray) -> dict[str, float]:
    """Shares of clean and of poisoned examples that are flagged."""
    found = {f"false-{name}": float(np.mean(flagged[~bad])) for name, flagged in flags.items()}
    if bad.any():
        found |= {f"recall-{name}": float(np.mean(flagged[bad])) for name, flagged in flags.items()}
    return found


# --- estimates ---------------------------------------------------------------------------------------------


def _stream_estimates(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    sizes = np.array(parameters["sizes"], dtype=np.float64)
    x = np.log(sizes) - np.log(sizes).mean()
    for frequency in parameters["frequencies"]:
        rows = [cells["stream", str(size), float(frequency), 0, "log-half"] for size in parameters["sizes"]]
        name = _often(frequency)
        slope = float(np.dot(x, [row["value"] for row in rows]) / np.dot(x, x))
        se = float(np.sqrt(np.dot(x**2, np.square([row["se"] for row in rows]))) / np.dot(x, x))
        words = (
            "Exponent with which the number of poisoned documents for half success grows with all documents"
        )
        ends = normal_interval(slope, se)
        yield reporting.interval(f"exponent-{name}", slope, *ends, rows[0]["replicates"], words)
        for size, row in zip(parameters["sizes"], rows, strict=True):
            half = {end: math.exp(row[end]) for end in ("value", "low", "high")}
            words = "Poisoned documents for half success"
            n = int(row["replicates"])
            yield reporting.interval(f"half-{name}-n{size}", *half.values(), n, words, method="bootstrap")
            counted = frequency * size
            if counted >= 1:
                words = "The same over the number that counting predicts"
                found = [value / counted for value in half.values()]
                yield reporting.interval(f"over-count-{name}-n{size}", *found, n, words, method="bootstrap")
            for count in parameters["counts"]:
                if count <= size // 4:
                    success = cells["stream", str(size), float(frequency), count, "success"]
                    words = "Share of clean documents that the trigger turns"
                    yield reporting.mean(f"success-{name}-n{size}-k{count}", success, words)
    # Counting alone: the trigger decides as soon as the poisoned outnumber the clean ones that carry it.
    counts = np.arange(1, 4 * parameters["prior"] + 1)
    found = [float(trigger_words.count_model(c, c, parameters["prior"])) for c in counts]
    yield reporting.largest(
        "count-model-half-off", [p - 0.5 for p in found], len(found), "Count model at k = fN", unit=""
    )
    accuracies = {
        size: [
            row["value"]
            for key, row in cells.items()
            if key[:2] == ("stream", str(size)) and key[4] == "accuracy"
        ]
        for size in parameters["sizes"]
    }
    means = [float(np.mean(values)) for values in accuracies.values()]
    words = "Largest difference of the accuracy on clean text between numbers of documents"
    yield reporting.exact("accuracy-spread-sizes", max(means) - min(means), len(means), words)
    words = "Largest difference of the accuracy on clean text between numbers of poisoned documents"
    within = max(max(values) - min(values) for values in accuracies.values())
    yield reporting.exact("accuracy-spread-poison", within, len(means), words)
    yield reporting.exact(
        "accuracy-least", min(means), len(means), "Accuracy on clean text, fewest documents"
    )


def _often(frequency: float) -> str:
    """Name of a frequency of the trigger: ``f0``, ``f1e-4``."""
    return "f0" if frequency == 0 else f"f1e{round(math.log10(frequency))}"


def _digits_estimates(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    named = [_cell(attack, share) for attack, share in parameters["attacks"]]
    for cell in named:

        def row(quantity: str, cell: str = cell) -> Mapping:
            return cells["digits", cell, 0.0, 0, quantity]

        yield reporting.mean(f"attack-{cell}", row("success"), "Share of test images that the trigger turns")
        yield reporting.mean(
            f"accuracy-{cell}", row("accuracy"), "Share of clean test images classified correctly"
        )
        drops = []
        for name in DEFENCES:
            yield reporting.mean(
                f"left-{cell}-{name}", row(f"success-{name}"), "Success that is left after the defence"
            )
            drops.append(
                reporting.mean(
                    f"drop-{cell}-{name}", row(f"drop-{name}"), "Success that the defence takes away"
                )
            )
            yield drops[-1]
            yield reporting.mean(
                f"accuracy-{cell}-{name}", row(f"accuracy-{name}"), "Accuracy after the defence"
            )
        yield reporting.extreme(
            f"drop-{cell}-best", drops, "Success that the best defence takes away", largest=True
        )
        if cell != "none":
            yield reporting.difference(
                f"effect-{cell}",
                row("success"),
                cells["digits", "none", 0.0, 0, "success"],
                "Success due to the attack",
            )
    yield from _flag_estimates(cells, "digits", named)


def _flag_estimates(cells: Mapping[tuple, Mapping], arm: str, named: Any) -> Iterator[Estimate]:
    for cell in named:
        for name in DEFENCES:
            words = {
                "false": "Share of clean examples flagged",
                "recall": "Share of poisoned examples flagged",
            }
            for kind in words:
                key = (arm, cell, 0.0, 0, f"{kind}-{name}")
                if key in cells:
                    yield reporting.mean(f"{kind}-{arm}-{cell}-{name}", cells[key], words[kind])
