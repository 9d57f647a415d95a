"""From the tables of the verification experiment to its estimates."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.intervals import bootstrap_mean, normal_interval
from ouroboros.stats.verification import breakdown_point, contraction


def analyse_verification(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Estimates of the verification experiment.

    Parameters
    ----------
    table : pandas.DataFrame
        Tables of `ouroboros.experiments.curation.verification.simulate`, with the leading column ``job``.
    parameters : mapping
        Those of the tier.
    """
    rng = np.random.default_rng(parameters["analysis_seed"])
    return [
        *_breakdown(table, parameters["breakdown"]),
        *_centre(table, parameters["centre"]),
        *_regression(table, parameters["regression"]),
        *_digits(table, parameters["digits"], rng),
    ]


def _plain(
    name: str, value: float, n: int, description: str, unit: str = "", method: str = "exact"
) -> Estimate:
    value = float(value)
    return Estimate(name, value, value, value, n, unit, method=method, description=description)


def _normal(name: str, value: float, error: float, n: int, description: str, unit: str = "") -> Estimate:
    ends = normal_interval(value, error)
    words = {"method": "normal", "description": description}
    return Estimate(name, float(value), float(ends.low), float(ends.high), n, unit, **words)


# --------------------------------------------------------------------------------------------------
# Breakdown


def crossing(errors: NDArray, accuracies: NDArray, level: float) -> float:
    """Error rate at which a falling curve of accuracies passes a level, by linear interpolation."""
    falling = np.minimum.accumulate(accuracies)
    return float(np.interp(-level, -falling, errors))


def _pair(arm: str) -> tuple[float, float]:
    phi, psi = arm.split("/")
    return float(phi), float(psi)


def _curves(table: pd.DataFrame, world: str) -> Iterator[tuple[str, int, NDArray, NDArray, float]]:
    """Arm, size, error rates, accuracies, and items kept at the breakdown point."""
    rows = table[table["world"] == world]
    for (arm, size), part in rows.groupby(["arm", "size"], sort=True):
        wide = part.pivot(index="x", columns="quantity", values="value").sort_index()
        kept = float(np.interp(breakdown_point(*_pair(arm)), wide.index, wide["kept"]))
        yield arm, int(size), wide.index.to_numpy(), wide["accuracy"].to_numpy(), kept


