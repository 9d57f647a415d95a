r"""Tabular synthetic data: what it is worth for training, and what it tells about who was trained on.

Every replicate splits a data set at random into four: *members* train the generator, *outsiders* do not, the
*reference* trains the attacker's shadow generator, *fresh* records are kept for a control. Chance then predicts an area
of exactly one half for any attack on anything that does not depend on who is a member.

Two controls hold the attack in place: a "generator" that hands out fresh real records must come out at one half, one
that hands out the members themselves at one. The noise of the private generator is audited by the strongest attacker
there is, who knows all records but one: that attack reaches the ceiling that the guarantee sets, and never more.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import datasets

from ouroboros.experiments.compliance.tabular_generators import (
    Domain,
    add_noise,
    generate,
    label_counts,
    noise_scale,
)
from ouroboros.experiments.compliance.tabular_risk import ATTACKS, Scale, attack, distances, utility
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.privacy import area_under_curve, attack_ceiling, gaussian_delta, gaussian_mu
from ouroboros.stats.reporting import SUMMARY_COLUMNS, exact, extreme, largest, mean, rows, summarise

DATA = ("cancer", "diabetes", "digits")
FRESH = "fresh"
MEASURES = (*ATTACKS, "closer", "dcr", "nndr", "copies", "utility", "lost")
COLUMNS = ["data", "generator", "epsilon", "quantity", *SUMMARY_COLUMNS]


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per data set and generator, and one for the audit of the noise.

    Parameters
    ----------
    parameters : mapping
        ``data`` (of `DATA`), ``generators`` without a guarantee, ``epsilons`` by name and ``delta`` of the private
        one, ``replicates``; ``audit`` with ``records``, ``features`` and ``draws``.

    Raises
    ------
    ValueError
        If a data set is unknown.
    """
    found = []
    for data in parameters["data"]:
        if data not in DATA:
            raise ValueError(f"data: {data!r} (one of {', '.join(DATA)} needed)")
        common = {"data": data, "replicates": parameters["replicates"], "delta": parameters["delta"]}
        for kind in (*parameters["generators"], FRESH):
            found.append(Job(f"{data}-{kind}", common | {"generator": kind}))
        for name, epsilon in parameters["epsilons"].items():
            cell = {"generator": "private", "name": name, "epsilon": epsilon}
            found.append(Job(f"{data}-private-{name}", common | cell))
    audit = {
        "data": "audit",
        "epsilons": parameters["epsilons"],
        "delta": parameters["delta"],
        **parameters["audit"],
    }
    return [*found, Job("audit", audit)]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run all replicates of one generator on one data set.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of splits, tables and noise.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``lost`` is the area that training on the synthetic table gives away against training on
        the members themselves. For the audit, ``known`` is the area that the best-informed attacker reaches.
    """
    if parameters["data"] == "audit":
        return pd.DataFrame(list(_audit(parameters, rng)), columns=COLUMNS)
    table, domain = load(parameters["data"])
    found = np.array([_once(table, domain, parameters, rng) for _ in range(parameters["replicates"])])
    keys = {
        "data": parameters["data"],
        "generator": parameters["generator"],
        "epsilon": _guarantee(parameters["name"]) if "name" in parameters else "none",
    }
    return pd.DataFrame(rows(keys, "quantity", MEASURES, summarise(found.T, rng)), columns=COLUMNS)


def _once(
    table: NDArray, domain: Domain, parameters: Mapping[str, Any], rng: np.random.Generator
) -> list[float]:
    size = len(table) // 4
    mixed = table[rng.permutation(len(table))]
    members, outsiders, reference, fresh = (mixed[k * size : (k + 1) * size] for k in range(4))
    kind = parameters["generator"]
    if kind == FRESH:
        half = rng.permutation(size)
        synthetic, shadow = fresh, reference[half]
    else:
        guarantee = {"epsilon": parameters.get("epsilon", math.inf), "delta": parameters["delta"]}
        synthetic, shadow = (
            generate(kind, real, domain, size, rng, **guarantee) for real in (members, reference)
        )
    scale = Scale.of(reference)
    found = attack(members, outsiders, synthetic, shadow, scale) | distances(
        members, outsiders, synthetic, scale
    )
    found["utility"] = utility(synthetic, outsiders)
    found["lost"] = utility(members, outsiders) - found["utility"]
    return [found[name] for name in MEASURES]


def load(name: str) -> tuple[NDArray, Domain]:
    """A data set of scikit-learn's wheel with a binary label last, and the ranges that count as public.

    Images of digits are added up to four by four cells and labelled by whether the digit is above four; the progression
    of diabetes by whether it lies above its median.
    """
    loader = {
        "cancer": datasets.load_breast_cancer,
        "diabetes": datasets.load_diabetes,
        "digits": datasets.load_digits,
    }[name]
    features, target = loader(return_X_y=True)
    if name == "digits":
        features = features.reshape(-1, 4, 2, 4, 2).sum(axis=(2, 4)).reshape(-1, 16)
        target = target > 4
    elif name == "diabetes":
        target = target > np.median(target)
    table = np.column_stack([features, target.astype(float)])
    return table, Domain.of(table, [False] * features.shape[1] + [True])


def _guarantee(name: str) -> str:
    """Name of a budget that a table read back from CSV does not take for a number."""
    return f"epsilon {name}"


def _audit(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    """Tell two tables that differ in one record apart by their noisy counts."""
    features, draws = parameters["features"], parameters["draws"]
    table = rng.random((parameters["records"], features + 1))
    table[:, -1] = table[:, -1] > 0.5
    # The record that is replaced changes every column, so that the bound on its influence is attained.
    table[0, :-1], table[0, -1] = 0.01, 0.0
    other = table.copy()
    other[0] = 0.99
    other[0, -1] = 1.0
    domain = Domain(np.zeros(features + 1), np.ones(features + 1), (0,) * features + (2,))
    counts = [np.concatenate([c.ravel() for c in label_counts(t, domain)]) for t in (table, other)]
    direction = counts[0] - counts[1]
    for name, epsilon in parameters["epsilons"].items():
        scale = noise_scale(features, epsilon, parameters["delta"])
        areas = np.array(
            [
                area_under_curve(
                    *(
                        [add_noise([count], scale, rng)[0] @ direction for _ in range(draws)]
                        for count in counts
                    )
                )
                for _ in range(parameters["batches"])
            ]
        )
        keys = {"data": "audit", "generator": "private", "epsilon": _guarantee(name)}
        yield from rows(keys, "quantity", ["known"], summarise(areas[None, :], rng))


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    cells = {
        (row["data"], row["generator"], row["epsilon"], row["quantity"]): row
        for row in table.to_dict(orient="records")
    }
    return [*_checks(cells, parameters), *_results(cells, parameters)]


def _arms(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, generator and guarantee of every arm."""
    yield from ((kind, kind, "none") for kind in (*parameters["generators"], FRESH))
    yield from ((f"private-{name}", "private", _guarantee(name)) for name in parameters["epsilons"])


