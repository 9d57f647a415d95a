"""One line per experiment: state of its evidence, what waits, how long a full run takes."""

from pathlib import Path
from typing import Any

from ouroboros.lab.acceptance import waiting
from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import changed_parts, staleness
from ouroboros.lab.store import load_accepted


def status_lines(root: Path, ledger: Any) -> list[str]:
    """State of every experiment, in ledger order; damaged evidence is a state, not an error."""
    candidates = set(waiting(root, ledger))
    width = max((len(name) for name in ledger.experiments), default=0)
    return [
        f"{name.ljust(width)}  {_state(root, ledger, name)}"
        + ("; a candidate waits (ouroboros diff)" if name in candidates else "")
        for name in ledger.experiments
    ] or ["no experiments in ledger/experiments.yml"]


def _state(root: Path, ledger: Any, name: str) -> str:
    try:
        result = load_accepted(root, name)
        if result is None:
            return "no evidence"
        evidence = result.evidence
        reason = staleness(root, ledger, evidence)
        changed = changed_parts(root, ledger, evidence, result.run) if reason else []
    except LabError as error:
        return f"damaged: {error}"
    state = "fresh" if reason is None else f"stale: {reason}"
    if changed:
        state += f" ({', '.join(changed)})"
    if not evidence.valid:
        state += ", INVALID"
    run = result.run
    return f"{state}; {evidence.tier} of {run['date'][:10]}, {duration(run['seconds']['jobs'])} of work"


def duration(seconds: float) -> str:
    """Length of time in the unit a person would use."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
