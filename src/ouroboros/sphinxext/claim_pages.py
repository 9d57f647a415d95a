"""Directives of the claim pages: the ledger on a table, and a full card for every claim of a dimension."""

from __future__ import annotations

from collections import Counter

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.ledger import Claim, Experiment
from ouroboros.ledger.claims import ClaimUpdate
from ouroboros.ledger.fields import Citation
from ouroboros.sphinxext.claim_filter import ClaimFilter
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.domain import LedgerDomain, ledger_link, unknown
from ouroboros.sphinxext.facts import (
    Fact,
    bullets,
    chips,
    details,
    facts,
    paragraph,
    plain,
    quantity_text,
    separated,
    web_link,
)
from ouroboros.sphinxext.feedback import report_address
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table
from ouroboros.sphinxext.uses import used_in

SCRIPT = "ledger-table.js"
_BASIS = {
    "read": "read",
    "recalled": "recalled, not read",
    "read+recalled": "read in part, the rest recalled",
}
_SPEAKS = {"+": "for", "0": "neither way", "-": "against"}


class ClaimTable(LedgerDirective):
    """All claims in one plain table; a script on this page filters and sorts it, nothing needs the script."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        claims = list(self.data.ledger.claims.values())
        anchors = [domain.note_target("claim", c.id, self.env.docname, overview=True) for c in claims]
        head = [
            "Claim",
            "As the original states it",
            "Dimension",
            "Kind",
            "Audit",
            "Tested here",
            "Primary source",
            "Rests on it",
        ]
        drawn = table(head, map(self._row, claims), classes=["claims"], row_ids=anchors, wide=True)
        drawn["listing"] = True
        self.env.metadata[self.env.docname]["ouroboros_script"] = SCRIPT
        form = ClaimFilter(
            "", values=list(map(self._values, claims)), source_column=head.index("Primary source")
        )
        return [form, drawn]

    def _row(self, claim: Claim) -> list:
        return [
            ledger_link("claim", claim.id, claim.id),
            claim.text,
            self._dimension(claim),
            claim.kind.replace("-", " "),
            chip(claim.verdict),
            chip(self.data.mark(claim.id)),
            self.cited(citation.key for citation in claim.sources),
            chips("statement", (statement.id for statement in self.data.ledger.statements_for(claim.id))),
        ]

    def _dimension(self, claim: Claim) -> str:
        return f"{claim.dimension} {self.data.ledger.dimensions[claim.dimension].title.partition(':')[0]}"

    def _values(self, claim: Claim) -> dict[str, list[str]]:
        """What the facets of the form offer for this row, but for its sources: those are not resolved yet."""
        return {
            "dimension": [self._dimension(claim)],
            "kind": [claim.kind.replace("-", " ")],
            "audit": [claim.verdict],
            "mark": [self.data.mark(claim.id)],
            "statement": [statement.id for statement in self.data.ledger.statements_for(claim.id)],
        }


class ClaimDirective(LedgerDirective):
    """A directive that draws claims as full cards."""

    def card(self, claim: Claim) -> nodes.section:
        """Draw a claim with all that the ledger knows of it, as a section with the claim's anchor."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        anchor = domain.note_target("claim", claim.id, self.env.docname)
        title = f"{claim.id}. {claim.title}" if claim.title else claim.id
        drawn = nodes.section("", nodes.title("", title), ids=[anchor], names=[], classes=["claim-card"])
        drawn["use_as"], drawn["card_of"] = title.replace(".", ",", 1), ("claim", claim.id)
        severity = [nodes.Text(f" {claim.severity} ")] if claim.severity else [nodes.Text(" ")]
        drawn += paragraph(
            chip(claim.verdict), severity, chip(self.data.mark(claim.id)), classes=["claim-marks"]
        )
        drawn += paragraph(plain(claim.text), classes=["card-text"])
        drawn += facts(
            [*self._original(claim), *self._source(claim), *self._audit(claim), *self._here(claim)]
        )
        drawn += self._folded(claim)
        return drawn

    def _original(self, claim: Claim) -> list[Fact]:
        cited_as = ", ".join(filter(None, (claim.cited_as.name, claim.cited_as.date)))
        figures = [bullets([nodes.Text(quantity_text(q))] for q in claim.quantities)]
        return [
            ("Kind", [nodes.Text(claim.kind.replace("-", " "))]),
            ("Figures", figures if claim.quantities else []),
            ("Cited as", [nodes.Text(cited_as)]),
        ]

    def _source(self, claim: Claim) -> list[Fact]:
        note = plain(claim.source_note) if claim.source_note else []
        dated = [nodes.Text(f"dated {claim.source_date}")] if claim.source_date else []
        sources = [self._citation(citation) for citation in claim.sources]
        sources += [part for part in (dated, note) if part]
        return [("Primary source", [bullets(sources)]), ("It says", plain(claim.source_says))]

    def _citation(self, citation: Citation) -> list[nodes.Node]:
        parts = self.cited([citation.key])
        after = [citation.locator, citation.note, citation.depth and f"seen: {citation.depth}"]
        text = "; ".join(filter(None, after))
        return [*parts, *plain_after(text)] if text else list(parts)

    def _audit(self, claim: Claim) -> list[Fact]:
        verdict: list[nodes.Node] = [chip(claim.verdict)]
        verdict += [nodes.Text(f" {claim.severity}")] if claim.severity else []
        if claim.attribution_verdict:
            verdict += [nodes.Text(" in substance; the attribution "), chip(claim.attribution_verdict)]
        looked = f"{_BASIS[claim.basis]}; confidence in this audit {claim.confidence:.2f}; last seen {claim.checked_on}"
        newer = [bullets(plain(text) for text in claim.newer_evidence)] if claim.newer_evidence else []
        works = [citation.key for citation in claim.newer_sources]
        works += [item.source for item in self.data.ledger.literature_for(claim.id)]
        return [
            ("Audit", verdict),
            ("Correction", plain(claim.audit.correction)),
            ("In a memo", plain(claim.memo_sentence or "")),
            ("Arithmetic", plain(claim.arithmetic or "")),
            ("Newer evidence", newer),
            ("Newer works", self.cited(works)),
            *(self._update(update) for update in claim.updates),
            ("Basis", [nodes.Text(looked)]),
        ]

    def _update(self, update: ClaimUpdate) -> Fact:
        parts = [paragraph(plain(update.text))]
        if update.verdict_note:
            parts.append(paragraph(plain(update.verdict_note)))
        if update.arithmetic:
            parts.append(paragraph(plain(update.arithmetic)))
        sources = self.cited(citation.key for citation in update.sources)
        if sources:
            parts.append(paragraph(sources))
        return (f"Update {update.date}", parts)

    def _here(self, claim: Claim) -> list[Fact]:
        ledger = self.data.ledger
        tests = [self._test(claim, experiment) for experiment in ledger.experiments_for(claim.id)]
        resting = [statement.id for statement in ledger.statements_for(claim.id)]
        forecasts = [forecast.id for forecast in ledger.forecasts_for(claim.id)]
        return [
            ("Tested by", [bullets(tests)] if tests else [nodes.Text("no experiment of this edition")]),
            ("Why none decides it", plain(claim.no_experiment or "")),
            ("Rest on it", chips("statement", resting)),
            ("Forecasts", chips("forecast", forecasts)),
            ("Used in", [used_in("claim", claim.id)]),
            ("Wrong?", self._report(claim)),
        ]

    def _report(self, claim: Claim) -> list[nodes.Node]:
        page = f"id/{claim.id}.html"
        address = report_address(self.config.ouroboros_repository, claim.id, self.config.release, page)
        return [web_link(address, "Report an error in this claim")] if address else []

    def _test(self, claim: Claim, experiment: Experiment) -> list[nodes.Node]:
        evidence = self.data.evidence.get(experiment.id)
        bearing = {c.id for c in experiment.criteria if claim.id in c.bears_on and c.superseded_by is None}
        if evidence is None:
            outcome = "criteria fixed, not measured yet" if bearing else "not measured yet"
        elif not evidence.valid:
            outcome = "evidence invalid: a check was missed"
        elif not bearing:
            outcome = "context, no criterion bears on it"
        else:
            spoken = Counter(o.direction for o in evidence.criteria if o.id in bearing)
            told = [f"{spoken[d]} {word}" for d, word in _SPEAKS.items() if spoken[d]]
            outcome = "criteria: " + (", ".join(told) or "none decided")
        return [ledger_link("experiment", experiment.id), nodes.Text(f" {outcome}")]

    def _folded(self, claim: Claim) -> list[nodes.Node]:
        folded: list[nodes.Node] = []
        if claim.reproduction_card:
            folded += details("What a reproduction needs to know", [nested(claim.reproduction_card)])
        if claim.evidence_urls:
            read = []
            for link in claim.evidence_urls:
                parts = [[web_link(link.url)] if link.url else [], plain(link.note) if link.note else []]
                read.append(
                    separated([p[0] if len(p) == 1 else nodes.inline("", "", *p) for p in parts if p], ": ")
                )
            folded += details("Where it was read", [bullets(read)])
        return folded


