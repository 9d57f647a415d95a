"""Directives of a page of evidence, in the order in which such a page reads."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.lab import CheckOutcome, CriterionOutcome, Result
from ouroboros.ledger import Check, Criterion, Experiment
from ouroboros.publishing.citables import Edition, citables
from ouroboros.publishing.citing import formatted
from ouroboros.sphinxext.directive import ExperimentDirective
from ouroboros.sphinxext.domain import LedgerDomain, ledger_link
from ouroboros.sphinxext.experiment_pages import computing_seconds, duration
from ouroboros.sphinxext.facts import facts, separated
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.numbers import number
from ouroboros.sphinxext.tables import table
from ouroboros.sphinxext.uses import used_in

_COMPARED = {
    "at-most": "≤\N{NO-BREAK SPACE}",
    "at-least": "≥\N{NO-BREAK SPACE}",
    "within": "",
    "outside": "outside ",
}
_DIRECTION = {"+": "for", "0": "neither way", "-": "against"}
_FIELD = {"value": "estimate", "low": "lower end of the estimate", "high": "upper end of the estimate"}


def _threshold_text(part: Check | Criterion) -> str:
    ends = part.threshold if isinstance(part.threshold, tuple) else (part.threshold,)
    return _COMPARED[part.comparison] + " to ".join(number(end) for end in ends)


def _in_words(part: Criterion) -> str:
    words = {"at-most": "at most ", "at-least": "at least ", "within": "within ", "outside": "outside "}
    ends = part.threshold if isinstance(part.threshold, tuple) else (part.threshold,)
    return words[part.comparison] + " to ".join(number(end) for end in ends)


class EvidenceHead(ExperimentDirective):
    """The question, and the statements and claims it bears on; the anchor of the experiment."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        anchor = domain.note_target("experiment", experiment.id, self.env.docname)
        question = nodes.paragraph("", "", *self.inline_markdown(experiment.question), classes=["question"])
        bears = nodes.paragraph("", "Bears on ", classes=["bears-on"])
        links = [ledger_link("statement", i) for i in experiment.statements]
        links += [ledger_link("claim", i) for i in experiment.claims]
        bears += separated(links)
        parts: list[nodes.Node] = [question, bears]
        if experiment.claims:
            parts.insert(1, self._notes(experiment))
        stale = self.data.stale.get(experiment.id)
        if stale:
            parts.append(nodes.paragraph("", f"The recorded evidence is stale: {stale}.", classes=["stale"]))
        head = nodes.container("", *parts, ids=[anchor], classes=["evidence-head"])
        return [self._verdicts(experiment), head]

    def _verdicts(self, experiment: Experiment) -> nodes.paragraph:
        """One line that stays in sight while the page is read."""
        line = nodes.paragraph("", "", classes=["verdict-line"])
        evidence = self.data.evidence.get(experiment.id)
        if evidence is None:
            line += nodes.Text("Verdict: not measured yet")
            return line
        if not evidence.criteria:
            passed = sum(outcome.passed for outcome in evidence.checks)
            line += nodes.inline("", "No verdict")
            line += nodes.Text(
                f": it describes and has no criterion. {passed} of {len(evidence.checks)} checks passed."
            )
            return line
        touched = [i for c in experiment.criteria if c.superseded_by is None for i in c.bears_on]
        statements = [i for i in dict.fromkeys(touched) if self.data.kind_of(i) == "statement"]
        line += nodes.inline("", "Verdict" if statements else "No criterion decides a statement")
        line += nodes.Text(" ")
        line += separated(ledger_link("statement", i) for i in statements)
        met = sum(outcome.met for outcome in evidence.criteria)
        scopes = "; ".join(dict.fromkeys(c.scope for c in experiment.criteria if c.superseded_by is None))
        line += nodes.Text(f" {met} of {len(evidence.criteria)} criteria met. ")
        line += nodes.inline("", f"Scope: {scopes}", classes=["verdict-scope"])
        return line

    def _notes(self, experiment: Experiment) -> nodes.container:
        """What the claims say and where they come from: in the margin of a wide screen, else below the question."""
        notes = nodes.container("", classes=["margin", "claim-notes"])
        for claim in (self.data.ledger.claims[i] for i in experiment.claims):
            sources = self.cited(citation.key for citation in claim.sources)
            said = nodes.paragraph("", "", ledger_link("claim", claim.id), nodes.Text(f" {claim.text}"))
            notes += [said, nodes.paragraph("", "", *sources, classes=["note-source"])]
        return notes


