"""The register of experiments: state of the evidence, outcome of checks and criteria, run time."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Experiment
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import LedgerDomain, ledger_link
from ouroboros.sphinxext.facts import paragraph, separated
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table


def duration(seconds: float) -> str:
    """Print a duration in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def computing_seconds(run: dict) -> float:
    """Seconds that all jobs of a recorded run and its analysis took, added up."""
    return run["seconds"]["jobs"] + run["seconds"]["analysis"]


class ExperimentTable(LedgerDirective):
    """Every experiment on a line; its anchor until a page of evidence shows it."""

    def run(self) -> list[nodes.Node]:
        """Draw the table and, below it, what everything took together."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        experiments = list(self.data.ledger.experiments.values())
        anchors = [
            domain.note_target("experiment", e.id, self.env.docname, overview=True) for e in experiments
        ]
        head = ["Experiment", "Bears on", "Evidence", "Checks passed", "Criteria met", "Computing time"]
        drawn = table(head, map(self._row, experiments), classes=["experiments"], row_ids=anchors, wide=True)
        self._place_parts(drawn, experiments)
        drawn["listing"] = True
        total = sum(computing_seconds(result.run) for result in self.data.results.values())
        accepted = f"{len(self.data.results)} of {len(experiments)} experiments have accepted evidence"
        text = f"{accepted}; computing it took {duration(total)} on one core, as their run records say."
        return [drawn, paragraph(text)]

    def _place_parts(self, drawn: nodes.Element, experiments: list[Experiment]) -> None:
        """Give checks and criteria their place in the row of their experiment, until its own page shows them."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        cells = [entry for entry in drawn.findall(nodes.entry) if entry["ids"]]
        for cell, experiment in zip(cells, experiments, strict=True):
            for kind, parts in (("check", experiment.checks), ("criterion", experiment.criteria)):
                for part in parts:
                    cell["ids"].append(domain.note_target(kind, part.id, self.env.docname, overview=True))

    def _row(self, experiment: Experiment) -> list:
        title = paragraph(ledger_link("experiment", experiment.id, experiment.title))
        named = nodes.paragraph("", "", nodes.literal("", experiment.id))
        bears = separated(
            ledger_link(kind, i, i)
            for kind, ids in (("statement", experiment.statements), ("claim", experiment.claims))
            for i in ids
        )
        return [[title, named], bears, *self._outcome(experiment)]

    def _outcome(self, experiment: Experiment) -> list:
        result = self.data.results.get(experiment.id)
        if result is None:
            fixed = f"{len(experiment.criteria)} fixed"
            return [chip("not tested", "not measured yet"), f"{len(experiment.checks)} set", fixed, ""]
        evidence = result.evidence
        state = f"accepted {result.run['date'][:10]}"
        seen = [chip("mixed", "stale") if experiment.id in self.data.stale else chip("met", state)]
        passed = sum(check.passed for check in evidence.checks)
        met = sum(criterion.met for criterion in evidence.criteria)
        return [
            seen,
            f"{passed} of {len(evidence.checks)}",
            f"{met} of {len(evidence.criteria)}",
            duration(computing_seconds(result.run)),
        ]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("experiment-table", ExperimentTable)
