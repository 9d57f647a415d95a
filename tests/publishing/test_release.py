"""Releases of a small book: frozen once, whole or not at all, found again in every later build."""

import json
import shutil
import subprocess
import sys
import time
import zipfile
from io import BytesIO

import pytest
from pypdf import PdfReader

from ouroboros.publishing.book import build
from ouroboros.publishing.editions import edition_faults, frozen_editions
from ouroboros.publishing.errors import BuildError
from ouroboros.publishing.gate import faults_of
from ouroboros.publishing.release import release

DAY = "2026-11-23"


@pytest.fixture
def checkout(small_book):
    (small_book / ".gitignore").write_text("_build/\n.ouroboros/\neditions/.lock\neditions/.*.part\n")
    _git(small_book, "init", "-q", "-b", "main")
    _commit(small_book)
    return small_book


def _git(folder, *arguments):
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def _commit(folder):
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "state")


def _freeze(checkout, name="2026.11", **options):
    return release(checkout, name, title="a test", day=DAY, **options)


def test_an_edition_is_frozen_listed_and_placed_in_later_builds(checkout):
    folder = _freeze(checkout)
    assert edition_faults(checkout) == []
    meta = json.loads((folder / "edition.json").read_text())
    assert meta["id"] == "2026.11" and len(meta["commit"]) == 40
    _commit(checkout)

    site = build(checkout).site
    listing = json.loads((site / "editions.json").read_text())
    assert [entry["path"] for entry in listing] == ["", "v/2026.11/"]
    assert [entry["newest"] for entry in listing] == [False, True]
    frozen = (site / "v/2026.11/book/page.html").read_text()
    assert "../../../edition.js" in frozen and 'data-edition="2026.11"' in frozen
    assert "../v/2026.11/index.html" in (site / "latest/index.html").read_text()
    assert faults_of(site) == []


def test_the_archive_reads_offline_from_itself_alone(checkout, tmp_path):
    folder = _freeze(checkout)
    with zipfile.ZipFile(folder / "site.zip") as archive:
        archive.extractall(tmp_path / "offline")
    assert faults_of(tmp_path / "offline") == []
    assert (tmp_path / "offline/index.html").is_file()


def test_a_number_is_used_once_and_what_was_published_stays(checkout):
    folder = _freeze(checkout)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    _commit(checkout)
    with pytest.raises(BuildError, match=r"editions/2026\.11: published already"):
        _freeze(checkout)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_the_same_state_freezes_to_the_same_bytes(checkout, tmp_path):
    first = _freeze(checkout, rehearsal=tmp_path / "one")
    second = _freeze(checkout, rehearsal=tmp_path / "two")
    assert (first / "SHA256SUMS").read_text() == (second / "SHA256SUMS").read_text()


@pytest.mark.parametrize("name", ["2026", "2026.13", "../2026.11", "v1", "2026.11.1"])
def test_a_malformed_number_is_refused(checkout, name):
    with pytest.raises(BuildError, match="not the name of an edition"):
        _freeze(checkout, name)


def test_an_uncommitted_file_is_named(checkout):
    (checkout / "book/page.md").write_text("# Changed\n")
    with pytest.raises(BuildError, match=r"book/page\.md: not committed"):
        _freeze(checkout)
    assert frozen_editions(checkout) == []


@pytest.mark.parametrize("how", ["altered", "missing", "added"])
def test_tampering_is_found_and_stops_a_build(checkout, how):
    folder = _freeze(checkout)
    state = folder / "state.json"
    if how == "altered":
        state.write_text(state.read_text().replace("I001", "I002"))
    elif how == "missing":
        state.unlink()
    else:
        (folder / "extra.txt").write_text("x")
    name = "extra.txt" if how == "added" else "state.json"
    expected = (
        f"editions/2026.11/{name}: {how} after the edition was published (git checkout editions/2026.11)"
    )
    assert edition_faults(checkout) == [expected]
    with pytest.raises(BuildError, match=how):
        build(checkout)


def test_the_original_has_no_audit_and_no_evidence(checkout):
    folder = _freeze(checkout, "2026.02", original=True)
    state = json.loads((folder / "state.json").read_text())
    assert {claim["audit"] for claim in state["claims"].values()} == {None}
    assert state["experiments"] == {} and state["sources"] == []
    assert not (folder / "evidence").exists()
    with zipfile.ZipFile(folder / "site.zip") as archive:
        text = archive.read("v/2026.02/claims.html").decode()
    assert "I001" in text and "confirmed" not in text


