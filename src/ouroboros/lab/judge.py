"""From estimates to checks, criteria, verdicts of statements and reproduction marks of claims."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ouroboros.lab.digest import canonical_json, check_digest, text_digest
from ouroboros.lab.errors import LabError
from ouroboros.lab.store import CheckOutcome, CriterionOutcome, Direction, Evidence
from ouroboros.ledger.digests import criterion_digest
from ouroboros.stats.estimate import Estimate

VerdictName = Literal["untested", "contradicted", "supported", "mixed"]
Mark = Literal["reproduced in a toy", "not reproduced", "not tested"]


# --- one experiment ----------------------------------------------------------------------------------------


def judge_checks(experiment: Any, estimates: Iterable[Estimate], tier: str) -> tuple[CheckOutcome, ...]:
    """Apply the checks of a tier; a deep run answers to the checks of ``publish``.

    Raises
    ------
    LabError
        If a check names an estimate that the analysis does not give.
    """
    found = {estimate.name: estimate for estimate in estimates}
    outcomes = []
    for check in experiment.checks:
        if not _applies(check, tier):
            continue
        observed = _observed(experiment.id, "check", check, found)
        outcomes.append(
            CheckOutcome(
                **_shared(check, check_digest(check), observed), passed=all(map(check.holds, observed))
            )
        )
    return tuple(outcomes)


def judge_criteria(experiment: Any, estimates: Iterable[Estimate], tier: str) -> tuple[CriterionOutcome, ...]:
    """Apply the criteria; several estimates must all satisfy one, and NaN satisfies nothing.

    An observed NaN is not a failure of the statement either: it points in no direction ("0"). The smoke
    tier may lack estimates of the full grid; what it lacks is not judged.

    Raises
    ------
    LabError
        If a criterion names an estimate that the analysis of a full tier does not give.
    """
    found = {estimate.name: estimate for estimate in estimates}
    outcomes = []
    for criterion in experiment.criteria:
        if tier == "smoke" and not found.keys() >= set(criterion.estimate):
            continue
        observed = _observed(experiment.id, "criterion", criterion, found)
        met = all(map(criterion.holds, observed))
        direction: Direction = criterion.if_met if met else criterion.if_not_met
        if any(map(math.isnan, observed)):
            direction = "0"
        outcomes.append(
            CriterionOutcome(
                **_shared(criterion, criterion_digest(criterion), observed), met=met, direction=direction
            )
        )
    return tuple(outcomes)


def experiment_criteria_digest(experiment: Any, tier: str) -> str:
    """Digest over the checks and criteria that the ledger holds for an experiment at a full tier."""
    digests = {check.id: check_digest(check) for check in experiment.checks if _applies(check, tier)}
    digests |= {criterion.id: criterion_digest(criterion) for criterion in experiment.criteria}
    return text_digest(canonical_json(digests))


def _applies(check: Any, tier: str) -> bool:
    return tier in check.tiers or (tier == "deep" and "publish" in check.tiers)


def _observed(experiment_id: str, kind: str, judged: Any, found: Mapping[str, Estimate]) -> list[float]:
    missing = [name for name in judged.estimate if name not in found]
    if missing:
        raise LabError(
            f"ledger/experiments.yml: {experiment_id}: {kind} {judged.id}: no estimate {missing[0]!r} in the "
            f"analysis (it gives {len(found)}: {_some(found)})"
        )
    return [float(getattr(found[name], judged.field)) for name in judged.estimate]


def _some(names: Collection[str], most: int = 6) -> str:
    listed = ", ".join(list(names)[:most])
    return listed + (", …" if len(names) > most else "")


def _shared(judged: Any, digest: str, observed: list[float]) -> dict[str, Any]:
    return {
        "id": judged.id,
        "digest": digest,
        "estimates": tuple(judged.estimate),
        "field": judged.field,
        "observed": tuple(observed),
        "comparison": judged.comparison,
        "threshold": judged.threshold,
    }


# --- all experiments ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CriterionUse:
    """A criterion as it counts for a statement or a claim."""

    id: str
    experiment: str
    direction: Direction
    scope: str
    stale: bool


@dataclass(frozen=True, slots=True)
class StatementVerdict:
    """Computed verdict of a statement; never shown without its scopes.

    Attributes
    ----------
    verdict : str
        untested, contradicted, supported or mixed.
    scopes : tuple of str
        Where the decided criteria hold, each named once.
    criteria : tuple of CriterionUse
        Every criterion on valid evidence that bears on the statement, decided or not.
    stale : bool
        Whether evidence behind it no longer belongs to the code or the criteria of the checkout.
    reason : str
        One sentence on how the verdict came about.
    """

    id: str
    verdict: VerdictName
    scopes: tuple[str, ...]
    criteria: tuple[CriterionUse, ...]
    stale: bool
    reason: str


def criteria_in_use(
    ledger: Any, evidence: Mapping[str, Evidence], target: str, stale: Collection[str] = ()
) -> tuple[CriterionUse, ...]:
    """Criteria on valid evidence that bear on a statement or a claim.

    A superseded criterion does not count. Nor does one that was edited after the evidence was judged: what
    was recorded answers another question, and the evidence waits to be judged again.
    """
    uses = []
    for experiment in ledger.experiments.values():
        record = evidence.get(experiment.id)
        if record is None or not record.valid:
            continue
        outcomes = {outcome.id: outcome for outcome in record.criteria}
        for criterion in experiment.criteria:
            outcome = outcomes.get(criterion.id)
            if target not in criterion.bears_on or outcome is None or criterion.superseded_by is not None:
                continue
            if outcome.digest != criterion_digest(criterion):
                continue
            uses.append(
                CriterionUse(
                    criterion.id, experiment.id, outcome.direction, criterion.scope, experiment.id in stale
                )
            )
    return tuple(uses)


def statement_verdicts(
    ledger: Any, evidence: Mapping[str, Evidence], stale: Collection[str] = ()
) -> dict[str, StatementVerdict]:
    """Verdict of every statement of the ledger.

    Parameters
    ----------
    ledger
        Typed ledger.
    evidence : mapping of str to Evidence
        Evidence by experiment; invalid evidence decides nothing.
    stale : collection of str
        Experiments whose evidence is stale. It still counts, and the verdict says so.
    """
    return {
        statement.id: _verdict(ledger, statement, criteria_in_use(ledger, evidence, statement.id, stale))
        for statement in ledger.statements.values()
    }


def _verdict(ledger: Any, statement: Any, uses: tuple[CriterionUse, ...]) -> StatementVerdict:
    decided = [use for use in uses if use.direction != "0"]
    against = sum(use.direction == "-" for use in decided)
    verdict: VerdictName
    if not uses:
        verdict, reason = "untested", "no criterion on valid evidence bears on it"
    elif not decided:
        verdict, reason = "untested", f"{_count(len(uses), 'criterion', 'criteria')}, none of which decides"
    elif against == len(decided):
        verdict, reason = "contradicted", f"all of {len(decided)} decided speak against it"
    elif against:
        verdict, reason = "mixed", f"{len(decided) - against} of {len(decided)} decided speak for it"
    else:
        verdict, reason = "supported", f"all of {len(decided)} decided speak for it"
    if len(decided) == 1 and verdict in ("contradicted", "supported"):
        reason = f"the one decided criterion speaks {'against' if against else 'for'} it"
    discrepant = sum(ledger.claims[claim].verdict == "discrepant" for claim in statement.claims)
    if verdict == "supported" and 2 * discrepant > len(statement.claims):
        verdict = "mixed"
        reason += f", but {discrepant} of its {len(statement.claims)} claims are discrepant"
    scopes = tuple(dict.fromkeys(use.scope for use in decided))
    return StatementVerdict(statement.id, verdict, scopes, uses, any(use.stale for use in uses), reason)


def reproduction_mark(ledger: Any, evidence: Mapping[str, Evidence], claim_id: str) -> Mark:
    """Mark of a claim: reproduced only if every decided criterion that bears on it says so."""
    directions = {use.direction for use in criteria_in_use(ledger, evidence, claim_id)} - {"0"}
    if not directions:
        return "not tested"
    return "not reproduced" if "-" in directions else "reproduced in a toy"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
