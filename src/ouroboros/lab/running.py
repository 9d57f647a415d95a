"""Run an experiment: jobs in parallel, analysis, judgement; the result waits as a candidate."""

import importlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ouroboros.lab.digest import CodeDigest, code_digest, text_digest, tier_parameters
from ouroboros.lab.environment import run_record
from ouroboros.lab.errors import LabError
from ouroboros.lab.jobs import (
    JobOutcome,
    JobStore,
    prepare_libraries,
    quiet_pool,
    run_job,
    run_job_in_worker,
)
from ouroboros.lab.judge import experiment_criteria_digest, judge_checks, judge_criteria
from ouroboros.lab.locks import evidence_lock
from ouroboros.lab.paths import candidate_directory, jobs_directory
from ouroboros.lab.progress import job_progress
from ouroboros.lab.store import Evidence, Result, TableReference, read_table, save_result, write_table
from ouroboros.stats.estimate import Estimate

if TYPE_CHECKING:
    from ouroboros.lab.cluster import Cluster

FULL_TIERS = ("publish", "deep")
IDLE_SECONDS = 10


def run(
    ledger: Any,
    experiment_id: str,
    *,
    root: Path,
    tier: str = "smoke",
    workers: int = 1,
    cluster: "Cluster | None" = None,
    progress: bool | None = None,
) -> Result:
    """Run an experiment; a full tier resumes an interrupted run and leaves its result as a candidate.

    A smoke run is quick and leaves nothing behind, so that it never takes the place of hours of work.

    Parameters
    ----------
    ledger
        Typed ledger.
    experiment_id : str
        Key of ``ledger.experiments``.
    root : Path
        Checkout.
    tier : str
        smoke, publish or deep.
    workers : int
        Processes; 1 runs in this one.
    cluster : Cluster, optional
        Where jobs run instead; `workers` is not looked at then.
    progress : bool, optional
        None shows progress on a terminal only.

    Raises
    ------
    LabError
        If the ledger lacks experiment or tier, or a job or the analysis fails. Finished jobs are kept.
    """
    experiment = find_experiment(ledger, experiment_id)
    full = tier in FULL_TIERS
    digest = code_digest(experiment, tier, root)
    store = JobStore(jobs_directory(root, experiment_id, digest.digest) if full else None)
    result = compute(
        experiment,
        digest,
        tier=tier,
        root=root,
        store=store,
        workers=workers,
        cluster=cluster,
        progress=progress,
    )
    if full:
        with evidence_lock(root):
            save_result(candidate_directory(root, experiment_id), result)
    return result


def find_experiment(ledger: Any, experiment_id: str) -> Any:
    """Ledger record of an experiment; LabError with near ids if there is none."""
    try:
        return ledger.experiments[experiment_id]
    except KeyError:
        import difflib

        near = difflib.get_close_matches(experiment_id, list(ledger.experiments), n=3, cutoff=0.4)
        hint = f" (near: {', '.join(near)})" if near else ""
        raise LabError(f"{experiment_id}: no such experiment in ledger/experiments.yml{hint}") from None


def compute(
    experiment: Any,
    digest: CodeDigest,
    *,
    tier: str,
    root: Path,
    store: JobStore,
    workers: int = 1,
    cluster: "Cluster | None" = None,
    progress: bool | None = None,
) -> Result:
    """Run all jobs that the store lacks, analyse and judge; writes finished jobs to the store only."""
    start = time.perf_counter()
    parameters = tier_parameters(experiment, tier)
    jobs = list_jobs(experiment, parameters)
    outcomes, resumed = run_jobs(
        experiment,
        jobs,
        what=f"{experiment.id} ({tier})",
        store=store,
        workers=workers,
        cluster=cluster,
        progress=progress,
    )
    table_text = join_tables(outcomes[job.id] for job in jobs)
    analysing = time.perf_counter()
    table = read_table(table_text)
    estimates = analyse(experiment, table, parameters)
    evidence = build_evidence(experiment, tier, parameters, digest.digest, table_text, len(table), estimates)
    record = run_record(experiment, digest, root)
    end = time.perf_counter()
    record["workers"] = workers
    if cluster is not None:
        record |= {"workers": cluster.workers, "cluster": True, **cluster.machine()}
    record["jobs"] = {"total": len(jobs), "resumed": resumed}
    record["seconds"] = {
        "jobs": round(sum(outcome.seconds for outcome in outcomes.values()), 3),
        "analysis": round(end - analysing, 3),
        "wall": round(end - start, 3),
    }
    return Result(evidence, table_text, record)


def run_jobs(
    experiment: Any,
    jobs: list[Any],
    *,
    what: str,
    store: JobStore,
    workers: int = 1,
    cluster: "Cluster | None" = None,
    progress: bool | None = None,
) -> tuple[dict[str, JobOutcome], int]:
    """Outcomes of jobs by id, and how many of them the store already held.

    Raises
    ------
    LabError
        If a job fails; what had finished is in the store.
    """
    outcomes = {job.id: outcome for job in jobs if (outcome := store.get(job.id)) is not None}
    resumed = len(outcomes)
    pending = [job for job in jobs if job.id not in outcomes]
    with (
        job_progress(what, len(jobs), resumed, progress) as advance,
        closing(_started(experiment, pending, workers, cluster, store.directory)) as stream,
    ):
        for outcome in stream:
            if outcome.fault:
                kept = f" ({len(outcomes)} of {len(jobs)} finished jobs are kept)" if store.directory else ""
                raise LabError(f"{experiment.id}: job {outcome.id}: {outcome.fault}{kept}")
            store.put(outcome)
            outcomes[outcome.id] = outcome
            advance(len(outcomes))
    return outcomes, resumed


