"""The command line as a user meets it: what it prints, where, and with which exit code."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ouroboros import cli

_SPEC = importlib.util.spec_from_file_location("lab_fixtures", Path(__file__).parent / "lab" / "conftest.py")
_LAB = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_LAB)
checkout = _LAB.checkout


@pytest.fixture
def ouroboros(checkout, capfd, monkeypatch):
    monkeypatch.delenv("OUROBOROS_ROOT", raising=False)
    monkeypatch.chdir(checkout.root)

    def call(*arguments):
        code = cli.main(list(arguments))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_the_way_from_run_to_sound(checkout, ouroboros):
    code, out, err = ouroboros("run", "toy.mean", "--tier", "publish", "--workers", "1")
    assert (code, err) == (0, "")
    assert "verdict K1: untested -> supported" in out
    assert "accept with: ouroboros accept toy.mean" in out

    code, out, _ = ouroboros("diff")
    assert code == 0
    assert "toy.mean (publish): first evidence" in out
    code, out, _ = ouroboros("diff", "--json")
    assert json.loads(out)[0]["experiment"] == "toy.mean"

    assert ouroboros("accept", "--all")[:2] == (0, "toy.mean: accepted (publish, 2 estimates)\n")
    assert ouroboros("check") == (
        0, "sound: 1 claims, 1 statements, 1 of 1 experiments with evidence\n", "",
    )  # fmt: skip
    assert ouroboros("status")[1].startswith("toy.mean  fresh; publish of ")
    assert ouroboros("diff")[1].startswith("no candidates wait")


def test_a_smoke_run_shows_its_outcome(ouroboros):
    code, out, err = ouroboros("run", "--all")
    assert (code, err) == (0, "")
    assert "check toy-check-bounded: passed" in out
    assert "criterion toy-mean-near-zero: met (+)" in out


def test_stale_evidence_fails_the_check_but_not_the_build(checkout, ouroboros):
    ouroboros("run", "toy.mean", "--tier", "publish", "--workers", "1")
    ouroboros("accept", "toy.mean")
    checkout.source("farthest", "HALF = 0.25\n")
    (checkout.root / "evidence" / "stray.csv").write_text("")
    code, out, err = ouroboros("check")
    assert (code, out) == (2, "")
    assert [line.split(":")[0] for line in err.splitlines()] == [
        "evidence/toy.mean.json",
        "evidence/stray.csv",
    ]
    (checkout.root / "evidence" / "stray.csv").unlink()
    assert ouroboros("check", "--stale-ok")[0] == 0
    assert "stale: code" in ouroboros("status")[1]


def test_an_invalid_run_fails(checkout, ouroboros):
    checkout.entry["checks"][0]["threshold"] = 0.001
    checkout.write()
    code, out, err = ouroboros("run", "toy.mean")
    assert code == 2
    assert "check toy-check-bounded: FAILED" in out
    assert err.startswith("toy.mean: invalid: failed toy-check-bounded")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "name experiments or give --all (there are: toy.mean)"),
        (("run", "toy.men"), "toy.men: no such experiment in ledger/experiments.yml (near: toy.mean)"),
        (("run", "--all", "--tier", "huge"), "--tier huge: no such tier (smoke, publish or deep)"),
        (("run", "toy.mean", "--tier", "deep"), "toy.mean: no tier 'deep' in ledger/experiments.yml"),
        (("run", "--all", "--workers", "0"), "ouroboros: Invalid value for '--workers'"),
        (("accept", "toy.mean"), "toy.mean: no candidate to accept"),
        (("diff", "toy.mean"), "toy.mean: no candidate to compare"),
        (("check", "--root", "nowhere"), "--root nowhere: no ledger/ there"),
        (("frobnicate",), "ouroboros: No such command 'frobnicate'."),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(ouroboros, arguments, message):
    code, out, err = ouroboros(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_all_faults_of_a_ledger_are_shown(checkout, ouroboros):
    checkout.entry["claims"] = ["I001", "I777"]
    checkout.entry["statements"] = ["K9"]
    checkout.write()
    code, _, err = ouroboros("check")
    assert code == 2
    assert "I777" in err
    assert "K9" in err
    assert all(line.startswith("ledger/experiments.yml:") for line in err.splitlines())


def test_outside_a_checkout(tmp_path_factory, ouroboros, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    code, _, err = ouroboros("status")
    assert code == 2
    assert "OUROBOROS_ROOT" in err


def test_an_interruption_says_that_it_resumes(ouroboros, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("ouroboros.lab.running"), "compute", interrupted)
    code, _, err = ouroboros("run", "--all")
    assert code == 130
    assert err == "ouroboros: interrupted; finished jobs are kept, the same command resumes\n"
    monkeypatch.setattr("ouroboros.lab.health.evidence_faults", interrupted)
    code, _, err = ouroboros("check")
    assert (code, err.strip()) == (130, "ouroboros: interrupted")


def test_an_unexpected_error_keeps_its_traceback(ouroboros, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("ouroboros.lab.jobs.prepare_libraries", broken)
    with pytest.raises(ZeroDivisionError):
        ouroboros("run", "--all")


def test_the_installed_command_answers():
    done = subprocess.run(
        [sys.executable, "-m", "ouroboros.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert {"run", "diff", "accept", "check", "status"} <= set(done.stdout.split())


def test_a_certificate_says_what_it_had_no_time_for(checkout, ouroboros):
    ouroboros("run", "toy.mean", "--tier", "publish", "--workers", "1")
    ouroboros("accept", "toy.mean")
    code, out, err = ouroboros("certify", "--budget", "60", "--workers", "1", "--record")
    assert (code, err) == (0, "")
    assert out.startswith(
        "toy.mean: 6 of 6 jobs run again, the same to the bit\ncertified: 6 jobs of 1 of 1 experiments in "
    )
    assert (checkout.root / "evidence/certificate.json").is_file()
    code, out, _ = ouroboros("certify", "--budget", "0")
    assert out.startswith(
        "toy.mean: not reached: its shortest job takes about 0 s, longer than what was left\n"
    )
