"""Renew the digests of accepted evidence without a full run, if a sample of its jobs comes out as recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouroboros.lab.acceptance import with_criteria_judged_anew
from ouroboros.lab.digest import CodeDigest, code_digest, tier_parameters
from ouroboros.lab.environment import run_record
from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import changed_parts, staleness
from ouroboros.lab.jobs import JobStore
from ouroboros.lab.locks import evidence_lock
from ouroboros.lab.paths import candidate_directory, evidence_directory, jobs_directory
from ouroboros.lab.replication import Rule, estimate_fault, job_fault, require_same_jobs, rule_for, sample
from ouroboros.lab.running import (
    analyse,
    build_evidence,
    find_experiment,
    list_jobs,
    run_jobs,
)
from ouroboros.lab.store import Evidence, Recertified, Result, load_accepted, save_result
from ouroboros.stats.estimate import Estimate

if TYPE_CHECKING:
    from ouroboros.lab.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Recertification:
    """What became of one experiment.

    Attributes
    ----------
    fresh : bool
        Nothing was stale, so nothing was done.
    jobs, of : int
        Jobs run again, of how many; 0 if only criteria had changed.
    renewed : bool
        The accepted evidence was renewed as it stands; otherwise what it says changes, and a candidate waits.
    """

    experiment: str
    fresh: bool = False
    jobs: int = 0
    of: int = 0
    renewed: bool = False


def recertify(
    root: Path,
    ledger: Any,
    experiment_id: str,
    *,
    jobs: int | None = None,
    workers: int = 1,
    cluster: "Cluster | None" = None,
    progress: bool | None = None,
) -> Recertification:
    """Hold accepted evidence against the present code and criteria and renew its digests.

    A fixed sample of jobs is run again and must come out as recorded: to the bit in the environment of the
    recorded run, elsewhere within the tolerance that the ledger states. The whole recorded table is analysed
    and judged again. If estimates and judgements are the same, the accepted evidence is renewed; if they
    differ, because the analysis or the criteria changed, the new evidence waits as a candidate.

    Parameters
    ----------
    jobs : int, optional
        Size of the sample; by default one job in twenty and at least three.
    workers : int
        Processes.
    cluster : Cluster, optional
        Where jobs run instead.

    Raises
    ------
    LabError
        If there is no evidence, parameters, seed or data changed, or a job comes out differently. Nothing is
        changed then.
    """
    experiment = find_experiment(ledger, experiment_id)
    accepted = load_accepted(root, experiment_id)
    if accepted is None:
        raise LabError(
            f"{experiment_id}: no evidence to recertify (ouroboros run {experiment_id} --tier publish)"
        )
    old = accepted.evidence
    if staleness(root, ledger, old) is None:
        return Recertification(experiment_id, fresh=True)
    digest = code_digest(experiment, old.tier, root)
    parameters = tier_parameters(experiment, old.tier)
    estimates, recertified, run, done = old.estimates, old.recertified, accepted.run, ()
    if digest.digest != old.code_digest:
        _require_same_inputs(root, ledger, accepted)
        here = run_record(experiment, digest, root)
        rule = rule_for(experiment, accepted.run, here)
        done = _rerun(root, experiment, accepted, digest, jobs, rule, workers, cluster, progress)
        estimates = _estimates(experiment, accepted, parameters, rule)
        recertified = Recertified(
            computed_by=old.recertified.computed_by if old.recertified else old.code_digest,
            jobs=done,
            of=accepted.table["job"].nunique(),
            result="within tolerance" if rule.tolerance else "identical",
        )
        today = datetime.now(UTC).strftime("%Y-%m-%d")
        run = {**run, "code": digest.parts, "recertified": {"date": today, "commit": here["commit"]}}
    judged = build_evidence(
        experiment, old.tier, parameters, digest.digest, accepted.table_text, old.table.rows, estimates
    )
    evidence = with_criteria_judged_anew(judged.model_copy(update={"recertified": recertified}), old)
    renewed = _says_the_same(old, evidence)
    with evidence_lock(root):
        _require_untouched(root, experiment_id, old)
        target = evidence_directory(root) if renewed else candidate_directory(root, experiment_id)
        save_result(target, Result(evidence, accepted.table_text, run))
    return Recertification(
        experiment_id, jobs=len(done), of=recertified.of if recertified else 0, renewed=renewed
    )


def _require_same_inputs(root: Path, ledger: Any, accepted: Result) -> None:
    """Refuse if parameters, seed or data changed: jobs of old inputs say nothing about new ones."""
    name = accepted.evidence.experiment
    changed = changed_parts(root, ledger, accepted.evidence, accepted.run)
    inputs = [part for part in changed if part in ("parameters", "seed") or part.startswith("data ")]
    if inputs:
        raise LabError(
            f"{name}: {', '.join(inputs)} changed since the run, which no sample can vouch for "
            f"(ouroboros run {name} --tier publish)"
        )


def _rerun(
    root: Path,
    experiment: Any,
    accepted: Result,
    digest: CodeDigest,
    count: int | None,
    rule: Rule,
    workers: int,
    cluster: "Cluster | None",
    progress: bool | None,
) -> tuple[str, ...]:
    """Run the sample and compare; ids of the jobs that were run."""
    evidence, table = accepted.evidence, accepted.table
    listed = list_jobs(experiment, tier_parameters(experiment, evidence.tier))
    require_same_jobs(experiment.id, table, [job.id for job in listed])
    chosen = set(sample([job.id for job in listed], count))
    outcomes, _ = run_jobs(
        experiment,
        [job for job in listed if job.id in chosen],
        what=f"{experiment.id} (recertify)",
        store=JobStore(jobs_directory(root, experiment.id, digest.digest)),
        workers=workers,
        cluster=cluster,
        progress=progress,
    )
    for name in sorted(outcomes):
        fault = job_fault(table, name, outcomes[name].text, rule)
        if fault is not None:
            raise LabError(
                f"{experiment.id}: job {name} comes out differently: {fault} "
                f"(the evidence stays stale; ouroboros run {experiment.id} --tier {evidence.tier})"
            )
    return tuple(sorted(outcomes))


def _estimates(
    experiment: Any, accepted: Result, parameters: dict[str, Any], rule: Rule
) -> tuple[Estimate, ...]:
    """Estimates of the recorded table by the present analysis; the recorded ones where they agree."""
    ours = analyse(experiment, accepted.table, parameters)
    recorded = accepted.evidence.estimates
    return recorded if estimate_fault(recorded, ours, rule) is None else ours


def _says_the_same(old: Evidence, new: Evidence) -> bool:
    return (old.estimates, old.checks, old.criteria, old.valid) == (
        new.estimates,
        new.checks,
        new.criteria,
        new.valid,
    )


def _require_untouched(root: Path, experiment_id: str, old: Evidence) -> None:
    now = load_accepted(root, experiment_id)
    if now is None or now.evidence != old:
        raise LabError(f"{experiment_id}: evidence was changed meanwhile (recertify again)")
