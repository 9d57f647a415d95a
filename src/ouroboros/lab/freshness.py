"""Whether evidence still belongs to the code and the criteria of a checkout."""

from pathlib import Path
from typing import Any

from ouroboros.lab.digest import code_digest
from ouroboros.lab.judge import experiment_criteria_digest
from ouroboros.lab.store import Evidence, load_all_evidence


def staleness(root: Path, ledger: Any, evidence: Evidence) -> str | None:
    """Why evidence is stale, in a few words; None if it is fresh.

    Only what can change the result counts: code reached, parameters, seed, data, checks and criteria. Python,
    library versions and processor do not.

    Raises
    ------
    LabError
        If the code or data of the experiment cannot be read.
    """
    experiment = ledger.experiments.get(evidence.experiment)
    if experiment is None:
        return "the ledger has no such experiment any more"
    if getattr(experiment.tiers, evidence.tier, None) is None:
        return f"the ledger has no tier {evidence.tier} for it any more"
    if code_digest(experiment, evidence.tier, root).digest != evidence.code_digest:
        return "code, parameters, seed or data changed since it was computed"
    if experiment_criteria_digest(experiment, evidence.tier) != evidence.criteria_digest:
        return "checks or criteria changed since it was judged"
    return None


def changed_parts(root: Path, ledger: Any, evidence: Evidence, run: dict[str, Any]) -> list[str]:
    """Name what changed since a run: modules, parameters, seed or data files, sorted."""
    now = code_digest(ledger.experiments[evidence.experiment], evidence.tier, root).parts
    then = run.get("code", {})
    return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def stale_experiments(root: Path, ledger: Any, evidence: dict[str, Evidence] | None = None) -> dict[str, str]:
    """Experiments whose accepted evidence is stale, each with the reason."""
    found = load_all_evidence(root, ledger) if evidence is None else evidence
    reasons = {name: staleness(root, ledger, record) for name, record in found.items()}
    return {name: reason for name, reason in reasons.items() if reason is not None}