def _breakdown(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    for world, fits in (("breakdown", parameters["fits"]), ("raw", parameters["raw_fits"])):
        off, excess = [], []
        widths: dict[str, list[tuple[int, float]]] = {}
        for arm, size, errors, accuracies, kept in _curves(table, world):
            deviation = abs(crossing(errors, accuracies, 0.5) - breakdown_point(*_pair(arm)))
            off.append(deviation)
            excess.append(deviation - (0.01 + 2 / math.sqrt(kept)))
            width = crossing(errors, accuracies, 0.25) - crossing(errors, accuracies, 0.75)
            widths.setdefault(arm, []).append((size, width))
        yield _plain(
            f"{world}-deviation", max(off), fits, "largest distance of the switch from the closed form"
        )
        yield _plain(
            f"{world}-excess", max(excess), fits, "the same beyond 0.01 + 2/√kept, largest over cells"
        )
        if world == "breakdown":
            slopes = [np.polyfit(*np.log(np.array(pairs)).T, 1)[0] for pairs in widths.values()]
            words = "slope of log width of the transition against log sample size"
            yield _plain("width-slope-lowest", min(slopes), fits, f"{words}, lowest over verifiers")
            yield _plain("width-slope-highest", max(slopes), fits, f"{words}, highest over verifiers")
    yield from _scale(table, parameters)
    yield _rescue(table, parameters)


def _cells(table: pd.DataFrame, world: str) -> pd.DataFrame:
    rows = table[table["world"] == world]
    return rows.pivot(index=["arm", "size", "x"], columns="quantity", values="value").reset_index()


def _scale(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    """Largest against smallest sample just below and just above the breakdown point, worst verifier."""
    cells = _cells(table, "beside")
    small, large = min(parameters["sizes"]), max(parameters["sizes"])
    changes: dict[str, list[tuple[float, float]]] = {"below": [], "above": []}
    for arm, part in cells.groupby("arm", sort=True):
        for (_, few), (_, many) in zip(
            part[part["size"] == small].sort_values("x").iterrows(),
            part[part["size"] == large].sort_values("x").iterrows(),
            strict=True,
        ):
            side = "below" if few["x"] < breakdown_point(*_pair(arm)) else "above"
            gain = many["accuracy"] - few["accuracy"]
            changes[side].append((gain, math.hypot(many["accuracy-se"], few["accuracy-se"])))
    words = f"accuracy from {large:,} instead of {small:,} generated items, error rate {parameters['beside']}"
    low, high = min(changes["below"]), max(changes["above"])
    n = parameters["fits"]
    yield _normal("more-data-below", *low, n, f"{words} below the breakdown point, least over verifiers")
    yield _normal("more-data-above", *high, n, f"{words} above the breakdown point, greatest over verifiers")


def _rescue(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Estimate:
    """Gain over the generator's own labels 0.05 or more below the breakdown point, least over verifiers."""
    cells = _cells(table, "phase")
    gains = []
    for arm, part in cells.groupby("arm", sort=True):
        phi, psi = _pair(arm)
        if phi <= psi:
            continue
        reach = part[part["x"] <= breakdown_point(phi, psi) - 0.05].sort_values("x").iloc[-1]
        gains.append((reach["accuracy"] - (1 - reach["x"]), reach["accuracy-se"]))
    words = "accuracy above the generator's labels, at most one grid step and 0.05 below the breakdown point"
    return _normal("verified-over-generator", *min(gains), parameters["fits"], words)


# --------------------------------------------------------------------------------------------------
# Knowledge centre


def _centre(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    rows = table[table["world"] == "centre"]
    chains = parameters["chains"]
    residual = rows[rows["quantity"] == "residual"]["value"].abs().max()
    words = "steps against the mean of a truncated normal, pooled over chains and rounds, largest over cells"
    yield _plain("centre-max-z", residual, chains, words, method="max-z")

    paths = {}
    rates: dict[float, list[float]] = {}
    for arm, part in rows.groupby("arm", sort=True):
        bias, radius, start = (float(piece) for piece in arm.split("/"))
        curve = part.pivot(index="x", columns="quantity", values="value").sort_index()
        paths[bias, radius, start] = curve
        if radius <= 1.5 and abs(start - bias) > 0.2:
            rates.setdefault(radius, []).append(curve["rate"].dropna().iloc[0] / contraction(radius) - 1)
    # The rate depends on the tolerance alone. At the narrowest one an estimate is close to the centre after two
    # rounds, and one cell's rate has a sampling error of 6 %; the mean over cells has a third of that.
    off = max(abs(float(np.mean(deviations))) for deviations in rates.values())
    words = "fitted contraction against a truncated variance, relative, mean over cells of one tolerance"
    yield _plain("rate-deviation", off, chains, words)
    yield from _published_path(paths, chains)
    yield from _ends(paths, parameters)


def _published_path(paths: Mapping[tuple, pd.DataFrame], chains: int) -> Iterator[Estimate]:
    curve = paths.get((0.6, 1.5, 0.0))
    if curve is None:
        return
    for t in (1, 4, 8):
        value, error = curve.loc[t, "estimate"], curve.loc[t, "error-se"]
        words = f"location after {t} rounds, tolerance 1.5, from 0 towards 0.6"
        yield _normal(f"path-t{t}", value, error, chains, words, "σ")


def _ends(paths: Mapping[tuple, pd.DataFrame], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    chains = parameters["chains"]
    far = max(map(abs, parameters["starts"]))
    near = min(abs(start) for start in parameters["starts"] if start)
    gains, reversals, harms, finals, rises = [], [], [], [], []
    for (bias, _radius, start), curve in paths.items():
        error, se = curve["error"], curve["error-se"]
        last = error.index[-1]
        if bias == 0 and abs(start) == far:
            gains.append((error[0] - error[1], math.hypot(se[0], se[1])))
        if bias == 0:
            continue
        finals.append(abs(error[last] / bias - 1))
        if start == -far:
            lowest = error.idxmin()
            reversals.append(((error[last] - error[lowest]) / bias, math.hypot(se[last], se[lowest]) / bias))
        if start == far:
            rises.append(error.diff().max())
        if start == -near:
            harms.append((error[last] - error[0], math.hypot(se[last], se[0])))
    yield _normal(
        "first-round-gain", *min(gains), chains, "fall of the error in one round, unbiased verifier", "σ"
    )
    words = "rise of the error from its lowest point to the end, in units of the bias, start across the truth"
    yield _normal("reversal-least", *min(reversals), chains, f"{words}, least over cells")
    yield _normal("reversal-greatest", *max(reversals), chains, f"{words}, greatest over cells")
    words = "rise of the error of a good model under a biased verifier"
    yield _normal("harm-to-good-least", *min(harms), chains, f"{words}, least over cells", "σ")
    yield _normal("harm-to-good-greatest", *max(harms), chains, f"{words}, greatest over cells", "σ")
    yield _plain(
        "final-error-deviation", max(finals), chains, "final error against the bias, relative, largest"
    )
    words = "largest rise of the error in one round, start on the verifier's side of the truth"
    yield _plain("same-side-rise", max(rises), chains, words, "σ")


def _regression(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    z = table[(table["world"] == "regression") & (table["quantity"] == "residual")]["value"].abs().max()
    words = "shrinkage of one round of linear regression against its closed form, largest over rounds"
    yield _plain("regression-max-z", z, parameters["chains"], words, method="max-z")


# --------------------------------------------------------------------------------------------------
# Digits


def _digits(
    table: pd.DataFrame, parameters: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[Estimate]:
    rows = table[(table["world"] == "digits") & (table["quantity"] == "accuracy")]
    paths = {
        int(arm): part.pivot(index="replicate", columns="x", values="value")
        .loc[parameters["seeds"]]
        .to_numpy()
        for arm, part in rows.groupby("arm")
    }
    last = parameters["rounds"]

    def mean(name: str, sample: NDArray, description: str) -> Estimate:
        value = float(np.mean(sample))
        if len(sample) < 2:
            return _plain(name, value, 1, description)
        ends = bootstrap_mean(sample, rng, resamples=4000)
        low, high = min(float(ends.low), value), max(float(ends.high), value)
        return Estimate(name, value, low, high, len(sample), description=description)

    weak, strong = min(judge for judge in paths if judge), max(paths)
    yield mean("digits-start", paths[0][:, 0], "accuracy of a student of the first generation, unfiltered")
    for judge, path in sorted(paths.items()):
        who = f"a judge of {judge} real images" if judge else "no judge"
        yield mean(f"digits-{judge}-last", path[:, last], f"accuracy after {last} rounds with {who}")
        change = path[:, last] - path[:, 0]
        yield mean(f"digits-{judge}-change", change, f"change over {last} rounds with {who}")
    for t in (1, 2):
        gain = paths[strong][:, t] - paths[0][:, t]
        yield mean(f"digits-strong-over-none-t{t}", gain, f"gain from the strongest judge in round {t}")
    early = paths[weak][:, 1:3].mean(axis=1)
    yield mean(
        "digits-weak-late-over-early",
        paths[weak][:, last] - early,
        f"round {last} against the mean of rounds 1 and 2 with the weakest judge",
    )
    best = paths[strong][:, last] - paths[weak][:, last]
    yield mean("digits-strong-over-weak", best, f"strongest against weakest judge in round {last}")
