r"""A model that learns from a stream in which its own output is partly marked and partly filtered out.

Of the documents that arrive, a share s was written by the last model. A share ω of the generators marks its output;
a detector with true-positive rate TPR and false-positive rate FPR drops what it flags. What passes holds the share

    s' = s(1 − ωTPR) / [s(1 − ωTPR) + (1 − s)(1 − FPR)]

of generated text. A generator that does not take part and one whose mark was stripped are the same thing here.

The next model estimates the frequencies of K symbols from what passed. Three ways of counting:

``whole``   n tokens of the last model, mixed at weight s' with the whole real text (resampled to constant n);
``shrunk``  the same, but only the tokens that passed, so that filtering also makes the sample smaller;
``fresh``   s'n tokens of the last model and (1 − s')n newly drawn real ones.

The drift is V = E‖p_t − p_0‖² at its stationary level, in units of one sample's error (1 − S_0)/n; closed forms are
those of `ouroboros.stats.wright_fisher` with s' as the share of the model.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS, exact, extreme, interval, mean, ratio, rows, summarise
from ouroboros.stats.wright_fisher import expected_error, limiting_error

ARMS = ("whole", "shrunk", "fresh")
COLUMNS = ["arm", "filter", "adoption", "quantity", *SUMMARY_COLUMNS]
NONE = "none"


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per arm, detector and adoption, and one per arm without a filter.

    Parameters
    ----------
    parameters : mapping
        ``symbols``, ``exponent`` of their Zipf law, ``n`` tokens a generation, ``chains``, ``generations`` and
        ``burn-in``; ``documents`` that arrive a generation; ``synthetic`` share s; ``false-positive`` rate;
        ``detectors`` with the true-positive rate by number of tokens; ``adoption`` shares, by name; ``published``
        (optional) closed-form values [s', units] by detector.

    Raises
    ------
    ValueError
        If the chains are not run long enough to forget their start.
    """
    memory = 1 / (1 - parameters["synthetic"] ** 2)
    if parameters["burn-in"] < 3 * memory or parameters["generations"] <= parameters["burn-in"]:
        raise ValueError(
            f"burn-in: {parameters['burn-in']} (at least {3 * memory:.0f}, and fewer than all generations)"
        )
    fixed = ("symbols", "exponent", "n", "chains", "generations", "burn-in", "documents", "synthetic")
    common = {name: parameters[name] for name in (*fixed, "false-positive")}
    found = []
    for arm in ARMS:
        cells = [(NONE, "all", 0.0)] + [
            (detector, adoption, rate * share)
            for detector, rate in parameters["detectors"].items()
            for adoption, share in parameters["adoption"].items()
        ]
        for detector, adoption, caught in cells:
            cell = {"arm": arm, "filter": detector, "adoption": adoption, "caught": caught}
            found.append(Job(f"{arm}-{detector}-{adoption}", common | cell))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all chains of one cell.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of documents and tokens.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``drift`` in units of one sample's error, and ``share`` of generated text that passed,
        each a mean over generations after the burn-in, summarised over chains.
    """
    truth = frequencies(parameters["symbols"], parameters["exponent"])
    n, chains = parameters["n"], parameters["chains"]
    unit = (1 - np.sum(truth**2)) / n
    passes = 1.0 if parameters["filter"] == NONE else 1 - parameters["false-positive"]
    kept_by_mark = 1 - parameters["caught"]
    written = round(parameters["documents"] * parameters["synthetic"])
    real = parameters["documents"] - written
    model = np.broadcast_to(truth, (chains, len(truth))).copy()
    drift, share = np.zeros(chains), np.zeros(chains)
    counted = parameters["generations"] - parameters["burn-in"]
    for generation in range(parameters["generations"]):
        generated = rng.binomial(written, kept_by_mark, chains)
        a = generated / (generated + rng.binomial(real, passes, chains))
        model = _next(parameters["arm"], model, truth, a, generated / written, n, rng)
        if generation >= parameters["burn-in"]:
            drift += np.sum((model - truth) ** 2, axis=1) / unit / counted
            share += a / counted
    keys = {name: parameters[name] for name in ("arm", "filter", "adoption")}
    both = summarise(np.stack([drift, share]), rng)
    return pd.DataFrame(rows(keys, "quantity", ["drift", "share"], both), columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    cells = {
        (row["arm"], row["filter"], row["adoption"], row["quantity"]): row
        for row in table.to_dict(orient="records")
    }
    return [*_checks(cells, parameters), *_results(cells, parameters)]


# --- the recursion -----------------------------------------------------------------------------------------


def frequencies(symbols: int, exponent: float) -> NDArray:
    """Zipf law: p_i ∝ i^{-exponent}."""
    weights = np.arange(1, symbols + 1, dtype=np.float64) ** -exponent
    return weights / weights.sum()


def residual_share(synthetic: float, caught: float, false_positive: float) -> float:
    """Share of generated text among what a filter lets pass."""
    generated = synthetic * (1 - caught)
    return generated / (generated + (1 - synthetic) * (1 - false_positive))


def _next(
    arm: str,
    model: NDArray,
    truth: NDArray,
    a: NDArray,
    passed: NDArray,
    n: int,
    rng: np.random.Generator,
) -> NDArray:
    if arm == "fresh":
        own = np.rint(a * n).astype(np.int64)
        counts = rng.multinomial(own, model) + rng.multinomial(n - own, truth)
        return counts / n
    tokens = np.maximum(np.rint(passed * n), 1).astype(np.int64) if arm == "shrunk" else np.full(len(a), n)
    counts = rng.multinomial(tokens, model)
    return a[:, None] * (counts / tokens[:, None]) + (1 - a[:, None]) * truth


def closed_form(arm: str, n: int, s0: float, a: float, passed: float) -> float:
    """Stationary drift in units of (1 − S_0)/n."""
    unit = (1 - s0) / n
    if arm == "fresh":
        # Far past the memory of the recursion, 1/(1 − a²) generations.
        return expected_error("fresh", n, n * (1 - a), s0, 400) / unit
    tokens = n * passed if arm == "shrunk" else n
    return limiting_error(tokens, tokens * (1 - a), s0) / unit


# --- estimates ---------------------------------------------------------------------------------------------


def _checks(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    s0 = float(np.sum(frequencies(parameters["symbols"], parameters["exponent"]) ** 2))
    synthetic, wrong = parameters["synthetic"], parameters["false-positive"]
    worst: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for (arm, detector, adoption, quantity), row in cells.items():
        if quantity == "drift":
            none = detector == NONE
            caught = 0.0 if none else parameters["detectors"][detector] * parameters["adoption"][adoption]
            a = residual_share(synthetic, caught, 0.0 if none else wrong)
            expected = closed_form(arm, parameters["n"], s0, a, 1 - caught)
            worst[arm].append(abs(row["value"] / expected - 1))
    for arm, departures in worst.items():
        words = f"Largest relative departure of the drift from its closed form, arm {arm}"
        yield exact(f"departure-{arm}", max(departures), parameters["chains"], words)
    departures = []
    for detector, (share, units) in parameters.get("published", {}).items():
        a = residual_share(synthetic, parameters["detectors"][detector], wrong)
        departures += [abs(a / share - 1), abs(a**2 / (1 - a**2) / units - 1)]
    if departures:
        words = "Largest relative departure of residual share and drift from the reference's table"
        yield exact("table-departure", max(departures), len(departures), words)


def _results(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    best = list(parameters["detectors"])[-1]
    first = next(iter(parameters["detectors"]))
    full, least = next(iter(parameters["adoption"])), list(parameters["adoption"])[-1]
    removed: dict[str, list[Estimate]] = {full: [], least: []}
    for arm in ARMS:
        none = cells[arm, NONE, "all", "drift"]
        yield mean(f"drift-{arm}-none", none, "Drift without a filter, in errors of one sample")
        for detector in parameters["detectors"]:
            for adoption in parameters["adoption"]:
                name = f"{arm}-{detector}-{adoption}"
                row = cells[arm, detector, adoption, "drift"]
                yield mean(f"drift-{name}", row, "Drift in errors of one sample")
                yield ratio(f"benefit-{name}", none, row, "How many times smaller the filter makes the drift")
                left = ratio(f"left-{name}", row, none, "Share of the drift that is left")
                gone = interval(
                    f"removed-{name}",
                    1 - left.value,
                    1 - left.high,
                    1 - left.low,
                    left.n,
                    "Share of the drift that the filter removes",
                )
                yield gone
                if detector == best and adoption in removed:
                    removed[adoption].append(gone)
    for adoption, found in removed.items():
        words = f"Least share of the drift removed over the ways of counting, adoption {adoption}"
        yield extreme(f"removed-least-{adoption}", found, words)
        words = f"Largest share of the drift removed over the ways of counting, adoption {adoption}"
        yield extreme(f"removed-most-{adoption}", found, words, end="high", largest=True)
    for detector in parameters["detectors"]:
        row = cells["whole", detector, full, "share"]
        yield mean(f"share-{detector}-{full}", row, "Share of generated text among what passes")
    for arm in ARMS:
        yield ratio(
            f"quality-over-adoption-{arm}",
            cells[arm, best, least, "drift"],
            cells[arm, first, full, "drift"],
            "Drift with the best detector at the lowest adoption over that with the weakest at full adoption",
        )
    benefits = [
        ratio("x", cells[arm, NONE, "all", "drift"], cells[arm, best, least, "drift"], "Benefit")
        for arm in ARMS
    ]
    words = "Largest benefit of the best detector at the lowest adoption, over the ways of counting"
    yield extreme("benefit-most-least-adoption", benefits, words, end="high", largest=True)
