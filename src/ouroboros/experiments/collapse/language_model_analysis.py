"""Estimates of a language model that learns from its own text: differences paired by seed, Student's intervals."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ouroboros.stats import paired, reporting
from ouroboros.stats.estimate import Estimate

# Classes of words by their number of occurrences in the real windows: 1, 2-3, 4-7, 8-15, 16-31, 32 and more.
CLASS_STARTS = (1, 2, 4, 8, 16, 32)
_EARLY = 3

_WORDS = {
    "replace": "replaced every time",
    "ten-per-cent": "a tenth real",
    "accumulate": "all text kept",
    "accumulate-subsample": "a draw from all text",
    "cool": "written at temperature 0.7",
    "greedy": "written greedily",
    "real": "real text every time",
}


class Cells:
    """Values by seed of any arm, generation, quantity and level."""

    def __init__(self, table: pd.DataFrame):
        keys = ["arm", "generation", "quantity", "level", "seed"]
        self._values = table.set_index(keys)["value"].sort_index()

    def get(self, arm: str, generation: int, quantity: str, level: int = 0) -> dict[int, float]:
        """Values by seed; KeyError if the table has none."""
        return self._values.loc[(arm, generation, quantity, level)].to_dict()

    def one(self, arm: str, quantity: str) -> float:
        """A value that there is once."""
        (value,) = self.get(arm, 0, quantity).values()
        return value

    def all(self, quantity: str) -> pd.Series:
        """All values of a quantity."""
        return self._values.xs(quantity, level="quantity")

    def arms(self) -> list[str]:
        """Arms that have generations, in the order of the page."""
        found = set(self._values.index.get_level_values("arm"))
        return [arm for arm in _WORDS if arm in found]


def analyse_language_model(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `ouroboros.experiments.collapse.language_model.simulate`, with the leading column ``job``.
    parameters : mapping
        As for `ouroboros.experiments.collapse.language_model.jobs`.
    """
    cells = Cells(table)
    return [
        *_checks(cells, parameters),
        *_perplexities(cells, parameters),
        *_contrasts(cells, parameters),
        *_texts(cells, parameters),
    ]


def _last(arm: str, parameters: Mapping[str, Any]) -> int:
    return parameters["control_generations" if arm == "real" else "generations"] - 1


