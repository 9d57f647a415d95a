"""The certificate of reproducibility: a rotating sample of jobs of every experiment, run again in limited time."""

import json
import platform
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ouroboros.lab.digest import code_digest, text_digest, tier_parameters
from ouroboros.lab.environment import commit_of, machine_record, run_record
from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import staleness
from ouroboros.lab.jobs import JobStore
from ouroboros.lab.paths import evidence_directory
from ouroboros.lab.replication import LEAST_JOBS, Rule, job_fault, require_same_jobs, rule_for
from ouroboros.lab.running import list_jobs, run_jobs
from ouroboros.lab.store import Result, json_text, load_accepted, replace_files

FILE = "certificate.json"
SCHEMA = "ouroboros-certificate/1"


@dataclass
class Sampled:
    """What was rerun of one experiment.

    Attributes
    ----------
    jobs : list of str
        Jobs run again; empty if one takes longer than the time there was.
    of : int
        All its jobs.
    exact : bool
        Whether every bit had to be the same, or a stated tolerance was allowed.
    fault : str
        First difference; empty if there was none.
    """

    experiment: str
    of: int
    exact: bool
    jobs: list[str] = field(default_factory=list)
    fault: str = ""


@dataclass(frozen=True)
class Certificate:
    """When, how many jobs of which experiments, and with what result."""

    date: str
    rotation: int
    budget: float
    seconds: float
    python: str
    processor: str
    commit: str | None
    experiments: list[Sampled]

    @property
    def faults(self) -> list[str]:
        """Differences found, one line each."""
        return [
            f"{s.experiment}: job {s.jobs[-1]} comes out differently: {s.fault}"
            for s in self.experiments
            if s.fault
        ]

    @property
    def jobs(self) -> int:
        """Number of jobs run again."""
        return sum(len(s.jobs) for s in self.experiments)

    def to_json(self) -> str:
        """Text of the file."""
        return json_text({"schema": SCHEMA, **asdict(self)})


def certify(root: Path, ledger: Any, *, budget: float, rotation: int) -> Certificate:
    """Run jobs of every experiment with fresh evidence again, in turn, until the time is used up.

    Parameters
    ----------
    budget : float
        Seconds. A job that by its experiment's record takes longer than what is left is not begun.
    rotation : int
        Where in the order of jobs, by the hash of their ids, to begin; counting up goes round through all.

    Raises
    ------
    LabError
        If a job fails or evidence is damaged.
    """
    start = time.monotonic()
    turns = [turn for name in ledger.experiments if (turn := _turn(root, ledger, name, rotation)) is not None]
    open_turns = list(turns)
    while open_turns:
        for turn in list(open_turns):
            left = budget - (time.monotonic() - start)
            if not turn.waiting or turn.sampled.fault or turn.seconds > left:
                open_turns.remove(turn)
            else:
                turn.run_next()
    return Certificate(
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        rotation=rotation,
        budget=budget,
        seconds=round(time.monotonic() - start, 1),
        python=platform.python_version(),
        processor=machine_record()["processor"],
        commit=commit_of(root),
        experiments=[turn.sampled for turn in turns],
    )


@dataclass
class _Turn:
    """One experiment that takes part: its jobs in their order, and how long one takes."""

    experiment: Any
    accepted: Result
    rule: Rule
    waiting: list[Any]
    seconds: float
    sampled: Sampled

    def run_next(self) -> None:
        job = self.waiting.pop(0)
        outcomes, _ = run_jobs(
            self.experiment, [job], what=self.experiment.id, store=JobStore(None), progress=False
        )
        self.sampled.jobs.append(job.id)
        self.sampled.fault = job_fault(self.accepted.table, job.id, outcomes[job.id].text, self.rule) or ""


def _turn(root: Path, ledger: Any, name: str, rotation: int) -> _Turn | None:
    accepted = load_accepted(root, name)
    if accepted is None or staleness(root, ledger, accepted.evidence) is not None:
        return None
    experiment, tier = ledger.experiments[name], accepted.evidence.tier
    jobs = list_jobs(experiment, tier_parameters(experiment, tier))
    require_same_jobs(name, accepted.table, [job.id for job in jobs])
    ordered = sorted(jobs, key=lambda job: text_digest(job.id))
    first = rotation * LEAST_JOBS % len(ordered)
    rule = rule_for(
        experiment, accepted.run, run_record(experiment, code_digest(experiment, tier, root), root)
    )
    return _Turn(
        experiment,
        accepted,
        rule,
        waiting=ordered[first:] + ordered[:first],
        seconds=accepted.run["seconds"]["jobs"] / len(jobs),
        sampled=Sampled(name, of=len(jobs), exact=rule.tolerance == 0),
    )


def record(root: Path, certificate: Certificate) -> None:
    """Keep a certificate beside the evidence, where the site finds it."""
    replace_files(evidence_directory(root), [(FILE, certificate.to_json())])


def load_certificate(root: Path) -> dict[str, Any] | None:
    """Recorded certificate as plain data, None if there is none; LabError if it cannot be read."""
    try:
        found = json.loads((evidence_directory(root) / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LabError(f"evidence/{FILE}: not JSON: {error} (ouroboros certify --record)") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise LabError(f"evidence/{FILE}: is no {SCHEMA} (ouroboros certify --record)")
    return found
