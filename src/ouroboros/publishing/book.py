"""Build the site: decide, check, stage, run notebooks, run Sphinx, polish, gate, swap.

Nothing is written over the last good site before the new one has passed every gate.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from ouroboros.publishing import inputs
from ouroboros.publishing.errors import BuildError

BUILD = "_build"


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did."""

    site: Path
    pages: int
    unchanged: bool
    notebooks_run: int
    notebooks_cached: int
    seconds: float


Say = Callable[[str], None]


def build(
    root: Path,
    *,
    force: bool = False,
    strict: bool = False,
    workers: int | None = None,
    say: Say = lambda line: None,
) -> Built:
    """Build the site into ``_build/html``.

    Parameters
    ----------
    root : Path
        The checkout.
    force : bool
        Build even if nothing changed, from scratch.
    strict : bool
        Stale or missing evidence is a fault instead of a mark on its page.
    workers : int, optional
        Kernels at once, all cores by default.
    say : callable
        Told what happens, a line each.

    Returns
    -------
    Built

    Raises
    ------
    BuildError
        With every fault of the stage that failed, one per line.
    """
    start = perf_counter()
    site, stamp = root / BUILD / "html", root / BUILD / "stamp.json"
    prose, around = inputs.prose_files(root), inputs.surrounding_files(root)
    now = {"prose": inputs.digest(root, prose), "around": inputs.digest(root, around)}
    last = _read_stamp(stamp)
    if strict:
        _refuse_stale(root)
    if not force and site.is_dir() and {k: last.get(k) for k in now} == now:
        return Built(site, last["pages"], True, 0, last["notebooks"], perf_counter() - start)
    # The heavy imports wait until it is known that there is something to build.
    from ouroboros.publishing.editions import place_editions
    from ouroboros.publishing.gate import faults_of
    from ouroboros.publishing.polish import polish_site
    from ouroboros.publishing.supplements import write_supplements

    stamp.unlink(missing_ok=True)
    fresh = force or last.get("around") != now["around"]
    ran = _stage_and_run(root, workers or os.cpu_count() or 1, say)
    say(f"pages: Sphinx reads {'everything' if fresh else 'what changed'}")
    output = _run_sphinx(root, fresh)
    new = root / BUILD / "html.new"
    shutil.rmtree(new, ignore_errors=True)
    pages = polish_site(output, new)
    write_supplements(root, new, version("ouroboros"))
    place_editions(root, new, version("ouroboros"))
    faults = faults_of(new, expected_pages=toc_size(root))
    if faults:
        raise BuildError("\n".join(faults))
    _swap(new, site)
    stamp.write_text(json.dumps({**now, "pages": pages, "notebooks": len(ran)}), "utf-8")
    executed = sum(not r.cached for r in ran)
    return Built(site, pages, False, executed, len(ran) - executed, perf_counter() - start)


def _refuse_stale(root: Path) -> None:
    from ouroboros.lab import LabError, evidence_faults
    from ouroboros.ledger import LedgerFaults, load_ledger

    try:
        faults = evidence_faults(root, load_ledger(root))
    except (LedgerFaults, LabError) as error:
        raise BuildError(str(error)) from error
    if faults:
        raise BuildError("\n".join(faults))


def _read_stamp(path: Path) -> dict:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _stage_and_run(root: Path, workers: int, say: Say) -> list:
    from ouroboros.lab import LabError, code_digest
    from ouroboros.ledger import LedgerFaults, load_ledger
    from ouroboros.publishing import notebooks

    try:
        ledger = load_ledger(root)
    except LedgerFaults as error:
        raise BuildError(str(error)) from error
    stage = root / BUILD / "source"
    wanted: set[Path] = set()
    staged = {}
    by_notebook = {}
    for experiment in ledger.experiments.values():
        by_notebook.setdefault(experiment.notebook, []).append(experiment)
    try:
        for path in inputs.prose_files(root):
            place = path.relative_to(root)
            wanted.add(stage / place)
            if notebooks.is_notebook(path):
                data = [file.read_bytes() for file in notebooks.declared_files(path, root)]
                for experiment in by_notebook.get(place.as_posix(), []):
                    data.append(experiment.model_dump_json().encode())
                    data.append(code_digest(experiment, "smoke", root).digest.encode())
                    data += _evidence_bytes(root, experiment.id)
                staged[place.as_posix()] = (
                    stage / place,
                    notebooks.stage(place.as_posix(), path, stage / place, data),
                )
            else:
                _copy_if_changed(path, stage / place)
    except LabError as error:
        raise BuildError(str(error)) from error
    for leftover in stage.rglob("*"):
        if leftover.is_file() and leftover not in wanted:
            leftover.unlink()

    def report(ran: notebooks.Ran) -> None:
        what = "from the cache" if ran.cached else f"ran in {ran.seconds:.1f} s"
        say(f"notebook: {ran.name} {what}")

    return notebooks.run_all(
        staged, root / BUILD / "notebook-cache", root=root, workers=workers, on_done=report
    )


def _evidence_bytes(root: Path, experiment_id: str) -> list[bytes]:
    files = [root / "evidence" / f"{experiment_id}{ending}" for ending in (".json", ".csv", ".run.json")]
    return [path.read_bytes() for path in files if path.is_file()]


def _copy_if_changed(source: Path, target: Path) -> None:
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _run_sphinx(root: Path, fresh: bool) -> Path:
    """Run Sphinx on the staged sources; return its output folder."""
    from ouroboros.publishing.sphinx_run import run_sphinx

    folder = root / BUILD
    overrides = {
        "ouroboros_root": str(root),
        "ouroboros_editions": True,
        "nb_execution_cache_path": str(folder / "notebook-cache"),
        "version": version("ouroboros"),
        "release": version("ouroboros"),
    }
    return run_sphinx(
        folder / "source", folder / "sphinx", folder / "doctrees", fresh=fresh, overrides=overrides
    )


def toc_size(sources: Path) -> int:
    """Count the pages that a table of contents names."""
    import yaml

    def count(node: object) -> int:
        if isinstance(node, dict):
            return ("file" in node or "root" in node) + sum(count(value) for value in node.values())
        return sum(map(count, node)) if isinstance(node, list) else 0

    return count(yaml.safe_load((sources / "_toc.yml").read_text("utf-8")))


def _swap(new: Path, site: Path) -> None:
    """Put the new site in the old one's place; at every moment one of them is whole."""
    old = site.with_name("html.old")
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)
