"""What all views of forecasts share: the day they speak of, labels of imputed numbers, how far a search saw."""

from __future__ import annotations

from datetime import date

from docutils import nodes

from ouroboros.forecasting.due import ledger_day
from ouroboros.forecasting.sets import KINDS
from ouroboros.ledger.forecasts import Forecast, ForecastsMeta, Reading
from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.sphinxext.forecast_drawings import percent

IMPUTED = "imputed, not made by the authors"
OWN = KINDS["edition"]


class ForecastDirective(LedgerDirective):
    """A directive that draws forecasts as they stand on the newest day of the log."""

    @property
    def forecasts(self) -> list[Forecast]:
        """All forecasts in the order of the file."""
        return list(self.data.ledger.forecasts.values())

    @property
    def meta(self) -> ForecastsMeta:
        """What applies to all of them."""
        return self.data.ledger.forecasts_meta

    @property
    def today(self) -> date:
        """The day pages speak of: it moves with the ledger, not with the clock, so that builds can be repeated."""
        return ledger_day(self.forecasts)

    def words(self, forecast: Forecast) -> float | None:
        """What the original's words are read as; imputed."""
        terms = {word.term: word.probability for word in self.meta.word_scale}
        return terms[forecast.wording.term] if forecast.wording else None

    def horizon(self, name: str | None) -> list[nodes.Node]:
        """How far a search saw, to stand beside 'nothing found'."""
        found = next((h for h in self.meta.horizons if h.name == name), None)
        if found is None:
            return []
        seen = "; ".join(f"{corpus.name} to {corpus.until}" for corpus in found.corpora)
        return [nodes.Text(" "), nodes.inline("", f"(The search saw {seen}.)", classes=["horizon"])]

    def download(self, name: str, text: str) -> nodes.reference:
        """Link to a file below ``data/`` of the site."""
        up = "../" * self.env.docname.count("/")
        return nodes.reference("", text, refuri=f"{up}data/{name}", internal=True)


def imputed_mark(text: str) -> nodes.inline:
    """Print a number that nobody gave at the time; it never stands without this label."""
    return nodes.inline(
        "", "", nodes.Text(text), nodes.inline("", " imputed", classes=["imputed-word"]), classes=["imputed"]
    )


def probability_nodes(forecast: Forecast, reading: Reading, words: float | None) -> list[nodes.Node]:
    """Probability today: an edition's if there is one, else the imputed numbers labelled; none once decided."""
    status = forecast.status.of(reading) if forecast.status else "open"
    if status.startswith("resolved"):
        return []
    if ours := forecast.probability(reading):
        return [nodes.strong("", percent(ours.value))]
    prior = forecast.prior(reading)
    parts = [percent(p) for p in (words, prior.value if prior else None) if p is not None]
    return [imputed_mark(" / ".join(parts))] if parts else []


def figure(svg: str, classes: str = "drawing") -> nodes.raw:
    """Put a drawing on the page; one that scrolls where there is no room for it can be reached by keyboard."""
    reached = ' tabindex="0"' if "scrolls" in classes.split() else ""
    return nodes.raw("", f'<div class="{classes}"{reached}>{svg}</div>', format="html")


def section(title: str, ident: str, *content: nodes.Node) -> nodes.section:
    """Build a section that the contents of the page list."""
    return nodes.section("", nodes.title("", title), *content, ids=[ident], names=[ident])
