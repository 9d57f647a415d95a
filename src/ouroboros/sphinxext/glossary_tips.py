"""Links to terms of the glossary show their meaning on hover and on focus."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_LONGEST = 220


def meanings(doctree: nodes.document) -> dict[str, str]:
    """Return the meaning of every term that a page explains, by the anchor of the term."""
    found = {}
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            texts = [_plain(body) for body in item.findall(nodes.definition)]
            for term in item.findall(nodes.term):
                found |= {anchor: shortened(" ".join(texts)) for anchor in term["ids"]}
    return found


def _plain(body: nodes.definition) -> str:
    """Text of a definition: citations in brackets are left out, those in the sentence are named as such."""
    body = body.deepcopy()
    for citation in list(body.findall(addnodes.pending_xref)):
        if citation.get("refdomain") == "cite":
            word = "the work cited" if citation["reftype"] == "t" else ""
            citation.parent.replace(citation, nodes.Text(word))
    return re.sub(r"\s+([.,;])", r"\1", body.astext())


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return as many whole sentences as fit, at least the first, on one line."""
    text = " ".join(text.split())
    sentences = re.split(r"(?<=[.;])\s+", text)
    taken = sentences[0]
    for sentence in sentences[1:]:
        if len(taken) + 1 + len(sentence) > longest:
            break
        taken += " " + sentence
    return taken


def _collect(app: Sphinx, env: BuildEnvironment) -> list[str]:
    terms = env.get_domain("std").data["terms"]
    pages = {docname for docname, _ in terms.values()}
    env.ouroboros_terms = {}
    for page in sorted(pages):
        env.ouroboros_terms |= meanings(env.get_doctree(page))
    return []


def _explain(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    by_anchor = app.env.ouroboros_terms
    for reference in doctree.findall(nodes.reference):
        _, _, anchor = reference.get("refuri", "").partition("#")
        anchor = anchor or reference.get("refid", "")
        if reference.get("internal") and anchor.startswith("term-") and anchor in by_anchor:
            reference["reftitle"] = by_anchor[anchor]


def setup(app: Sphinx) -> None:
    """Connect to the build: collect when everything is read, explain when links are resolved."""
    app.connect("env-updated", _collect)
    app.connect("doctree-resolved", _explain)
