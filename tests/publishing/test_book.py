"""Whole builds of a small book: what passes, what stops, and what is left when it stops."""

import filecmp
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from ouroboros import cli
from ouroboros.publishing import book
from ouroboros.publishing.book import BuildError, build


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def differences(one, other):
    """Files of two folders that differ or that only one of them has."""
    compared = filecmp.dircmp(one, other)
    found = compared.left_only + compared.right_only
    _, mismatch, errors = filecmp.cmpfiles(one, other, compared.common_files, shallow=False)
    found += mismatch + errors
    for name in compared.subdirs:
        found += differences(one / name, other / name)
    return found


def test_a_build_holds_what_it_should(first_build):
    assert first_build.pages >= 3
    assert (first_build.notebooks_run, first_build.notebooks_cached) == (1, 0)
    page = (first_build.site / "book/page.html").read_text("utf-8")
    assert 'id="claim-I001"' in page
    assert 'id="cite-vendor2024"' in page
    assert "<math" in page
    assert not re.search(r"fontawesome|unpkg|jsdelivr", page)
    assert "2" in (first_build.site / "notebooks/small.html").read_text("utf-8")


@pytest.mark.usefixtures("sphinx_may_not_run_notebooks")
def test_then_nothing_then_only_what_changed(built_book):
    assert build(built_book).unchanged
    edit(built_book / "book/page.md", "# Page", "# Page with another title")
    again = build(built_book)
    assert not again.unchanged
    assert (again.notebooks_run, again.notebooks_cached) == (0, 1)
    assert "Page with another title" in (again.site / "index.html").read_text("utf-8")


@pytest.mark.usefixtures("sphinx_may_not_run_notebooks")
def test_sphinx_would_run_a_notebook_that_nobody_ran_before(built_book):
    shutil.rmtree(built_book / "_build" / "notebook-cache")
    with pytest.raises((BuildError, AssertionError), match="Sphinx runs a notebook"):
        book._run_sphinx(built_book, fresh=True)


def test_two_clean_clones_give_the_same_bytes(clone_book, first_build, tmp_path):
    clone = clone_book(tmp_path / "elsewhere" / "under-a-longer-name")
    site = build(clone).site
    assert differences(first_build.site, site) == []
    assert "A line rises." in (text := (site / "notebooks/small.html").read_text("utf-8"))
    assert "<svg" in text.split("A line rises.")[0].split("A notebook")[-1], "the figure of the notebook"
    for kind in ("searchindex.js", "data/*.json", "feed.xml", "objects.inv"):
        assert list(site.glob(kind)), f"a comparison without {kind} is worth less than it says"
    places = [str(path).encode() for path in (clone, first_build.site.parents[1], tmp_path)]
    leaks = [p for p in site.rglob("*") if p.is_file() and any(place in p.read_bytes() for place in places)]
    assert leaks == []


def test_faults_stop_a_build_with_their_place_and_leave_the_last_site(built_book):
    before = (built_book / "_build/html/index.html").read_bytes()
    edit(built_book / "book/page.md", "{claim}`I001`", "{claim}`I002`")
    edit(built_book / "notebooks/small.md", "# A notebook", "# A notebook\n\nSee {claym}`I001`.")
    for _ in range(2):  # Sphinx forgets warnings of pages it has read: the second run must fail as well
        with pytest.raises(BuildError) as caught:
            build(built_book)
        assert sorted(str(caught.value).splitlines()) == [
            "book/page.md:3: unknown claim 'I002' (did you mean 'I001'?)",
            'notebooks/small.md:12: Unknown interpreted text role "claym" '
            "(did you mean 'claim'?) [myst.role_unknown]",
        ]
    assert (built_book / "_build/html/index.html").read_bytes() == before
    edit(built_book / "book/page.md", "I002", "I001")
    edit(built_book / "notebooks/small.md", "claym", "claim")
    assert build(built_book).pages >= 3


def test_a_fault_of_the_ledger_stops_before_anything_is_done(built_book):
    edit(built_book / "ledger/claims.yml", "vendor2024", "vendor24")
    with pytest.raises(BuildError, match=r"ledger/claims\.yml:9: I001: unknown citation key 'vendor24'"):
        build(built_book)
    assert (built_book / "_build/html/index.html").is_file()


def ouroboros_build(where):
    """Start a build in a process of its own that says on a pipe what it does."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "ouroboros.cli", "build", "--root", str(where)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": "0", "CI": ""},
    )


@pytest.mark.parametrize("stage", ["notebook: ", "pages: "])
def test_a_build_killed_in_the_middle_is_finished_by_the_same_command(first_build, built_book, stage):
    shutil.rmtree(built_book / "_build")
    killed = ouroboros_build(built_book)
    for line in killed.stdout:
        if line.startswith(stage):
            break
    # In the stage that follows the line: after the notebooks have run, and in the middle of the pages.
    threading.Event().wait(0.3)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert differences(first_build.site, build(built_book).site) == []


def test_a_build_killed_between_the_two_moves_has_its_last_site(built_book):
    site = built_book / "_build/html"
    site.rename(site.with_name("html.old"))
    (built_book / "_build/stamp.json").unlink()
    edit(built_book / "ledger/claims.yml", "vendor2024", "vendor24")
    with pytest.raises(BuildError):
        build(built_book)
    assert (site / "index.html").is_file()


def test_an_interrupted_build_does_not_wait_for_its_kernels(built_book):
    edit(built_book / "notebooks/small.md", "1 + 1", "import time\nprint('up')\ntime.sleep(600)")
    stopped = ouroboros_build(built_book)
    cache = built_book / "_build/notebook-cache"
    deadline = threading.Event()
    while not any(cache.glob("*.db")) and not deadline.wait(0.1):
        assert stopped.poll() is None
    deadline.wait(3)
    stopped.terminate()
    _, err = stopped.communicate(timeout=60)
    assert (stopped.returncode, err) == (130, "ouroboros: interrupted\n")


def test_two_builds_at_once(first_build, built_book):
    shutil.rmtree(built_book / "_build")
    both = [ouroboros_build(built_book) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    text = "".join(out for out, _ in said)
    assert "another build of this checkout is running: waiting for it" in text
    assert text.count("nothing changed since the last build") == 1
    assert differences(first_build.site, built_book / "_build/html") == []


@pytest.mark.parametrize("size", [3_000, 30_000], ids=["cache of notebooks", "pages"])
def test_a_full_disk_is_one_line_and_leaves_the_last_site(first_build, built_book, size):
    """No file may grow beyond a size: what a full disk does, without filling one."""
    for made in (built_book / "_build").iterdir():
        if made.is_dir() and made.name != "html":
            shutil.rmtree(made)
    edit(built_book / "book/page.md", "# Page", "# Another page")
    limited = subprocess.run(
        [sys.executable, "-m", "ouroboros.cli", "build", "--root", str(built_book)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
    )
    assert limited.returncode == 2
    assert re.fullmatch(
        r"_build: (File too large|disk I/O error) \(the last site was not touched; [^\n]*\)\n", limited.stderr
    )
    assert differences(first_build.site, built_book / "_build/html") == []
    assert "Another page" in (build(built_book).site / "book/page.html").read_text()


def test_a_folder_that_takes_no_files_is_one_line(built_book, capfd):
    # Permissions do not bind root, so the folder is made one that cannot hold files at all.
    shutil.rmtree(built_book / "_build")
    (built_book / "_build").symlink_to("/proc/self/fdinfo")
    assert cli.main(["build", "--root", str(built_book)]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1 and "_build" in said
