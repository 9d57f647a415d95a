"""Single jobs: their random numbers, their execution in any process, and the store that lets a run resume."""

import functools
import hashlib
import importlib
import inspect
import os
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ouroboros.lab.checkpoint import SUFFIX, Checkpoint
from ouroboros.lab.digest import text_digest
from ouroboros.lab.errors import LabError
from ouroboros.lab.store import replace_files, write_table

THREAD_VARIABLES = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
# Of XLA only what is fatal: each step of a compilation that takes longer than it expects it logs as an error, which
# says how busy the machine is and would stand between a command's own lines. What fails raises in Python as well.
QUIET_VARIABLES = {"TF_CPP_MIN_LOG_LEVEL": "3"}
_LOOK_AT_PARENT = 0.5  # seconds
# A summary may have no error of its own; every other number must be one.
ERROR_COLUMNS = frozenset({"se", "low", "high"})


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """A job's table as CSV text and the seconds it took, or what went wrong."""

    id: str
    text: str = ""
    seconds: float = 0.0
    fault: str = ""


def job_seed(seed: int, job_id: str) -> np.random.SeedSequence:
    """Seed of one job; it depends on root seed and id alone, so order and number of workers do not matter."""
    words = np.frombuffer(hashlib.sha256(job_id.encode()).digest(), dtype=">u4")
    return np.random.SeedSequence(entropy=seed, spawn_key=tuple(int(word) for word in words))


def prepare_libraries() -> None:
    """Confine numerical libraries to one thread, and XLA to what is fatal; effective only before they are loaded.

    A variable that somebody has set keeps its value.
    """
    for variable, value in (THREAD_VARIABLES | QUIET_VARIABLES).items():
        os.environ.setdefault(variable, value)


@contextmanager
def quiet_pool() -> Iterator[None]:
    """Keep a pool of processes from warning of what is no fault of a run.

    It ends a worker between two jobs when that has grown by some 300 MB, which compiled programs of JAX do: the next
    job begins in a new process and comes out the same. A pool that is closed early says which jobs it dropped: they
    are run again by the same command.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*tasks? which (was|were) still being processed")
        yield


def run_job_in_worker(
    module: str,
    job_id: str,
    parameters: Mapping[str, Any],
    seed: int,
    search_path: tuple[str, ...],
    parent: int,
    checkpoints: Path | None = None,
) -> JobOutcome:
    """Run one job in a worker process that ends with its parent, even in the middle of a job."""
    import sys

    _end_with(parent)
    for entry in search_path:
        if entry not in sys.path:
            sys.path.append(entry)
    return run_job(module, job_id, parameters, seed, checkpoints)


@functools.cache
def _end_with(parent: int) -> None:
    """Watch the parent from a thread: a killed run must not leave minutes of work behind."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_AT_PARENT)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_job(
    module: str,
    job_id: str,
    parameters: Mapping[str, Any],
    seed: int,
    checkpoints: Path | None = None,
) -> JobOutcome:
    """Run one job in this process; a fault is returned, since other jobs shall go on.

    A ``simulate`` that takes a ``checkpoint`` gets one if there is a folder for it, and may resume in its middle.
    """
    start = time.perf_counter()
    try:
        simulate = importlib.import_module(module).simulate
        rng = np.random.default_rng(job_seed(seed, job_id))
        if checkpoints is not None and "checkpoint" in inspect.signature(simulate).parameters:
            table = simulate(parameters, rng, checkpoint=Checkpoint(checkpoints / f"{job_id}{SUFFIX}", rng))
        else:
            table = simulate(parameters, rng)
    except LabError:
        raise
    except Exception as error:
        first = (str(error).strip() or "no message").splitlines()[0]
        return JobOutcome(job_id, fault=f"{type(error).__name__}: {first}{_place(error)}")
    fault = _fault_of(table)
    if fault:
        return JobOutcome(job_id, fault=fault)
    return JobOutcome(job_id, write_table(table), time.perf_counter() - start)


def _place(error: Exception) -> str:
    """Last line of code that the error passed through."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f" (at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"


def _fault_of(table: Any) -> str:
    if not isinstance(table, pd.DataFrame):
        return f"simulate returned {type(table).__name__}, not a DataFrame"
    if table.empty:
        return "simulate returned an empty table"
    if "job" in table.columns:
        return "simulate returned a column 'job', a name the laboratory needs"
    lacking = [str(name) for name in table.columns[table.isna().any()] if name not in ERROR_COLUMNS]
    if lacking:
        rows = int(table[lacking[0]].isna().sum())
        return f"simulate returned NaN in column {lacking[0]!r} ({rows} of {len(table)} rows)"
    return ""


class JobStore:
    """Finished jobs in one directory, a file each; what is torn or altered counts as not done.

    Parameters
    ----------
    directory : Path or None
        None keeps nothing.
    """

    def __init__(self, directory: Path | None):
        self.directory = directory

    def get(self, job_id: str) -> JobOutcome | None:
        """Outcome of a finished job, None if it is not done."""
        if self.directory is None:
            return None
        try:
            head, text = (self.directory / f"{job_id}.csv").read_bytes().decode().split("\n", 1)
            _, checksum, seconds = head.split()
        except (OSError, ValueError):
            return None
        if checksum != text_digest(text):
            return None
        return JobOutcome(job_id, text, float(seconds))

    def put(self, outcome: JobOutcome) -> None:
        """Keep a finished job; LabError if the disk refuses."""
        if self.directory is None:
            return
        head = f"# {text_digest(outcome.text)} {outcome.seconds:.6f}\n"
        replace_files(self.directory, [(f"{outcome.id}.csv", head + outcome.text)])
        (self.directory / f"{outcome.id}{SUFFIX}").unlink(missing_ok=True)
