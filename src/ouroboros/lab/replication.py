"""Whether single jobs, run again, come out as they were recorded."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ouroboros.lab.digest import text_digest
from ouroboros.lab.errors import LabError
from ouroboros.lab.store import read_table
from ouroboros.stats.estimate import Estimate

# What must be the same for floating-point results to be the same to the bit.
# Evidence recorded before the last two were kept counts as recorded elsewhere.
_ENVIRONMENT = ("python", "implementation", "system", "machine", "simd", "libraries", "processor", "kernels")
LEAST_JOBS = 3
SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Rule:
    """How near a rerun must come.

    Attributes
    ----------
    tolerance : float
        0 asks for every bit, otherwise the largest difference, absolute below 1 and relative above.
    """

    tolerance: float

    def same(self, recorded: float, ours: float) -> bool:
        """Whether two numbers agree; NaN agrees with NaN."""
        if recorded == ours or (math.isnan(recorded) and math.isnan(ours)):
            return True
        return abs(recorded - ours) <= self.tolerance * max(1.0, abs(recorded))


def rule_for(experiment: Any, recorded: Mapping[str, Any], here: Mapping[str, Any]) -> Rule:
    """Every bit in the environment of the recorded run, elsewhere the tolerance that the ledger states.

    Parameters
    ----------
    experiment
        Ledger record with ``deterministic``.
    recorded, here : mapping
        Run records of the evidence and of this process.
    """
    same_place = all(recorded.get(key) == here.get(key) is not None for key in _ENVIRONMENT)
    if same_place or experiment.deterministic == "exact":
        return Rule(0.0)
    return Rule(float(experiment.deterministic))


def sample(job_ids: list[str], count: int | None = None, rotation: int = 0) -> list[str]:
    """Choose jobs by the hash of their ids: the same ones every time, and no one's choice.

    Parameters
    ----------
    job_ids : list of str
        All jobs.
    count : int, optional
        How many; by default one in twenty and at least three.
    rotation : int
        Number of samples to pass over; counting up goes round through all jobs.
    """
    wanted = max(LEAST_JOBS, math.ceil(SHARE * len(job_ids))) if count is None else count
    wanted = min(wanted, len(job_ids))
    ordered = sorted(job_ids, key=text_digest)
    start = rotation * wanted % len(ordered)
    return (ordered + ordered)[start : start + wanted]


def recorded_rows(table: pd.DataFrame, job_id: str) -> pd.DataFrame:
    """Rows of one job in the table of an evidence, without the column that names it."""
    return table[table["job"] == job_id].drop(columns="job").reset_index(drop=True)


def job_fault(table: pd.DataFrame, job_id: str, text: str, rule: Rule) -> str | None:
    """First difference between the recorded rows of a job and its table run again, None if there is none.

    Parameters
    ----------
    table : DataFrame
        Recorded table of all jobs.
    text : str
        CSV text of the job run again.
    """
    recorded, ours = recorded_rows(table, job_id), read_table(text)
    if list(recorded.columns) != list(ours.columns):
        return f"columns {', '.join(ours.columns)} instead of {', '.join(recorded.columns)}"
    if len(recorded) != len(ours):
        return f"{len(ours)} rows instead of {len(recorded)}"
    for name in recorded.columns:
        row = _first_difference(recorded[name], ours[name], rule)
        if row is not None:
            return f"column {name!r}, row {row + 1}: {ours[name][row]} instead of {recorded[name][row]}"
    return None


def _first_difference(recorded: pd.Series, ours: pd.Series, rule: Rule) -> int | None:
    kinds = recorded.dtype.kind + ours.dtype.kind
    if set(kinds) <= set("iuf"):
        a, b = recorded.to_numpy(float), ours.to_numpy(float)
        with np.errstate(invalid="ignore"):
            near = np.abs(a - b) <= rule.tolerance * np.maximum(1.0, np.abs(a))
        agree = (a == b) | (np.isnan(a) & np.isnan(b)) | near
    else:
        # A column of one job may read back as another type than the same column of all jobs together.
        empty = (recorded.isna() & ours.isna()).to_numpy()
        agree = empty | (
            recorded.astype(object).astype(str).to_numpy() == ours.astype(object).astype(str).to_numpy()
        )
    return None if agree.all() else int(np.argmin(agree))


def estimate_fault(recorded: tuple[Estimate, ...], ours: tuple[Estimate, ...], rule: Rule) -> str | None:
    """First difference between recorded estimates and the same table analysed again, None if there is none."""
    names = [estimate.name for estimate in recorded]
    if [estimate.name for estimate in ours] != names:
        changed = sorted({e.name for e in ours} ^ set(names)) or ["their order"]
        return f"estimates differ: {', '.join(changed[:3])}"
    for old, new in zip(recorded, ours, strict=True):
        for field in ("value", "low", "high"):
            a, b = getattr(old, field), getattr(new, field)
            if not rule.same(a, b):
                return f"estimate {old.name}: {field} {b} instead of {a}"
        for field in ("n", "unit", "level", "method", "description"):
            if getattr(old, field) != getattr(new, field):
                return f"estimate {old.name}: {field} differs"
    return None


def require_same_jobs(experiment_id: str, table: pd.DataFrame, job_ids: list[str]) -> None:
    """Refuse if code gives other jobs than the recorded table holds; LabError names one."""
    recorded = list(dict.fromkeys(table["job"]))
    if recorded != job_ids:
        odd = sorted(set(recorded) ^ set(job_ids)) or ["their order"]
        raise LabError(
            f"{experiment_id}: the code gives other jobs than were recorded: {odd[0]} "
            f"(ouroboros run {experiment_id} --tier publish)"
        )
