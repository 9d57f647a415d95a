"""Ledger, evidence and computed verdicts, read once for a build and shared by all roles and directives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from ouroboros.lab import (
    Evidence,
    EvidenceError,
    LabError,
    Result,
    StatementVerdict,
    load_accepted,
    reproduction_mark,
    stale_experiments,
    statement_verdicts,
)
from ouroboros.ledger import Ledger, LedgerFaults, load_ledger


@dataclass
class BookData:
    """Everything pages are computed from."""

    root: Path
    ledger: Ledger
    results: dict[str, Result]

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        """Accepted evidence by experiment."""
        return {identifier: result.evidence for identifier, result in self.results.items()}

    def kind_of(self, identifier: str) -> str | None:
        """Kind of the record with this id, None if there is none."""
        try:
            return self.ledger.find(identifier)[0]
        except KeyError:
            return None

    @cached_property
    def stale(self) -> dict[str, str]:
        """Why the evidence of an experiment is stale; fresh ones are not listed."""
        return stale_experiments(self.root, self.ledger, self.evidence)

    @cached_property
    def verdicts(self) -> dict[str, StatementVerdict]:
        """Verdict of every statement, by id."""
        return statement_verdicts(self.ledger, self.evidence, stale=set(self.stale))

    def mark(self, claim_id: str) -> str:
        """Reproduction mark of a claim."""
        return reproduction_mark(self.ledger, self.evidence, claim_id)

    @property
    def evidence_date(self) -> str | None:
        """Day of the newest accepted evidence, None when there is none."""
        return max((result.run["date"][:10] for result in self.results.values()), default=None)


def load(app: Sphinx) -> None:
    """Read ledger and evidence at the start of a build (faults end it, all named)."""
    root = Path(app.config.ouroboros_root or app.srcdir)
    try:
        ledger = load_ledger(root)
        found = {identifier: load_accepted(root, identifier) for identifier in ledger.experiments}
        app.ouroboros = BookData(root, ledger, {i: r for i, r in found.items() if r is not None})
        # Computed here, so that unreadable code or data ends the build with one line and not in mid-page.
        _ = app.ouroboros.verdicts
    except (LedgerFaults, EvidenceError, LabError) as error:
        raise ExtensionError(str(error)) from error


def of(env: BuildEnvironment) -> BookData:
    """Return the data of the running build."""
    return env.app.ouroboros
