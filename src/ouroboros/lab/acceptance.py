"""The only way that evidence changes: a candidate is looked at and accepted."""

import shutil
from pathlib import Path
from typing import Any

from ouroboros.lab.errors import EvidenceError, LabError
from ouroboros.lab.freshness import staleness
from ouroboros.lab.locks import evidence_lock
from ouroboros.lab.paths import all_jobs_directory, candidate_directory, evidence_directory
from ouroboros.lab.running import FULL_TIERS, find_experiment
from ouroboros.lab.store import (
    Evidence,
    Result,
    discard_candidate,
    load_candidate,
    load_evidence,
    save_result,
)


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
    with evidence_lock(root):
        candidate = _acceptable(root, ledger, experiment_id)
        accepted = _readable_evidence(root, experiment_id)
        evidence = with_criteria_judged_anew(candidate.evidence, accepted)
        save_result(evidence_directory(root), Result(evidence, candidate.table_text, candidate.run))
        _prune_jobs(root, experiment_id)
        discard_candidate(root, experiment_id)
    return evidence


def _acceptable(root: Path, ledger: Any, experiment_id: str) -> Result:
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
    return candidate


def _readable_evidence(root: Path, experiment_id: str) -> Evidence | None:
    """Accepted evidence; None also if it is damaged, for accepting anew is the remedy of that."""
    try:
        return load_evidence(root, experiment_id)
    except EvidenceError:
        return None


def with_criteria_judged_anew(evidence: Evidence, accepted: Evidence | None) -> Evidence:
    """Name the criteria that the accepted evidence, of the very same table, was not judged by.

    Whoever wrote them could know what would come out, and the page must say so.
    """
    if accepted is None or accepted.table.sha256 != evidence.table.sha256:
        return evidence
    before = {criterion.digest for criterion in accepted.criteria}
    anew = tuple(
        criterion.id
        for criterion in evidence.criteria
        if criterion.digest not in before or criterion.id in accepted.judged_anew
    )
    return evidence.model_copy(update={"judged_anew": anew})


def _prune_jobs(root: Path, experiment_id: str) -> None:
    """Remove finished jobs that nobody will ask for: all that are older than the candidate."""
    candidate = candidate_directory(root, experiment_id) / f"{experiment_id}.json"
    everything = all_jobs_directory(root, experiment_id)
    for directory in everything.iterdir() if everything.is_dir() else ():
        # A run of newer code may be under way beside this one.
        if directory.stat().st_mtime_ns <= candidate.stat().st_mtime_ns:
            shutil.rmtree(directory, ignore_errors=True)
