"""Faults of the accepted evidence of a checkout: what `ouroboros check` reports."""

from pathlib import Path
from typing import Any

from ouroboros.lab.certificate import FILE as CERTIFICATE
from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import staleness
from ouroboros.lab.paths import evidence_directory
from ouroboros.lab.store import load_accepted


def evidence_faults(root: Path, ledger: Any, *, stale_ok: bool = False) -> list[str]:
    """All faults of the accepted evidence, one line each, in ledger order.

    Evidence must be undamaged, belong to an experiment, be of a full tier, valid and, unless ``stale_ok``,
    fresh. An experiment without evidence is no fault: what rests on it is untested.
    """
    faults = []
    for name in ledger.experiments:
        try:
            faults += _faults_of(root, ledger, name, stale_ok)
        except LabError as error:
            faults.append(str(error))
    return faults + _orphans(root, ledger)


def _faults_of(root: Path, ledger: Any, name: str, stale_ok: bool) -> list[str]:
    result = load_accepted(root, name)
    if result is None:
        return []
    evidence = result.evidence
    again = f"ouroboros run {name} --tier publish; ouroboros diff {name}; ouroboros accept {name}"
    faults = []
    if evidence.tier == "smoke":
        faults.append(f"evidence/{name}.json: of tier smoke, which is no evidence ({again})")
    failed = [check.id for check in evidence.checks if not check.passed]
    if failed or not evidence.valid:
        faults.append(
            f"evidence/{name}.json: invalid: failed {', '.join(failed)} (correct the code, then {again})"
        )
    reason = staleness(root, ledger, evidence)
    if reason is not None and not stale_ok:
        faults.append(f"evidence/{name}.json: stale: {reason} ({again})")
    return faults


def _orphans(root: Path, ledger: Any) -> list[str]:
    """Evidence files that no experiment of the ledger accounts for, or that lack their JSON."""
    directory = evidence_directory(root)
    faults = []
    for path in sorted(directory.glob("*")) if directory.is_dir() else ():
        name = next(
            (path.name.removesuffix(s) for s in (".run.json", ".json", ".csv") if path.name.endswith(s)), None
        )
        if path.name.startswith(".") or path.name == CERTIFICATE:
            continue
        if name is None or name not in ledger.experiments:
            faults.append(
                f"evidence/{path.name}: belongs to no experiment of ledger/experiments.yml (remove it)"
            )
        elif not (directory / f"{name}.json").is_file():
            faults.append(f"evidence/{path.name}: without {name}.json (git checkout evidence/{name}.json)")
    return faults


def missing_evidence(root: Path, ledger: Any) -> list[str]:
    """Experiments that have no accepted evidence yet."""
    return [name for name in ledger.experiments if not (evidence_directory(root) / f"{name}.json").is_file()]