def _checks(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    scores, known, copied, delta = [], [], [], parameters["delta"]
    for data in parameters["data"]:
        for name in ATTACKS:
            row = cells[data, FRESH, "none", name]
            scores.append((row["value"] - 0.5) / row["se"])
        copied.append(cells[data, "copy", "none", "distance"]["value"])
    yield exact("copied", min(copied), parameters["replicates"], "Distance attack on plain copies, lowest")
    yield largest(
        "max-z-fresh", scores, parameters["replicates"], "Largest departure of the control from one half"
    )
    errors = []
    for name, epsilon in parameters["epsilons"].items():
        mu = gaussian_mu(epsilon, delta)
        row = cells["audit", "private", _guarantee(name), "known"]
        known.append((row["value"] - attack_ceiling(mu)) / row["se"])
        errors.append(gaussian_delta(epsilon, mu) / delta - 1)
        yield exact(f"ceiling-{name}", attack_ceiling(mu), 1, "Area that no attack exceeds")
    words = "Largest departure of the best-informed attack from the ceiling of the guarantee"
    yield largest("max-z-known", known, parameters["audit"]["batches"], words)
    yield largest("delta-error", errors, 1, "Largest relative departure of δ from its target", unit="")


def _results(cells: Mapping[tuple, Mapping], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    for arm, kind, epsilon in _arms(parameters):
        for quantity in MEASURES:
            found = [
                mean(f"{quantity}-{arm}-{data}", cells[data, kind, epsilon, quantity], _WORDS[quantity])
                for data in parameters["data"]
            ]
            yield from found
            over = _average([cells[data, kind, epsilon, quantity] for data in parameters["data"]])
            yield mean(f"{quantity}-{arm}", over, f"{_WORDS[quantity]}, mean over data sets")
            yield extreme(
                f"{quantity}-{arm}-most", found, f"{_WORDS[quantity]}, highest of the data sets", largest=True
            )
            yield extreme(f"{quantity}-{arm}-least", found, f"{_WORDS[quantity]}, lowest of the data sets")


def _average(cells: list[Mapping]) -> dict[str, Any]:
    """Mean of independent means, with a normal interval."""
    value = float(np.mean([cell["value"] for cell in cells]))
    se = math.sqrt(sum(cell["se"] ** 2 for cell in cells)) / len(cells)
    ends = value - 1.959964 * se, value + 1.959964 * se
    replicates = min(int(cell["replicates"]) for cell in cells)
    return {"value": value, "se": se, "low": ends[0], "high": ends[1], "replicates": replicates}


_WORDS = {
    "distance": "Area under the curve of the distance attack",
    "density": "Area under the curve of the density attack",
    "joint": "Area under the curve of both attacks together",
    "closer": "Share of synthetic rows nearer to a member than to an outsider",
    "dcr": "Median distance to the closest member, over that of outsiders",
    "nndr": "Median ratio of the distances to the nearest and the second nearest member",
    "copies": "Share of synthetic rows that equal a member",
    "utility": "Area under the curve of a classifier trained on synthetic and tested on real records",
    "lost": "What training on synthetic records loses against training on the members",
}
