"""The role ``{evidence}``: a number of an accepted evidence, with its interval and unit.

``{evidence}`collapse.gaussian-chain:name` `` prints the estimate, ``...:name!value`` the bare value.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from ouroboros.lab import LabError
from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.domain import unknown
from ouroboros.sphinxext.numbers import estimate_text

LOGGER = logging.getLogger(__name__)


class EvidenceRole(SphinxRole):
    """Print an estimate; without accepted evidence it says so and the page still builds."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Look the estimate up."""
        data = book_data.of(self.env)
        experiment_id, _, rest = self.text.partition(":")
        name, _, form = rest.partition("!")
        if name and data.kind_of(experiment_id) != "experiment":
            return self._fault(unknown(data, "experiment", experiment_id))
        if not name or form not in ("", "value"):
            return self._fault(f"{{evidence}}`{self.text}`: write <experiment id>:<estimate name>[!value]")
        evidence = data.evidence.get(experiment_id)
        if evidence is None:
            waiting = nodes.inline("", "not measured yet", classes=["evidence", "is-untested"])
            waiting["evidence"] = (experiment_id, name)
            return [waiting], []
        try:
            estimate = evidence.estimate(name)
        except LabError as error:
            return self._fault(str(error))
        node = nodes.inline("", estimate_text(estimate, interval=not form), classes=["evidence"])
        node["evidence"] = (experiment_id, name)
        return [node], []

    def _fault(self, message: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        LOGGER.warning(message, location=(self.env.docname, self.lineno))
        return [nodes.inline("", self.text)], []


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("evidence", EvidenceRole())