def plain_after(text: str) -> list[nodes.Node]:
    """Text of a record after something else, set off by a comma."""
    return [nodes.Text(", "), *plain(text)]


def nested(value: object) -> nodes.Node:
    """Draw nested mappings and lists of a record as nested lists."""
    if isinstance(value, dict):
        listed = nodes.bullet_list(classes=["simple"])
        for key, inner in value.items():
            label = nodes.strong("", str(key).replace("_", " "))
            if isinstance(inner, dict) or (
                isinstance(inner, list) and any(isinstance(i, dict | list) for i in inner)
            ):
                listed += nodes.list_item("", nodes.paragraph("", "", label), nested(inner))
            else:
                listed += nodes.list_item("", paragraph(label, ": ", plain(_leaf(inner))))
        return listed
    if isinstance(value, list):
        listed = nodes.bullet_list(classes=["simple"])
        for inner in value:
            listed += nodes.list_item("", nested(inner))
        return listed
    return paragraph(plain(str(value)))


def _leaf(value: object) -> str:
    if isinstance(value, list):
        text = [str(item) for item in value]
        return ("; " if any(len(item) > 24 for item in text) else ", ").join(text)
    return str(value)


class ClaimCard(ClaimDirective):
    """The card of one claim, at its own place."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Look the claim up and draw it."""
        claim = self.data.ledger.claims.get(self.arguments[0])
        if claim is None:
            return self.fault(f"{self.name}: {unknown(self.data, 'claim', self.arguments[0])}")
        return [self.card(claim)]


