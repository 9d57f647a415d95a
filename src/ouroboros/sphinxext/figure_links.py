"""Under every figure of a page of evidence: the way to its numbers and to the code that drew it."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.sphinxext import book_data


def links_of(experiments: list[str], docname: str) -> list[tuple[str, str]]:
    """Texts and addresses, relative to the page.

    Parameters
    ----------
    experiments : list of str
        What the page is about, with accepted evidence.
    docname : str
        The page.
    """
    top = "../" * docname.count("/")
    return [
        *((f"Data: {name}.csv", f"{top}data/evidence/{name}.csv") for name in experiments),
        (f"Code: {docname.rsplit('/', 1)[-1]}.md", f"{top}_sources/{docname}.md"),
    ]


def _add(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.name != "html" or not app.config.ouroboros_editions:
        return
    data = book_data.of(app.env)
    here = [e.id for e in data.ledger.experiments.values() if e.notebook == f"{docname}.md"]
    measured = [experiment for experiment in here if experiment in data.evidence]
    if not here:
        return
    for figure in doctree.findall(nodes.figure):
        line = nodes.paragraph(classes=["figure-links"])
        for text, address in links_of(measured, docname):
            line += [nodes.reference("", text, refuri=address, internal=True), nodes.Text(" ")]
        figure += nodes.legend("", line)


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("doctree-resolved", _add)
