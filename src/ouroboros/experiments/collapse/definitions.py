r"""Eight definitions of collapse on the same runs.

Nothing is simulated: the runs are those of other experiments, read from their recorded evidence. For every run and
every definition that can be applied to it the module states a number, its interval, and whether the definition calls
the run collapsed. The eight families are those that the literature uses [schaeffer2025position]_; the rule that decides
each one is ours, stands in `RULES`, and is kept as simple as it goes, because papers seldom state theirs.

References
----------
.. [schaeffer2025position] R. Schaeffer et al., Position: Model Collapse Does Not Mean What You Think, arXiv:2503.03150.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ouroboros.stats import reporting
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.gaussian_recursion import expected_wasserstein
from ouroboros.stats.job import Job

COLUMNS = ["run", "definition", "value", "low", "high", "replicates", "fires"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A definition: what is measured, and on which side of which limit a run counts as collapsed."""

    name: str
    measure: str
    limit: float
    above: bool

    def fires(self, low: float, high: float) -> bool:
        """Whether the whole interval lies on the side of collapse."""
        return low > self.limit if self.above else high < self.limit


#: In the order of the table.
RULES = {
    "risk-up": Rule("risk rises", "risk of the last generation over that of the first", 1.0, True),
    "risk-diverges": Rule(
        "risk diverges", "growth of risk a generation, second half over first half of the run", 0.5, True
    ),
    "variance-vanishes": Rule("variance vanishes", "spread at the end over that at the start", 0.5, False),
    "scaling-changes": Rule("scaling changes", "exponent of risk in size, after over before", 0.9, False),
    "modes-lost": Rule("modes are lost", "share of the common kinds still produced", 0.99, False),
    "tails-lost": Rule("tails are lost", "weight of the tail over its true weight", 0.5, False),
    "hallucinates": Rule("support is invented", "growth of the share of impossible output", 0.0, True),
    "worse-than-real": Rule("worse than real data", "risk over that of as many real data", 1.0, True),
}

