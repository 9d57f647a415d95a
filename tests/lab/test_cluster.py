"""Jobs on a Dask cluster: the same bytes as on this machine, and one clear line for whatever can go wrong."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ouroboros import cli
from ouroboros.lab import accept, load_accepted, load_candidate, run
from ouroboros.lab.cluster import Fingerprint, fingerprint, local_cluster, remote_cluster
from ouroboros.lab.errors import LabError
from ouroboros.lab.jobs import JobStore
from ouroboros.lab.paths import all_jobs_directory
from ouroboros.lab.recertification import recertify


@pytest.fixture(scope="module")
def cluster():
    """Two workers on this machine, which a killed one is replaced in."""
    with local_cluster(2) as started:
        yield started


def publish(checkout, **options):
    result = run(checkout.ledger, checkout.id, root=checkout.root, tier="publish", **options)
    return result.evidence.to_json(), result.table_text


def finished_jobs(checkout):
    return list(all_jobs_directory(checkout.root, checkout.id).rglob("*.csv"))


def forget_jobs(checkout):
    for path in finished_jobs(checkout):
        path.unlink()


def scheduler_with_a_worker(root):
    """A scheduler and one worker, each a process of its own, and the address to reach them at."""
    place = root / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": str(root / "src")}

    def start(command, *options):
        arguments = [sys.executable, "-m", f"distributed.cli.dask_{command}", "--no-dashboard", *options]
        return subprocess.Popen(
            arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=root
        )

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(place))
    end = time.monotonic() + 180
    while not place.is_file():
        assert scheduler.poll() is None and time.monotonic() < end, "the scheduler does not start"
        time.sleep(0.05)
    worker = start("worker", "--scheduler-file", str(place), "--nthreads", "1", "--no-nanny")
    return (scheduler, worker), json.loads(place.read_text())["address"]


def test_a_cluster_gives_the_bytes_of_joblib(checkout, cluster):
    expected = publish(checkout, workers=2)
    forget_jobs(checkout)
    assert publish(checkout, cluster=cluster) == expected
    record = load_candidate(checkout.root, checkout.id).run
    assert record["jobs"] == {"total": 6, "resumed": 0}
    assert (record["workers"], record["cluster"]) == (2, True)
    assert record["processor"] is not None, "all workers are of one kind"


def test_a_worker_killed_in_the_middle_changes_nothing(checkout, cluster, monkeypatch):
    checkout.set_parameters("publish", mode="slow")
    expected = publish(checkout, workers=2)
    forget_jobs(checkout)
    killed = []
    put = JobStore.put

    def put_and_kill(store, outcome):
        put(store, outcome)
        if not killed:
            workers = cluster.client.run(os.getpid)
            killed.append(next(iter(workers.values())))
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(JobStore, "put", put_and_kill)
    assert publish(checkout, cluster=cluster) == expected
    assert killed and not psutil.pid_exists(killed[0])
    assert load_candidate(checkout.root, checkout.id).run["jobs"]["resumed"] == 0


def test_a_job_that_kills_every_worker_is_named(checkout, cluster):
    publish_parameters = {"mode": "die", "n": [20], "repeats": 1}
    checkout.set_parameters("publish", **publish_parameters)
    with pytest.raises(
        LabError, match=r"^toy\.mean: job n20-r0: every worker that took it died, .* are kept\)$"
    ):
        publish(checkout, cluster=cluster)
    assert load_candidate(checkout.root, checkout.id) is None


def test_a_raising_job_is_named_and_finished_ones_are_kept(checkout, cluster):
    checkout.set_parameters("publish", mode="raise")
    with pytest.raises(LabError, match=r"^toy\.mean: job n20-r\d: ValueError: the dice fell off the table"):
        publish(checkout, cluster=cluster)
    assert all(
        p.name.startswith("n10-") for p in all_jobs_directory(checkout.root, checkout.id).rglob("*.csv")
    )


def test_a_worker_with_other_code_is_refused(checkout, cluster):
    publish(checkout, cluster=cluster)
    # The workers have loaded the code as it was; what they would compute now is not what the digest says.
    checkout.source("farthest", "HALF = 0.25\n")
    checkout.forget()
    with pytest.raises(
        LabError, match=r"worker on \S+ runs other code: module \S+\.farthest differs \(bring"
    ):
        publish(checkout, cluster=cluster)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (Fingerprint({"a": "1"}, {"numpy": "2"}), ""),
        (Fingerprint({"a": "2"}, {"numpy": "2"}), "runs other code: module a differs"),
        (Fingerprint({}, {"numpy": "2"}), "runs other code: module a differs"),
        (Fingerprint({"a": "1"}, {"numpy": "1"}), "has numpy 1 instead of 2"),
        (Fingerprint({"a": "1"}, {}), "has numpy none instead of 2"),
    ],
)
def test_differences_between_workers_are_named(there, said):
    found = Fingerprint({"a": "1"}, {"numpy": "2"}).difference(there)
    assert found.startswith(said) and bool(found) == bool(said)


def test_machines_that_differ_are_not_one_machine(cluster):
    kinds = [{"processor": "A", "system": "Linux"}, {"processor": "B", "system": "Linux"}]
    mixed = type(cluster)(cluster.client, "x", kinds)
    assert mixed.machine() == {"processor": None, "system": "Linux"}


def test_a_fingerprint_holds_code_and_versions(checkout):
    found = fingerprint(f"{checkout.package}.mean")
    assert f"{checkout.package}.farthest" in found.modules
    assert {"Python", "numpy", "pandas"} <= found.libraries.keys()


def test_recertifying_on_a_cluster(checkout, cluster):
    publish(checkout, workers=1)
    accept(checkout.root, checkout.ledger, checkout.id)
    checkout.source("near", checkout.source("near").replace("FACTOR * values", "values * FACTOR"))
    checkout.forget()
    done = recertify(checkout.root, checkout.ledger, checkout.id, cluster=cluster)
    assert (done.jobs, done.renewed) == (3, True)
    assert load_accepted(checkout.root, checkout.id).evidence.recertified.result == "identical"


def test_the_command_line_reaches_a_running_scheduler(checkout, cluster, capfd):
    expected = publish(checkout)
    forget_jobs(checkout)
    address = cluster.client.scheduler.address
    arguments = ["run", "toy.mean", "--tier", "publish", "--scheduler", address, "--root", str(checkout.root)]
    assert cli.main(arguments) == 0
    assert capfd.readouterr().err == ""
    found = load_candidate(checkout.root, checkout.id)
    assert (found.evidence.to_json(), found.table_text) == expected
    assert found.run["cluster"] is True
    assert cluster.workers >= 1, "a cluster that we did not start goes on"


def test_the_command_line_starts_workers_of_its_own(checkout):
    expected = publish(checkout)
    forget_jobs(checkout)
    command = [
        sys.executable,
        "-m",
        "ouroboros.cli",
        "run",
        "toy.mean",
        "--tier",
        "publish",
        "--cluster",
        "1",
    ]
    environment = os.environ | {"PYTHONPATH": str(checkout.root / "src")}
    done = subprocess.run(
        command, cwd=checkout.root, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = load_candidate(checkout.root, checkout.id)
    assert (found.evidence.to_json(), found.table_text) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--scheduler", "tcp://127.0.0.1:9"), "--scheduler tcp://127.0.0.1:9: no scheduler answers there"),
        (
            ("--scheduler", "what://host:1"),
            "--scheduler what://host:1: not an address (such as tcp://host:8786)",
        ),
        (
            ("--scheduler", "tcp://a:1", "--cluster", "2"),
            "--scheduler and --cluster: give one of them, not both",
        ),
    ],
)
def test_a_wrong_address_is_one_line(checkout, capfd, monkeypatch, options, message):
    monkeypatch.setattr("ouroboros.lab.cluster._ANSWER_SECONDS", 1)
    assert cli.main(["run", "toy.mean", *options, "--root", str(checkout.root)]) == 2
    said = capfd.readouterr().err
    assert said.startswith(message)
    assert said.count("\n") == 1


def test_a_cluster_without_workers_is_one_line(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("ouroboros.lab.cluster._JOIN_SECONDS", 0.5)
    with LocalCluster(n_workers=0, processes=False, dashboard_address="127.0.0.1:0") as empty:
        message = r"no worker has joined it \(dask worker \S+ --nthreads 1\)$"
        with pytest.raises(LabError, match=message), remote_cluster(empty.scheduler_address):
            pass


@pytest.mark.parametrize("opened", [lambda: local_cluster(2), lambda: remote_cluster("tcp://a:1")])
def test_without_the_extra_the_remedy_is_named(monkeypatch, opened):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(LabError, match=r"^--\w+ \S+: dask\.distributed is not installed \(make cluster\)$"),
        opened(),
    ):
        pass


def test_a_lost_scheduler_is_one_line_and_the_same_command_resumes(checkout):
    checkout.set_parameters("publish", mode="slow")
    expected = publish(checkout)
    forget_jobs(checkout)
    (scheduler, worker), address = scheduler_with_a_worker(checkout.root)
    arguments = ["run", "toy.mean", "--tier", "publish"]
    try:
        running = subprocess.Popen(
            [sys.executable, "-m", "ouroboros.cli", *arguments, "--scheduler", address],
            cwd=checkout.root,
            env=os.environ | {"PYTHONPATH": str(checkout.root / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 180
        while not finished_jobs(checkout):
            assert running.poll() is None and time.monotonic() < end, "no job finishes"
            time.sleep(0.02)
        scheduler.kill()
        out, err = running.communicate(timeout=180)
    finally:
        for process in (running, worker, scheduler):
            process.kill()
            process.wait()
    assert (running.returncode, out) == (2, "")
    assert err == (
        f"toy.mean: --scheduler {address}: the scheduler was lost (finished jobs are kept; start it, "
        "then the same command resumes)\n"
    )
    kept = len(finished_jobs(checkout))
    assert 1 <= kept < 6
    assert cli.main([*arguments, "--workers", "1", "--root", str(checkout.root)]) == 0
    found = load_candidate(checkout.root, checkout.id)
    assert found.run["jobs"]["resumed"] == kept
    assert (found.evidence.to_json(), found.table_text) == expected
