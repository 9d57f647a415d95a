"""All forecasts at a glance: the board, the timeline of windows, what to watch, what the original got right."""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from ouroboros.forecasting.due import next_look, standing
from ouroboros.ledger.forecasts import Forecast, Reading
from ouroboros.sphinxext.book_data import BookData
from ouroboros.sphinxext.domain import ledger_link
from ouroboros.sphinxext.drawings import Address, drawing, register
from ouroboros.sphinxext.facts import bullets, paragraph, plain
from ouroboros.sphinxext.forecast_drawings import percent, sparkline, timeline
from ouroboros.sphinxext.forecast_pages import TIMING, indicator_items
from ouroboros.sphinxext.forecast_parts import ForecastDirective, ledger_day, probability_nodes
from ouroboros.sphinxext.marks import chip
from ouroboros.sphinxext.tables import table

ORIGINS = ("edition", "original")
#: Relative widths of the columns: text gets the room that days and marks do not need.
_BOARD, _WINDOWS, _ASSESSMENTS = (50, 34, 34, 24, 29, 29), (30, 15, 15, 15, 25), (24, 14, 14, 15, 33)


def _origin(argument: str) -> str:
    return directives.choice(argument, ORIGINS)


class ForecastBoard(ForecastDirective):
    """One line for each forecast of an origin: status, probability today, its course, close and next look."""

    option_spec: ClassVar[dict] = {"origin": _origin}

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        origin = self.options.get("origin", "edition")
        chosen = [f for f in self.forecasts if f.origin == origin]
        head = ["Forecast", "Strict", "Lenient", "Course", "Closes", "Next look"]
        drawn = table(head, [self._row(f) for f in chosen], widths=_BOARD, classes=["stacks", "board"])
        drawn["listing"] = True
        undecided = sum(next_look(f, self.today) is not None for f in chosen)
        text = f"{len(chosen)} forecasts, {undecided} undecided, as of {self.today}."
        return [drawn, paragraph(text, classes=["quiet"])]

    def _row(self, forecast: Forecast) -> list:
        words, look = self.words(forecast), next_look(forecast, self.today)
        readings = [self._reading(forecast, reading, words) for reading in forecast.readings]
        return [
            [ledger_link("forecast", forecast.id, forecast.id), nodes.Text(f" {forecast.title}")],
            *[*readings, ""][:2],
            nodes.raw("", sparkline(forecast, self.today), format="html"),
            forecast.window.close.isoformat(),
            look.isoformat() if look else "none",
        ]

    def _reading(self, forecast: Forecast, reading: Reading, words: float | None) -> list[nodes.Node]:
        """Status, and below it the probability today while there is one to give."""
        mark = chip(standing(forecast, reading, self.today))
        chance = probability_nodes(forecast, reading, words)
        return [mark, nodes.Text(" "), *chance] if chance else [mark]


class ForecastTimeline(ForecastDirective):
    """Windows of all forecasts as bars, and the same days as a table in the order of closing."""

    def run(self) -> list[nodes.Node]:
        """Draw both."""
        head = ["Forecast", "Opens", "Closes", "To be resolved by", "Strict reading"]
        ordered = sorted(self.forecasts, key=lambda f: (f.window.close, f.window.open))
        drawn = table(head, [self._row(f) for f in ordered], widths=_WINDOWS, classes=["stacks", "windows"])
        drawn["listing"] = True
        return [drawing("forecast-windows"), drawn]

    def _row(self, forecast: Forecast) -> list:
        decided = getattr(forecast.status, "strict_decided_on", None)
        return [
            [ledger_link("forecast", forecast.id, forecast.id), nodes.Text(f" {forecast.title}")],
            forecast.window.open.isoformat(),
            forecast.window.close.isoformat(),
            forecast.resolve_on.isoformat(),
            [
                chip(standing(forecast, "strict", self.today)),
                *([nodes.Text(f" on {decided}")] if decided else []),
            ],
        ]


def _draw_windows(data: BookData, address: Address) -> str:
    forecasts = list(data.ledger.forecasts.values())
    return timeline(forecasts, ledger_day(forecasts), address) if forecasts else ""


class ForecastIndicators(ForecastDirective):
    """What would move each open forecast; the falsifiers of the argument first."""

    def run(self) -> list[nodes.Node]:
        """List them."""
        found: list[nodes.Node] = []
        falsifiers = [s for s in self.data.ledger.statements.values() if s.kind == "falsifier"]
        shown = set()
        for falsifier in falsifiers:
            for forecast in self.data.ledger.forecasts_for(falsifier.id):
                if forecast.origin == "original":
                    found += self._block(forecast, [ledger_link("statement", falsifier.id), nodes.Text(" ")])
                    shown.add(forecast.id)
        found.append(nodes.rubric("", "Open forecasts"))
        for forecast in self.forecasts:
            if forecast.id not in shown and next_look(forecast, self.today) is not None:
                found += self._block(forecast, [])
        return found

    def _block(self, forecast: Forecast, before: list[nodes.Node]) -> list[nodes.Node]:
        chance = forecast.probability("strict")
        now = f", strict reading at {percent(chance.value)}" if chance else ""
        head = paragraph(
            before,
            [ledger_link("forecast", forecast.id), nodes.Text(" "), nodes.strong("", forecast.title)],
            f"{now}, closes {forecast.window.close}.",
        )
        return [head, bullets(indicator_items(forecast))]


class ForecastAssessments(ForecastDirective):
    """Direction, date and mechanism of each forecast of the original, judged apart, with the reason in words."""

    def run(self) -> list[nodes.Node]:
        """Draw the table."""
        rows = [self._row(f) for f in self.forecasts if f.assessments]
        head = ["Forecast", "Direction", "Date", "Mechanism", "In words"]
        drawn = table(head, rows, widths=_ASSESSMENTS, classes=["stacks", "assessments"])
        drawn["listing"] = True
        return [drawn]

    def _row(self, forecast: Forecast) -> list:
        last = forecast.assessments[-1]
        return [
            [ledger_link("forecast", forecast.id, forecast.id), nodes.Text(f" {forecast.title}")],
            last.direction.replace("-", " "),
            TIMING[last.timing],
            last.mechanism.replace("-", " "),
            [*plain(last.text), *self.horizon(last.horizon)],
        ]


def setup(app: Sphinx) -> None:
    """Register the directives and the drawing."""
    register("forecast-windows", _draw_windows)
    app.add_directive("forecast-board", ForecastBoard)
    app.add_directive("forecast-timeline", ForecastTimeline)
    app.add_directive("forecast-indicators", ForecastIndicators)
    app.add_directive("forecast-assessments", ForecastAssessments)
