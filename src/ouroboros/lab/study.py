"""What a notebook holds in its hand: one experiment, its accepted evidence and this build's own replicate."""

import math
import os
import re
from functools import cached_property
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd

from ouroboros.lab.differences import Difference, compare
from ouroboros.lab.digest import code_digest
from ouroboros.lab.errors import LabError
from ouroboros.lab.freshness import staleness
from ouroboros.lab.jobs import JobStore
from ouroboros.lab.judge import statement_verdicts
from ouroboros.lab.paths import find_root
from ouroboros.lab.running import FULL_TIERS, compute, find_experiment, run
from ouroboros.lab.store import Evidence, Result, load_accepted, load_all_evidence
from ouroboros.stats.estimate import Estimate

TIER_VARIABLE = "OUROBOROS_TIER"
WORKERS_VARIABLE = "OUROBOROS_WORKERS"
BAND = 4.0
#: What Markdown would read as the beginning of an element, a link, code or emphasis.
_MARKUP = re.compile(r"[<>&\[\]`*\\]")


def open_study(experiment_id: str, root: str | Path | None = None) -> "Study":
    """Open an experiment from a notebook.

    Parameters
    ----------
    experiment_id : str
        Id in ``ledger/experiments.yml``.
    root : path, optional
        Checkout; by default ``OUROBOROS_ROOT`` or the checkout around the working directory.

    Raises
    ------
    LabError
        If there is no checkout, no such experiment, or its evidence is damaged.
    LedgerFaults
        If the ledger has faults.
    """
    from ouroboros.ledger import load_ledger

    checkout = find_root() if root is None else Path(root)
    return Study(checkout, load_ledger(checkout), experiment_id)