_RELEASE = """
import sys
from pathlib import Path
from ouroboros.publishing.release import release
release(Path(sys.argv[1]), "2026.11", title="a test", day="2026-11-23", say=lambda line: print(line, flush=True))
"""


def test_a_killed_release_leaves_nothing_and_the_next_one_succeeds(checkout):
    running = subprocess.Popen(
        [sys.executable, "-c", _RELEASE, str(checkout)], stdout=subprocess.PIPE, text=True
    )
    assert "building edition" in running.stdout.readline()
    time.sleep(1.0)
    running.kill()
    running.wait()
    assert frozen_editions(checkout) == []
    shutil.rmtree(checkout / "_build", ignore_errors=True)
    _freeze(checkout)
    assert edition_faults(checkout) == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from ouroboros.publishing import release as module
rename = os.rename
def kill_around(source, target, **options):
    ours = str(target).endswith("editions/2026.12")
    if not ours or sys.argv[2] == "after":
        rename(source, target, **options)
    if ours:
        os.kill(os.getpid(), signal.SIGKILL)
os.rename = kill_around
module.release(Path(sys.argv[1]), "2026.12", title="a test", day="2026-12-23")
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_the_final_move_leaves_the_earlier_edition_whole(checkout, when):
    earlier = _freeze(checkout)
    _commit(checkout)
    before = {p: p.read_bytes() for p in earlier.rglob("*") if p.is_file()}
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(checkout), when], capture_output=True, text=True
    )
    assert done.returncode == -9, done.stderr
    assert {p: p.read_bytes() for p in earlier.rglob("*") if p.is_file()} == before
    assert edition_faults(checkout) == []
    there = ["2026.11"] if when == "before" else ["2026.11", "2026.12"]
    assert [e.id for e in frozen_editions(checkout)] == there
    # What was left half-done is in nobody's way: the next release is made, or the number is seen to be used.
    if when == "before":
        assert (checkout / "editions/.2026.12.part").is_dir()
        _freeze(checkout, "2026.12")
        assert edition_faults(checkout) == []
        assert not (checkout / "editions/.2026.12.part").exists()
    else:
        with pytest.raises(BuildError, match=r"editions/2026\.12: (not committed|published already)"):
            _freeze(checkout, "2026.12")


def test_an_edition_carries_its_pdf_or_says_that_it_has_none(checkout, tmp_path, monkeypatch):
    said = []
    printed = _freeze(checkout, rehearsal=tmp_path / "printed", say=said.append)
    assert "release: printing the PDF" in said
    pdf = PdfReader(BytesIO(_member(printed, "print/ouroboros.pdf")))
    assert pdf.metadata.title.endswith("edition 2026.11") and len(pdf.pages) > 2
    assert b"ouroboros.pdf" in _member(printed, "print/index.html")

    monkeypatch.setattr("ouroboros.publishing.release.browser", lambda: None)
    plain = _freeze(checkout, rehearsal=tmp_path / "plain", say=said.append)
    assert said[-2] == (
        "release: no Chromium here, so edition 2026.11 gets its EPUB and single page, but no PDF"
    )
    with pytest.raises(KeyError):
        _member(plain, "print/ouroboros.pdf")
    assert b"frozen without a PDF" in _member(plain, "print/index.html")
    assert _member(plain, "print/ouroboros.epub") == _member(printed, "print/ouroboros.epub")


def _member(folder, place):
    with zipfile.ZipFile(folder / "site.zip") as archive:
        return archive.read(f"v/2026.11/{place}")


def test_two_releases_at_once_are_refused(checkout):
    running = subprocess.Popen(
        [sys.executable, "-c", _RELEASE, str(checkout)], stdout=subprocess.PIPE, text=True
    )
    assert "building edition" in running.stdout.readline()
    with pytest.raises(BuildError, match="another release is running"):
        _freeze(checkout, "2026.12")
    assert running.wait(timeout=120) == 0
    assert [e.id for e in frozen_editions(checkout)] == ["2026.11"]
