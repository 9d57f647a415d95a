"""Freeze an edition: everything is made and checked in a folder of its own, then moved into place at once.

A number is used once. What is published is never rebuilt: later builds unpack the archive.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from ouroboros.forecasting.guard import compare
from ouroboros.lab import evidence_faults, load_all_evidence
from ouroboros.ledger import Ledger, load_ledger
from ouroboros.publishing import book, crate, trace
from ouroboros.publishing.address import VARIABLE, base_url
from ouroboros.publishing.archive import anchors_of, write_zip
from ouroboros.publishing.editions import (
    FOLDER,
    NAME,
    SUMS,
    UNVERSIONED,
    Frozen,
    edition_faults,
    file_sums,
    frozen_editions,
    lost_addresses,
    redirect,
    write_unversioned,
)
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.gate import faults_of
from ouroboros.publishing.policy import secure_site
from ouroboros.publishing.polish import polish_site
from ouroboros.publishing.print_book import write_pdf
from ouroboros.publishing.redirects import apply_redirects, load_redirects
from ouroboros.publishing.site_search import write_site_search
from ouroboros.publishing.sphinx_run import run_sphinx
from ouroboros.publishing.state import original_state, page_digests, state_of, write_state
from ouroboros.publishing.supplements import write_original_supplements, write_supplements
from ouroboros.publishing.tools import browser

Say = Callable[[str], None]
PREFIX = "../../"  # from v/<id>/ to the folder of the unversioned files


def release(
    root: Path,
    name: str,
    *,
    title: str,
    day: str,
    original: bool = False,
    rehearsal: Path | None = None,
    say: Say = lambda line: None,
) -> Path:
    """Freeze the current state as an edition.

    Parameters
    ----------
    root : Path
        The checkout; it must be clean and sound.
    name : str
        Year and month, such as ``2026.11``.
    title : str
        What the edition is, in a few words.
    day : str
        ISO date of publication.
    original : bool
        Freeze the original as it was found instead: its claims and forecasts, no audit, no evidence.
    rehearsal : Path, optional
        Write there instead of ``editions/``; nothing in the checkout changes.
    say : callable
        Told what happens.

    Returns
    -------
    Path
        Folder of the edition.

    Raises
    ------
    BuildError
        If the number is malformed, used or being released, the checkout is not clean or not sound, a page has
        a fault, or an anchor of an earlier edition would vanish. Nothing is left behind then.
    """
    if not NAME.fullmatch(name):
        raise BuildError(f"{name}: not the name of an edition (a year and a month, such as 2026.11)")
    shelf = rehearsal or root / FOLDER
    target = shelf / name
    shelf.mkdir(parents=True, exist_ok=True)
    with _lock(shelf):
        if target.exists():
            raise BuildError(f"{FOLDER}/{name}: published already; a published edition is never changed")
        ledger = load_ledger(root)
        commit = _refuse_unsound(root, ledger)
        say(f"release: building edition {name}")
        if not base_url(root):
            say(f"release: {VARIABLE} is not set: addresses that the edition prints of itself are relative")
        workshop = root / book.BUILD / "release" / name
        shutil.rmtree(workshop, ignore_errors=True)
        site = _build_site(root, name, workshop, original, say)
        evidence = {} if original else load_all_evidence(root, ledger)
        state = original_state(ledger, name) if original else state_of(ledger, evidence, name)
        state["pages"] = page_digests(site)
        anchors = anchors_of(site)
        _refuse_lost_anchors(root, anchors, original)
        part = shelf / f".{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        meta = {"id": name, "title": title, "date": day, "commit": commit, "original": original}
        _write_parts(root, part, site, meta, state, anchors, ledger)
        os.rename(part, target)
    say(f"release: {FOLDER}/{name} ({len(anchors)} addresses)")
    return target


@contextmanager
def _lock(shelf: Path) -> Iterator[None]:
    with (shelf / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"{FOLDER}: another release is running; try again when it has ended") from None
        yield


def _refuse_unsound(root: Path, ledger: Ledger) -> str | None:
    """Commit of a checkout that is clean and sound."""
    try:
        changed = _git(root, "status", "--porcelain")
        commit = _git(root, "rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        raise BuildError(
            "release: needs git and a checkout with a commit (an edition names its commit)"
        ) from None
    faults = [
        f"{line[3:]}: not committed (commit or remove it before a release)" for line in changed.splitlines()
    ]
    faults += evidence_faults(root, ledger) + edition_faults(root)
    faults += [str(fault) for fault in compare(root).faults]
    if faults:
        raise BuildError("\n".join(faults))
    return commit


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.rstrip()


def _build_site(root: Path, name: str, workshop: Path, original: bool, say: Say) -> Path:
    """Build the pages of the edition as they will lie in ``v/<name>/``, and gate them there."""
    if original:
        stage = workshop / "source"
        _stage_original(root, stage)
    else:
        book.build(root, strict=True, say=say)
        stage = root / book.BUILD / "source"
    overrides = {
        "ouroboros_root": str(root),
        "html_baseurl": base_url(root),
        "ouroboros_editions": True,
        "ouroboros_edition_prefix": PREFIX,
        "ouroboros_original": original,
        "nb_execution_cache_path": str(root / book.BUILD / "notebook-cache"),
        "version": name,
        "release": name,
    }
    output = run_sphinx(stage, workshop / "sphinx", workshop / "doctrees", fresh=True, overrides=overrides)
    host = workshop / "host"
    site = host / "v" / name
    site.parent.mkdir(parents=True)
    polish_site(output, site)
    faults = [] if original else apply_redirects(site, load_redirects(root))
    (write_original_supplements if original else write_supplements)(root, site, name)
    if not original:
        _print(site, stage, name, say)
    for unversioned in UNVERSIONED:
        (site / unversioned).unlink(missing_ok=True)
    write_site_search(site)
    secure_site(site)
    _write_host(root, host, name)
    secure_site(host)
    faults += faults_of(host, expected_pages=book.toc_size(stage))
    if faults:
        raise BuildError("\n".join(faults))
    return site


def _print(site: Path, stage: Path, name: str, say: Say) -> None:
    """Print the edition to PDF where there is a browser that can; the rest of an edition needs none."""
    if browser() is None:
        say(f"release: no Chromium here, so edition {name} gets its EPUB and single page, but no PDF")
        return
    say("release: printing the PDF")
    write_pdf(site, stage, name)


def _stage_original(root: Path, stage: Path) -> None:
    source = files("ouroboros.publishing") / "original"
    stage.mkdir(parents=True)
    for item in source.iterdir():
        if item.name.endswith((".md", ".yml")):
            (stage / item.name).write_text(item.read_text("utf-8"), "utf-8")
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    (stage / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    shutil.copy(root / "references.bib", stage)


def _write_host(root: Path, host: Path, name: str) -> None:
    """What lies beside an edition in its archive, so that it reads offline from the archive alone."""
    known = [{"id": name, "title": name, "path": f"v/{name}/", "newest": True}]
    write_unversioned(host, known)
    (host / "index.html").write_text(redirect(f"v/{name}/index.html", f"Ouroboros, edition {name}"), "utf-8")


def _refuse_lost_anchors(root: Path, anchors: list[str], original: bool) -> None:
    """Refuse a release in which a permanent address of an earlier edition would lead nowhere."""
    if original:
        return
    lost = lost_addresses(root, anchors, load_redirects(root))
    if lost:
        raise BuildError("\n".join(lost))


def _write_parts(
    root: Path,
    part: Path,
    site: Path,
    meta: dict[str, Any],
    state: dict[str, Any],
    anchors: list[str],
    ledger: Ledger,
) -> None:
    name, original = meta["id"], meta["original"]
    host = site.parents[1]
    extra = {p.name: p.read_bytes() for p in sorted(host.iterdir()) if p.is_file()}
    write_zip(part / "site.zip", site, f"v/{name}/", extra)
    (part / "edition.json").write_text(json.dumps(meta, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (part / "state.json").write_text(write_state(state), "utf-8")
    (part / "anchors.txt").write_text("\n".join(anchors) + "\n", "utf-8")
    if not original:
        for folder in ("ledger", "evidence", "notebooks"):
            # git keeps no empty folder: a checkout may have no evidence yet.
            if (root / folder).is_dir():
                shutil.copytree(root / folder, part / folder, ignore=shutil.ignore_patterns(".*"))
        for single in ("references.bib", "requirements.txt"):
            shutil.copy(root / single, part)
    (part / trace.NAME).write_text(
        trace.trace_text(trace.trace_of(ledger, part, site, meta, original)), "utf-8"
    )
    (part / crate.METADATA).write_text(crate.crate_of(part, meta, ledger), "utf-8")
    sums = "".join(f"{digest}  {path}\n" for path, digest in file_sums(part).items())
    (part / SUMS).write_text(sums, "utf-8")


def newest(root: Path) -> Frozen | None:
    """The newest published edition, None if there is none."""
    editions = frozen_editions(root)
    return editions[-1] if editions else None