class Study:
    """One experiment as a notebook sees it.

    The tier comes from the environment variable ``OUROBOROS_TIER`` (smoke unless set). A smoke run writes
    nothing; a publish or deep run leaves candidate evidence that ``ouroboros accept`` takes over.

    Attributes
    ----------
    experiment
        Ledger record.
    tier : str
        Tier that :meth:`run` computes.
    """

    def __init__(self, root: Path, ledger: Any, experiment_id: str):
        self.root = root
        self.ledger = ledger
        self.experiment = find_experiment(ledger, experiment_id)
        self.tier = os.environ.get(TIER_VARIABLE) or "smoke"
        if self.tier not in ("smoke", *FULL_TIERS):
            raise LabError(f"{TIER_VARIABLE}={self.tier}: no such tier (smoke, publish or deep)")
        self._accepted = load_accepted(root, experiment_id)
        self._live: Result | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the tier that :meth:`run` computes."""
        return self.experiment.parameters(self.tier)

    @property
    def evidence(self) -> Evidence | None:
        """Accepted evidence, None if there is none yet."""
        return self._accepted.evidence if self._accepted else None

    @cached_property
    def stale(self) -> str | None:
        """Why the accepted evidence is stale; None if it is fresh or there is none."""
        return staleness(self.root, self.ledger, self.evidence) if self.evidence else None

    def run(self, workers: int | None = None) -> Evidence:
        """Compute this build's replicate at the study's tier and return it.

        Parameters
        ----------
        workers : int, optional
            Processes; by default this one for smoke, else ``OUROBOROS_WORKERS`` or one per processor.
        """
        if self.tier in FULL_TIERS:
            self._live = run(
                self.ledger,
                self.experiment.id,
                root=self.root,
                tier=self.tier,
                workers=workers or _workers(),
            )
        else:
            digest = code_digest(self.experiment, self.tier, self.root)
            self._live = compute(
                self.experiment,
                digest,
                tier=self.tier,
                root=self.root,
                store=JobStore(None),
                workers=workers or 1,
                progress=False,
            )
        return self._live.evidence

    @property
    def live(self) -> Evidence:
        """This build's replicate; it is computed on first use."""
        if self._live is None:
            self.run()
        return self._live_result.evidence

    @property
    def live_table(self) -> pd.DataFrame:
        """Table of this build's replicate."""
        if self._live is None:
            self.run()
        return self._live_result.table

    @property
    def _live_result(self) -> Result:
        assert self._live is not None
        return self._live

    @property
    def shown(self) -> Evidence:
        """What pages show: accepted evidence, or the live replicate while there is none."""
        return self.evidence or self.live

    @cached_property
    def accepted_table(self) -> pd.DataFrame | None:
        """Table of the accepted evidence, None if there is none."""
        return self._accepted.table if self._accepted else None

    @property
    def table(self) -> pd.DataFrame:
        """Accepted table, or the live one while there is no accepted evidence."""
        return self.live_table if self.accepted_table is None else self.accepted_table

    def compare_live(self, name: str) -> str:
        """State whether this build's replicate of an estimate agrees with the recorded one.

        Two independent estimates of one quantity differ by a combined standard error, the root of the sum of
        both squared standard errors (half the interval over the normal quantile of its level). The replicate
        lies inside if it differs by at most four of them, so that a sound build says "outside" about once in
        sixteen thousand.

        Raises
        ------
        LabError
            If the live run does not give the estimate.
        """
        live = self.live.estimate(name)
        ours = f"This build's replicate ({self.tier} tier) gives {_number(live)}"
        if self.evidence is None:
            return f"{ours}; there is no accepted evidence yet to hold it against."
        recorded = next((e for e in self.evidence.estimates if e.name == name), None)
        if recorded is None:
            return f"{ours}; the accepted evidence holds no such estimate."
        against = f"the recorded {_number(recorded)}"
        combined = math.hypot(_standard_error(live), _standard_error(recorded))
        apart = abs(live.value - recorded.value)
        if combined == 0:
            if math.isclose(live.value, recorded.value, rel_tol=1e-9, abs_tol=1e-12):
                return f"{ours}, the same as {against}."
            return f"{ours}, which differs from {against}; neither has an error to measure that by."
        distance = apart / combined if math.isfinite(combined) else 0.0
        inside = distance <= BAND
        return (
            f"{ours}, {distance:.1f} combined standard errors from {against}: "
            f"it lies {'inside' if inside else 'OUTSIDE'} the recorded interval widened by its own error."
        )

    def results_frame(self) -> pd.DataFrame:
        """Checks and criteria in a table: ours, interval, what it was held against, difference, met or not.

        ``difference`` is ours minus the threshold, for a range minus the nearer end. A criterion on several
        estimates has a row for each; it is met only if all are.
        """
        evidence = self.shown
        statements = {j.id: j for j in (*self.experiment.checks, *self.experiment.criteria)}
        rows = []
        for kind, outcomes in (("check", evidence.checks), ("criterion", evidence.criteria)):
            for outcome in outcomes:
                judged = statements.get(outcome.id)
                for name, observed in zip(outcome.estimates, outcome.observed, strict=True):
                    estimate = evidence.estimate(name)
                    rows.append(
                        {
                            "id": outcome.id,
                            "kind": kind,
                            "statement": judged.statement if judged else "",
                            "estimate": name,
                            "ours": observed,
                            "low": estimate.low,
                            "high": estimate.high,
                            "comparison": outcome.comparison,
                            "threshold": outcome.threshold,
                            "reference": (judged.reference or "") if judged else "",
                            "difference": _beyond(observed, outcome.threshold),
                            "met": outcome.passed if kind == "check" else outcome.met,
                        }
                    )
        return pd.DataFrame(rows)

    def difference(self) -> Difference | None:
        """Print what accepting this run would change; a smoke run has nothing to accept."""
        if self.tier not in FULL_TIERS:
            print(f"A {self.tier} run is no candidate; set {TIER_VARIABLE}=publish to compute one.")
            return None
        evidence = load_all_evidence(self.root, self.ledger)
        found = compare(self.ledger, self.live, self.evidence, evidence)
        print(found.to_text(), end="")
        print(f"Accept it with: ouroboros accept {self.experiment.id}")
        return found

    def verdicts(self) -> dict[str, str]:
        """Verdicts of the statements that the experiment's criteria bear on, from all accepted evidence."""
        computed = statement_verdicts(self.ledger, load_all_evidence(self.root, self.ledger))
        touched = {name for criterion in self.experiment.criteria for name in criterion.bears_on}
        return {name: verdict.verdict for name, verdict in computed.items() if name in touched}


def _workers() -> int:
    text = os.environ.get(WORKERS_VARIABLE)
    if not text:
        return os.cpu_count() or 1
    if not text.isdigit() or int(text) < 1:
        raise LabError(f"{WORKERS_VARIABLE}={text}: not a number of processes (1 or more)")
    return int(text)


def _standard_error(estimate: Estimate) -> float:
    quantile = NormalDist().inv_cdf(0.5 + estimate.level / 2)
    return (estimate.high - estimate.low) / (2 * quantile)


def _number(estimate: Estimate) -> str:
    # Notebooks show the sentence as Markdown: a unit is words and must not become an element or a link of the page.
    unit = " " + _MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", estimate.unit) if estimate.unit else ""
    interval = f" [{estimate.low:.4g}, {estimate.high:.4g}]" if estimate.low < estimate.high else ""
    return f"{estimate.value:.4g}{unit}{interval} (n = {estimate.n:,})"


def _beyond(observed: float, threshold: float | tuple[float, float]) -> float:
    if isinstance(threshold, tuple):
        return min((observed - end for end in threshold), key=abs)
    return observed - threshold
