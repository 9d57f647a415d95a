"""The certificate of reproducibility: which jobs of every experiment were run again, when, and with what result."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ouroboros.lab.errors import LabError
from ouroboros.lab.paths import evidence_directory
from ouroboros.lab.store import json_text, replace_files

FILE = "certificate.json"
SCHEMA = "ouroboros-certificate/2"


@dataclass
class Sampled:
    """What was rerun of one experiment.

    Attributes
    ----------
    of : int
        All its jobs; 0 if it took no part.
    exact : bool
        Whether every bit had to be the same, or a stated tolerance was allowed.
    jobs : list of str
        Jobs run again.
    fault : str
        First difference; empty if there was none.
    why : str
        Why no job was run again; empty if one was.
    seconds : dict of str to float
        What jobs took, in this certificate or one before it; for one that was stopped, at least that.
    """

    experiment: str
    of: int = 0
    exact: bool = False
    jobs: list[str] = field(default_factory=list)
    fault: str = ""
    why: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Certificate:
    """When, how many jobs of which experiments, and with what result."""

    date: str
    rotation: int
    budget: float
    workers: int
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

    @property
    def reached(self) -> int:
        """Number of experiments of which a job was run again."""
        return sum(bool(s.jobs) for s in self.experiments)

    def to_json(self) -> str:
        """Text of the file."""
        return json_text({"schema": SCHEMA, **asdict(self)})


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
