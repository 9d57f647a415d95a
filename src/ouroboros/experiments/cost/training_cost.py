r"""Where a fall in training cost comes from: hardware, allocation of compute, or something left over.

The cost of a training run is compute / throughput · price: ``C / (peak · utilisation) / 3600 · price per hour``.
Going from one run to a cheaper one changes some of four factors:

``price``        what an accelerator costs per hour;
``throughput``   how many operations it delivers per second;
``allocation``   how compute is split between parameters and tokens: the cheapest run that reaches the same
                 loss, as a fraction of the compute of the first run, by a published scaling law;
``residual``     whatever else is needed to arrive at the cost that was stated for the second run.

The residual is the only place where a saving by synthetic data could hide. Shares are Shapley values, of log cost
(where every order gives the same) and of cost in dollars (where the order matters and is averaged over).

Prices, throughputs and utilisations are known as ranges: each is drawn from a triangular law, and each draw uses
one of the scaling laws.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ouroboros.experiments.cost.scaling_laws import ScalingLaw, training_compute
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.shapley import shapley_values

PLAYERS = ("price", "throughput", "allocation", "residual")
INPUTS = ("price-before", "throughput-before", "price-after", "utilisation-after", "law")
COLUMNS = ["part", "case", "quantity", "value", "low", "high", "draws"]
LEVEL = 0.90

_SECONDS_PER_HOUR = 3600
_JOULES_PER_MEGAWATT_HOUR = 3.6e9
_MILLION = 1e6


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """Three parts: point values, Monte Carlo, and one input at a time.

    Parameters
    ----------
    parameters : mapping
        ``draws`` of the Monte Carlo and ``inputs``: ``flop``, ``model`` (parameters and tokens) of the first run;
        ``stated`` costs in dollars (comparator, claimed, independent estimate); ``before`` and ``after`` with
        ranges [low, most likely, high] of ``price`` (dollars per accelerator-hour) and ``throughput`` (FLOP/s),
        the latter for ``after`` as ``peak`` and range of ``utilisation``; ``laws`` by name; ``energy`` with
        power (W) and overhead (PUE) of both; ``points`` at which closed forms are checked.

    Raises
    ------
    ValueError
        If a range is not in order or not positive.
    """
    inputs = parameters["inputs"]
    for where, name in (
        ("before", "price"),
        ("before", "throughput"),
        ("after", "price"),
        ("after", "utilisation"),
    ):
        low, mode, high = inputs[where][name]
        if not 0 < low <= mode <= high or low == high:
            raise ValueError(f"{where}.{name}: {[low, mode, high]} (0 < low <= most likely <= high needed)")
    if not inputs["laws"]:
        raise ValueError("laws: none given (at least one scaling law needed)")
    return [
        Job("point", {**inputs, "part": "point"}),
        Job("draws", {**inputs, "part": "draws", "draws": parameters["draws"]}),
        Job("one-at-a-time", {**inputs, "part": "one-at-a-time"}),
    ]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Compute one part.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of the Monte Carlo.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; ``low`` and ``high`` are the ends of the central 90 % of the draws.
    """
    rows = {"point": _points, "draws": _draws, "one-at-a-time": _one_at_a_time}[parameters["part"]]
    return pd.DataFrame(
        [{"part": parameters["part"]} | row for row in rows(parameters, rng)], columns=COLUMNS
    )


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn rows into the numbers that checks, criteria and page use."""
    found = []
    for row in table.itertuples(index=False):
        name = f"{row.quantity}-{row.case}" if row.part == "one-at-a-time" else row.quantity
        unit, description = _WORDS.get(row.quantity, ("", ""))
        spread = row.part == "draws" and row.low < row.high
        found.append(
            Estimate(
                name=name,
                value=row.value,
                low=row.low if spread else row.value,
                high=row.high if spread else row.value,
                n=int(row.draws),
                unit=unit,
                level=LEVEL if spread else 0.95,
                method="monte-carlo" if row.part == "draws" else "exact",
                description=description,
            )
        )
    return found


# --- the accounting ----------------------------------------------------------------------------------------


def run_cost(compute: ArrayLike, throughput: ArrayLike, price: ArrayLike) -> NDArray:
    """Dollars of a run of ``compute`` FLOP at ``throughput`` FLOP/s and ``price`` dollars per hour."""
    return np.asarray(compute) / np.asarray(throughput) / _SECONDS_PER_HOUR * np.asarray(price)


def run_energy(compute: ArrayLike, throughput: ArrayLike, power: ArrayLike, overhead: ArrayLike) -> NDArray:
    """Megawatt-hours of a run, ``power`` in W per accelerator and ``overhead`` as PUE."""
    seconds = np.asarray(compute) / np.asarray(throughput)
    return seconds * np.asarray(power) * np.asarray(overhead) / _JOULES_PER_MEGAWATT_HOUR


def allocation_factor(law: ScalingLaw, parameters: float, tokens: float) -> float:
    """Compute of the cheapest run of the same loss, as a fraction of that of the given run."""
    cheapest = law.cheapest(float(law.loss(parameters, tokens)))
    return training_compute(*cheapest) / training_compute(parameters, tokens)


def decompose(factors: Mapping[str, ArrayLike], before: ArrayLike, *, log: bool) -> dict[str, NDArray]:
    """Shapley shares of the fall from ``before`` to ``before`` times all factors.

    Parameters
    ----------
    factors : mapping of str to array_like
        Factor on cost of each player, below 1 where it saves.
    before : array_like
        Cost at the start, dollars.
    log : bool
        Decompose log cost (nats) instead of dollars.
    """

    def cost(chosen: frozenset[str]) -> NDArray:
        product = np.asarray(before, dtype=np.float64)
        for name in chosen:
            product = product * factors[name]
        return -np.log(product) if log else -product

    return shapley_values(list(factors), cost)


# --- parts -------------------------------------------------------------------------------------------------


def _points(parameters: Mapping[str, Any], _: np.random.Generator) -> Iterator[dict]:
    before, stated = parameters["before"], parameters["stated"]
    flop, points = parameters["flop"], parameters["points"]

    def point(quantity: str, value: float) -> dict:
        return {"case": "central", "quantity": quantity, "value": float(value), "draws": 1}

    first = run_cost(flop, before["throughput"][1], before["price"][1])
    yield point("first-run-cost", first)
    yield point("first-run-over-independent", first / stated["independent"])
    for name, (utilisation, price) in points.items():
        cost = run_cost(flop, parameters["after"]["peak"] * utilisation, price)
        yield point(f"same-run-later-{name}", cost)
    energy = parameters["energy"]
    spent = run_energy(flop, energy["throughput"], energy["power-before"], energy["overhead-before"])
    yield point("first-run-energy", spent)
    yield point("first-run-energy-share", spent / energy["data-centres"])
    for name, constants in parameters["laws"].items():
        law = ScalingLaw.of(constants)
        yield point(f"allocation-factor-{name}", allocation_factor(law, *parameters["model"]))
    central = _central(parameters)
    for label, log in (("log", True), ("dollar", False)):
        shares = decompose(_factors(central, parameters), central["cost-before"], log=log)
        for name in PLAYERS:
            yield point(f"central-{label}-{name}", shares[name])
    yield point("stated-ratio", stated["claimed"] / stated["comparator"])


def _draws(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict]:
    draws = parameters["draws"]
    before, after = parameters["before"], parameters["after"]
    drawn = {
        "price-before": rng.triangular(*before["price"], draws),
        "throughput-before": rng.triangular(*before["throughput"], draws),
        "price-after": rng.triangular(*after["price"], draws),
        "utilisation-after": rng.triangular(*after["utilisation"], draws),
        "law": rng.integers(len(parameters["laws"]), size=draws),
    }
    state = _state(drawn, parameters)
    claimed, flop = parameters["stated"]["claimed"], parameters["flop"]
    factors = _factors(state, parameters)
    shares = decompose(factors, state["cost-before"], log=True)
    total = sum(shares.values())
    hardware = shares["price"] + shares["throughput"]
    dollars = decompose(factors, state["cost-before"], log=False)
    fall = sum(dollars.values())
    unit_cost = run_cost(1.0, state["throughput-after"], drawn["price-after"])
    energy = parameters["energy"]
    power = rng.triangular(*energy["power-after"], draws)
    overhead = rng.triangular(*energy["overhead-after"], draws)
    spent = run_energy(flop, state["throughput-after"], power, overhead)
    quantities = {
        "cost-before": state["cost-before"] / _MILLION,
        "cost-hardware-only": state["cost-hardware"] / _MILLION,
        "cost-explained": state["cost-explained"] / _MILLION,
        "saving-hardware": 1 - state["cost-hardware"] / state["cost-before"],
        "residual-log": -shares["residual"],
        "hardware-share": hardware / total,
        "allocation-share": shares["allocation"] / total,
        "residual-share": shares["residual"] / total,
        "hardware-share-dollars": (dollars["price"] + dollars["throughput"]) / fall,
        "allocation-share-dollars": dollars["allocation"] / fall,
        "residual-share-dollars": dollars["residual"] / fall,
        "claimed-budget-compute": claimed / unit_cost,
        "claimed-budget-runs": claimed / state["cost-explained"],
        "energy-later": spent,
    }
    for quantity, sample in quantities.items():
        low, middle, high = np.quantile(sample, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        yield {
            "case": "all",
            "quantity": quantity,
            "value": middle,
            "low": low,
            "high": high,
            "draws": draws,
        }
    for quantity, sample in (
        ("probability-hardware-suffices", state["cost-hardware"] <= claimed),
        ("probability-explained-suffices", state["cost-explained"] <= claimed),
    ):
        yield {"case": "all", "quantity": quantity, "value": float(np.mean(sample)), "draws": draws}


def _one_at_a_time(parameters: Mapping[str, Any], _: np.random.Generator) -> Iterator[dict]:
    """Residual with one input at an end of its range and all others at their most likely value."""
    ranges = {
        "price-before": parameters["before"]["price"],
        "throughput-before": parameters["before"]["throughput"],
        "price-after": parameters["after"]["price"],
        "utilisation-after": parameters["after"]["utilisation"],
    }
    middle = {name: ends[1] for name, ends in ranges.items()}
    factors = _allocation_factors(parameters)
    middle["law"] = int(np.argsort(factors)[len(factors) // 2])
    ends = {name: (values[0], values[2]) for name, values in ranges.items()}
    ends["law"] = (int(np.argmin(factors)), int(np.argmax(factors)))
    for name in INPUTS:
        for label, value in zip(("low", "high"), ends[name], strict=True):
            state = _state(middle | {name: value}, parameters)
            yield {
                "case": f"{name}-{label}",
                "quantity": "residual",
                "value": float(np.log(_factors(state, parameters)["residual"])),
                "draws": 1,
            }
            yield {
                "case": f"{name}-{label}",
                "quantity": "explained",
                "value": float(state["cost-explained"]),
                "draws": 1,
            }


def _allocation_factors(parameters: Mapping[str, Any]) -> NDArray:
    laws = [ScalingLaw.of(constants) for constants in parameters["laws"].values()]
    return np.array([allocation_factor(law, *parameters["model"]) for law in laws])


def _central(parameters: Mapping[str, Any]) -> dict[str, Any]:
    factors = _allocation_factors(parameters)
    inputs = {
        "price-before": parameters["before"]["price"][1],
        "throughput-before": parameters["before"]["throughput"][1],
        "price-after": parameters["after"]["price"][1],
        "utilisation-after": parameters["after"]["utilisation"][1],
        "law": int(np.argsort(factors)[len(factors) // 2]),
    }
    return _state(inputs, parameters)


def _state(inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Costs that follow from a set of inputs (numbers or arrays of draws)."""
    flop = parameters["flop"]
    throughput_after = parameters["after"]["peak"] * np.asarray(inputs["utilisation-after"])
    allocation = _allocation_factors(parameters)[inputs["law"]]
    cost_hardware = run_cost(flop, throughput_after, inputs["price-after"])
    return {
        "price": np.asarray(inputs["price-after"]) / inputs["price-before"],
        "throughput": np.asarray(inputs["throughput-before"]) / throughput_after,
        "allocation": allocation,
        "throughput-after": throughput_after,
        "cost-before": run_cost(flop, inputs["throughput-before"], inputs["price-before"]),
        "cost-hardware": cost_hardware,
        "cost-explained": cost_hardware * allocation,
    }


