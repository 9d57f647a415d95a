"""Runs that are killed, starved or run beside each other: the same command afterwards gives the same bytes."""

import os
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ouroboros import cli
from ouroboros.lab import accept, load_accepted, load_candidate, run
from ouroboros.lab.errors import LabError
from ouroboros.lab.jobs import _end_with
from ouroboros.lab.locks import evidence_lock
from ouroboros.lab.paths import evidence_lock_file
from ouroboros.lab.recertification import recertify

KILLED = -signal.SIGKILL


class Forked:
    """The command line in a process of its own, forked so that nothing has to be imported again."""

    def __init__(self, checkout, *arguments, before=lambda: None):
        self.said = [checkout.root / f"said-{secrets.token_hex(4)}-{name}" for name in ("out", "err")]
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                os.chdir(checkout.root)
                sys.stdout, sys.stderr = (path.open("w") for path in self.said)
                before()
                code = cli.main(list(arguments))
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)

    def send(self, number):
        os.kill(self.pid, number)

    def wait(self):
        """Exit code and what was said on standard output and standard error."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return code, *(path.read_text() for path in self.said)


class Started:
    """The same from scratch, for commands with workers: a pool does not survive a fork."""

    def __init__(self, checkout, *arguments):
        path = os.pathsep.join([str(checkout.root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ouroboros.cli", *arguments],
            cwd=checkout.root,
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.send = self.process.send_signal
        self.pid = self.process.pid

    def wait(self):
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err


def start(checkout, *arguments):
    return (Forked if "1" in arguments else Started)(checkout, *arguments)


def until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def finished_jobs(checkout):
    return sorted(path.name for path in (checkout.root / ".ouroboros" / "jobs").rglob("*.csv"))


def candidate(checkout):
    result = load_candidate(checkout.root, checkout.id)
    return None if result is None else (result.evidence.to_json(), result.table_text)


def all_gone(processes):
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def undisturbed(checkout):
    """Candidate of a run that nothing happened to; leaves no trace of it."""
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    expected = candidate(checkout)
    shutil.rmtree(checkout.root / ".ouroboros")
    return expected


def dies_at(step, action):
    """Run an action in a child that kills itself before its step-th rename or removal; its exit status."""
    child = os.fork()
    if child == 0:
        steps = iter(range(1000))

        def deadly(function):
            def call(*arguments, **options):
                if next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **options)

            return call

        try:
            os.replace, os.unlink = deadly(os.replace), deadly(os.unlink)
            action()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_killed_in_the_middle_resumes_to_the_same_bytes(checkout, workers):
    checkout.set_parameters("publish", mode="slow")
    expected = undisturbed(checkout)
    arguments = ("run", "toy.mean", "--tier", "publish", "--workers", workers)
    killed = start(checkout, *arguments)
    until(lambda: len(finished_jobs(checkout)) >= 2)
    workers_of_it = psutil.Process(killed.pid).children(recursive=True)
    killed.send(signal.SIGKILL)
    assert killed.wait()[0] == KILLED
    done = len(finished_jobs(checkout))
    assert 2 <= done < 6
    assert candidate(checkout) is None
    until(lambda: all_gone(workers_of_it), seconds=30)
    assert start(checkout, *arguments).wait()[0] == 0
    assert load_candidate(checkout.root, checkout.id).run["jobs"]["resumed"] >= done
    assert candidate(checkout) == expected


def test_a_worker_ends_with_its_parent_even_in_the_middle_of_a_job():
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            _end_with(os.getppid())
            os.write(write, os.getpid().to_bytes(4, "big"))
        time.sleep(100)  # a long job
        os._exit(0)
    worker = psutil.Process(int.from_bytes(os.read(read, 4), "big"))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: all_gone([worker]), seconds=30)


def test_a_polite_signal_is_like_control_c(checkout):
    checkout.set_parameters("publish", mode="slow")
    stopped = start(checkout, "run", "toy.mean", "--tier", "publish", "--workers", "2")
    until(lambda: finished_jobs(checkout))
    workers_of_it = psutil.Process(stopped.pid).children(recursive=True)
    stopped.send(signal.SIGTERM)
    assert stopped.wait() == (
        130,
        "",
        "ouroboros: interrupted; finished jobs are kept, the same command resumes\n",
    )
    until(lambda: all_gone(workers_of_it), seconds=30)
    assert finished_jobs(checkout)


def test_accepting_killed_at_any_step_is_finished_by_the_same_command(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    old = load_accepted(checkout.root, checkout.id)
    # A reworded criterion: the same table judged anew, which takes the most steps.
    checkout.entry["criteria"][0]["statement"] = "The mean is close to zero."
    checkout.write()
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    shutil.copytree(checkout.root, checkout.root / "before", ignore=shutil.ignore_patterns("before"))
    ledger = checkout.ledger
    accept(checkout.root, ledger, checkout.id)
    expected = load_accepted(checkout.root, checkout.id)
    assert expected.evidence.judged_anew
    step, status = 0, KILLED
    while status == KILLED:
        for part in ("evidence", ".ouroboros"):
            shutil.rmtree(checkout.root / part)
            shutil.copytree(checkout.root / "before" / part, checkout.root / part)
        status = dies_at(step, lambda: accept(checkout.root, ledger, checkout.id))
        if load_candidate(checkout.root, checkout.id) is not None:
            accept(checkout.root, ledger, checkout.id)
        assert load_accepted(checkout.root, checkout.id) == expected
        assert not list((checkout.root / "evidence").glob(".*"))
        step += 1
    assert status == 0
    assert step > 8, "a journal, three moves, its removal, those of the candidate and of nothing else"
    assert expected.evidence.estimates == old.evidence.estimates


def test_recertifying_killed_at_any_step_is_finished_by_the_same_command(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    checkout.source("near", checkout.source("near").replace("FACTOR * values", "values * FACTOR"))
    checkout.forget()
    ledger = checkout.ledger
    shutil.copytree(checkout.root / "evidence", checkout.root / "before")

    def act():
        recertify(checkout.root, ledger, checkout.id)

    act()
    expected = load_accepted(checkout.root, checkout.id)
    assert expected.evidence.recertified
    step, status = 0, KILLED
    while status == KILLED:
        shutil.rmtree(checkout.root / "evidence")
        shutil.copytree(checkout.root / "before", checkout.root / "evidence")
        shutil.rmtree(checkout.root / ".ouroboros")
        status = dies_at(step, act)
        act()
        assert load_accepted(checkout.root, checkout.id) == expected
        step += 1
    assert status == 0
    assert step > 4


def test_two_runs_of_one_experiment_at_once(checkout):
    checkout.set_parameters("publish", mode="slow")
    expected = undisturbed(checkout)
    both = [Forked(checkout, "run", "toy.mean", "--tier", "publish", "--workers", "1") for _ in range(2)]
    for process in both:
        code, _, err = process.wait()
        assert (code, err) == (0, "")
    assert candidate(checkout) == expected


def test_two_acceptances_at_once(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    expected = candidate(checkout)
    both = [Forked(checkout, "accept", "toy.mean") for _ in range(2)]
    assert sorted(process.wait() for process in both) == [
        (0, "toy.mean: accepted (publish, 2 estimates)\n", ""),
        (2, "", "toy.mean: no candidate to accept (ouroboros run toy.mean --tier publish)\n"),
    ]
    result = load_accepted(checkout.root, checkout.id)
    assert (result.evidence.to_json(), result.table_text) == expected


def test_who_waits_for_a_lock_in_vain_is_told(checkout, monkeypatch):
    monkeypatch.setattr("ouroboros.lab.locks._PATIENCE", 0.1)
    read, write = os.pipe()
    holder = os.fork()
    if holder == 0:
        with evidence_lock(checkout.root):
            os.write(write, b"x")
            time.sleep(30)
        os._exit(0)
    os.read(read, 1)
    with pytest.raises(LabError, match=r"evidence\.lock: another process writes evidence \(wait until"):
        accept(checkout.root, checkout.ledger, checkout.id)
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    with pytest.raises(LabError, match="no candidate"):
        accept(checkout.root, checkout.ledger, checkout.id)
    assert evidence_lock_file(checkout.root).is_file()


def test_a_dying_worker_is_one_line_and_finished_jobs_are_kept(checkout):
    checkout.set_parameters("publish", mode="die")
    code, out, err = start(checkout, "run", "toy.mean", "--tier", "publish", "--workers", "2").wait()
    assert (code, out) == (2, "")
    assert err.startswith("toy.mean: a worker process died, most often for want of memory")
    assert err.count("\n") == 1
    assert all(name.startswith("n10-") for name in finished_jobs(checkout))
    assert finished_jobs(checkout)


def limited_to(size):
    """Let no file grow beyond a size: what a full disk does, without filling one."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_in_a_run_loses_no_finished_job(checkout):
    expected = undisturbed(checkout)
    arguments = ("run", "toy.mean", "--tier", "publish", "--workers", "1")
    code, out, err = Forked(checkout, *arguments, before=limited_to(400)).wait()
    assert (code, out) == (2, "")
    assert err.endswith("File too large (nothing was changed there)\n")
    assert err.count("\n") == 1
    assert finished_jobs(checkout) == ["n10-r0.csv", "n10-r1.csv", "n10-r2.csv"]
    assert not list(checkout.root.rglob("*.part"))
    assert cli.main([*arguments, "--root", str(checkout.root)]) == 0
    assert candidate(checkout) == expected


