"""The command line: thin, lazy, and one clear line on standard error for whatever a user can put right."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ouroboros import cli_compliance, cli_forecast, cli_instruments

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ouroboros.lab.cluster import Cluster
    from ouroboros.ledger import Ledger

FAULT = 2
INTERRUPTED = 130

app = typer.Typer(
    name="ouroboros",
    help="A living report on synthetic data and model bootstrapping.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(cli_forecast.app)
app.add_typer(cli_compliance.app)
app.add_typer(cli_instruments.app)


class _Interrupted(Exception):
    """Ctrl-C, with what it means for the work at hand."""


Root = Annotated[
    Path | None, typer.Option("--root", help="Checkout (default: the one around this directory).")
]
Ids = Annotated[
    list[str] | None, typer.Argument(help="Experiment ids.", metavar="[ID]...", show_default=False)
]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Run the jobs on a Dask cluster: address of its scheduler.", metavar="ADDRESS"),
]
ClusterOf = Annotated[
    int | None, typer.Option("--cluster", min=1, help="The same with so many Dask workers on this machine.")
]
All = Annotated[bool, typer.Option("--all", help="Every experiment of the ledger.")]


@app.command("run")
def run_command(
    ids: Ids = None,
    everything: All = False,
    tier: Annotated[str, typer.Option(help="smoke, publish or deep.")] = "smoke",
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = os.cpu_count() or 1,
    scheduler: Scheduler = None,
    cluster: ClusterOf = None,
    root: Root = None,
) -> None:
    """Run experiments; publish and deep runs resume and leave candidates for diff and accept."""
    from ouroboros.lab.differences import difference
    from ouroboros.lab.errors import LabError
    from ouroboros.lab.running import FULL_TIERS, run

    checkout, ledger = _open(root)
    if tier not in ("smoke", *FULL_TIERS):
        raise LabError(f"--tier {tier}: no such tier (smoke, publish or deep)")
    names = _chosen(ids, everything, list(ledger.experiments), ledger)
    if everything and tier == "deep":
        names = [name for name in names if ledger.experiments[name].tiers.deep is not None]
    with _pool(scheduler, cluster) as pool:
        for name in names:
            try:
                result = run(
                    ledger,
                    name,
                    root=checkout,
                    tier=tier,
                    workers=1 if tier == "smoke" else workers,
                    cluster=pool,
                )
            except KeyboardInterrupt:
                raise _Interrupted("interrupted; finished jobs are kept, the same command resumes") from None
            seconds = result.run["seconds"]["wall"]
            if tier == "smoke":
                typer.echo(_outcome(result.evidence, seconds), nl=False)
            else:
                typer.echo(difference(checkout, ledger, name).to_text(), nl=False)
                typer.echo(f"  {seconds:.0f} s; accept with: ouroboros accept {name}")
            if not result.evidence.valid:
                failed = ", ".join(check.id for check in result.evidence.checks if not check.passed)
                raise LabError(
                    f"{name}: invalid: failed {failed} (the code is wrong; correct it and run again)"
                )


@app.command("diff")
def diff_command(
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--estimates", help="List unchanged estimates, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    root: Root = None,
) -> None:
    """Show what accepting candidates would change (all that wait, or those named)."""
    from ouroboros.lab.acceptance import waiting
    from ouroboros.lab.differences import difference

    checkout, ledger = _open(root)
    names = _chosen(ids, not ids, waiting(checkout, ledger), ledger)
    if not names and not as_json:
        typer.echo("no candidates wait (ouroboros run ID --tier publish makes one)")
    found = [difference(checkout, ledger, name) for name in names]
    if as_json:
        typer.echo("[" + ",".join(d.to_json().strip() for d in found) + "]")
        return
    for d in found:
        typer.echo(d.to_text(everything), nl=False)


@app.command("accept")
def accept_command(ids: Ids = None, everything: All = False, root: Root = None) -> None:
    """Make candidates the accepted evidence; refuses what is invalid, out of date or of the smoke tier."""
    from ouroboros.lab.acceptance import accept, waiting

    checkout, ledger = _open(root)
    names = _chosen(ids, everything, waiting(checkout, ledger), ledger)
    if not names:
        typer.echo("no candidates wait (ouroboros run ID --tier publish makes one)")
    for name in names:
        evidence = accept(checkout, ledger, name)
        typer.echo(f"{name}: accepted ({evidence.tier}, {len(evidence.estimates)} estimates)")


@app.command("recertify")
def recertify_command(
    ids: Ids = None,
    everything: All = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Jobs to run again (default: 1 in 20, at least 3).")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = os.cpu_count() or 1,
    scheduler: Scheduler = None,
    cluster: ClusterOf = None,
    root: Root = None,
) -> None:
    """After an edit: rerun a fixed sample of jobs and, if it comes out as recorded, renew the digests."""
    from ouroboros.lab.freshness import stale_experiments
    from ouroboros.lab.recertification import recertify

    checkout, ledger = _open(root)
    names = _chosen(ids, everything, list(stale_experiments(checkout, ledger)), ledger)
    if not names:
        typer.echo("no evidence is stale")
    with _pool(scheduler, cluster) as pool:
        for name in names:
            try:
                done = recertify(checkout, ledger, name, jobs=jobs, workers=workers, cluster=pool)
            except KeyboardInterrupt:
                raise _Interrupted("interrupted; nothing was changed, the same command resumes") from None
            if done.fresh:
                typer.echo(f"{name}: fresh, nothing to recertify")
                continue
            rerun = f"{done.jobs} of {done.of} jobs run again, the same; " if done.jobs else ""
            what = (
                "digests renewed"
                if done.renewed
                else f"what it says changed: see ouroboros diff {name}, then accept"
            )
            typer.echo(f"{name}: {rerun}{what}")


@app.command("check")
def check_command(
    stale_ok: Annotated[bool, typer.Option("--stale-ok", help="Let stale evidence pass.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Also that criteria were committed before their evidence.")
    ] = False,
    root: Root = None,
) -> None:
    """Verify ledger and evidence; every fault on a line of its own, exit code 2 if there is any."""
    from ouroboros.forecasting.guard import compare
    from ouroboros.forecasting.page_files import page_faults
    from ouroboros.lab.health import evidence_faults, missing_evidence
    from ouroboros.publishing.editions import edition_faults

    checkout, ledger = _open(root)
    faults = evidence_faults(checkout, ledger, stale_ok=stale_ok)
    if history and not faults:
        from ouroboros.lab.history import history_faults, judged

        faults = history_faults(checkout, ledger)
    compared = compare(checkout)
    faults += [str(fault) for fault in compared.faults] + page_faults(checkout, ledger)
    faults += edition_faults(checkout)
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(FAULT)
    missing = missing_evidence(checkout, ledger)
    counted = len(ledger.experiments) - len(missing)
    typer.echo(
        f"sound: {len(ledger.claims)} claims, {len(ledger.statements)} statements, "
        f"{counted} of {len(ledger.experiments)} experiments with evidence"
    )
    if history:
        typer.echo(f"history: {judged(checkout, ledger)} criteria, each committed before what it judges")
    if ledger.forecasts:
        typer.echo(compared.sentence())
    for name in missing:
        typer.echo(f"no evidence yet: {name} (ouroboros run {name} --tier publish)")


@app.command("certify")
def certify_command(
    budget: Annotated[float, typer.Option(min=0, help="Seconds to spend.")] = 120,
    rotation: Annotated[
        int | None, typer.Option(min=0, help="Which sample (default: the day, counted from 1970).")
    ] = None,
    keep: Annotated[bool, typer.Option("--record", help="Store it in evidence/ for the site.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = os.cpu_count() or 1,
    root: Root = None,
) -> None:
    """Rerun a rotating sample of jobs of every experiment; exit code 2 if one comes out differently."""
    import time

    from ouroboros.lab.certificate import record
    from ouroboros.lab.certification import certify
    from ouroboros.lab.store import replace_files

    checkout, ledger = _open(root)
    turn = int(time.time() // 86400) if rotation is None else rotation
    certificate = certify(checkout, ledger, budget=budget, rotation=turn, workers=workers)
    replace_files(checkout / "_build", [("certificate.json", certificate.to_json())])
    if certificate.faults:
        for fault in certificate.faults:
            typer.echo(fault, err=True)
        raise typer.Exit(FAULT)
    for sampled in certificate.experiments:
        how = "to the bit" if sampled.exact else "within the stated tolerance"
        result = f"{len(sampled.jobs)} of {sampled.of} jobs run again, the same {how}"
        typer.echo(f"{sampled.experiment}: {result if sampled.jobs else f'not reached: {sampled.why}'}")
    typer.echo(
        f"certified: {certificate.jobs} jobs of {certificate.reached} of {len(certificate.experiments)} experiments"
        f" in {certificate.seconds:.0f} s"
    )
    if keep:
        record(checkout, certificate)


@app.command("status")
def status_command(root: Root = None) -> None:
    """Tell for each experiment whether its evidence is fresh and what waits, and which forecasts are due."""
    from ouroboros.lab.status import status_lines

    checkout, ledger = _open(root)
    for line in status_lines(checkout, ledger) + cli_forecast.forecast_lines(ledger):
        typer.echo(line)


@app.command("build")
def build_command(
    force: Annotated[bool, typer.Option("--force", help="From scratch, even if nothing changed.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", envvar="CI", help="Stale evidence is a fault, not a mark (set in CI).")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at once.")] = None,
    root: Root = None,
) -> None:
    """Build the site into _build/html: notebooks first, then pages, then the gates."""
    from ouroboros.lab.paths import find_root
    from ouroboros.publishing.book import build

    checkout = find_root() if root is None else root.resolve()
    done = build(checkout, force=force, strict=strict, workers=workers, say=typer.echo)
    if done.unchanged:
        typer.echo(f"nothing changed since the last build ({done.seconds:.1f} s)")
    else:
        typer.echo(
            f"{done.pages} pages in _build/html, {done.notebooks_run} notebooks run, "
            f"{done.notebooks_cached} from the cache ({done.seconds:.0f} s)"
        )


@app.command("release")
def release_command(
    name: Annotated[str, typer.Argument(help="Year and month, such as 2026.11.")],
    title: Annotated[str, typer.Option(help="What the edition is, in a few words.")] = "edition of the month",
    original: Annotated[
        bool, typer.Option("--original", help="Freeze the original as found: no audit, no evidence.")
    ] = False,
    root: Root = None,
) -> None:
    """Freeze the current state as an edition that is never changed again."""
    from datetime import UTC, datetime

    from ouroboros.lab.paths import find_root
    from ouroboros.publishing.release import release

    checkout = find_root() if root is None else root.resolve()
    day = datetime.now(UTC).date().isoformat()
    release(checkout, name, title=title, day=day, original=original, say=typer.echo)


@app.command("changes")
def changes_command(
    old: Annotated[
        str | None, typer.Argument(help="Edition, such as 2026.02 (default: the one before).")
    ] = None,
    new: Annotated[str, typer.Argument(help="Edition, or the state of the checkout.")] = "current",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    root: Root = None,
) -> None:
    """Tell what changed between two editions: audits, verdicts, evidence, forecasts, sources, pages."""
    from ouroboros.publishing.change_report import to_text
    from ouroboros.publishing.changes_command import compare

    checkout, ledger = _open(root)
    found, pages = compare(checkout, ledger, old, new)
    typer.echo(found.to_json() if as_json else to_text(found) + "\n", nl=False)
    if not pages:
        typer.echo("pages were not compared: the current ones are known after make book", err=True)


@app.command("cite")
def cite_command(
    identifier: Annotated[
        str | None, typer.Argument(help="Claim, statement, experiment or forecast.", metavar="[ID]")
    ] = None,
    style: Annotated[
        str, typer.Option(help="bibtex, ris, csl-json, apa, chicago, ieee, harvard, gb7714.")
    ] = "bibtex",
    everything: Annotated[bool, typer.Option("--all", help="Everything that can be cited.")] = False,
    edition: Annotated[str | None, typer.Option(help="Edition to pin to (default: the newest).")] = None,
    root: Root = None,
) -> None:
    """Print a reference to a part of the report, pinned to an edition."""
    from ouroboros.publishing.address import VARIABLE, base_url
    from ouroboros.publishing.cite_command import references

    checkout, ledger = _open(root)
    typer.echo(references(checkout, ledger, identifier, style, everything=everything, edition=edition))
    if not base_url(checkout):
        typer.echo(
            f"addresses are relative to the top of the site: {VARIABLE} says where it stands", err=True
        )


@app.command("memo")
def memo_command(
    ids: Annotated[
        list[str], typer.Argument(help="Claims, statements, experiments, forecasts.", metavar="ID...")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="A .docx, .md, .html or .pdf file.")],
    style: Annotated[str, typer.Option(help="apa, chicago, ieee, harvard, gb7714.")] = "apa",
    edition: Annotated[str | None, typer.Option(help="Edition to pin to (default: the newest).")] = None,
    site: Annotated[str | None, typer.Option(help="Where the site is published, for links.")] = None,
    root: Root = None,
) -> None:
    """Write an evidence brief: statement, verdict, figures, sentences that hold, references."""
    from ouroboros.publishing.memo import write_memo

    checkout, ledger = _open(root)
    written = write_memo(checkout, ledger, ids, output, style=style, edition=edition, site=site)
    typer.echo(f"{written}: {', '.join(dict.fromkeys(ids))}")


@app.command("print")
def print_command(root: Root = None) -> None:
    """Print the built book to PDF; its EPUB and its single page are part of every build."""
    from importlib.metadata import version

    from ouroboros.lab.errors import LabError
    from ouroboros.lab.paths import find_root
    from ouroboros.publishing.print_book import write_pdf

    checkout = find_root() if root is None else root.resolve()
    site = checkout / "_build" / "html"
    if not (site / "print" / "ouroboros.epub").is_file():
        raise LabError("_build/html: no site there (run make book)")
    written = write_pdf(site, checkout, version("ouroboros"))
    typer.echo(f"{written.relative_to(checkout)} ({written.stat().st_size / 1e6:.1f} MB)")


@app.command("serve")
def serve_command(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine.")] = 8000,
    root: Root = None,
) -> None:
    """Serve the built site on this machine."""
    from ouroboros.lab.errors import LabError
    from ouroboros.lab.paths import find_root
    from ouroboros.publishing.serve import serve

    site = (find_root() if root is None else root.resolve()) / "_build" / "html"
    if not (site / "index.html").is_file():
        raise LabError("_build/html: no site there (run make book)")
    try:
        running = serve(site, port)
    except OSError as error:
        raise LabError(f"--port {port}: {error.strerror} (choose another)") from error
    typer.echo(f"http://localhost:{running.server_address[1]} (stop with Ctrl-C)")
    running.serve_forever()


def _open(root: Path | None) -> "tuple[Path, Ledger]":
    from ouroboros.lab.errors import LabError
    from ouroboros.lab.jobs import prepare_libraries
    from ouroboros.lab.paths import find_root

    prepare_libraries()
    if root is not None and not (root / "ledger").is_dir():
        raise LabError(f"--root {root}: no ledger/ there (name the checkout's top directory)")
    checkout = find_root() if root is None else root.resolve()
    from ouroboros.ledger import load_ledger

    return checkout, load_ledger(checkout)


def _pool(scheduler: str | None, workers: int | None) -> "AbstractContextManager[Cluster | None]":
    """Cluster that the options name; nothing if they name none."""
    from contextlib import nullcontext

    if scheduler is None and workers is None:
        return nullcontext()
    from ouroboros.lab.cluster import local_cluster, remote_cluster
    from ouroboros.lab.errors import LabError

    if scheduler is None:
        return local_cluster(workers)
    if workers is not None:
        raise LabError("--scheduler and --cluster: give one of them, not both")
    return remote_cluster(scheduler)


def _chosen(ids: list[str] | None, everything: bool, available: list[str], ledger: "Ledger") -> list[str]:
    from ouroboros.lab.errors import LabError
    from ouroboros.lab.running import find_experiment

    if ids:
        return [find_experiment(ledger, name).id for name in dict.fromkeys(ids)]
    if not everything:
        raise LabError(f"name experiments or give --all (there are: {', '.join(available) or 'none'})")
    return available


def _outcome(evidence, seconds: float) -> str:
    lines = [f"{evidence.experiment} ({evidence.tier}): {len(evidence.estimates)} estimates, {seconds:.1f} s"]
    lines += [f"  check {c.id}: {'passed' if c.passed else 'FAILED'}" for c in evidence.checks]
    lines += [
        f"  criterion {c.id}: {'met' if c.met else 'not met'} ({c.direction})" for c in evidence.criteria
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; expected errors never show a traceback."""
    from typer.exceptions import Abort, Exit, TyperException

    # Whoever ends us politely means the same as Ctrl-C: keep what is done, leave no worker behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = app(args=arguments, prog_name="ouroboros", standalone_mode=False)
        if code == INTERRUPTED:
            print("ouroboros: interrupted", file=sys.stderr)
        return code if isinstance(code, int) else 0
    except Exit as stop:
        return stop.exit_code
    except _Interrupted as interruption:
        print(f"ouroboros: {interruption}", file=sys.stderr)
        return INTERRUPTED
    except (Abort, KeyboardInterrupt):
        print("ouroboros: interrupted", file=sys.stderr)
        return INTERRUPTED
    except TyperException as error:
        print(f"ouroboros: {error.format_message()}", file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        # Whoever read our output has closed it; nothing is left to say, and Python must not try on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if not _expected(error):
            raise
        print(error, file=sys.stderr)
        return FAULT


def _expected(error: Exception) -> bool:
    """Whether an error is one that a user is meant to read; loads the classes only when there is an error."""
    from ouroboros.instruments.errors import InstrumentError
    from ouroboros.lab.errors import LabError
    from ouroboros.ledger.faults import LedgerFaults
    from ouroboros.publishing.errors import BuildError

    return isinstance(error, BuildError | InstrumentError | LabError | LedgerFaults)


if __name__ == "__main__":
    sys.exit(main())
