"""`ouroboros forecast …`: answer, re-estimate and feed forecasts; see what is due and how the sets score."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from ouroboros.ledger import Ledger

app = typer.Typer(
    name="forecast",
    help="Answer, re-estimate and feed forecasts; see what is due and how they score.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_DAY = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}
Id = Annotated[str, typer.Argument(metavar="ID", help="Forecast, such as F3 or N4.", show_default=False)]
Root = Annotated[
    Path | None, typer.Option("--root", help="Checkout (default: the one around this directory).")
]
By = Annotated[str, typer.Option("--by", envvar="OUROBOROS_BY", help="Who says so.")]
On = Annotated[datetime | None, typer.Option("--on", help="Day of the entry (default: today, UTC).", **_DAY)]
Corrects = Annotated[str | None, typer.Option("--corrects", help="Entry that this one corrects, such as p2.")]
HorizonName = Annotated[
    str | None,
    typer.Option(
        "--horizon", help="How far the search saw: a name of meta.horizons (default: the last one)."
    ),
]
Reading = Literal["strict", "lenient"]
Scope = Literal["strict", "lenient", "both"]
EDITORS = "the editors"


@app.command("resolve")
def resolve_command(
    ident: Id,
    outcome: Annotated[Literal["yes", "no", "ambiguous"], typer.Option(help="The answer.")],
    day: Annotated[datetime, typer.Option("--date", help="Day on which the answer became fixed.", **_DAY)],
    source: Annotated[list[str], typer.Option("--source", help="Key in references.bib; may be repeated.")],
    reading: Annotated[Scope, typer.Option(help="Which criteria it answers.")] = "strict",
    why: Annotated[str | None, typer.Option(help="The grounds, in a sentence or two.")] = None,
    confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Probability that others would agree.")
    ] = None,
    corrects: Corrects = None,
    horizon: HorizonName = None,
    by: By = EDITORS,
    on: On = None,
    root: Root = None,
) -> None:
    """Write the answer to a forecast into the ledger."""
    from ouroboros.forecasting.entries import resolution

    def make(ledger: "Ledger") -> tuple[str, Any]:
        return resolution(
            ledger.forecasts[ident],
            outcome,
            reading=reading,
            decided_on=day.date(),
            sources=source,
            by=by,
            on=_day(on),
            why=why,
            confidence=confidence,
            corrects=corrects,
            horizon=_horizon(ledger, horizon),
        )

    _append(root, ident, make)


@app.command("update")
def update_command(
    ident: Id,
    probability: Annotated[float, typer.Option(min=0, max=1, help="The new probability of YES.")],
    why: Annotated[str, typer.Option(help="What moved it.")],
    reading: Annotated[Reading, typer.Option(help="For which criteria.")] = "strict",
    corrects: Corrects = None,
    horizon: HorizonName = None,
    by: By = EDITORS,
    on: On = None,
    root: Root = None,
) -> None:
    """Write a new probability into the ledger; the old one stays."""
    from ouroboros.forecasting.entries import estimate

    def make(ledger: "Ledger") -> tuple[str, Any]:
        return estimate(
            ledger.forecasts[ident],
            probability,
            reading=reading,
            why=why,
            by=by,
            on=_day(on),
            corrects=corrects,
            horizon=_horizon(ledger, horizon),
        )

    _append(root, ident, make)


@app.command("evidence")
def evidence_command(
    ident: Id,
    direction: Annotated[
        Literal["for", "against", "mixed", "context"], typer.Option(help="Which way it points.")
    ],
    summary: Annotated[str, typer.Option(help="What it says, in your own words.")],
    source: Annotated[str, typer.Option("--source", help="Key in references.bib.")],
    day: Annotated[str, typer.Option("--date", help="Day of the source, as exactly as known.")],
    reliability: Annotated[
        Literal["high", "medium", "low", "very low"], typer.Option(help="How far it can be trusted.")
    ] = "medium",
    reading: Annotated[Scope, typer.Option(help="Which criteria it bears on.")] = "both",
    corrects: Corrects = None,
    horizon: HorizonName = None,
    on: On = None,
    root: Root = None,
) -> None:
    """Write a piece of evidence into the ledger."""
    from ouroboros.forecasting.entries import observation

    def make(ledger: "Ledger") -> tuple[str, Any]:
        return observation(
            day=day,
            direction=direction,
            reading=reading,
            reliability=reliability,
            summary=summary,
            source=source,
            on=_day(on),
            corrects=corrects,
            horizon=_horizon(ledger, horizon),
        )

    _append(root, ident, make)


@app.command("reject")
def reject_command(
    ident: Id,
    claim: Annotated[str, typer.Option(help="What is claimed.")],
    reason: Annotated[str, typer.Option(help="Why it is not used.")],
    source: Annotated[str, typer.Option("--source", help="Key in references.bib.")],
    day: Annotated[str, typer.Option("--date", help="Day of the source, as exactly as known.")],
    on: On = None,
    root: Root = None,
) -> None:
    """Write down something claimed elsewhere that is not used, and why."""
    from ouroboros.forecasting.entries import refusal

    _append(root, ident, lambda _: refusal(day=day, claim=claim, reason=reason, source=source, on=_day(on)))


@app.command("searched")
def searched_command(
    ident: Id,
    found: Annotated[str, typer.Option(help="What the search found.")],
    reasons: Annotated[str, typer.Option(help="Why it changes nothing.")],
    fired: Annotated[list[int] | None, typer.Option(help="Number of a leading indicator that moved.")] = None,
    corrects: Corrects = None,
    horizon: HorizonName = None,
    by: By = EDITORS,
    on: On = None,
    root: Root = None,
) -> None:
    """Write down a search that changed neither status nor probability; it renews the day of the last look."""
    from ouroboros.forecasting.entries import search

    def make(ledger: "Ledger") -> tuple[str, Any]:
        return search(
            found=found,
            reasons=reasons,
            by=by,
            on=_day(on),
            fired=fired or (),
            corrects=corrects,
            horizon=_horizon(ledger, horizon),
        )

    _append(root, ident, make)


@app.command("due")
def due_command(
    on: On = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    root: Root = None,
) -> None:
    """List what is overdue, due, closing within a month, or last looked at more than ninety days ago."""
    import json

    from ouroboros.forecasting.due import attention

    _, ledger = _open(root)
    if as_json:
        found = attention(ledger.forecasts.values(), _day(on))
        listed = [{"id": a.id, "kind": a.kind, "day": a.day.isoformat(), "text": a.text} for a in found]
        typer.echo(json.dumps(listed, indent=1, ensure_ascii=False))
        return
    for line in forecast_lines(ledger, _day(on)):
        typer.echo(line)


@app.command("reminder")
def reminder_command(on: On = None, root: Root = None) -> None:
    """Write what needs a person as a list to tick off (Markdown), nothing if nothing does; for a monthly job."""
    from ouroboros.forecasting.due import attention
    from ouroboros.forecasting.reminder import reminder

    _, ledger = _open(root)
    day = _day(on)
    typer.echo(reminder(attention(ledger.forecasts.values(), day), day), nl=False)


@app.command("scores")
def scores_command(on: On = None, root: Root = None) -> None:
    """Score each set for itself, under both readings; imputed sets are illustrations."""
    from ouroboros.forecasting.scorecard import score_lines

    _, ledger = _open(root)
    for line in score_lines(ledger, _day(on)):
        typer.echo(line)


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(help="Where to write.", show_default=False)], root: Root = None
) -> None:
    """Write the forecasts as JSON with its schema, as CSV, and their closing dates as a calendar."""
    from ouroboros.forecasting.export import write_forecasts

    _, ledger = _open(root)
    for name in write_forecasts(ledger, folder):
        typer.echo(f"{folder / name}")


@app.command("pages")
def pages_command(root: Root = None) -> None:
    """Write the page of every forecast that lacks one, and name what the table of contents lacks."""
    from ouroboros.forecasting.page_files import page_faults, write_pages

    checkout, ledger = _open(root)
    for name in write_pages(checkout, ledger):
        typer.echo(name)
    for fault in page_faults(checkout, ledger):
        typer.echo(fault)


def forecast_lines(ledger: "Ledger", on: date | None = None) -> list[str]:
    """Lines of `ouroboros status` on forecasts; none when the ledger has no forecasts."""
    from ouroboros.forecasting.due import attention, is_undecided

    if not ledger.forecasts:
        return []
    day = on or _day(None)
    waiting = sum(is_undecided(f, day) for f in ledger.forecasts.values())
    found = attention(ledger.forecasts.values(), day)
    head = f"forecasts: {waiting} of {len(ledger.forecasts)} undecided on {day}"
    return [f"{head}, nothing due"] if not found else [head] + [f"  {a.kind}: {a.id} {a.text}" for a in found]


def _append(root: Path | None, ident: str, make: "Callable[[Ledger], tuple[str, Any]]") -> None:
    from ouroboros.forecasting.insert import append

    checkout = _checkout(root)
    _, added = append(checkout, ident, make)
    typer.echo(f"ledger/forecasts.yml: {ident}:")
    typer.echo(added, nl=False)


def _open(root: Path | None) -> "tuple[Path, Ledger]":
    from ouroboros.ledger import load_ledger

    checkout = _checkout(root)
    return checkout, load_ledger(checkout)


def _checkout(root: Path | None) -> Path:
    from ouroboros.lab.errors import LabError
    from ouroboros.lab.paths import find_root

    if root is not None and not (root / "ledger").is_dir():
        raise LabError(f"--root {root}: no ledger/ there (name the checkout's top directory)")
    return find_root() if root is None else root.resolve()


def _day(given: datetime | None) -> date:
    return given.date() if given else datetime.now(UTC).date()


def _horizon(ledger: "Ledger", name: str | None) -> str | None:
    if name or ledger.forecasts_meta is None:
        return name
    return ledger.forecasts_meta.horizons[-1].name
