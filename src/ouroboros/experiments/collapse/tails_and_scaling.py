r"""More data, of which kind: scaling laws of a perfect memory on a cut tail, and of regression on a mixture.

Zipf part: a learner that remembers every symbol is given T draws from the true law (``whole``), from the law without
the symbols beyond a rank (``cut-<rank>``), from such a law mixed with true draws (``cut-<rank>-real-<share>``) or from
the frequencies of a first sample of the true law (``model-<draws>``). Regression part: least squares on rows of which a
share has labels from other coefficients (``shared-<share>``) or labels with more noise (``noise-<share>``).

`ouroboros.stats.tail_laws` has the laws.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.stats import reporting, tail_laws
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS

COLUMNS = ["part", "arm", "size", "quantity", *SUMMARY_COLUMNS]

_BATCH = 500


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per exponent for the laws, per exponent and arm for the draws, and per number of rows.

    Parameters
    ----------
    parameters : mapping
        ``betas`` exponents; ``symbols`` of the laws; ``fitted`` first and last T of the fit of the exponent;
        ``cuts`` ranks; ``mixed`` with ``cut`` and ``shares``; ``first_samples`` sizes T_0; ``sizes`` all T of the
        curves; ``drawn`` with ``symbols``, ``sizes``, ``replicates``; ``regression`` with ``features``, ``rows``,
        ``shares``, ``draws``, ``noise``, ``offset``.
    """
    found = []
    arms = [*_arms(parameters)]
    for beta in parameters["betas"]:
        law = {
            key: parameters[key] for key in ("symbols", "fitted", "cuts", "mixed", "first_samples", "sizes")
        }
        found.append(Job(f"law-{beta:g}", law | {"part": "law", "beta": beta}))
        for arm in arms:
            cell = parameters["drawn"] | {"part": "drawn", "beta": beta, "arm": arm}
            found.append(Job(f"drawn-{beta:g}-{arm}", cell))
    regression = parameters["regression"]
    for rows in regression["rows"]:
        found.append(Job(f"regression-{rows}", regression | {"part": "regression", "rows": rows}))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Compute the laws of one exponent, or draw one arm, or fit all mixtures of one number of rows.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of draws.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``size`` is T or the number of rows. ``law``: expected error; ``error``: mean over
        replicates; ``law-of-drawn`` and ``deviation``: expectation and (at most) standard deviation of one replicate.
        ``exponent``: fitted fall of the law; ``floor``: mass of the lost tail; ``knee``: T at which draws from the
        true law do as well as any number from the cut one. Regression: ``error``, and in theory ``noise-part``,
        ``offset-part``, ``offset-limit``.
    """
    work = {"law": _laws, "drawn": _drawn, "regression": _regression}[parameters["part"]]
    return pd.DataFrame(list(work(parameters, rng)), columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `simulate`, concatenated, with the leading column ``job``.
    parameters : mapping
        As for `jobs`.
    """
    cells = table.set_index(["part", "arm", "quantity", "size"]).sort_index()
    return [
        *_zipf_checks(cells, parameters),
        *_regression_checks(cells, parameters),
        *_criteria(cells, parameters),
        *_page(cells, parameters),
    ]


# --------------------------------------------------------------------------------------------------
# Zipf.


def _arms(parameters: Mapping[str, Any]) -> Iterator[str]:
    yield "whole"
    for rank in parameters["cuts"]:
        yield f"cut-{rank}"
    mixed = parameters["mixed"]
    for share in mixed["shares"]:
        yield f"cut-{mixed['cut']}-real-{share:g}"
    for first in parameters["first_samples"]:
        yield f"model-{first}"


def _source(arm: str, p: NDArray) -> NDArray:
    """Law that an arm without a first sample draws from."""
    if arm == "whole":
        return p
    _, rank, *rest = arm.split("-", 3)
    share = float(rest[1]) if rest else 0.0
    return share * p + (1 - share) * tail_laws.cut(p, int(rank))