class ClaimCards(ClaimDirective):
    """The cards of all claims of a dimension, given by its number."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw them in the order of the ledger."""
        known = {str(number) for number in self.data.ledger.dimensions}
        if self.arguments[0] not in known:
            numbers = ", ".join(sorted(known))
            return self.fault(f"{self.name}: unknown dimension '{self.arguments[0]}' (there are: {numbers})")
        return [
            self.card(c) for c in self.data.ledger.claims.values() if str(c.dimension) == self.arguments[0]
        ]


class ClaimChips(LedgerDirective):
    """All claims of a dimension as chips, so that its page begins with an overview."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw them."""
        found = [c.id for c in self.data.ledger.claims.values() if str(c.dimension) == self.arguments[0]]
        if not found:
            return self.fault(f"{self.name}: no claim has dimension '{self.arguments[0]}'")
        return [paragraph(chips("claim", found), classes=["chip-row"])]


def _add_script(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    script = app.env.metadata.get(page, {}).get("ouroboros_script") if doctree is not None else None
    if script:
        app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the directives, and the script of pages that asked for one."""
    app.add_directive("claim-table", ClaimTable)
    app.add_directive("claim-card", ClaimCard)
    app.add_directive("claim-cards", ClaimCards)
    app.add_directive("claim-chips", ClaimChips)
    app.connect("html-page-context", _add_script)
