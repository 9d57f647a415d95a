"""The laboratory: experiments and ledger in, evidence out.

Names are loaded when they are first asked for: deciding that there is nothing to build must not wait for
pandas. Type checkers and the code digest read the block below, everybody else the table after it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ouroboros.lab.acceptance import accept, waiting
    from ouroboros.lab.differences import Difference, compare, difference
    from ouroboros.lab.digest import code_digest
    from ouroboros.lab.errors import EvidenceError, LabError
    from ouroboros.lab.freshness import stale_experiments, staleness
    from ouroboros.lab.health import evidence_faults, missing_evidence
    from ouroboros.lab.judge import (
        CriterionUse,
        StatementVerdict,
        criteria_in_use,
        reproduction_mark,
        statement_verdicts,
    )
    from ouroboros.lab.paths import find_root
    from ouroboros.lab.running import run
    from ouroboros.lab.store import (
        CheckOutcome,
        CriterionOutcome,
        Evidence,
        Result,
        load_accepted,
        load_all_evidence,
        load_candidate,
        load_evidence,
    )
    from ouroboros.lab.study import Study, open_study

_NAMES_OF = {
    "acceptance": ("accept", "waiting"),
    "differences": ("Difference", "compare", "difference"),
    "digest": ("code_digest",),
    "errors": ("EvidenceError", "LabError"),
    "freshness": ("stale_experiments", "staleness"),
    "health": ("evidence_faults", "missing_evidence"),
    "judge": (
        "CriterionUse",
        "StatementVerdict",
        "criteria_in_use",
        "reproduction_mark",
        "statement_verdicts",
    ),
    "paths": ("find_root",),
    "running": ("run",),
    "store": (
        "CheckOutcome",
        "CriterionOutcome",
        "Evidence",
        "Result",
        "load_accepted",
        "load_all_evidence",
        "load_candidate",
        "load_evidence",
    ),
    "study": ("Study", "open_study"),
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}

__all__ = [
    "CheckOutcome",
    "CriterionOutcome",
    "CriterionUse",
    "Difference",
    "Evidence",
    "EvidenceError",
    "LabError",
    "Result",
    "StatementVerdict",
    "Study",
    "accept",
    "code_digest",
    "compare",
    "criteria_in_use",
    "difference",
    "evidence_faults",
    "find_root",
    "load_accepted",
    "load_all_evidence",
    "load_candidate",
    "load_evidence",
    "missing_evidence",
    "open_study",
    "reproduction_mark",
    "run",
    "stale_experiments",
    "staleness",
    "statement_verdicts",
    "waiting",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