class Criteria(ExperimentDirective):
    """The criteria as fixed before any result was seen, each a block with its own anchor."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw them."""
        if not experiment.criteria:
            return [nodes.paragraph("", "None: this experiment describes, and decides about no statement.")]
        domain: LedgerDomain = self.env.get_domain("ledger")
        outer = nodes.enumerated_list(classes=["criteria"])
        for criterion in experiment.criteria:
            anchor = domain.note_target("criterion", criterion.id, self.env.docname)
            outer += nodes.list_item("", *self._block(criterion), ids=[anchor])
        return [outer]

    def _block(self, criterion: Criterion) -> list[nodes.Node]:
        statement = nodes.paragraph("", "", *self.inline_markdown(criterion.statement))
        rule = nodes.paragraph("", f"Met if the {_FIELD[criterion.field]} is {_in_words(criterion)}. ")
        rule += nodes.Text(f"If met it speaks {_DIRECTION[criterion.if_met]}, otherwise ")
        rule += nodes.Text(f"{_DIRECTION[criterion.if_not_met]}: ")
        rule += separated([ledger_link(self.data.kind_of(i) or "claim", i) for i in criterion.bears_on])
        fixed = nodes.paragraph("", f"Scope: {criterion.scope}. Fixed on ", classes=["criterion-rule"])
        fixed += [nodes.inline("", criterion.fixed_on.isoformat(), classes=["day"]), nodes.Text(".")]
        if criterion.superseded_by:
            fixed += nodes.Text(f" Superseded by {criterion.superseded_by}: {criterion.reason}")
        rule["classes"].append("criterion-rule")
        return [statement, rule, fixed]


class Method(ExperimentDirective):
    """The method in a few lines, with the formula."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        return self.markdown(experiment.method)


class ResultTable(ExperimentDirective):
    """Checks and criteria with what was observed: ours, the threshold, the reference, met or not.

    A check has its anchor here, measured or not.
    """

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        domain: LedgerDomain = self.env.get_domain("ledger")
        evidence = self.data.evidence.get(experiment.id)
        outcomes = {o.id: o for o in (*evidence.checks, *evidence.criteria)} if evidence else {}
        # The full grid skips checks of the small one; before there is evidence every check is listed.
        checks = [check for check in experiment.checks if check.id in outcomes or evidence is None]
        anchors = [domain.note_target("check", check.id, self.env.docname) for check in checks]
        rows = [self._row("check", check, outcomes.get(check.id)) for check in checks]
        rows += [self._row("criterion", c, outcomes.get(c.id)) for c in experiment.criteria]
        anchors += [""] * len(experiment.criteria)
        head = ["What is compared", "Ours", "Asked for", "Reference", "Outcome"]
        drawn = table(head, rows, classes=["results", "stacks"], row_ids=anchors)
        if evidence is None:
            return [nodes.paragraph("", "No evidence has been accepted yet.", classes=["stale"]), drawn]
        if not self.config.ouroboros_editions:
            return [drawn]
        file = f"{'../' * self.env.docname.count('/')}data/evidence/{experiment.id}.csv"
        link = nodes.reference("", "The numbers behind the figures of this page, as CSV", refuri=file)
        return [drawn, nodes.paragraph("", "", link)]

    def _row(
        self, kind: str, part: Check | Criterion, outcome: CheckOutcome | CriterionOutcome | None
    ) -> list:
        compared = [nodes.inline("", f"{kind} ", classes=["row-kind"]), *self.inline_markdown(part.statement)]
        reference = ledger_link("reference", part.reference) if part.reference else ""
        asked = _threshold_text(part)
        if outcome is None:
            return [compared, "", asked, reference, chip("not tested", "not measured")]
        observed = outcome.observed
        text = number(observed[0])
        if len(observed) > 1:
            text = f"{number(min(observed))} to {number(max(observed))} ({len(observed)} estimates)"
        return [compared, text, asked, reference, chip(_outcome_word(outcome))]


def _outcome_word(outcome: CheckOutcome | CriterionOutcome) -> str:
    if isinstance(outcome, CheckOutcome):
        return "passed" if outcome.passed else "missed"
    return "met" if outcome.met else "not met"


class NotShown(ExperimentDirective):
    """What the experiment does not show."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        return self.markdown("\n".join(f"- {' '.join(line.split())}" for line in experiment.not_shown))