def _checks(cells: Cells, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    drift = cells.all("drift")
    yield reporting.largest(
        "max-z-sampler",
        drift,
        parameters["windows"],
        "Largest distance from 0 of log probability plus entropy of text written at temperature 1",
    )
    yield reporting.largest(
        "cache-gap",
        cells.all("cache-gap"),
        parameters["windows"],
        "Largest difference of a window's log probability as written with cached keys and as scored whole",
        unit="nats per character",
    )
    yield reporting.exact(
        "known-source-z",
        abs(cells.one("known-source", "source")),
        parameters["test_windows"],
        "Distance of the loss of a chain of letters under itself from its exact entropy",
        unit="SE",
    )
    excess, error = cells.one("known-source", "excess"), cells.one("known-source", "excess-error")
    yield reporting.interval(
        "known-source-excess",
        excess,
        excess - 1.96 * error,
        excess + 1.96 * error,
        parameters["test_windows"],
        "Loss above the entropy of a chain of letters after one training on its text",
        unit="nats per character",
    )
    yield reporting.exact(
        "known-source-entropy",
        cells.one("known-source", "entropy"),
        1,
        "Exact entropy of the chain of letters",
        unit="nats per character",
    )
    # Every further generation of the control is another training on the same text.
    first = cells.get("real", 0, "loss")
    later = [cells.get("real", t, "loss") for t in range(1, _last("real", parameters) + 1)]
    mean = {seed: sum(values[seed] for values in later) / len(later) for seed in first}
    change = paired.paired_difference(
        "control-change",
        mean,
        first,
        "Log perplexity after training on the real text again, minus that of model 0",
        unit="nats per character",
    )
    yield change
    yield reporting.exact(
        "control-departure",
        max(abs(change.low), abs(change.high)),
        change.n,
        "Farther end of the interval of the control's change of log perplexity",
        unit="nats per character",
    )


def _perplexities(cells: Cells, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    letters = list(cells.get("data", 0, "letters-per-word").values())
    per_word = sum(letters) / len(letters)
    yield reporting.exact(
        "letters-per-word", per_word, len(letters), "Characters of a word, its space included"
    )
    start = paired.mean_of_few("loss-first", list(cells.get("replace", 0, "loss").values()), "")
    yield paired.exponential(
        "perplexity-first", start, "Perplexity of model 0 on held-out real text, per character"
    )
    for arm in cells.arms():
        last, words = _last(arm, parameters), _WORDS[arm]
        first = cells.get(arm, 0, "loss")
        for t in range(1, last + 1):
            when = "last" if t == last else f"t{t}"
            change = paired.paired_difference(
                f"{arm}-change-{when}",
                cells.get(arm, t, "loss"),
                first,
                f"Log perplexity of model {t} minus that of model 0, {words}",
                unit="nats per character",
            )
            yield change
            yield paired.exponential(
                f"{arm}-ratio-{when}",
                change,
                f"Perplexity of model {t} over that of model 0, per character, {words}",
            )
        yield paired.exponential(
            f"{arm}-word-ratio",
            change,
            f"Perplexity of the last model over that of model 0, per word, {words}",
            factor=per_word,
        )
        yield paired.exponential(
            f"{arm}-perplexity-last",
            paired.mean_of_few("loss-last", list(cells.get(arm, last, "loss").values()), ""),
            f"Perplexity of the last model on held-out real text, per character, {words}",
        )


def _contrasts(cells: Cells, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    last = _last("replace", parameters)

    def loss(arm: str) -> dict[int, float]:
        return cells.get(arm, last, "loss")

    pairs = {
        "replace-over-ten-per-cent": ("replace", "ten-per-cent"),
        "subsample-over-accumulate": ("accumulate-subsample", "accumulate"),
        "cool-over-replace": ("cool", "replace"),
        "greedy-over-replace": ("greedy", "replace"),
    }
    for name, (first, second) in pairs.items():
        yield paired.paired_difference(
            name,
            loss(first),
            loss(second),
            f"Log perplexity of the last model, {_WORDS[first]}, minus that, {_WORDS[second]}",
            unit="nats per character",
        )
    yield paired.paired_difference(
        "cool-distinct-loss",
        cells.get("replace", _EARLY, "distinct", 2),
        cells.get("cool", _EARLY, "distinct", 2),
        f"Share of different pairs of words in what model {_EARLY} writes: temperature 1 minus 0.7",
    )
    often = CLASS_STARTS[-1]
    frequent, once = (_in_use(cells, last, start) for start in (often, 1))
    yield paired.paired_difference(
        "rare-words-lost-first",
        frequent["last"],
        once["last"],
        f"Share in use of words used {often} times and more minus that of words used once, last text, replaced",
    )
    yield paired.paired_difference(
        "rare-words-lost-faster",
        frequent["kept"],
        once["kept"],
        f"Of the words in use in the first text, share in use in the last: those used {often} times minus those once",
    )


def _in_use(cells: Cells, last: int, start: int) -> dict[str, dict[int, float]]:
    """Share of a class of words in use in the last text of replace, and what it is of that in the first text."""
    before, after = (cells.get("replace", t, "alive", start) for t in (0, last))
    # A class with no word left in the first text has none to lose.
    kept = {seed: after[seed] / before[seed] if before[seed] else 1.0 for seed in before}
    return {"last": after, "kept": kept}


def _texts(cells: Cells, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    """What becomes of the text that the models write."""
    for arm in cells.arms():
        last, words = _last(arm, parameters), _WORDS[arm]
        for when, t in (("first", 0), ("last", last)):
            for name, quantity, level, meaning in (
                ("distinct2", "distinct", 2, "Share of different pairs of words"),
                ("hapax", "hapax", 0, "Share of the different words that occur once"),
                ("unknown", "unknown", 0, "Share of running words that the Bible lacks"),
                ("alive", "alive", 0, "Share of the words of the real windows in use"),
                ("once-alive", "alive", 1, "Share in use of the words that the real windows hold once"),
            ):
                values = cells.get(arm, t, quantity, level)
                yield paired.mean_of_few(
                    f"{arm}-{name}-{when}",
                    list(values.values()),
                    f"{meaning} in the text of model {t}, {words}",
                )
        for name, level in (("median", 50), ("high", 99)):
            yield paired.paired_difference(
                f"{arm}-shift-{name}",
                cells.get(arm, last, "quantile", level),
                cells.get(arm, 0, "quantile", level),
                f"Log perplexity under model 0, {level}th percentile of windows: last text minus first, {words}",
                unit="nats per character",
            )
    for name, quantity, level in (("distinct2", "distinct", 2), ("hapax", "hapax", 0)):
        yield paired.mean_of_few(
            f"data-{name}",
            list(cells.get("data", 0, quantity, level).values()),
            f"{name} of the real windows",
        )
    last = _last("replace", parameters)
    for when, t in (("first", 0), ("last", last)):
        yield paired.mean_of_few(
            f"law-{when}",
            list(cells.get("replace", t, "law").values()),
            f"Share of words that an urn keeps in use after {t + 1} draws",
        )
        yield paired.paired_difference(
            f"alive-below-law-{when}",
            cells.get("replace", t, "law"),
            cells.get("replace", t, "alive"),
            f"Share of words in use that an urn keeps beyond what the language model keeps, text of model {t}",
        )