def _first_sample(arm: str) -> int | None:
    return int(arm.removeprefix("model-")) if arm.startswith("model-") else None


def _law(arm: str, p: NDArray, draws: float) -> float:
    first = _first_sample(arm)
    if first is None:
        return tail_laws.missing_mass(p, _source(arm, p), draws)
    return tail_laws.missing_mass_of_second_generation(p, first, draws)


def _row(part: str, arm: str, size: float, quantity: str, value: float) -> dict:
    ends = {"value": value, "se": math.nan, "low": value, "high": value, "replicates": 1}
    return {"part": part, "arm": arm, "size": float(size), "quantity": quantity} | ends


def _laws(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    beta, sizes = parameters["beta"], np.array(parameters["sizes"], dtype=np.float64)
    p = tail_laws.zipf(beta, parameters["symbols"])
    part = f"zipf-{beta:g}"
    for arm in _arms(parameters):
        for size in sizes:
            yield _row(part, arm, size, "law", _law(arm, p, size))
    fitted = np.geomspace(*parameters["fitted"], 13)
    errors = [tail_laws.missing_mass(p, p, size) for size in fitted]
    exponent = -float(np.polyfit(np.log(fitted), np.log(errors), 1)[0])
    yield _row(part, "whole", fitted[-1], "exponent", exponent)
    for rank in parameters["cuts"]:
        floor = float(p[rank:].sum())
        yield _row(part, f"cut-{rank}", rank, "floor", floor)
        yield _row(part, f"cut-{rank}", rank, "knee", _crossing(p, floor, rank**beta))


def _crossing(p: NDArray, floor: float, guess: float) -> float:
    """Draws from p after which the missing mass is down to the floor; bisection on the logarithm."""
    low, high = math.log(guess) - 6, math.log(guess) + 6
    for _ in range(24):
        middle = (low + high) / 2
        if tail_laws.missing_mass(p, p, math.exp(middle)) > floor:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _drawn(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    beta, arm, sizes = parameters["beta"], parameters["arm"], parameters["sizes"]
    p = tail_laws.zipf(beta, parameters["symbols"])
    first, replicates = _first_sample(arm), parameters["replicates"]
    part = f"zipf-{beta:g}"
    errors = np.empty((len(sizes), replicates))
    for k in range(replicates):
        q = _source(arm, p) if first is None else rng.multinomial(first, p) / first
        errors[:, k] = [p[rng.multinomial(size, q) == 0].sum() for size in sizes]
    keys = {"part": part, "arm": arm, "quantity": "error"}
    yield from reporting.rows(keys, "size", [float(s) for s in sizes], reporting.summarise(errors, rng))
    for size in sizes:
        law = _law(arm, p, size)
        yield _row(part, arm, size, "law-of-drawn", law)
        if first is None:
            q = _source(arm, p)
            deviation = tail_laws.missing_mass_deviation(p, q, size)
            # Where next to nothing is left to chance, single symbols decide and no law of large numbers holds.
            if law - p[q == 0].sum() > 3 * deviation > 0:
                yield _row(part, arm, size, "deviation", deviation)


# --------------------------------------------------------------------------------------------------
# Regression.


def _factors(rng: np.random.Generator, batch: int, features: int, rows: int) -> NDArray:
    """Lower triangles L with LL' distributed as X'X for ``rows`` × ``features`` standard normal X (Bartlett 1933).

    Fewer rows than features are drawn as they are.
    """
    if rows < features:
        return np.swapaxes(rng.standard_normal((batch, rows, features)), 1, 2)
    factor = np.tril(rng.standard_normal((batch, features, features)), -1)
    diagonal = np.sqrt(rng.chisquare(rows - np.arange(features), size=(batch, features)))
    factor[:, np.arange(features), np.arange(features)] = diagonal
    return factor


def fit(
    rng: np.random.Generator,
    batch: int,
    features: int,
    real: int,
    synthetic: int,
    noise: float,
    offset: float,
) -> tuple[NDArray, NDArray]:
    """Squared errors of least squares on real and synthetic rows, drawn through their Gram matrices.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of features and noise.
    batch : int
        Independent data sets.
    features, real, synthetic : int
        d, n_1 and n_2.
    noise, offset : float
        s² and c².

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        ‖ŵ − w‖² if the synthetic labels share an offset, and if each has an error of its own; shape (batch,).
    """
    left = _factors(rng, batch, features, real)
    gram = left @ np.swapaxes(left, 1, 2)
    # X'ε given X is normal with covariance s²X'X, so a factor of the Gram matrix is all it takes.
    pull = np.einsum("bij,bj->bi", left, math.sqrt(noise) * rng.standard_normal((batch, left.shape[2])))
    shared, own = pull.copy(), pull.copy()
    if synthetic:
        right = _factors(rng, batch, features, synthetic)
        added = right @ np.swapaxes(right, 1, 2)
        gram = gram + added
        draw = rng.standard_normal((batch, right.shape[2]))
        direction = np.einsum("bij,bj->bi", right, draw)
        shared += math.sqrt(noise) * direction + math.sqrt(offset) * added[:, :, 0]
        own += math.sqrt(noise + offset) * direction
    solved = np.linalg.solve(gram, np.stack([shared, own], axis=2))
    return tuple(np.square(solved).sum(axis=1).T)


def _regression(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    d, n, draws = parameters["features"], parameters["rows"], parameters["draws"]
    noise, offset = parameters["noise"], parameters["offset"]
    for share in parameters["shares"]:
        synthetic = round(share * n)
        batches = [
            fit(rng, min(_BATCH, draws - start), d, n - synthetic, synthetic, noise, offset)
            for start in range(0, draws, _BATCH)
        ]
        noise_part, offset_part = tail_laws.regression_error(d, n, synthetic, noise=noise, offset=offset)
        limit = tail_laws.asymptotic_offset(d, n, synthetic, offset)
        theory = {
            "shared": {"noise-part": noise_part, "offset-part": offset_part, "offset-limit": limit},
            "noise": {"noise-part": noise_part * (1 + synthetic / n * offset / noise), "offset-part": 0.0},
        }
        for place, kind in enumerate(("shared", "noise")):
            arm = f"{kind}-{share:g}"
            sample = np.concatenate([batch[place] for batch in batches])
            keys = {"part": "regression", "arm": arm, "quantity": "error"}
            yield from reporting.rows(keys, "size", [float(n)], reporting.summarise(sample[None], rng))
            for quantity, value in theory[kind].items():
                yield _row("regression", arm, n, quantity, value)


# --------------------------------------------------------------------------------------------------
# Estimates.


def _zipf_checks(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    betas, cuts, drawn = parameters["betas"], parameters["cuts"], parameters["drawn"]
    value = cells["value"]
    yield reporting.largest(
        "exponent-off-law",
        [value[f"zipf-{b:g}", "whole", "exponent"].iloc[0] - (1 - 1 / b) for b in betas],
        1,
        "Largest distance of the fitted exponent of the missing mass from 1 − 1/β",
        unit="exponent",
    )
    last = float(max(parameters["sizes"]))
    yield reporting.largest(
        "floor-off-tail-mass",
        [
            value[f"zipf-{b:g}", f"cut-{k}", "law", last]
            / value[f"zipf-{b:g}", f"cut-{k}", "floor", float(k)]
            - 1
            for b in betas
            for k in cuts
        ],
        1,
        "Largest relative distance of the error on the cut tail, at the largest T, from the lost mass",
        unit="relative",
    )
    slopes = []
    for b in betas:
        floors = [value[f"zipf-{b:g}", f"cut-{k}", "floor", float(k)] for k in cuts]
        slopes.append(np.polyfit(np.log(cuts), np.log(floors), 1)[0] + (b - 1))
    yield reporting.largest(
        "floor-slope-off-law",
        slopes,
        1,
        "Largest distance of the slope of log floor over log rank from −(β − 1)",
        unit="exponent",
    )
    knees = [value[f"zipf-{b:g}", f"cut-{k}", "knee", float(k)] / k**b for b in betas for k in cuts]
    yield reporting.exact(
        "knee-factor",
        max(max(knee, 1 / knee) for knee in knees),
        1,
        "Largest factor between the knee (draws from the true law that do as well as any from the cut one) and k^β",
    )
    scores = []
    for (part, arm, _, size), deviation in value[
        value.index.get_level_values("quantity") == "deviation"
    ].items():
        gap = value[part, arm, "error", size] - value[part, arm, "law-of-drawn", size]
        scores.append(gap / (deviation / math.sqrt(drawn["replicates"])))
    yield reporting.largest(
        "max-z-drawn-error",
        scores,
        drawn["replicates"],
        "Largest distance of the error after actual draws from its expectation",
    )
    for first in parameters["first_samples"]:
        yield reporting.mean(
            f"plateau-model-{first}",
            cells.loc[(f"zipf-{min(betas):g}", f"model-{first}", "error", float(max(drawn["sizes"])))],
            f"Error after the largest number of draws from a model of {first} draws, β = {min(betas):g}",
        )


def _regression_checks(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    regression, value = parameters["regression"], cells["value"]
    scores, shares = [], [share for share in regression["shares"] if share]
    for n in map(float, regression["rows"]):
        for kind in ("shared", "noise"):
            for share in regression["shares"]:
                row = cells.loc[("regression", f"{kind}-{share:g}", "error", n)]
                law = sum(
                    value["regression", f"{kind}-{share:g}", q, n] for q in ("noise-part", "offset-part")
                )
                scores.append((row["value"] - law) / row["se"])
    yield reporting.largest(
        "max-z-regression",
        scores,
        regression["draws"],
        "Largest distance of the squared error of least squares on the mixture from its exact value",
    )
    yield reporting.largest(
        "offset-off-limit",
        [
            value["regression", f"shared-{share:g}", "offset-part", float(n)]
            / value["regression", f"shared-{share:g}", "offset-limit", float(n)]
            - 1
            for n in regression["rows"]
            for share in shares
            if share * n >= 50
        ],
        1,
        "Largest relative distance of the exact systematic error from its limit, at least 50 synthetic rows",
        unit="relative",
    )
    last = float(max(regression["rows"]))
    large = [share for share in shares if share >= 0.01]
    floors = [
        cells.loc[("regression", f"shared-{share:g}", "error", last), "value"]
        - value["regression", f"shared-{share:g}", "noise-part", last]
        for share in large
    ]
    if min(floors) > 0:
        yield reporting.exact(
            "regression-floor-slope",
            np.polyfit(np.log(large), np.log(floors), 1)[0],
            regression["draws"],
            "Slope of log systematic error over log synthetic share, most rows, shares of at least 0.01",
        )


def _criteria(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    betas, drawn = parameters["betas"], parameters["drawn"]
    few, many = sorted(map(float, drawn["sizes"]))[-2:]
    rank = min(parameters["cuts"])
    yield reporting.extreme(
        "whole-over-cut",
        [
            reporting.ratio(
                "ratio",
                cells.loc[(f"zipf-{b:g}", "whole", "error", few)],
                cells.loc[(f"zipf-{b:g}", f"cut-{rank}", "error", many)],
                "",
            )
            for b in betas
        ],
        f"Error after {few:.0e} draws from the true law over that after {many:.0e} from the law cut at {rank}, worst β",
        end="high",
        largest=True,
    )
    below = []
    for b in betas:
        size = _nearest(parameters["sizes"], max(parameters["cuts"]) ** b / 100)
        ratio = cells.loc[(f"zipf-{b:g}", f"cut-{max(parameters['cuts'])}", "law", size), "value"]
        below.append(ratio / cells.loc[(f"zipf-{b:g}", "whole", "law", size), "value"])
    yield reporting.exact(
        "cut-over-whole-below-knee",
        max(below),
        1,
        "Error on the cut law over that on the true one at a hundredth of the knee, worst β, largest rank",
    )
    mixed = parameters["mixed"]
    arm = f"cut-{mixed['cut']}-real-{min(mixed['shares']):g}"
    resumed, sizes = [], sorted(map(float, parameters["sizes"]))
    for b in betas:
        a, z = (cells.loc[(f"zipf-{b:g}", arm, "law", size), "value"] for size in (sizes[-1] / 10, sizes[-1]))
        resumed.append(math.log10(a / z) / (1 - 1 / b))
    yield reporting.exact(
        "scaling-resumed",
        min(resumed),
        1,
        f"Exponent over the last tenfold of T with {min(mixed['shares']):.0%} true draws, over 1 − 1/β, worst β",
    )
    tail = [
        reporting.ratio(
            "ratio",
            cells.loc[(f"zipf-{b:g}", f"model-{first}", "error", few)],
            cells.loc[(f"zipf-{b:g}", f"model-{first}", "error", many)],
            "",
        )
        for b in betas
        for first in parameters["first_samples"]
        if first * 10 <= few
    ]
    if tail:
        yield reporting.extreme(
            "gain-from-more-of-a-model",
            tail,
            f"Error after {few:.0e} draws from a model over that after {many:.0e}, largest over β and first samples",
            end="high",
            largest=True,
        )
    regression = parameters["regression"]
    first, last = sorted(map(float, regression["rows"]))[-2:]
    for share in (s for s in regression["shares"] if s):
        for kind in ("shared", "noise"):
            yield reporting.ratio(
                f"{kind}-{share:g}-gain",
                cells.loc[("regression", f"{kind}-{share:g}", "error", first)],
                cells.loc[("regression", f"{kind}-{share:g}", "error", last)],
                f"Squared error with {first:.0e} rows over that with {last:.0e}, synthetic share {share:g}, "
                + ("offset shared by all" if kind == "shared" else "an error of its own for each"),
            )
    smallest = min(s for s in regression["shares"] if s)
    yield reporting.ratio(
        "smallest-share-cost",
        cells.loc[("regression", f"shared-{smallest:g}", "error", last)],
        cells.loc[("regression", "shared-0", "error", last)],
        f"Squared error with a synthetic share of {smallest:g} over that with none, {last:.0e} rows",
    )


def _page(cells: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    for b in parameters["betas"]:
        part = f"zipf-{b:g}"
        exponent = cells.loc[part].xs("exponent", level="quantity")["value"].iloc[0]
        yield reporting.exact(
            f"exponent-{b:g}", exponent, 1, f"Fitted exponent of the missing mass, β = {b:g}"
        )
        for k in parameters["cuts"]:
            for quantity, words in (
                ("floor", "Error that no number of draws from the cut law removes"),
                ("knee", "Draws from the true law that do as well as any number from the cut one"),
            ):
                yield reporting.exact(
                    f"{quantity}-{b:g}-cut-{k}",
                    cells.loc[(part, f"cut-{k}", quantity, float(k)), "value"],
                    1,
                    f"{words}, β = {b:g}, rank {k}",
                    unit="draws" if quantity == "knee" else "",
                )
    regression = parameters["regression"]
    for share in (s for s in regression["shares"] if s):
        rows = regression["noise"] * regression["features"] / (share**2 * regression["offset"])
        yield reporting.exact(
            f"rows-until-offset-{share:g}",
            rows,
            1,
            f"Rows beyond which the systematic error exceeds the noise, synthetic share {share:g}: s²d/(p_2²c²)",
            unit="rows",
        )


def _nearest(sizes: Sequence[float], wanted: float) -> float:
    return float(min(sizes, key=lambda size: abs(math.log(size / wanted))))
