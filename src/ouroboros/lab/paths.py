"""Where things lie in a checkout."""

import os
from pathlib import Path

from ouroboros.lab.errors import LabError

ROOT_VARIABLE = "OUROBOROS_ROOT"
_MARK = Path("ledger", "experiments.yml")


def find_root(start: Path | None = None) -> Path:
    """Checkout that holds ``ledger/experiments.yml``: ``OUROBOROS_ROOT``, else upwards from ``start``.

    Raises
    ------
    LabError
        If there is none.
    """
    named = os.environ.get(ROOT_VARIABLE)
    if start is None and named:
        root = Path(named).resolve()
        if not (root / _MARK).is_file():
            raise LabError(f"{ROOT_VARIABLE}={named}: no {_MARK} there (name the checkout's top directory)")
        return root
    here = (start or Path.cwd()).resolve()
    for directory in (here, *here.parents):
        if (directory / _MARK).is_file():
            return directory
    raise LabError(f"no {_MARK} here or in any directory above (go to the checkout or set {ROOT_VARIABLE})")


def evidence_directory(root: Path) -> Path:
    """Accepted evidence."""
    return Path(root, "evidence")


def candidate_directory(root: Path, experiment_id: str) -> Path:
    """Evidence of one experiment that waits to be accepted."""
    return Path(root, ".ouroboros", "candidates", experiment_id)


def jobs_directory(root: Path, experiment_id: str, digest: str) -> Path:
    """Finished jobs of one experiment and one state of its code, kept so that a run can resume."""
    return all_jobs_directory(root, experiment_id) / digest[:16]


def all_jobs_directory(root: Path, experiment_id: str) -> Path:
    """Finished jobs of one experiment, a directory for each state of its code."""
    return Path(root, ".ouroboros", "jobs", experiment_id)


def evidence_lock_file(root: Path) -> Path:
    """Held by whoever writes evidence or candidates."""
    return Path(root, ".ouroboros", "evidence.lock")
