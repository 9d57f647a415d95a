"""Forecasts as data: JSON with a schema, CSV, and a calendar of closing dates.

Every number that was imputed says so in its own name or beside it; ids are stable for ever.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from icalendar import Calendar, Event
from pydantic import BaseModel, ConfigDict, Field

from ouroboros.forecasting.due import in_order, ledger_day, next_look, standing
from ouroboros.forecasting.scorecard import BASELINES, Card, cards
from ouroboros.forecasting.scoring import Figure
from ouroboros.ledger import Ledger
from ouroboros.ledger.forecast_log import LETTERS
from ouroboros.ledger.forecasts import Forecast, ForecastsMeta, Reading, Status
from ouroboros.ledger.textfile import replace_text

SCHEMA = "ouroboros-forecasts/1"
#: Folder of the pages of forecasts, relative to the root of the site.
PAGES = "book/forecasts"


class _Exported(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Standing(_Exported):
    """One reading of a forecast on the day of the export."""

    reading: Reading
    criteria: str = Field(description="What makes it YES.")
    status: Status = Field(
        description="As last judged; overdue-unresolved once the day of resolution has passed."
    )
    decided_on: date | None = Field(description="Day on which the answer became fixed, if it is.")
    confidence: float | None = Field(description="Probability that others with full access would agree.")
    probability: float | None = Field(
        description="Last probability given by an edition; never an imputed one."
    )
    probability_date: date | None
    imputed_from_words: float | None = Field(
        description="Imputed, not made by the authors: their words as a number."
    )
    imputed_prior: float | None = Field(
        description="Imputed in hindsight, not made by the authors: a base rate."
    )
    base_rate: float | None = Field(description="Reference class behind a forecast of an edition.")
    status_quo: Literal["yes", "no"] | None = Field(description="The answer if nothing changes.")


class LogEntry(_Exported):
    """One dated entry; its name stays the same for ever."""

    entry: str = Field(
        description="Letter of the list and place in it, such as p2.", pattern=r"^[a-z][1-9]\d*$"
    )
    kind: Literal[tuple(LETTERS)]  # type: ignore[valid-type]
    date: str = Field(description="Day of the entry; of evidence the day of its source, as exactly as known.")
    corrects: str | None = Field(description="Earlier entry that this one corrects.")
    horizon: str | None = Field(description="Name of the horizon, if something was not found.")
    imputed: bool = Field(description="True for numbers put into the mouth of the original.")
    content: dict[str, Any] = Field(
        description="The other fields as in ledger/schemas/forecasts.schema.json."
    )


class ExportedForecast(_Exported):
    """A forecast with its criteria, its standing and its whole log."""

    id: str = Field(pattern=r"^(F[JXUM]?|N)\d{1,3}$")
    origin: Literal["original", "edition"]
    edition: str | None
    title: str
    statement: str
    kind: str
    topic: str | None
    made_on: date
    opens: date
    closes: date
    resolve_on: date = Field(description="Overdue after this day.")
    next_look: date | None = Field(description="Day by which somebody looks again; none once decided.")
    counts: tuple[str, ...]
    does_not_count: tuple[str, ...]
    fine_print: str | None
    if_silent: str | None
    resolution_sources: tuple[str, ...]
    readings: tuple[Standing, ...]
    log: tuple[LogEntry, ...]
    leading_indicators: tuple[str, ...]
    links: tuple[str, ...]
    page: str = Field(description="Address relative to the root of the site.")


class ExportedFigure(_Exported):
    """A score with its 95 % interval over questions."""

    value: float
    low: float | None
    high: float | None


class ExportedScores(_Exported):
    """One set under one reading."""

    set: str
    label: str = Field(description="Who gave the probabilities; says when they are imputed.")
    imputed: bool
    headline: bool = Field(description="Whether this set may make a headline score.")
    reading: Reading
    questions: int
    resolved: int
    open: int
    ambiguous: int
    overdue: int
    scored: int
    brier: ExportedFigure | None
    log: ExportedFigure | None
    skill: dict[str, ExportedFigure | None]
    calibration_n: int = Field(description="Questions past their scheduled close and answered.")
    calibration_says: str


class Export(_Exported):
    """All forecasts of the report."""

    schema_name: Literal["ouroboros-forecasts/1"] = Field(alias="schema")
    as_of: date
    notice: str
    horizons: tuple[dict[str, Any], ...]
    word_scale: tuple[dict[str, Any], ...]
    forecasts: tuple[ExportedForecast, ...]
    scores: tuple[ExportedScores, ...]


def export_of(ledger: Ledger, on: date | None = None) -> Export:
    """Everything about forecasts on a day, by default the newest day of the log."""
    on = on or ledger_day(ledger.forecasts.values())
    meta = ledger.forecasts_meta
    if meta is None:
        raise ValueError("the ledger has no 'meta' for its forecasts")
    return Export(
        schema=SCHEMA,
        as_of=on,
        notice=meta.probability_notice,
        horizons=[h.model_dump(mode="json") for h in meta.horizons],
        word_scale=[w.model_dump(mode="json") for w in meta.word_scale],
        forecasts=[_forecast(f, meta, on) for f in ledger.forecasts.values()],
        scores=[_scores(card) for card in cards(ledger, on)],
    )


def _forecast(forecast: Forecast, meta: ForecastsMeta, on: date) -> ExportedForecast:
    resolution = forecast.resolution
    return ExportedForecast(
        id=forecast.id,
        origin=forecast.origin,
        edition=forecast.edition,
        title=forecast.title,
        statement=forecast.statement,
        kind=forecast.kind,
        topic=forecast.topic,
        made_on=forecast.made_on,
        opens=forecast.window.open,
        closes=forecast.window.close,
        resolve_on=forecast.resolve_on,
        next_look=next_look(forecast, on),
        counts=resolution.counts,
        does_not_count=resolution.does_not_count,
        fine_print=resolution.fine_print,
        if_silent=resolution.if_silent,
        resolution_sources=resolution.sources,
        readings=[standing_of(forecast, reading, meta, on) for reading in forecast.readings],
        log=list(_log(forecast)),
        leading_indicators=forecast.leading_indicators,
        links=forecast.links,
        page=f"{PAGES}/{forecast.id}.html",
    )


def standing_of(forecast: Forecast, reading: Reading, meta: ForecastsMeta, on: date) -> Standing:
    """What one reading stands at."""
    status = forecast.status
    ours, prior = forecast.probability(reading), forecast.prior(reading)
    terms = {word.term: word.probability for word in meta.word_scale}
    return Standing(
        reading=reading,
        criteria=getattr(forecast.resolution, reading),
        status=standing(forecast, reading, on),
        decided_on=getattr(status, f"{reading}_decided_on", None),
        confidence=getattr(status, f"confidence_{reading}", None),
        probability=ours.value if ours else None,
        probability_date=ours.date if ours else None,
        imputed_from_words=terms.get(forecast.wording.term) if forecast.wording else None,
        imputed_prior=prior.value if prior else None,
        base_rate=getattr(forecast.base_rate, reading, None),
        status_quo=getattr(forecast.status_quo, reading, None),
    )


def _log(forecast: Forecast) -> Iterator[LogEntry]:
    for name, entries in forecast.logs():
        for number, entry in enumerate(entries, 1):
            content = entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
            day = next(
                content.pop(key) for key in ("as_of", "date", "added_on", "rejected_on") if key in content
            )
            yield LogEntry(
                entry=f"{LETTERS[name]}{number}",
                kind=name,
                date=day,
                corrects=content.pop("corrects", None),
                horizon=content.pop("horizon", None),
                imputed=getattr(entry, "imputed", False),
                content=content,
            )


def _scores(card: Card) -> ExportedScores:
    counts = card.scores.counts
    return ExportedScores(
        set=card.kind.name,
        label=card.kind.label,
        imputed=card.kind.imputed,
        headline=card.kind.headline,
        reading=card.reading,
        questions=counts.all,
        resolved=counts.resolved,
        open=counts.open,
        ambiguous=counts.ambiguous,
        overdue=counts.overdue,
        scored=counts.scored,
        brier=_figure(card.scores.brier),
        log=_figure(card.scores.log),
        skill={name: _figure(card.scores.skill[name]) for name in BASELINES},
        calibration_n=card.calibration.n,
        calibration_says=card.calibration.sentence,
    )


def _figure(figure: Figure | None) -> ExportedFigure | None:
    return ExportedFigure(value=figure.value, low=figure.low, high=figure.high) if figure else None


# --- flat tables ---------------------------------------------------------------------------------------

#: Columns of forecasts.csv (a row for each reading of each forecast) and what they hold.
COLUMNS = {
    "id": "stable id of the forecast",
    "reading": "strict or lenient criteria",
    "origin": "original: the report's, resolved here; edition: made by an edition of this project",
    "edition": "edition that made it; empty for the original's",
    "title": "what it is about",
    "statement": "the forecast or question",
    "made_on": "day it was made",
    "opens": "first day on which an event counts",
    "closes": "last day on which an event counts",
    "resolve_on": "overdue after this day",
    "status": "resolved-yes, resolved-no, resolved-ambiguous, open or overdue-unresolved",
    "decided_on": "day on which the answer became fixed",
    "confidence": "probability that others with full access would agree with the answer",
    "probability": "last probability given by an edition; never an imputed one",
    "probability_date": "day of that probability",
    "imputed_from_words": "imputed, not made by the authors: their words as a number",
    "imputed_prior": "imputed in hindsight, not made by the authors: a base rate",
    "base_rate": "reference class behind an edition's own forecast",
    "status_quo": "the answer if nothing changes",
    "next_look": "day by which somebody looks again",
    "page": "address relative to the root of the site",
}

#: Columns of forecast_log.csv (a row for each dated entry).
LOG_COLUMNS = {
    "id": "stable id of the forecast",
    "entry": "name of the entry, such as p2; never changes",
    "kind": "list it stands in",
    "date": "day of the entry; of evidence the day of its source",
    "reading": "criteria it bears on, if not both",
    "value": "probability, status or direction",
    "imputed": "1 for numbers put into the mouth of the original",
    "by": "who says so",
    "text": "reason, grounds, finding or summary",
    "sources": "keys of references.bib, separated by spaces",
    "horizon": "how far the search saw, where something was not found",
    "corrects": "earlier entry that this one corrects",
}

Row = dict[str, Any]


def rows(export: Export) -> list[Row]:
    """Rows of forecasts.csv."""
    found = []
    for forecast in export.forecasts:
        whole = forecast.model_dump(mode="json")
        for reading in whole["readings"]:
            found.append({name: reading.get(name, whole.get(name)) for name in COLUMNS})
    return found


def log_rows(export: Export) -> list[Row]:
    """Rows of forecast_log.csv."""
    return [
        {
            "id": forecast.id,
            "entry": entry.entry,
            "kind": entry.kind,
            "date": entry.date,
            "reading": entry.content.get("reading"),
            "value": _value(entry.content),
            "imputed": int(entry.imputed),
            "by": entry.content.get("by"),
            "text": _text(entry.content),
            "sources": " ".join(
                filter(None, [entry.content.get("source"), *entry.content.get("sources", ())])
            ),
            "horizon": entry.horizon,
            "corrects": entry.corrects,
        }
        for forecast in export.forecasts
        for entry in forecast.log
    ]


def _value(content: dict[str, Any]) -> Any:
    if "strict" in content:
        return f"strict {content['strict']}" + (
            f", lenient {content['lenient']}" if "lenient" in content else ""
        )
    return content.get("value", content.get("direction", content.get("status_change")))


def _text(content: dict[str, Any]) -> str:
    names = ("why", "rationale", "summary", "found", "reasons", "claim", "reason", "correction", "text")
    return " ".join(content[name] for name in names if name in content)


def csv_text(table: list[Row]) -> str:
    """A table as CSV with a head."""
    out = io.StringIO()
    if table:
        writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return out.getvalue()


# --- calendar ------------------------------------------------------------------------------------------


def calendar(export: Export) -> bytes:
    """Closing dates and days of resolution as iCalendar; the same ledger always gives the same bytes."""
    made = Calendar()
    made.add("prodid", "-//Ouroboros//forecasts//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Ouroboros: forecasts")
    stamp = datetime.combine(export.as_of, time(), UTC)
    for forecast in sorted(export.forecasts, key=lambda f: (f.closes, in_order(f.id))):
        decided = all(reading.status.startswith("resolved") for reading in forecast.readings)
        state = "decided" if decided else "open"
        made.add_component(
            _event(forecast, "closes", forecast.closes, f"{forecast.id} closes ({state})", stamp)
        )
        if not decided:
            title = f"{forecast.id} to be resolved"
            made.add_component(_event(forecast, "resolve", forecast.resolve_on, title, stamp))
    return made.to_ical()


def _event(forecast: ExportedForecast, what: str, day: date, title: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{forecast.id}-{what}@ouroboros.forecasts")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{title}: {forecast.title}")
    event.add("description", f"{forecast.statement}\nSee {forecast.page} in the report.")
    event.add("transp", "TRANSPARENT")
    return event


# --- files ---------------------------------------------------------------------------------------------


def files(ledger: Ledger, on: date | None = None) -> dict[str, str]:
    """Name and text of every file of the export."""
    export = export_of(ledger, on)
    content = export.model_dump(mode="json", by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Export.model_json_schema(
        by_alias=True
    )
    return {
        "forecasts-full.json": json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "forecasts-full.schema.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n",
        "forecasts.csv": csv_text(rows(export)),
        "forecast_log.csv": csv_text(log_rows(export)),
        "forecasts.ics": calendar(export).decode("utf-8"),
    }


def write_forecasts(ledger: Ledger, folder: Path) -> list[str]:
    """Write all files of the export and return their names; a ledger without forecasts has none."""
    if not ledger.forecasts or ledger.forecasts_meta is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    written = files(ledger)
    for name, text in written.items():
        replace_text(folder / name, text)
    return list(written)
