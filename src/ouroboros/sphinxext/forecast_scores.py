"""The scorecard, the word scale, the evidence horizon, rejected evidence and the data of the forecasts."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.forecasting.export import COLUMNS, LOG_COLUMNS
from ouroboros.forecasting.scorecard import BASELINES, Card, cards, counts_text, text_of
from ouroboros.forecasting.scoring import question_score, scored
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.facts import bullets, details, facts, paragraph, plain
from ouroboros.sphinxext.forecast_drawings import percent
from ouroboros.sphinxext.forecast_parts import ForecastDirective, imputed_mark, section
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table

FILES = {
    "forecasts-full.json": "everything, with the whole log and the scores",
    "forecasts-full.schema.json": "JSON Schema of that file",
    "forecasts.csv": "a row for each reading of each forecast",
    "forecast_log.csv": "a row for each dated entry",
    "forecasts.ics": "calendar of closing dates and days of resolution",
}


class Scorecard(ForecastDirective):
    """Every set for itself, both readings side by side; the one that may make a headline first."""

    def run(self) -> list[nodes.Node]:
        """Draw a section for each set."""
        found: list[nodes.Node] = [paragraph(f"As of {self.today}.", classes=["quiet"])]
        every = cards(self.data.ledger, self.today)
        for strict, lenient in zip(every[::2], every[1::2], strict=True):
            found.append(section(strict.kind.title, f"set-{strict.kind.name}", *self._set(strict, lenient)))
        return found

    def _set(self, *both: Card) -> list[nodes.Node]:
        kind = both[0].kind
        label = nodes.inline("", kind.label, classes=["imputed-word" if kind.imputed else "made-word"])
        parts: list[nodes.Node] = [paragraph("Probabilities ", [label], ".")]
        rows = [self._row(card) for card in both]
        head = [
            "Reading",
            "Questions",
            "Scored",
            "Brier",
            "Log (nats)",
            *(f"Skill over {b}" for b in BASELINES),
        ]
        if any(card.scores.counts.scored for card in both):
            parts.append(
                table(head, rows, widths=(10, 13, 10, 12, 12, 14, 15, 14), classes=["stacks", "scores"])
            )
        for card in both:
            parts.append(
                paragraph(
                    [nodes.strong("", card.reading.capitalize())], f": {counts_text(card)}. {card.headline}"
                )
            )
        for card in both:
            if card.scores.counts.scored:
                text = f"Calibration, {card.reading} reading: {card.calibration.sentence}"
                parts.append(paragraph(text))
        for card in both:
            parts += details(f"Every question, {card.reading} reading", [self._questions(card)])
        return parts

    def _row(self, card: Card) -> list:
        scores = card.scores
        return [
            card.reading,
            str(scores.counts.all),
            str(scores.counts.scored),
            text_of(scores.brier),
            text_of(scores.log),
            *("itself" if self._is(card, name) else text_of(scores.skill[name]) for name in BASELINES),
        ]

    def _is(self, card: Card, baseline: str) -> bool:
        """Whether a set is the baseline it would be held against."""
        return card.kind.name == "prior" and baseline == "base rate"

    def _questions(self, card: Card) -> nodes.Node:
        answered = {item.id: item for item in scored(card.items)}
        rows = []
        for item in card.items:
            last = percent(item.held[-1].probability) if item.held else ""
            said = imputed_mark(last) if card.kind.imputed and last else nodes.Text(last)
            got = answered.get(item.id)
            rows.append(
                [
                    ledger_link("forecast", item.id, item.id),
                    chip(item.status),
                    [said],
                    f"{question_score(got, 'brier'):.3f}" if got else "",
                    f"{question_score(got, 'log'):.3f}" if got else "",
                ]
            )
        return table(
            ["Forecast", "Status", "Last probability", "Brier", "Log (nats)"], rows, classes=["questions"]
        )


class WordScale(ForecastDirective):
    """How the original's words are read as numbers, after which published scale, and why."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        used = {
            word.term: [f for f in self.forecasts if f.wording and f.wording.term == word.term]
            for word in self.meta.word_scale
        }
        rows = [
            [
                word.means,
                word.anchor,
                [imputed_mark(percent(word.probability))],
                f"{percent(word.low)} to {percent(word.high)}",
                self.inline_markdown(f"{{cite:t}}`{word.source}`, {word.locator}"),
                plain(word.why),
                " ".join(f.id for f in used[word.term]),
            ]
            for word in self.meta.word_scale
        ]
        head = ["In the original", "Read as", "Probability", "Range on the scale", "Scale", "Why", "Used for"]
        return [table(head, rows, widths=(15, 12, 15, 12, 15, 19, 12), classes=["stacks", "word-scale"])]


class ForecastNotes(ForecastDirective):
    """Fine print of scoring, horizons of the searches, assertions not scored, evidence rejected."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw the list that is asked for."""
        drawn = {
            "fine-print": self._fine_print,
            "horizons": self._horizons,
            "not-scored": self._not_scored,
            "rejected": self._rejected,
        }.get(self.arguments[0])
        if drawn is None:
            return self.fault(
                f"{self.name}: no list '{self.arguments[0]}' (fine-print, horizons, not-scored, rejected)"
            )
        return drawn()

    def _fine_print(self) -> list[nodes.Node]:
        return [bullets(plain(item) for item in self.meta.scoring_fine_print)]

    def _horizons(self) -> list[nodes.Node]:
        rows = [
            [horizon.date.isoformat(), corpus.name, corpus.until.isoformat(), plain(corpus.note)]
            for horizon in self.meta.horizons
            for corpus in horizon.corpora
        ]
        drawn = table(["Search of", "Material", "Seen to", "Note"], rows, classes=["stacks", "horizons"])
        return [drawn, *(paragraph(plain(h.consequence)) for h in self.meta.horizons)]

    def _not_scored(self) -> list[nodes.Node]:
        return [facts((item.item, plain(item.reason)) for item in self.data.ledger.not_scored)]

    def _rejected(self) -> list[nodes.Node]:
        rows = [
            [
                ledger_link("forecast", f.id, f.id),
                r.date,
                plain(r.claim),
                plain(r.reason),
                self.cited([r.source]),
            ]
            for f in self.forecasts
            for r in f.rejected
        ]
        rows += [["", "", plain(r.item), plain(r.reason), ""] for r in self.data.ledger.rejected_evidence]
        return [
            table(
                ["Forecast", "Date", "Claimed", "Why it is not used", "Source"],
                rows,
                classes=["stacks", "log"],
            )
        ]


class ForecastData(ForecastDirective):
    """Files of the forecasts with what they hold, and the columns of the tables."""

    def run(self) -> list[nodes.Node]:
        """List them."""
        links = bullets([self.download(name, name), nodes.Text(f": {what}")] for name, what in FILES.items())
        columns = details("Columns of forecasts.csv", [self._columns(COLUMNS)])
        log = details("Columns of forecast_log.csv", [self._columns(LOG_COLUMNS)])
        return [links, *columns, *log]

    def _columns(self, columns: dict[str, str]) -> nodes.Node:
        return table(["Column", "Holds"], [[nodes.literal("", n), what] for n, what in columns.items()])


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("forecast-scorecard", Scorecard)
    app.add_directive("forecast-word-scale", WordScale)
    app.add_directive("forecast-notes", ForecastNotes)
    app.add_directive("forecast-data", ForecastData)
