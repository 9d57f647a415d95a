"""The page of one forecast: how it stands, how it is decided, its whole log, and what speaks for and against."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.forecasting.due import next_look, standing
from ouroboros.ledger.forecast_log import Entry
from ouroboros.ledger.forecasts import Forecast
from ouroboros.sphinxext.domain import KINDS, LedgerDomain, ledger_link
from ouroboros.sphinxext.facts import bullets, facts, paragraph, plain, separated
from ouroboros.sphinxext.forecast_drawings import history, percent
from ouroboros.sphinxext.forecast_parts import ForecastDirective, figure, imputed_mark, section
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table
from ouroboros.sphinxext.uses import used_in

TIMING = {
    "on-time": "on time",
    "happened-earlier": "happened earlier",
    "late-or-never": "late or never",
    "undecided": "undecided",
    "no-date-given": "no date given",
}
#: Relative widths of the columns that say where a forecast stands; the last one only where two numbers are imputed.
_READINGS = (12, 22, 15, 15, 12, 12, 12)


class ForecastPage(ForecastDirective):
    """Everything about one forecast, at its own address."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Look the forecast up and draw its page."""
        forecast = self.data.ledger.forecasts.get(self.arguments[0])
        if forecast is None:
            known = ", ".join(self.data.ledger.forecasts)
            return self.fault(f"{self.name}: unknown forecast '{self.arguments[0]}' (there are: {known})")
        domain: LedgerDomain = self.env.get_domain("ledger")
        anchor = domain.note_target("forecast", forecast.id, self.env.docname)
        head = nodes.container("", *self._head(forecast), ids=[anchor], classes=["forecast-head"])
        sections = [
            section("Where it stands", "standing", *self._standing(forecast)),
            section("How it is decided", "criteria", *self._criteria(forecast)),
            section("What was said when", "history", *self._history(forecast, anchor)),
            section("For and against", "evidence", *self._evidence(forecast, anchor)),
            section("What to watch", "indicators", *self._indicators(forecast)),
        ]
        return [head, *sections]

    # --- head and standing ---------------------------------------------------------------------------

    def _head(self, forecast: Forecast) -> list[nodes.Node]:
        made = "the original report" if forecast.origin == "original" else f"edition {forecast.edition}"
        first = paragraph(plain(forecast.statement), classes=["question"])
        window = f"Events count from {forecast.window.open} to {forecast.window.close}. "
        note = plain(forecast.window.note or "")
        return [first, paragraph(f"Made by {made} on {forecast.made_on}. {window}", note, classes=["quiet"])]

    def _standing(self, forecast: Forecast) -> list[nodes.Node]:
        rows = [self._reading_row(forecast, reading) for reading in forecast.readings]
        head = ["Reading", "Status", "Decided on", "Confidence", "This edition", *self._comparisons(forecast)]
        parts: list[nodes.Node] = [
            table(head, rows, widths=_READINGS[: len(head)], classes=["stacks", "readings"])
        ]
        status = forecast.status
        if status:
            said = paragraph(plain(status.rationale), self.horizon(status.horizon))
            if status.sources:
                said += [nodes.Text(" "), *self.cited(status.sources)]
            parts.append(said)
            parts += [self._limbs(forecast)] if status.limbs else []
        look = next_look(forecast, self.today)
        if look:
            until = f"Next look by {look}; to be resolved by {forecast.resolve_on}. As of {self.today}."
            parts.append(paragraph(until, classes=["quiet"]))
        if forecast.origin == "original":
            parts.append(self._notice(forecast))
            parts += self._assessment(forecast)
        related = [(self.data.kind_of(link), link) for link in forecast.links]
        links = separated(ledger_link(kind, link) for kind, link in related if kind in KINDS)
        parts.append(facts([("Bears on", links), ("Used in", [used_in("forecast", forecast.id)])]))
        return parts

    def _comparisons(self, forecast: Forecast) -> list[str]:
        return ["Its words", "Base-rate prior"] if forecast.origin == "original" else ["Base rate"]

    def _reading_row(self, forecast: Forecast, reading: str) -> list:
        status, ours = forecast.status, forecast.probability(reading)
        decided = getattr(status, f"{reading}_decided_on", None)
        confidence = getattr(status, f"confidence_{reading}", None)
        row = [
            reading,
            chip(standing(forecast, reading, self.today)),
            decided.isoformat() if decided else "",
            percent(confidence) if confidence is not None else "",
            [nodes.strong("", percent(ours.value))] if ours else "",
        ]
        if forecast.origin == "edition":
            rate = getattr(forecast.base_rate, reading, None)
            return [*row, percent(rate) if rate is not None else ""]
        words, prior = self.words(forecast), forecast.prior(reading)
        return [
            *row,
            [imputed_mark(percent(words))] if words is not None else "",
            [imputed_mark(percent(prior.value))] if prior else "",
        ]

    def _limbs(self, forecast: Forecast) -> nodes.Node:
        return bullets(
            [chip(limb.status), nodes.Text(f" {limb.limb}: {limb.note}")] for limb in forecast.status.limbs
        )

    def _notice(self, forecast: Forecast) -> nodes.paragraph:
        word = next(w for w in self.meta.word_scale if w.term == forecast.wording.term)
        text = (
            f"The original gives no probability. Its wording ({forecast.wording.word}) is read as ‘{word.anchor}’, "
            f"{percent(word.probability)}; the prior was set in hindsight. Both are imputed, not made by the authors, "
            "and neither enters a headline score."
        )
        return paragraph(text, classes=["imputed-notice"])

    def _assessment(self, forecast: Forecast) -> list[nodes.Node]:
        if not forecast.assessments:
            return []
        last = forecast.assessments[-1]
        judged = [
            ("Direction", [nodes.Text(last.direction.replace("-", " "))]),
            ("Date", [nodes.Text(TIMING[last.timing])]),
            ("Mechanism", [nodes.Text(last.mechanism.replace("-", " "))]),
            ("In words", [*plain(last.text), *self.horizon(last.horizon)]),
        ]
        return [nodes.rubric("", "What it got right"), facts(judged)]

    # --- criteria ----------------------------------------------------------------------------------------

    def _criteria(self, forecast: Forecast) -> list[nodes.Node]:
        resolution = forecast.resolution
        rows = [
            ("Strict", plain(resolution.strict)),
            ("Lenient", plain(resolution.lenient or "")),
            ("Counts", self._list(resolution.counts)),
            ("Does not count", self._list(resolution.does_not_count)),
            ("Fine print", plain(resolution.fine_print or "")),
            ("If sources are silent", plain(resolution.if_silent or "")),
            ("Sources that decide", self._list(resolution.sources)),
            ("If nothing changes", self._status_quo(forecast)),
        ]
        rows += [("Clarified", plain(f"{c.date}: {c.text}")) for c in forecast.clarifications]
        if forecast.base_rate:
            rate = forecast.base_rate
            text = plain(f"{rate.text} (basis: {rate.basis})")
            rows.append(("Base rate", [*text, *self.horizon(rate.horizon)]))
        return [facts(rows)]

    def _status_quo(self, forecast: Forecast) -> list[nodes.Node]:
        quo = forecast.status_quo
        if quo is None:
            return []
        late = " (set in hindsight)" if forecast.origin == "original" else ""
        return [nodes.Text(f"strict {quo.strict}, lenient {quo.lenient}{late}")]

    def _list(self, items: Iterable[str]) -> list[nodes.Node]:
        items = list(items)
        return [bullets(plain(item) for item in items)] if items else []

    # --- log -----------------------------------------------------------------------------------------------

    def _history(self, forecast: Forecast, anchor: str) -> list[nodes.Node]:
        drawn = figure(history(forecast, self.words(forecast), self.today), "drawing scrolls")
        legend = (
            "Filled: probabilities of an edition, solid for the strict and dashed for the lenient reading. Hollow: "
            "imputed. Squares: answers. Triangles: dated evidence for (up) and against (down)."
        )
        parts: list[nodes.Node] = [drawn, paragraph(legend, classes=["quiet", "drawing-legend"])]
        rows, anchors = [], []
        for number, entry in enumerate(forecast.probabilities, 1):
            value = percent(entry.value)
            shown = [imputed_mark(value)] if entry.imputed else [nodes.strong("", value)]
            why = [
                *plain(entry.why),
                *self.horizon(entry.horizon),
                *self._corrections(forecast, "probabilities", number),
            ]
            rows.append([f"p{number}", entry.date.isoformat(), entry.reading, shown, why, entry.by])
            anchors.append(f"{anchor}-p{number}")
        if rows:
            head = ["Entry", "Date", "Reading", "Probability", "Why", "Who"]
            parts.append(
                table(
                    head,
                    rows,
                    widths=(8, 15, 12, 16, 34, 15),
                    classes=["stacks", "log", "probabilities"],
                    row_ids=anchors,
                )
            )
        parts.append(nodes.rubric("", "Status as judged"))
        parts.append(self._statuses(forecast, anchor))
        if forecast.updates:
            parts += [nodes.rubric("", "Searches"), self._searches(forecast, anchor)]
        return parts

    def _statuses(self, forecast: Forecast, anchor: str) -> nodes.Node:
        rows, anchors = [], []
        for number, entry in enumerate(forecast.history, 1):
            words = separated(
                [nodes.inline("", "", nodes.Text(f"{r} "), chip(entry.of(r))) for r in forecast.readings]
            )
            grounds = [
                *plain(entry.rationale),
                *self.horizon(entry.horizon),
                *self._corrections(forecast, "history", number),
            ]
            rows.append([f"s{number}", entry.as_of.isoformat(), words, grounds, entry.by])
            anchors.append(f"{anchor}-s{number}")
        return table(
            ["Entry", "Date", "Status", "Grounds", "Who"],
            rows,
            widths=(8, 15, 24, 38, 15),
            classes=["stacks", "log", "statuses"],
            row_ids=anchors,
        )

    def _searches(self, forecast: Forecast, anchor: str) -> nodes.Node:
        rows, anchors = [], []
        for number, entry in enumerate(forecast.updates, 1):
            found = [
                *plain(entry.found),
                *self.horizon(entry.horizon),
                *self._corrections(forecast, "updates", number),
            ]
            more = " ".join(filter(None, [entry.reasons, entry.correction, entry.suggestion]))
            rows.append(
                [f"u{number}", entry.date.isoformat(), found, plain(entry.status_change), plain(more)]
            )
            anchors.append(f"{anchor}-u{number}")
        head = ["Entry", "Date", "Found", "Change of status", "Why"]
        widths = (8, 15, 34, 17, 26)
        return table(head, rows, widths=widths, classes=["stacks", "log", "searches"], row_ids=anchors)

    def _corrections(self, forecast: Forecast, name: str, number: int) -> list[nodes.Node]:
        entry: Entry = getattr(forecast, name)[number - 1]
        notes = []
        if entry.corrects:
            notes.append(f"Corrects {entry.corrects}.")
        if later := forecast.correction_of(name, number):
            notes.append(f"Corrected by {later}.")
        return [nodes.Text(" "), nodes.strong("", " ".join(notes))] if notes else []

    # --- evidence --------------------------------------------------------------------------------------------

    def _evidence(self, forecast: Forecast, anchor: str) -> list[nodes.Node]:
        rows, anchors = [], []
        for number, entry in enumerate(forecast.evidence, 1):
            direction = entry.direction + ("" if entry.reading == "both" else f" ({entry.reading})")
            if entry.aspect:
                direction += f": {entry.aspect}"
            trust = entry.reliability_note or entry.reliability
            if entry.basis:
                trust += f"; {entry.basis}"
            source = self.cited([entry.source]) if entry.source else self._records(entry.records)
            if entry.locator:
                source = [*source, nodes.Text(f", {entry.locator}")]
            said = [
                *plain(entry.summary),
                *self.horizon(entry.horizon),
                *self._corrections(forecast, "evidence", number),
            ]
            rows.append([f"e{number}", entry.date, direction, said, trust, source])
            anchors.append(f"{anchor}-e{number}")
        parts: list[nodes.Node] = []
        if rows:
            head = ["Entry", "Date", "Speaks", "What it says", "Reliability", "Source"]
            widths = (8, 15, 13, 34, 14, 16)
            classes = ["stacks", "log", "evidence-log"]
            parts.append(table(head, rows, widths=widths, classes=classes, row_ids=anchors))
        else:
            parts.append(paragraph("No evidence has been entered yet."))
        if forecast.rejected:
            parts.append(nodes.rubric("", "Rejected"))
            rows = [
                [
                    f"r{k}",
                    r.date,
                    plain(r.claim),
                    [*plain(r.reason), *self.horizon(r.horizon)],
                    self.cited([r.source]),
                ]
                for k, r in enumerate(forecast.rejected, 1)
            ]
            anchors = [f"{anchor}-r{k}" for k in range(1, len(rows) + 1)]
            head = ["Entry", "Date", "Claimed", "Why it is not used", "Source"]
            widths, classes = (8, 15, 30, 30, 17), ["stacks", "log", "rejected"]
            parts.append(table(head, rows, widths=widths, classes=classes, row_ids=anchors))
        return parts

    def _records(self, identifiers: Iterable[str]) -> list[nodes.Node]:
        return separated(ledger_link(self.data.kind_of(i), i) for i in identifiers)

    def _indicators(self, forecast: Forecast) -> list[nodes.Node]:
        if not forecast.leading_indicators:
            return [paragraph("None named.")]
        return [bullets(indicator_items(forecast))]


def indicator_items(forecast: Forecast) -> list[list[nodes.Node]]:
    """Indicators of a forecast, those that have moved marked with the day and the entry that says so."""
    moved = {
        number: f"u{k}, {update.date}"
        for k, update in enumerate(forecast.updates, 1)
        for number in update.fired
    }
    return [
        [
            *plain(text),
            *([nodes.Text(" "), nodes.strong("", f"has moved ({moved[k]})")] if k in moved else []),
        ]
        for k, text in enumerate(forecast.leading_indicators, 1)
    ]


def setup(app: Sphinx) -> None:
    """Register the directive and the style sheet."""
    app.add_directive("forecast-page", ForecastPage)
    app.add_css_file("forecasts.css")


__all__ = ["TIMING", "ForecastPage", "indicator_items", "setup"]
