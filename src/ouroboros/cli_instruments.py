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
