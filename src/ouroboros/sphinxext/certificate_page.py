"""The reproducibility certificate: when, how many jobs of which experiments were run again, with what result."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.lab.certificate import load_certificate
from ouroboros.lab.errors import LabError
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.experiment_pages import duration
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table


class CertificateTable(LedgerDirective):
    """One sentence and a table; says so while there is no certificate, or one that cannot be read."""

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        try:
            found = load_certificate(self.data.root)
        except LabError as error:
            return self.fault(str(error))
        if found is None:
            return [nodes.paragraph("", "No certificate has been recorded yet.", classes=["stale"])]
        sampled = {s["experiment"]: s for s in found["experiments"]}
        rows = [self._row(name, sampled.get(name)) for name in self.data.ledger.experiments]
        head = ["Experiment", "Jobs run again", "Of all its jobs", "Held to", "Result"]
        return [nodes.paragraph("", _sentence(found)), table(head, rows, classes=["certificate", "stacks"])]

    def _row(self, name: str, sampled: dict[str, Any] | None) -> list:
        link = ledger_link("experiment", name, name)
        if sampled is None or not sampled["jobs"]:
            why = sampled["why"] if sampled else "it was not in the ledger then"
            result = nodes.inline("", "", chip("not tested", "not reached"), nodes.Text(f" {why}"))
            return [link, "0", str(sampled["of"]) if sampled and sampled["of"] else "–", "–", result]
        held = "every bit" if sampled["exact"] else "stated tolerance"
        result = chip("missed", sampled["fault"]) if sampled["fault"] else chip("passed", "the same")
        return [link, str(len(sampled["jobs"])), str(sampled["of"]), held, result]


def _sentence(found: dict[str, Any]) -> str:
    jobs = sum(len(s["jobs"]) for s in found["experiments"])
    reached = sum(bool(s["jobs"]) for s in found["experiments"])
    faults = [s["experiment"] for s in found["experiments"] if s["fault"]]
    missed = [s["experiment"] for s in found["experiments"] if not s["jobs"]]
    took = (
        f"On {found['date']}, {jobs} jobs of {reached} of {len(found['experiments'])} experiments were run again"
        f" in {duration(found['seconds'])}"
    )
    result = f"{', '.join(faults)} came out differently" if faults else "every one came out as recorded"
    commit = f", commit {found['commit'][:10]}" if found.get("commit") else ""
    said = (
        f"{took} (Python {found['python']}, {found['processor'] or 'processor unknown'}{commit}); {result}."
    )
    # Who is left out comes to no harm and to no credit: a reader has to know of it before the table.
    return f"{said} No job was run again of {', '.join(missed)}; the table says why." if missed else said


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("reproducibility-certificate", CertificateTable)