def _started(
    experiment: Any, jobs: list[Any], workers: int, cluster: "Cluster | None", checkpoints: Path | None
) -> Iterator[JobOutcome]:
    # Workers of a cluster may be on machines that do not see this folder: there a job is done whole or not at all.
    if cluster is not None:
        return cluster.execute(experiment, jobs)
    return execute(experiment, jobs, workers, checkpoints)


def list_jobs(experiment: Any, parameters: dict[str, Any]) -> list[Any]:
    """Jobs of an experiment, checked for being there and having ids of their own."""
    try:
        jobs = list(importlib.import_module(experiment.module).jobs(parameters))
    except Exception as error:
        raise LabError(f"{experiment.id}: jobs: {_first_line(error)}") from error
    if not jobs:
        raise LabError(f"{experiment.id}: jobs: the parameters give no job")
    seen: set[str] = set()
    for job in jobs:
        # Case does not tell files apart on every system.
        if job.id.lower() in seen:
            raise LabError(f"{experiment.id}: jobs: id {job.id!r} twice (ids must be unique)")
        seen.add(job.id.lower())
    return jobs


def execute(
    experiment: Any, jobs: list[Any], workers: int, checkpoints: Path | None = None
) -> Iterator[JobOutcome]:
    """Yield outcomes as jobs finish, in whatever order; closing the iterator stops the workers.

    Jobs that can keep what they have of themselves do so in the folder `checkpoints`.

    Worker processes are spawned and keep to one thread each.
    """
    if not jobs:
        return
    prepare_libraries()
    search_path = tuple(entry for entry in sys.path if entry)
    if workers == 1:
        for job in jobs:
            yield run_job(experiment.module, job.id, job.parameters, experiment.seed, checkpoints)
        return
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    calls = (
        delayed(run_job_in_worker)(
            experiment.module,
            job.id,
            dict(job.parameters),
            experiment.seed,
            search_path,
            os.getpid(),
            checkpoints,
        )
        for job in jobs
    )
    # A short idle time, so that workers whose parent was killed do not linger.
    pool = parallel_config(backend="loky", inner_max_num_threads=1, idle_worker_timeout=IDLE_SECONDS)
    with pool, quiet_pool():
        try:
            yield from Parallel(n_jobs=workers, return_as="generator_unordered")(calls)
        except TerminatedWorkerError as error:
            raise LabError(
                f"{experiment.id}: a worker process died, most often for want of memory "
                "(rerun with fewer --workers; finished jobs are kept)"
            ) from error


def join_tables(outcomes: Iterable[JobOutcome]) -> str:
    """CSV text of all jobs' tables below each other, the job's id as first column."""
    frames = []
    for outcome in outcomes:
        frame = read_table(outcome.text)
        frame.insert(0, "job", outcome.id)
        frames.append(frame)
    columns = list(frames[0].columns)
    for frame in frames:
        if list(frame.columns) != columns:
            raise LabError(
                f"job {frame['job'].iloc[0]}: columns {', '.join(frame.columns[1:])} "
                f"differ from those of the first job ({', '.join(columns[1:])})"
            )
    return write_table(pd.concat(frames, ignore_index=True))


def analyse(experiment: Any, table: pd.DataFrame, parameters: dict[str, Any]) -> tuple[Estimate, ...]:
    """Estimates of an experiment, checked for names of their own."""
    try:
        estimates = tuple(importlib.import_module(experiment.module).analyse(table, parameters))
    except Exception as error:
        raise LabError(f"{experiment.id}: analyse: {_first_line(error)}") from error
    if not estimates:
        raise LabError(f"{experiment.id}: analyse: gives no estimate")
    names = [estimate.name for estimate in estimates]
    for name in names:
        if names.count(name) > 1:
            raise LabError(f"{experiment.id}: analyse: estimate {name!r} twice (names must be unique)")
    return tuple(_plain_estimate(estimate) for estimate in estimates)


def _plain_estimate(estimate: Estimate) -> Estimate:
    """Python numbers only, so that the text of the evidence does not depend on NumPy's types."""
    return Estimate(
        name=estimate.name,
        value=float(estimate.value),
        low=float(estimate.low),
        high=float(estimate.high),
        n=int(estimate.n),
        unit=estimate.unit,
        level=float(estimate.level),
        method=estimate.method,
        description=estimate.description,
    )


def build_evidence(
    experiment: Any,
    tier: str,
    parameters: dict[str, Any],
    digest: str,
    table_text: str,
    rows: int,
    estimates: tuple[Estimate, ...],
) -> Evidence:
    """Judge estimates and put the record together."""
    checks = judge_checks(experiment, estimates, tier)
    return Evidence(
        experiment=experiment.id,
        tier=tier,
        seed=experiment.seed,
        parameters=parameters,
        code_digest=digest,
        criteria_digest=experiment_criteria_digest(experiment, tier),
        table=TableReference(file=f"{experiment.id}.csv", sha256=text_digest(table_text), rows=rows),
        estimates=estimates,
        checks=checks,
        criteria=judge_criteria(experiment, estimates, tier),
        valid=all(check.passed for check in checks),
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else 'no message'}"
