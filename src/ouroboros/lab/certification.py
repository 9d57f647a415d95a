"""Certify: run a rotating sample of jobs of every experiment again, the time shared fairly among them."""

import os
import platform
import sys
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ouroboros.lab.certificate import Certificate, Sampled, load_certificate
from ouroboros.lab.digest import code_digest, text_digest, tier_parameters
from ouroboros.lab.environment import commit_of, machine_record, run_record
from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import staleness
from ouroboros.lab.jobs import prepare_libraries, quiet_pool, run_job_in_worker
from ouroboros.lab.replication import LEAST_JOBS, Rule, job_fault, require_same_jobs, rule_for
from ouroboros.lab.running import list_jobs
from ouroboros.lab.store import Result, load_accepted


def certify(root: Path, ledger: Any, *, budget: float, rotation: int, workers: int = 1) -> Certificate:
    """Run jobs of every experiment with fresh evidence again, in turn, until the time is used up.

    Every experiment comes once before any comes twice. Its first job is the first in its order that fits its share
    of the time, or the shortest if none does; the shares of the others are what the long ones leave. What a job
    takes is known from the last recorded certificate, else supposed to be the mean of the recorded run. One process
    takes the longest of the first jobs and the others the shortest, so that neither a long job nor a wrong guess
    keeps the rest from being reached.

    Parameters
    ----------
    budget : float
        Seconds. A job that takes longer than what is left is not begun, and one that runs then is stopped.
    rotation : int
        Where in the order of jobs, by the hash of their ids, to begin; counting up goes round through all.
    workers : int
        Processes.

    Raises
    ------
    LabError
        If a job fails or evidence is damaged.
    """
    start = time.monotonic()
    known = _known_seconds(root)
    turns = [_turn(root, ledger, name, rotation, known.get(name, {})) for name in ledger.experiments]
    taking_part = [turn for turn in turns if turn.waiting]
    left = start + budget - time.monotonic()
    share = fair_share(left * workers, [turn.shortest for turn in taking_part])
    for turn in taking_part:
        turn.bring_forward(share)
    with quiet_pool():
        _run(taking_part, start + budget, workers)
    return Certificate(
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        rotation=rotation,
        budget=budget,
        workers=workers,
        seconds=round(time.monotonic() - start, 1),
        python=platform.python_version(),
        processor=machine_record()["processor"],
        commit=commit_of(root),
        experiments=[turn.sampled for turn in turns],
    )


def fair_share(total: float, shortest: list[float]) -> float:
    """Time for each of several, of whom some need more than that.

    Parameters
    ----------
    total : float
        Seconds for all of them together.
    shortest : list of float
        Seconds that each needs at least.

    Returns
    -------
    float
        Share with which ``sum(max(share, least) for least in shortest)`` is `total`; not below 0 where even what
        all need at least is more than that.
    """
    needed = sorted(shortest, reverse=True)
    while needed and needed[0] * len(needed) > total:
        total -= needed.pop(0)
    return max(0.0, total / len(needed)) if needed else 0.0


@dataclass
class _Turn:
    """One experiment: its jobs in their order, and how long one takes.

    Attributes
    ----------
    mean : float
        Seconds of a job of which nothing better is known.
    begun : int
        Jobs begun.
    """

    sampled: Sampled
    experiment: Any = None
    accepted: Result | None = None
    rule: Rule | None = None
    waiting: list[Any] = field(default_factory=list)
    mean: float = 0.0
    begun: int = 0

    @property
    def shortest(self) -> float:
        """Seconds that the shortest of the waiting jobs is supposed to take."""
        return min(map(self.expected, self.waiting))

    def expected(self, job: Any) -> float:
        """Seconds that a job is supposed to take."""
        return self.sampled.seconds.get(job.id, self.mean)

    def about_its_shortest(self) -> str:
        """Say what its shortest waiting job takes, and whether anybody has seen that."""
        if any(job.id in self.sampled.seconds for job in self.waiting):
            return f"its shortest job takes about {self.shortest:.0f} s"
        return f"none of its jobs was timed yet, and the mean of its run is {self.mean:.0f} s"

    def bring_forward(self, share: float) -> None:
        """Let the first job be one that fits a share of the time, if there is one, else the shortest."""
        fitting = [job for job in self.waiting if self.expected(job) <= share]
        first = fitting[0] if fitting else min(self.waiting, key=self.expected)
        self.waiting.remove(first)
        self.waiting.insert(0, first)

    def next_job(self, left: float) -> Any | None:
        """First waiting job that fits what is left of the time."""
        if self.sampled.fault:
            return None
        return next((job for job in self.waiting if self.expected(job) <= left), None)

    def keep(self, job: Any, text: str, seconds: float) -> None:
        """Compare a job run again with its recorded rows; nothing comes after a difference."""
        if self.sampled.fault:
            return
        self.sampled.jobs.append(job.id)
        # The least of several: a busy machine makes a job longer and none makes it shorter than it is.
        self.sampled.seconds[job.id] = round(min(seconds, self.sampled.seconds.get(job.id, seconds)), 1)
        self.sampled.why = ""
        self.sampled.fault = job_fault(self.accepted.table, job.id, text, self.rule) or ""