def test_a_full_disk_in_an_acceptance_leaves_the_old_evidence(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    old = load_accepted(checkout.root, checkout.id)
    checkout.entry["seed"] = 8
    checkout.write()
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    code, _, err = Forked(checkout, "accept", "toy.mean", before=limited_to(1000)).wait()
    assert code == 2
    assert err.endswith("evidence: File too large (nothing was changed there)\n")
    assert load_accepted(checkout.root, checkout.id) == old
    assert accept(checkout.root, checkout.ledger, checkout.id).seed == 8


def test_a_read_only_checkout_is_one_line(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    (checkout.root / "evidence").mkdir()
    (checkout.root / "evidence").chmod(0o555)
    try:
        # Permissions do not bind root: there the directory is made one that cannot hold files at all.
        if os.geteuid() == 0:
            (checkout.root / "evidence").rmdir()
            (checkout.root / "evidence").symlink_to("/proc/self/fdinfo")
        with pytest.raises(LabError, match=r"\(nothing was changed there\)$") as caught:
            accept(checkout.root, checkout.ledger, checkout.id)
        assert "\n" not in str(caught.value)
    finally:
        if not (checkout.root / "evidence").is_symlink():
            (checkout.root / "evidence").chmod(0o755)
    assert load_candidate(checkout.root, checkout.id) is not None