def _factors(state: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    explained = {name: state[name] for name in ("price", "throughput", "allocation")}
    return explained | {"residual": parameters["stated"]["claimed"] / state["cost-explained"]}


_WORDS: dict[str, tuple[str, str]] = {
    "first-run-cost": ("USD", "Cost of the first run at its most likely price and throughput"),
    "first-run-over-independent": ("", "That cost over an independent published estimate"),
    "first-run-energy": ("MWh", "Electricity of the first run"),
    "first-run-energy-share": ("", "The same as a share of what all data centres used in 2024"),
    "cost-before": ("million USD", "Cost of the first run over the ranges of price and throughput"),
    "cost-hardware-only": ("million USD", "Cost of the same compute on the later hardware"),
    "cost-explained": ("million USD", "Cost on the later hardware with compute allocated well"),
    "saving-hardware": ("", "Saving on the same compute by the later hardware alone"),
    "residual-log": ("nats", "Log of the stated cost over the explained cost; negative would be a saving"),
    "hardware-share": ("", "Share of the fall in log cost that price and throughput explain"),
    "allocation-share": ("", "Share of the fall in log cost that allocation explains"),
    "residual-share": ("", "Share of the fall in log cost left over; negative where cost is above explained"),
    "hardware-share-dollars": ("", "Shapley share of hardware in the fall in dollars"),
    "allocation-share-dollars": ("", "Shapley share of allocation in the fall in dollars"),
    "residual-share-dollars": ("", "Shapley share of the residual in the fall in dollars"),
    "claimed-budget-compute": ("FLOP", "Compute that the claimed cost buys on the later hardware"),
    "claimed-budget-runs": ("", "How many explained runs the claimed cost pays for"),
    "energy-later": ("MWh", "Electricity of the same compute on the later hardware"),
    "probability-hardware-suffices": ("", "Share of draws in which hardware alone reaches the claimed cost"),
    "probability-explained-suffices": (
        "",
        "Share of draws in which hardware and allocation together reach it",
    ),
    "residual": ("nats", "Residual with one input at an end of its range"),
    "explained": ("USD", "Explained cost with one input at an end of its range"),
    "stated-ratio": ("", "Claimed cost over the stated cost of the comparator"),
}
