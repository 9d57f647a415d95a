"""The laboratory: experiments and ledger in, evidence out."""

from ouroboros.lab.accept import accept, waiting
from ouroboros.lab.compare import Difference, compare, difference
from ouroboros.lab.digest import code_digest
from ouroboros.lab.errors import EvidenceError, LabError
from ouroboros.lab.health import evidence_faults, missing_evidence
from ouroboros.lab.judge import (
    CriterionUse,
    StatementVerdict,
    criteria_in_use,
    reproduction_mark,
    statement_verdicts,
)
from ouroboros.lab.paths import find_root
from ouroboros.lab.run import run
from ouroboros.lab.staleness import stale_experiments, staleness
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
