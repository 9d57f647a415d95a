"""Commands on a user's own data that have to do with compliance: marks in texts, poison in labelled sets."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
marks = typer.Typer(
    help="Find a statistical watermark in a text, or write text with one.", no_args_is_help=True
)
app.add_typer(marks, name="watermark")

Key = Annotated[
    str, typer.Option("--key", envvar="OUROBOROS_WATERMARK_KEY", help="Secret text that the mark depends on.")
]
Gamma = Annotated[float, typer.Option(help="Share of green words of the mark.")]


@marks.command("detect")
def detect_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Text in UTF-8; - for standard input.")],
    key: Key,
    gamma: Gamma = 0.25,
    level: Annotated[float, typer.Option(min=0, max=1, help="Share of false alarms to accept.")] = 1e-3,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell whether a text carries the mark of this scheme and key; no other mark is seen."""
    import json
    from dataclasses import asdict

    from ouroboros.instruments.watermark import detect, read_text, sentence

    reading = detect(read_text(file), key, gamma)
    if as_json:
        typer.echo(json.dumps(asdict(reading) | {"gamma": gamma, "marked": reading.p < level}))
        return
    expected = gamma * reading.scored
    typer.echo(f"words {reading.words}, different pairs {reading.scored}")
    typer.echo(f"green {reading.greens}, by chance {expected:.0f}")
    typer.echo(f"z {reading.z:.2f}, p {reading.p:.3g} (log10 {reading.log10_p:.1f})")
    typer.echo(sentence(reading, level))


@marks.command("generate")
def generate_command(
    key: Key,
    words: Annotated[int, typer.Option(help="Words to write.")] = 200,
    delta: Annotated[float, typer.Option(help="Strength of the mark; 0 writes without one.")] = 2.0,
    gamma: Gamma = 0.25,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same text.")] = 0,
) -> None:
    """Write nonsense in biblical words with the mark, to try the detector on."""
    from ouroboros.instruments.watermark import generate

    typer.echo(generate(words, key, gamma=gamma, delta=delta, seed=seed))


@app.command("poison-scan")
def poison_scan_command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=".csv or .jsonl of texts, .csv or .npz of images, with labels."),
    ],
    text: Annotated[str, typer.Option("--text", help="Column or field that holds the text.")] = "text",
    label: Annotated[str, typer.Option("--label", help="Column or field that holds the label.")] = "label",
    share: Annotated[float, typer.Option(help="Largest share of a label that might be poisoned.")] = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same suspects.")] = 0,
    show: Annotated[int, typer.Option(min=0, help="Suspects to print.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="Write all suspects there, as CSV.")] = None,
) -> None:
    """Name the examples that published defences against poisoning suspect; clean examples are among them."""
    from ouroboros.instruments.poison_scan import read_set, scan, write_suspects

    data = read_set(file, text, label)
    suspects = scan(data, share=share, seed=seed)
    total = len(data.labels)
    for name in ("spectral", "clusters", "mistakes"):
        count = sum(name in suspect.reasons for suspect in suspects)
        typer.echo(f"{name}: {count} of {total} ({count / total:.1%})")
    for suspect in suspects[:show]:
        reasons = " ".join(suspect.reasons)
        typer.echo(f"line {suspect.place}: label {suspect.label}, score {suspect.score:.1f}, {reasons}")
    typer.echo(
        "suspects are for reading, not for deleting: clean sets have them, too (see the page of the instrument)"
    )
    if out is not None:
        write_suspects(out, suspects)
        typer.echo(f"written: {out}")


@app.command("tabular")
def tabular_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Real table: .csv with a header.")],
    synthetic: Annotated[
        Path | None, typer.Option("--synthetic", help="Judge this table, made from FILE by somebody else.")
    ] = None,
    holdout: Annotated[
        Path | None, typer.Option("--holdout", help="Real rows that the synthetic table was not made from.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="Column to predict (default: the last).")
    ] = None,
    generator: Annotated[
        str, typer.Option(help="copula, tree, star, jitter, or private (with a guarantee).")
    ] = "copula",
    epsilon: Annotated[float | None, typer.Option(help="Privacy budget of the private generator.")] = None,
    delta: Annotated[float, typer.Option(help="Its δ; well below one over the rows.")] = 1e-5,
    write: Annotated[
        Path | None, typer.Option("--write", help="Also write a synthetic table of as many rows there.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--html", help="Also write the report as one page.")] = None,
    repeats: Annotated[int, typer.Option(min=2, help="Random splits behind the intervals.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same report.")] = 0,
) -> None:
    """Synthesise a table and tell what it reveals, or judge a synthetic table from elsewhere."""
    from rich.console import Console

    from ouroboros.instruments.tabular_command import Request, run
    from ouroboros.instruments.tabular_report import html_page, print_report, write_page

    request = Request(file, synthetic, holdout, label, generator, epsilon, delta, write, page, repeats, seed)
    title, report = run(request)
    print_report(report, title, Console())
    if page is not None:
        write_page(page, html_page(report, title))
    for path in filter(None, (write, page)):
        typer.echo(f"written: {path}")