def _known_seconds(root: Path) -> dict[str, dict[str, float]]:
    """What jobs took in recorded certificates, by experiment; nothing if there is none that can be read."""
    with suppress(LabError):
        found = load_certificate(root)
        if found is not None:
            return {s["experiment"]: s["seconds"] for s in found["experiments"]}
    return {}


def _turn(root: Path, ledger: Any, name: str, rotation: int, known: dict[str, float]) -> _Turn:
    accepted = load_accepted(root, name)
    if accepted is None:
        return _Turn(Sampled(name, why="it has no evidence yet", seconds=known))
    stale = staleness(root, ledger, accepted.evidence)
    if stale is not None:
        return _Turn(Sampled(name, why=f"its evidence is stale: {stale}", seconds=known))
    experiment, tier = ledger.experiments[name], accepted.evidence.tier
    jobs = list_jobs(experiment, tier_parameters(experiment, tier))
    ids = [job.id for job in jobs]
    require_same_jobs(name, accepted.table, ids)
    ordered = sorted(jobs, key=lambda job: text_digest(job.id))
    first = rotation * LEAST_JOBS % len(ordered)
    here = run_record(experiment, code_digest(experiment, tier, root), root)
    rule = rule_for(experiment, accepted.run, here)
    seconds = {job: known[job] for job in ids if job in known}
    sampled = Sampled(name, of=len(jobs), exact=rule.tolerance == 0, seconds=seconds)
    mean = accepted.run["seconds"]["jobs"] / len(jobs)
    return _Turn(sampled, experiment, accepted, rule, ordered[first:] + ordered[:first], mean)


class _Slot:
    """One worker process; a new one takes the place of one that was stopped."""

    def __init__(self):
        from joblib.externals.loky import ProcessPoolExecutor

        self.pool = ProcessPoolExecutor(max_workers=1)
        self.turn: _Turn | None = None
        self.job: Any = None
        self.future: Future | None = None
        self.since = 0.0

    def start(self, turn: _Turn, job: Any) -> None:
        turn.waiting.remove(job)
        turn.begun += 1
        self.turn, self.job, self.since = turn, job, time.monotonic()
        path = tuple(entry for entry in sys.path if entry)
        experiment = turn.experiment
        self.future = self.pool.submit(
            run_job_in_worker, experiment.module, job.id, dict(job.parameters), experiment.seed, path, os.getpid()
        )  # fmt: skip

    def finish(self) -> None:
        """Take the outcome of a finished job."""
        from joblib.externals.loky import BrokenProcessPool

        try:
            outcome = self.future.result()
        except BrokenProcessPool as error:
            raise LabError(
                f"{self.turn.experiment.id}: job {self.job.id}: its worker process died"
            ) from error
        if outcome.fault:
            raise LabError(f"{self.turn.experiment.id}: job {outcome.id}: {outcome.fault}")
        self.turn.keep(self.job, outcome.text, outcome.seconds)
        self.future = None

    def stop(self) -> None:
        """Leave a job unfinished; what it took so far is the least that it takes."""
        took, expected = time.monotonic() - self.since, self.turn.expected(self.job)
        self.turn.sampled.seconds[self.job.id] = round(max(took, expected), 1)
        if not self.turn.sampled.jobs:
            self.turn.sampled.why = (
                f"job {self.job.id} was stopped after {took:.0f} s at the end of the time; it was expected to take"
                f" {expected:.0f} s"
            )

    def close(self) -> None:
        self.pool.shutdown(wait=True, kill_workers=True)


def _run(turns: list[_Turn], end: float, workers: int) -> None:
    """Keep the processes busy until no job fits any more."""
    prepare_libraries()
    slots: list[_Slot] = []
    try:
        while (left := end - time.monotonic()) > 0:
            for number in range(workers):
                if number < len(slots) and slots[number].future is not None:
                    continue
                chosen = _choose(turns, left, longest=workers > 1 and number == 0)
                if chosen is None:
                    break
                if number == len(slots):
                    slots.append(_Slot())
                slots[number].start(*chosen)
            running = [slot for slot in slots if slot.future is not None]
            if not running:
                break
            wait([slot.future for slot in running], timeout=left, return_when=FIRST_COMPLETED)
            for slot in running:
                if slot.future.done():
                    slot.finish()
        for slot in slots:
            if slot.future is not None:
                slot.stop()
    finally:
        for slot in slots:
            slot.close()
    for turn in turns:
        if not turn.sampled.jobs and not turn.sampled.why:
            turn.sampled.why = f"{turn.about_its_shortest()}, longer than what was left"


def _choose(turns: Iterable[_Turn], left: float, longest: bool) -> tuple[_Turn, Any] | None:
    """Experiment with the fewest jobs begun, and its job; among equals the longest or the shortest one."""
    offered = [(turn, job) for turn in turns if (job := turn.next_job(left)) is not None]
    if not offered:
        return None
    sign = -1 if longest else 1
    return min(offered, key=lambda pair: (pair[0].begun, sign * pair[0].expected(pair[1])))