_SOURCES = {
    "gaussian": "collapse.gaussian-chain",
    "words": "collapse.tail-extinction",
    "regression": "collapse.mixing-laws",
    "cut": "collapse.tails-and-scaling",
    "foundry": "ladder.foundry",
    "language": "collapse.language-model",
}


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per run.

    Parameters
    ----------
    parameters : mapping
        ``runs`` by name: each with ``kind`` (a key of the readers of this module) and what its reader needs.

    Raises
    ------
    ValueError
        If a run is of no known kind.
    """
    for name, run in parameters["runs"].items():
        if run["kind"] not in _READERS:
            raise ValueError(f"runs: {name}: no kind {run['kind']} (there are: {', '.join(_READERS)})")
    return [Job(name, {"run": name, **run}) for name, run in parameters["runs"].items()]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Apply every definition to one run.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of the bootstrap where replicates are few.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row per definition that can be applied; ``fires`` is 1 where it calls the run collapsed.
        Rows whose definition is not in `RULES` are further numbers for checks and pages; nothing fires there.

    Raises
    ------
    FileNotFoundError
        If the evidence of the run is not there.
    """
    kind = parameters["kind"]
    rows = []
    for definition, value, low, high, replicates in _READERS[kind](recorded(_SOURCES[kind]), parameters, rng):
        rule = RULES.get(definition)
        fires = float(rule.fires(low, high)) if rule else 0.0
        rows.append((parameters["run"], definition, value, low, high, replicates, fires))
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `simulate`, concatenated, with the leading column ``job``.
    parameters : mapping
        As for `jobs`.
    """
    found = []
    for row in table.itertuples():
        rule = RULES.get(row.definition)
        words = f"{row.run}: {rule.measure if rule else row.definition.replace('-', ' ')}"
        name = f"{row.run}-{row.definition}"
        found.append(
            reporting.interval(name, row.value, row.low, row.high, row.replicates, words, method="recorded")
        )
    judged = table[table["definition"].isin(RULES)]
    called = judged.groupby("run")["fires"].agg(["sum", "count"])
    divided = int(((called["sum"] > 0) & (called["sum"] < called["count"])).sum())
    words = "runs that at least one definition calls collapsed and at least one does not"
    found.append(reporting.exact("runs-divided", divided, len(called), words, unit="runs"))
    words = "runs to which the definitions were applied"
    found.append(reporting.exact("runs", len(called), len(called), words, unit="runs"))
    for run, row in called.iterrows():
        words = f"{run}: definitions that call it collapsed, of {int(row['count'])} that can be applied"
        found.append(
            reporting.exact(f"{run}-called", row["sum"], int(row["count"]), words, unit="definitions")
        )
    slopes = [float(table.query("run == @run and definition == 'first-slope'")["value"].iloc[0])
              for run in sorted(set(table.query("definition == 'first-slope'")["run"]))]  # fmt: skip
    words = "departure of the exponent of the first fit's risk in the sample size from −1, largest"
    found.append(reporting.largest("first-slope-off", [s + 1 for s in slopes], len(slopes), words, unit=""))
    return found


def recorded(experiment: str) -> pd.DataFrame:
    """Table of the recorded evidence of an experiment.

    Raises
    ------
    FileNotFoundError
        If there is none in this checkout.
    """
    root = os.environ.get("OUROBOROS_ROOT") or Path(__file__).resolve().parents[4]
    path = Path(root, "evidence", f"{experiment}.csv")
    if not path.is_file():
        raise FileNotFoundError(
            f"{experiment} has no evidence: run and accept it first (ouroboros run {experiment})"
        )
    return pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)


# --------------------------------------------------------------------------------------------------
# What a reader yields: definition, value, low, high, replicates.

_Cell = tuple[str, float, float, float, int]


def _exactly(definition: str, value: float, replicates: int = 1) -> _Cell:
    return definition, value, value, value, replicates


def _over(definition: str, last: pd.Series, first: pd.Series) -> _Cell:
    """Ratio of two summaries."""
    found = reporting.ratio("ratio", last, first, "")
    return definition, found.value, found.low, found.high, found.n


def _pace(risks: Mapping[int, pd.Series]) -> _Cell:
    """Growth of risk a generation from the middle of a run on, over that up to it."""
    first, last = min(risks), max(risks)
    middle = min(risks, key=lambda t: (abs(t - (first + last) / 2), t))
    early = (risks[middle]["value"] - risks[first]["value"]) / (middle - first)
    late = (risks[last]["value"] - risks[middle]["value"]) / (last - middle)
    se = math.hypot(risks[last]["se"], risks[middle]["se"]) / (last - middle)
    value, half = late / early, 1.96 * se / abs(early)
    return "risk-diverges", value, value - half, value + half, int(risks[last]["replicates"])


def _slope(sizes: list[int], rows: list[pd.Series]) -> tuple[float, float]:
    """Slope of log risk in log size by least squares, and its standard error."""
    x = np.log(sizes) - np.log(sizes).mean()
    weights = x / (x @ x)
    logs = np.log([row["value"] for row in rows])
    errors = np.array([row["se"] / row["value"] for row in rows])
    return float(weights @ logs), float(np.sqrt(np.square(weights * errors).sum()))


def _gaussian(table: pd.DataFrame, run: Mapping[str, Any], rng: np.random.Generator) -> Iterator[_Cell]:
    rows = table[(table["arm"] == run["arm"]) & (table["ddof"] == run["ddof"])]
    rows = rows.rename(columns={"chains": "replicates"}).set_index(["quantity", "n", "t"]).sort_index()
    n, sizes = run["n"], sorted(table["n"].unique())
    risks = {int(t): row for t, row in rows.loc[("wasserstein", n)].iterrows()}
    last, chains = max(risks), int(risks[1]["replicates"])
    yield _over("risk-up", risks[last], risks[1])
    yield _pace(risks)
    log, first = rows.loc[("log-variance", n, last)], rows.loc[("log-variance", n, 1)]
    shift, half = log["value"] - first["value"], 1.96 * math.hypot(log["se"], first["se"])
    yield (
        "variance-vanishes",
        math.exp(shift),
        math.exp(shift - half),
        math.exp(shift + half),
        chains,
    )
    mean, start = rows.loc[("variance", n, last)], rows.loc[("variance", n, 1)]
    yield _over("expected-variance", mean, start)
    before, _ = _slope(sizes, [rows.loc[("wasserstein", size, 1)] for size in sizes])
    after, se = _slope(sizes, [rows.loc[("wasserstein", size, last)] for size in sizes])
    half = 1.96 * se / abs(before)
    yield "scaling-changes", after / before, after / before - half, after / before + half, chains
    yield _exactly("first-slope", before, chains)
    median = rows.loc[("variance-q50", n, last)]
    weights = [_tail(median[name]) / _tail(1.0) for name in ("value", "low", "high")]
    yield "tails-lost", *weights, chains
    real = n * last if run["arm"] == "accumulate" else n
    risk = risks[last]
    alone = expected_wasserstein(real, run["ddof"], 1)[0]
    half = 1.96 * risk["se"]
    yield (
        "worse-than-real",
        risk["value"] / alone,
        (risk["value"] - half) / alone,
        (risk["value"] + half) / alone,
        chains,
    )


def _tail(variance: float) -> float:
    """Weight beyond two true standard deviations."""
    return float(2 * ndtr(-2 / math.sqrt(variance)))


def _words(table: pd.DataFrame, run: Mapping[str, Any], rng: np.random.Generator) -> Iterator[_Cell]:
    rows = table[table["job"] == run["arm"]].set_index(["quantity", "group", "t"]).sort_index()
    risks = {int(t): row for t, row in rows.loc[("distance", "all")].iterrows()}
    last, chains = max(risks), int(risks[1]["replicates"])
    yield _over("risk-up", risks[last], risks[1])
    yield _pace(risks)
    if spread := run.get("spread"):
        small = table[(table["job"] == spread) & (table["quantity"] == "heterozygosity")].set_index("t")
        small = small.sort_index()
        yield _over("variance-vanishes", small.iloc[-1], small.iloc[0])
    common, rare = rows.loc[("alive", "128+", last)], rows.loc[("alive", "1", last)]
    yield "modes-lost", common["value"], common["low"], common["high"], chains
    yield "tails-lost", rare["value"], rare["low"], rare["high"], chains
    # Words are only ever copied, so that none can be invented.
    yield _exactly("hallucinates", 0.0, chains)
    _, value, low, high, _ = _over("ratio", risks[last], risks[1])
    yield "worse-than-real", value, low, high, chains


def _regression(table: pd.DataFrame, run: Mapping[str, Any], rng: np.random.Generator) -> Iterator[_Cell]:
    rows = table[(table["part"] == "regression") & (table["arm"] == run["arm"])]
    rows = rows[rows["quantity"] == "error"].set_index("at").sort_index()
    risks = {int(t): row for t, row in rows.iterrows()}
    last, designs = max(risks), int(risks[1]["replicates"])
    yield _over("risk-up", risks[last], risks[1])
    yield _pace(risks)
    # One fit to all real rows that there could have been, in units of one fit to those of one generation.
    features, size = run["features"], run["rows"]
    seen = size * last if run["arm"] == "accumulate" else size
    alone = (size - features - 1) / (seen - features - 1)
    row = risks[last]
    yield "worse-than-real", row["value"] / alone, row["low"] / alone, row["high"] / alone, designs


def _cut(table: pd.DataFrame, run: Mapping[str, Any], rng: np.random.Generator) -> Iterator[_Cell]:
    rows = table[(table["part"] == run["part"]) & (table["quantity"] == "error")]
    cut = rows[rows["arm"] == run["arm"]].set_index("size").sort_index()
    whole = rows[rows["arm"] == "whole"].set_index("size").sort_index()
    largest, sizes = cut.index.max(), list(cut.index[-2:])
    _, *ends = _over("ratio", cut.loc[largest], whole.loc[largest])
    yield "risk-up", *ends
    (after, se), (before, _) = (_slope(sizes, [part.loc[s] for s in sizes]) for part in (cut, whole))
    half, replicates = 1.96 * se / abs(before), int(cut.loc[largest]["replicates"])
    yield "scaling-changes", after / before, after / before - half, after / before + half, replicates
    # A cut at a rank keeps every kind before it and none after it.
    yield _exactly("modes-lost", 1.0, replicates)
    yield _exactly("tails-lost", 0.0, replicates)
    yield _exactly("hallucinates", 0.0, replicates)
    yield "worse-than-real", *ends


def _foundry(table: pd.DataFrame, run: Mapping[str, Any], rng: np.random.Generator) -> Iterator[_Cell]:
    real_levels = [1, 2, 3, 4]
    # Replicates are paired by seed; other parts of that experiment have seeds of their own.
    table = table[table["seed"].isin(table[table["arm"] == run["arm"]]["seed"])]
    wide = table.pivot_table(index=["arm", "generation", "quantity", "level"], columns="seed", values="value")

    def at(arm: str, generation: int, quantity: str, level: int = 0) -> np.ndarray:
        return wide.loc[(arm, generation, quantity, level)].to_numpy()

    def risk(arm: str, generation: int) -> np.ndarray:
        return 1 - np.mean([at(arm, generation, "accuracy", level) for level in real_levels], axis=0)

    def cell(definition: str, sample: np.ndarray) -> _Cell:
        found = reporting.summarise(sample, rng)
        return definition, *(float(found[key]) for key in ("value", "low", "high")), len(sample)

    arm, last = run["arm"], int(table[table["arm"] == run["arm"]]["generation"].max())
    base, end = risk("base", 0), risk(arm, last)
    yield cell("risk-up", 1 + (end - base) / base.mean())
    middle = (last + 1) // 2
    early, late = risk(arm, middle) - base, end - risk(arm, middle)
    yield cell("risk-diverges", (late / (last - middle)) / (early.mean() / middle))
    yield cell("variance-vanishes", at(arm, last, "distinct") / at("base", 0, "distinct"))
    true = {level: wide.loc[("data", 0, "mix", level)].mean() for level in real_levels}
    kept = [at(arm, last, "mix", level) > 0.1 * true[level] for level in (1, 2, 3)]
    yield cell("modes-lost", np.mean(kept, axis=0))
    yield cell("tails-lost", at(arm, last, "mix", 4) / true[4])
    yield cell("hallucinates", at("base", 0, "right") - at(arm, last, "right"))
    real = risk("real", last)
    yield cell("worse-than-real", 1 + (end - real) / real.mean())


def _language(table: pd.DataFrame, run: Mapping[str, Any], rng: np.random.Generator) -> Iterator[_Cell]:
    # Replicates are paired by seed; the arms have seeds in common, but not all the same number.
    table = table[table["seed"].isin(table[table["arm"] == run["arm"]]["seed"])]
    wide = table.pivot_table(index=["arm", "generation", "quantity", "level"], columns="seed", values="value")

    def at(arm: str, generation: int, quantity: str, level: int = 0) -> np.ndarray:
        return wide.loc[(arm, generation, quantity, level)].to_numpy()

    def cell(definition: str, sample: np.ndarray) -> _Cell:
        found = reporting.summarise(sample, rng)
        return definition, *(float(found[key]) for key in ("value", "low", "high")), len(sample)

    arm, last = run["arm"], int(table[table["arm"] == run["arm"]]["generation"].max())
    base, end = at(arm, 0, "loss"), at(arm, last, "loss")
    yield cell("risk-up", np.exp(end - base))
    middle = (last + 1) // 2
    half = at(arm, middle, "loss")
    yield cell("risk-diverges", ((end - half) / (last - middle)) / ((half - base).mean() / middle))
    # What model 0 writes is the measure here: it too lacks words that are rare in real text.
    for definition, quantity, level in (
        ("variance-vanishes", "distinct", 2),
        ("modes-lost", "alive", int(table[table["quantity"] == "alive"]["level"].max())),
        ("tails-lost", "alive", 1),
    ):
        first = at(arm, 0, quantity, level)
        yield cell(definition, 1 + (at(arm, last, quantity, level) - first) / first.mean())
    yield cell("hallucinates", at(arm, last, "unknown") - at(arm, 0, "unknown"))
    real = int(table[table["arm"] == "real"]["generation"].max())
    yield cell("worse-than-real", np.exp(end - at("real", real, "loss")))


_READERS: dict[str, Callable[..., Iterator[_Cell]]] = {
    "gaussian": _gaussian,
    "words": _words,
    "regression": _regression,
    "cut": _cut,
    "foundry": _foundry,
    "language": _language,
}
