"""Commands that a user runs on their own data; each is thin, and its instrument does the work."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command("audit")
def audit_command(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="Data before the step: .csv or .jsonl.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Data after it, in the same form.")],
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Column to compare; may be repeated (default: all).")
    ] = None,
    number: Annotated[
        list[str] | None, typer.Option("--number", help="Column that must hold numbers; may be repeated.")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="Field of JSON lines that holds the text.")] = "text",
    page: Annotated[Path | None, typer.Option("--html", help="Also write a page with figures there.")] = None,
    tail: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Share of BEFORE that counts as tail.")
    ] = 0.1,
    resamples: Annotated[int, typer.Option(min=50, help="Resamples behind each interval.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same report.")] = 0,
) -> None:
    """Tell what a generation step did to your data: drift, tails, diversity, duplicates, entropy."""
    from rich.console import Console

    from ouroboros.instruments.audit import Settings, audit
    from ouroboros.instruments.audit_input import read_pair
    from ouroboros.instruments.audit_report import html_page, print_report, write_page
    from ouroboros.instruments.errors import InstrumentError

    if page is not None and not page.parent.is_dir():
        raise InstrumentError(f"--html {page}: no directory {page.parent} (make it first)")
    pair = read_pair(before, after, columns=column or (), numbers=number or (), text=text)
    settings = Settings(resamples=resamples, tail=tail, seed=seed)
    findings = audit(pair, settings)
    print_report(findings, settings, Console())
    if page is not None:
        write_page(page, html_page(pair, findings, settings, (before.name, after.name)))
        typer.echo(f"written: {page}")


@app.command("curriculum")
def curriculum_command(
    file: Annotated[Path, typer.Argument(metavar="SCHEDULE", help="Schedule of difficulty: .yml.")],
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            help="Built-in choice of tasks; may be repeated (default: uni, easy-hard, hard, sp; also untrained, hum).",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Worlds to compare in.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same report.")] = 1,
    page: Annotated[
        Path | None, typer.Option("--html", help="Also write a page with the figure there.")
    ] = None,
    paths: Annotated[
        Path | None, typer.Option("--csv", help="Also write every seed and iteration there.")
    ] = None,
) -> None:
    """Compare your own schedule of difficulty with built-in ones in the world of planted bugs."""
    from rich.console import Console

    from ouroboros.instruments.audit_report import write_page
    from ouroboros.instruments.curriculum_command import run
    from ouroboros.instruments.curriculum_input import read_schedule
    from ouroboros.instruments.curriculum_report import html_page, print_report
    from ouroboros.instruments.errors import InstrumentError

    for option, path in (("--html", page), ("--csv", paths)):
        if path is not None and not path.parent.is_dir():
            raise InstrumentError(f"{option} {path}: no directory {path.parent} (make it first)")
    schedule = read_schedule(file)
    report = run(schedule, against or ("uni", "easy-hard", "hard", "sp"), seeds=seeds, seed=seed)
    print_report(report, schedule, Console())
    if page is not None:
        write_page(page, html_page(report, schedule))
    if paths is not None:
        write_page(paths, report.paths.round(4).to_csv(index=False))
    for path in filter(None, (page, paths)):
        typer.echo(f"written: {path}")
