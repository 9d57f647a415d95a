"""The only way that evidence changes: a candidate is looked at and accepted."""

from pathlib import Path
from typing import Any

from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import staleness
from ouroboros.lab.paths import candidate_directory, evidence_directory
from ouroboros.lab.running import FULL_TIERS, find_experiment
from ouroboros.lab.store import Evidence, discard_candidate, load_candidate, save_result


def waiting(root: Path, ledger: Any) -> list[str]:
    """Experiments of the ledger that have a candidate, in ledger order."""
    return [
        name for name in ledger.experiments if (candidate_directory(root, name) / f"{name}.json").is_file()
    ]


def accept(root: Path, ledger: Any, experiment_id: str) -> Evidence:
    """Make the candidate of an experiment its accepted evidence.

    Raises
    ------
    LabError
        If there is no candidate, a check of it failed, it is of the smoke tier, or code or criteria changed
        since it was computed. Nothing is changed then.
    """
    find_experiment(ledger, experiment_id)
    candidate = load_candidate(root, experiment_id)
    again = f"ouroboros run {experiment_id} --tier publish"
    if candidate is None:
        raise LabError(f"{experiment_id}: no candidate to accept ({again})")
    evidence = candidate.evidence
    if evidence.tier not in FULL_TIERS:
        raise LabError(
            f"{experiment_id}: candidate is of tier {evidence.tier}, which is no evidence ({again})"
        )
    if not evidence.valid:
        failed = ", ".join(check.id for check in evidence.checks if not check.passed)
        raise LabError(
            f"{experiment_id}: candidate is invalid: failed {failed} (correct the code, then {again})"
        )
    reason = staleness(root, ledger, evidence)
    if reason is not None:
        raise LabError(f"{experiment_id}: candidate is out of date: {reason} ({again})")
    save_result(evidence_directory(root), candidate)
    discard_candidate(root, experiment_id)
    return evidence
