"""Run jobs on a Dask cluster: workers of this machine or of others, with the outcome that one process gives.

Jobs are pure and their random numbers follow from their ids, so it does not matter where one runs or whether
it runs twice because a worker died. What does matter is that every worker runs the same code. Each verifies
that itself before its first job, so a worker that joins in the middle of a run is held to it as well.
"""

import functools
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ouroboros.lab.digest import reached_modules
from ouroboros.lab.environment import library_versions, machine_record
from ouroboros.lab.errors import LabError
from ouroboros.lab.jobs import JobOutcome, prepare_libraries, run_job

_ANSWER_SECONDS = 10
_JOIN_SECONDS = 30
_MISSING = "dask.distributed is not installed (make cluster)"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a worker must have in common with the process that hands out jobs.

    Attributes
    ----------
    modules : dict of str to str
        Digests of the experiment's code; see :func:`ouroboros.lab.digest.reached_modules`.
    libraries : dict of str to str
        Versions of Python and of what the code imports.
    """

    modules: dict[str, str]
    libraries: dict[str, str]

    def difference(self, other: "Fingerprint") -> str:
        """First thing that the other one has differently, in words; empty if there is none."""
        for name in sorted(self.modules.keys() | other.modules.keys()):
            if self.modules.get(name) != other.modules.get(name):
                return f"runs other code: module {name} differs (bring its checkout to the same commit and restart it)"
        for name in sorted(self.libraries.keys() | other.libraries.keys()):
            ours, theirs = self.libraries.get(name, "none"), other.libraries.get(name, "none")
            if ours != theirs:
                return f"has {name} {theirs} instead of {ours} (install the locked requirements there)"
        return ""


@dataclass
class Cluster:
    """A connected cluster.

    Attributes
    ----------
    name : str
        How messages call it.
    machines : list of dict
        Processor and instruction sets of every kind of worker that has finished a job.
    """

    client: Any
    name: str
    machines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def workers(self) -> int:
        """Number of worker processes that are there now."""
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    def execute(self, experiment: Any, jobs: list[Any]) -> Iterator[JobOutcome]:
        """Yield outcomes as jobs finish, in whatever order; closing the iterator takes back the others.

        Raises
        ------
        LabError
            If the cluster is lost, or the same job has killed several workers.
        """
        import sys
        from concurrent.futures import CancelledError

        from distributed import KilledWorker, as_completed

        expected = fingerprint(experiment.module)
        path = tuple(entry for entry in sys.path if entry)
        futures = [
            self.client.submit(
                run_job_on_cluster,
                experiment.module, job.id, dict(job.parameters), experiment.seed, path, expected,
                key=f"{experiment.id}/{job.id}/{id(jobs)}", pure=False,
            )
            for job in jobs
        ]  # fmt: skip
        try:
            for _, found in as_completed(futures, with_results=True):
                if isinstance(found, CancelledError):  # handed over, not raised
                    raise found
                outcome, machine = found
                if machine and machine not in self.machines:
                    self.machines.append(machine)
                yield outcome
        except KilledWorker as error:
            raise LabError(
                f"{experiment.id}: job {str(error.task).split('/')[1]}: every worker that took it died, most "
                "often for want of memory (finished jobs are kept)"
            ) from error
        except (CancelledError, OSError) as error:
            raise LabError(
                f"{experiment.id}: {self.name}: the scheduler was lost (finished jobs are kept; start it, "
                "then the same command resumes)"
            ) from error
        finally:
            with suppress(Exception):
                self.client.cancel(futures, force=True)

    def machine(self) -> dict[str, Any]:
        """What all workers that finished a job have in common; None where they differ, as results then may."""
        keys = self.machines[0].keys() if self.machines else ()
        values = {key: [machine[key] for machine in self.machines] for key in keys}
        return {key: found[0] if all(v == found[0] for v in found) else None for key, found in values.items()}


def run_job_on_cluster(
    module: str,
    job_id: str,
    parameters: Mapping[str, Any],
    seed: int,
    search_path: tuple[str, ...],
    expected: Fingerprint,
) -> tuple[JobOutcome, dict[str, Any]]:
    """Run one job in a worker of a cluster, if its code is that of whoever asks; also what machine it is."""
    import socket
    import sys

    from threadpoolctl import threadpool_limits

    prepare_libraries()
    for entry in search_path:
        if entry not in sys.path:
            sys.path.append(entry)
    try:
        odd = expected.difference(_first_fingerprint(module))
    except LabError as error:
        odd = f"cannot run it: {error}"
    if odd:
        return JobOutcome(job_id, fault=f"worker on {socket.gethostname()} {odd}"), {}
    with threadpool_limits(limits=1):
        return run_job(module, job_id, parameters, seed), machine_record()


def fingerprint(module: str) -> Fingerprint:
    """Fingerprint of this process for the module of an experiment."""
    import platform

    versions = {"Python": platform.python_version(), **library_versions(module)}
    return Fingerprint(reached_modules(module), versions)


_SEEN: dict[str, str] = {}


@functools.cache
def _first_fingerprint(module: str) -> Fingerprint:
    """The same for the code that a worker has loaded, whatever became of the files since."""
    now = fingerprint(module)
    return Fingerprint(
        {name: _SEEN.setdefault(name, now.modules[name]) for name in now.modules}, now.libraries
    )


@contextmanager
def local_cluster(workers: int) -> Iterator[Cluster]:
    """Start workers on this machine and stop them at the end.

    Raises
    ------
    LabError
        If dask.distributed is not installed.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise LabError(f"--cluster {workers}: {_MISSING}") from error
    prepare_libraries()
    _quiet()
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port, and for this machine alone
            silence_logs=logging.CRITICAL,
        ) as started,
        Client(started) as client,
    ):
        yield Cluster(client, f"--cluster {workers}")


@contextmanager
def remote_cluster(address: str) -> Iterator[Cluster]:
    """Connect to the scheduler of a running cluster, which goes on running afterwards.

    Parameters
    ----------
    address : str
        Such as ``tcp://host:8786``; ``tls://`` takes its certificates from the configuration of Dask.

    Raises
    ------
    LabError
        If dask.distributed is not installed, nobody answers at the address, or no worker has joined.
    """
    option = f"--scheduler {address}"
    try:
        from distributed import Client
    except ImportError as error:
        raise LabError(f"{option}: {_MISSING}") from error
    _quiet()
    try:
        client = Client(address, timeout=_ANSWER_SECONDS)
    except (OSError, TimeoutError) as error:
        raise LabError(
            f"{option}: no scheduler answers there (start one with: dask scheduler; or correct the address)"
        ) from error
    except (ValueError, TypeError) as error:
        raise LabError(f"{option}: not an address (such as tcp://host:8786): {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_JOIN_SECONDS)
        except TimeoutError as error:
            raise LabError(
                f"{option}: no worker has joined it (dask worker {address} --nthreads 1)"
            ) from error
        yield Cluster(client, option)


def _quiet() -> None:
    """Let Dask say nothing: what a user must know is raised, and the rest is no fault of theirs."""
    # Dask's configuration gives some of its loggers a level of their own, which the level of the first does not change.
    for name in ("distributed", "tornado.application", *logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
