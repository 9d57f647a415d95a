"""What a refresh would change: a candidate beside the accepted evidence."""

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import stale_experiments
from ouroboros.lab.judge import statement_verdicts
from ouroboros.lab.store import Evidence, json_text, load_all_evidence, load_candidate, load_evidence
from ouroboros.stats.estimate import Estimate

# Another build of NumPy's kernels moves last digits; an interval that is a point must not call that a change.
_ROUNDING = {"rel_tol": 1e-9, "abs_tol": 1e-12}


@dataclass(frozen=True, slots=True)
class EstimateChange:
    """One estimate before and after; None on a side that lacks it.

    Attributes
    ----------
    outside : bool
        Whether the new value lies outside the old interval, by more than rounding.
    rounding : bool
        Whether nothing but last digits differs.
    """

    name: str
    old: Estimate | None
    new: Estimate | None
    outside: bool
    rounding: bool

    @property
    def changed(self) -> bool:
        """Whether anything about the estimate differs."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Flip:
    """A check or criterion that comes out otherwise; None on a side that lacks it."""

    kind: str
    id: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class VerdictMove:
    """A statement whose verdict would move."""

    statement: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that accepting a candidate would change."""

    experiment: str
    tier: str
    first: bool
    valid: bool
    inputs: tuple[str, ...]
    same_table: bool
    estimates: tuple[EstimateChange, ...]
    flips: tuple[Flip, ...]
    verdicts: tuple[VerdictMove, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing that a reader sees would change."""
        moved = any(change.changed for change in self.estimates)
        return not (moved or self.flips or self.verdicts or self.first or not self.valid)

    def to_json(self) -> str:
        """The same as JSON; infinite numbers are written as words."""
        return json_text(asdict(self))

    def to_text(self, everything: bool = False) -> str:
        """Plain text for a terminal, a notebook or a pull request.

        Parameters
        ----------
        everything : bool
            List estimates that did not change, too.
        """
        return "\n".join(_text(self, everything)) + "\n"


def compare(
    ledger: Any,
    candidate: Evidence,
    accepted: Evidence | None,
    evidence: Mapping[str, Evidence],
    stale: Collection[str] = (),
) -> Difference:
    """Compare a candidate with the accepted evidence of the same experiment.

    Parameters
    ----------
    evidence : mapping of str to Evidence
        All accepted evidence, which verdicts are computed from.
    stale : collection of str
        Experiments whose accepted evidence is stale.
    """
    old = {e.name: e for e in accepted.estimates} if accepted else {}
    new = {e.name: e for e in candidate.estimates}
    names = list(new) + [name for name in old if name not in new]
    before = statement_verdicts(ledger, evidence, stale)
    after = statement_verdicts(
        ledger, {**evidence, candidate.experiment: candidate}, set(stale) - {candidate.experiment}
    )
    return Difference(
        experiment=candidate.experiment,
        tier=candidate.tier,
        first=accepted is None,
        valid=candidate.valid,
        inputs=tuple(_inputs(accepted, candidate)) if accepted else (),
        same_table=accepted is not None and accepted.table.sha256 == candidate.table.sha256,
        estimates=tuple(_estimate_change(name, old.get(name), new.get(name)) for name in names),
        flips=tuple(_flips(accepted, candidate)),
        verdicts=tuple(
            VerdictMove(name, before[name].verdict, after[name].verdict, after[name].reason)
            for name in before
            if before[name].verdict != after[name].verdict
        ),
    )


def difference(root: Path, ledger: Any, experiment_id: str) -> Difference:
    """Difference that accepting the candidate on disk would make.

    Raises
    ------
    LabError
        If there is no candidate or evidence is damaged.
    """
    candidate = load_candidate(root, experiment_id)
    if candidate is None:
        raise LabError(
            f"{experiment_id}: no candidate to compare (ouroboros run {experiment_id} --tier publish)"
        )
    evidence = load_all_evidence(root, ledger)
    return compare(
        ledger,
        candidate.evidence,
        load_evidence(root, experiment_id),
        evidence,
        stale_experiments(root, ledger, evidence),
    )


def _estimate_change(name: str, old: Estimate | None, new: Estimate | None) -> EstimateChange:
    if old is None or new is None:
        return EstimateChange(name, old, new, outside=False, rounding=False)

    def near(a: float, b: float) -> bool:
        return math.isclose(a, b, **_ROUNDING)

    inside = old.low <= new.value <= old.high or near(new.value, old.low) or near(new.value, old.high)
    ends = ("value", "low", "high")
    rounding = old != new and all(near(getattr(old, end), getattr(new, end)) for end in ends)
    rounding = rounding and replace(new, **{end: getattr(old, end) for end in ends}) == old
    return EstimateChange(name, old, new, outside=not inside, rounding=rounding)


def _inputs(old: Evidence, new: Evidence) -> list[str]:
    pairs = {
        "tier": (old.tier, new.tier),
        "seed": (old.seed, new.seed),
        "parameters": (old.parameters, new.parameters),
        "code": (old.code_digest, new.code_digest),
        "criteria": (old.criteria_digest, new.criteria_digest),
    }
    changed = [name for name, (before, after) in pairs.items() if before != after]
    # The code digest covers tier parameters and seed: naming both would suggest two changes.
    return [n for n in changed if n != "code" or not {"tier", "seed", "parameters"} & set(changed)]


def _flips(accepted: Evidence | None, candidate: Evidence) -> list[Flip]:
    flips = []
    for kind, outcomes, word in (
        ("check", "checks", lambda o: "passed" if o.passed else "FAILED"),
        ("criterion", "criteria", lambda o: f"{'met' if o.met else 'not met'} ({o.direction})"),
    ):
        old = {o.id: word(o) for o in getattr(accepted, outcomes)} if accepted else {}
        new = {o.id: word(o) for o in getattr(candidate, outcomes)}
        for name in [*new, *(n for n in old if n not in new)]:
            if old.get(name) != new.get(name):
                flips.append(Flip(kind, name, old.get(name), new.get(name)))
    return flips


def _text(d: Difference, everything: bool) -> list[str]:
    head = "first evidence" if d.first else "candidate against accepted evidence"
    lines = [f"{d.experiment} ({d.tier}): {head}"]
    if d.inputs:
        lines.append(f"  changed inputs: {', '.join(d.inputs)}")
    if not d.valid:
        lines.append("  INVALID: a check failed, the candidate cannot be accepted")
    if d.same_table:
        lines.append("  table: the same to the byte")
    shown = [c for c in d.estimates if everything or d.first or (c.changed and not c.rounding)]
    if shown:
        lines += ["", *_columns([_HEADINGS, *(_row(change) for change in shown)])]
    rounded = sum(change.rounding for change in d.estimates if change not in shown)
    hidden = len(d.estimates) - len(shown) - rounded
    for count, words in ((hidden, "unchanged"), (rounded, "the same but for rounding of last digits")):
        if count:
            lines.append(f"  {count} {'estimate' if count == 1 else 'estimates'} {words}")
    outside = sum(change.outside for change in d.estimates)
    if outside:
        lines.append(f"  {outside} moved outside the old interval")
    if d.flips:
        lines.append("")
        lines += [f"  {f.kind} {f.id}: {f.old or 'absent'} -> {f.new or 'absent'}" for f in d.flips]
    lines.append("")
    lines += [f"  verdict {v.statement}: {v.old} -> {v.new} ({v.reason})" for v in d.verdicts] or [
        "  no verdict moves"
    ]
    return lines


_HEADINGS = ("estimate", "old", "new", "old interval", "")


def _row(change: EstimateChange) -> tuple[str, ...]:
    old, new = change.old, change.new
    note = "new" if old is None else "gone" if new is None else ""
    note = note or ("outside" if change.outside else "rounding" if change.rounding else "")
    interval = f"[{old.low:.4g}, {old.high:.4g}]" if old else "-"
    return (
        change.name,
        f"{old.value:.6g}" if old else "-",
        f"{new.value:.6g}" if new else "-",
        interval,
        note,
    )


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip() for row in rows]