class Verdicts(ExperimentDirective):
    """What the evidence says of each statement and claim it bears on, with its scope."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        touched = [i for c in experiment.criteria if c.superseded_by is None for i in c.bears_on]
        rows = []
        for identifier in dict.fromkeys(touched):
            kind = self.data.kind_of(identifier)
            here = [c for c in experiment.criteria if identifier in c.bears_on and c.superseded_by is None]
            scopes = "; ".join(dict.fromkeys(c.scope for c in here))
            if kind == "statement":
                verdict = self.data.verdicts[identifier]
                rows.append(
                    [ledger_link(kind, identifier, identifier), chip(verdict.verdict), verdict.reason, scopes]
                )
            else:
                mark = self.data.mark(identifier)
                rows.append([ledger_link(kind, identifier, identifier), chip(mark), "", scopes])
        head = ["Record", "All evidence together", "Because", "Scope of this experiment"]
        if not rows:
            drawn: nodes.Node = nodes.paragraph("", "No verdict rests on it.")
        else:
            drawn = table(head, rows, classes=["verdicts", "stacks"])
        return [drawn, facts([("Used in", [used_in("experiment", experiment.id)])])]


class Rerun(ExperimentDirective):
    """The command that refreshes the evidence, and what it took last time."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        command = (
            f"ouroboros run {experiment.id} --tier publish\nouroboros diff {experiment.id}\n"
            f"ouroboros accept {experiment.id}"
        )
        parts: list[nodes.Node] = [nodes.literal_block(command, command, language="console")]
        result = self.data.results.get(experiment.id)
        if result is not None:
            run = result.run
            took = duration(computing_seconds(run))
            text = (
                f"The recorded run of {run['date'][:10]} took {took} of computing in {run['jobs']['total']} jobs, "
                f"on Python {run['python']}."
            )
            parts.append(nodes.paragraph("", text + _recertified(result)))
        return parts


def _recertified(result: Result) -> str:
    """What stands between the recorded run and the code of today, in sentences; empty if nothing does."""
    text, evidence = "", result.evidence
    if evidence.recertified is not None:
        done = evidence.recertified
        text += (
            f" The code was edited since; on {result.run['recertified']['date']} {len(done.jobs)} of the "
            f"{done.of} jobs were run again with the edited code and came out "
            f"{'identical' if done.result == 'identical' else 'the same within the stated tolerance'}."
        )
    if evidence.judged_anew:
        names = ", ".join(evidence.judged_anew)
        text += f" Written or reworded after this result was known: {names}."
    return text


class CiteExperiment(ExperimentDirective):
    """A reference to this section in words, pinned to the version."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        edition = Edition(self.config.release, self.config.html_baseurl)
        (citable,) = (c for c in citables(self.data.ledger) if c.id == experiment.id)
        text = nodes.paragraph("", formatted(citable, edition, "apa"), classes=["cite-this"])
        if not self.config.ouroboros_editions:
            return [text]
        page = f"{'../' * self.env.docname.count('/')}cite/{experiment.id}.html"
        link = nodes.reference("", "All formats: BibTeX, RIS, CSL-JSON and five styles", refuri=page)
        return [text, nodes.paragraph("", "", link)]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    for name, directive in {
        "evidence-head": EvidenceHead,
        "evidence-criteria": Criteria,
        "evidence-method": Method,
        "evidence-results": ResultTable,
        "evidence-limits": NotShown,
        "evidence-verdicts": Verdicts,
        "evidence-rerun": Rerun,
        "evidence-cite": CiteExperiment,
    }.items():
        app.add_directive(name, directive)
