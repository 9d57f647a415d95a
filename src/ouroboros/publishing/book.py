"""Build the site: decide, check, stage, run notebooks, run Sphinx, polish, gate, swap.

Nothing is written over the last good site before the new one has passed every gate.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from ouroboros.publishing import inputs
from ouroboros.publishing.disk import refusals_of_the_disk
from ouroboros.publishing.errors import BuildError

BUILD = "_build"
SITE = f"{BUILD}/html"
STAMP = f"{BUILD}/stamp.json"
_OLD = "html.old"
_PATIENCE = 1800.0  # seconds that a build waits for another one


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
    if strict:
        _refuse_stale(root)
    if not force and (last := _unchanged(root)) is not None:
        return Built(root / SITE, last["pages"], True, 0, last["notebooks"], perf_counter() - start)
    with refusals_of_the_disk(BUILD), _alone(root, say):
        _recover(root / SITE)
        # Another build may have done the work while this one waited for it.
        if not force and (last := _unchanged(root)) is not None:
            return Built(root / SITE, last["pages"], True, 0, last["notebooks"], perf_counter() - start)
        now = _state(root)
        last = _stamp(root)
        fresh = force or any(last.get(key) != now[key] for key in ("around", "address"))
        (root / STAMP).unlink(missing_ok=True)
        ran = _stage_and_run(root, workers or os.cpu_count() or 1, say)
        say(f"pages: Sphinx reads {'everything' if fresh else 'what changed'}")
        pages = _make_site(root, fresh)
        (root / STAMP).write_text(json.dumps({**now, "pages": pages, "notebooks": len(ran)}), "utf-8")
    executed = sum(not r.cached for r in ran)
    return Built(root / SITE, pages, False, executed, len(ran) - executed, perf_counter() - start)


def _state(root: Path) -> dict[str, str]:
    """Digests of all that a build reads, and where its site will stand."""
    from ouroboros.publishing.address import base_url

    return {
        "prose": inputs.digest(root, inputs.prose_files(root)),
        "around": inputs.digest(root, inputs.surrounding_files(root)),
        "address": base_url(root),
    }


def _stamp(root: Path) -> dict:
    """What the last whole build read and made; empty after one that was not."""
    try:
        return json.loads((root / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def is_current(root: Path) -> bool:
    """Whether the built site shows what lies in the checkout now."""
    return _unchanged(root) is not None


def _unchanged(root: Path) -> dict | None:
    """Stamp of the last build if its site is there and nothing has changed since."""
    last, now = _stamp(root), _state(root)
    return last if (root / SITE).is_dir() and {key: last.get(key) for key in now} == now else None


@contextmanager
def _alone(root: Path, say: Say) -> Iterator[None]:
    """Let one build at a time write into ``_build``; a second one waits for the first."""
    from ouroboros.lab.errors import LabError
    from ouroboros.lab.locks import Busy, exclusive

    lock, what = root / BUILD / "lock", "is building"
    with ExitStack() as held:
        try:
            try:
                held.enter_context(exclusive(lock, what, patience=0))
            except Busy:
                say("another build of this checkout is running: waiting for it")
                held.enter_context(exclusive(lock, what, patience=_PATIENCE))
        except LabError as error:
            raise BuildError(str(error)) from error
        yield


def _make_site(root: Path, fresh: bool) -> int:
    """Run Sphinx, polish, supplement and examine a new site, then put it in the old one's place."""
    from ouroboros.publishing.address import base_url, write_sitemap
    from ouroboros.publishing.archive import anchors_of, write_zip
    from ouroboros.publishing.editions import (
        edition_faults,
        lost_addresses,
        only_itself,
        place_editions,
        write_unversioned,
    )
    from ouroboros.publishing.gate import faults_of
    from ouroboros.publishing.policy import policy_faults, secure_site, write_headers
    from ouroboros.publishing.polish import polish_site
    from ouroboros.publishing.print_book import ZIP, write_index
    from ouroboros.publishing.redirects import apply_redirects, load_redirects
    from ouroboros.publishing.site_search import write_site_search
    from ouroboros.publishing.supplements import write_supplements
    from ouroboros.publishing.wayfinding import write_wayfinding

    # Pages and guards read editions while they are built: an altered one must be named before that.
    altered = edition_faults(root)
    moved = load_redirects(root)
    if altered:
        raise BuildError("\n".join(altered))
    output = _run_sphinx(root, fresh)
    new = root / BUILD / "html.new"
    shutil.rmtree(new, ignore_errors=True)
    pages = polish_site(output, new)
    lost = apply_redirects(new, moved)
    write_supplements(root, new, version("ouroboros"))
    write_site_search(new)
    # The zip for reading offline holds this state alone, and its pages ask for these files.
    write_unversioned(new, only_itself(version("ouroboros")))
    secure_site(new)
    lost += lost_addresses(root, anchors_of(new), moved)
    write_zip(new / ZIP, new, "ouroboros/", {})
    write_index(new, version("ouroboros"))
    place_editions(root, new, version("ouroboros"))
    write_sitemap(new, base_url(root))
    write_wayfinding(new, base_url(root))
    secure_site(new)  # what was written since
    write_headers(new)
    faults = lost + policy_faults(new) + faults_of(new, expected_pages=toc_size(root))
    if faults:
        raise BuildError("\n".join(faults))
    _swap(new, root / SITE)
    return pages


def _refuse_stale(root: Path) -> None:
    from ouroboros.lab import LabError, evidence_faults
    from ouroboros.ledger import LedgerFaults, load_ledger

    try:
        faults = evidence_faults(root, load_ledger(root))
    except (LedgerFaults, LabError) as error:
        raise BuildError(str(error)) from error
    if faults:
        raise BuildError("\n".join(faults))


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
    from ouroboros.publishing.address import base_url
    from ouroboros.publishing.sphinx_run import run_sphinx

    folder = root / BUILD
    overrides = {
        "ouroboros_root": str(root),
        "html_baseurl": base_url(root),
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
    old = site.with_name(_OLD)
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def _recover(site: Path) -> None:
    """Put the last good site back if a build was killed between the two moves of :func:`_swap`."""
    old = site.with_name(_OLD)
    if old.is_dir() and not site.exists():
        old.rename(site)
