"""Workflow files are valid, run only commands that exist, and ask for no more rights than they use."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from ouroboros.cli import app

FOLDER = Path(__file__).parents[1] / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))


def steps(path):
    """All steps of a workflow."""
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [])]


def test_they_satisfy_the_published_schema():
    assert FILES
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *FILES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_faulty_file_would_be_refused(tmp_path):
    faulty = tmp_path / "faulty.yml"
    faulty.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    stepz: []\n")
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        faulty,
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rights_are_named_and_jobs_end(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow.get("permissions"), "say which rights the token has"
    assert all(job.get("timeout-minutes") for job in workflow["jobs"].values())
    assert not re.search(r"https?://", path.read_text("utf-8")), "no addresses of hosts"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_shell_understands_every_script(path):
    for step in steps(path):
        if "run" in step:
            script = re.sub(r"\$\{\{.*?\}\}", "x", step["run"])
            done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_commands_it_runs_exist(path):
    known = get_command(app)
    for step in steps(path):
        for words in re.findall(r"\bouroboros ((?:[a-z]+ ?)+)", step.get("run", "")):
            first, *rest = words.split()
            assert first in known.commands
            if rest and hasattr(known.commands[first], "commands"):
                assert rest[0] in known.commands[first].commands


def test_the_monthly_check_sees_the_whole_history_and_opens_an_issue():
    path = FOLDER / "forecasts.yml"
    workflow = yaml.safe_load(path.read_text("utf-8"))
    [schedule] = workflow[True]["schedule"]  # YAML 1.1 reads the key 'on' as true
    minute, hour, day, month, weekday = schedule["cron"].split()
    assert minute.isdigit() and hour.isdigit() and day.isdigit() and (month, weekday) == ("*", "*")
    checkout = next(step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout["with"]["fetch-depth"] == 0
    script = "\n".join(step.get("run", "") for step in steps(path))
    assert workflow["permissions"]["issues"] == "write" and "gh issue create" in script


def test_the_issue_is_opened_once_renewed_then_and_not_opened_for_nothing(tmp_path):
    """The script of the last step, run against a stand-in for `gh` that writes down how it was called."""
    script = steps(FOLDER / "forecasts.yml")[-1]["run"]
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/bash\necho "$*" >> calls\n[ "$2" != list ] || cat number\n')
    gh.chmod(0o755)

    def calls(reminder, number):
        (tmp_path / "calls").write_text("")
        (tmp_path / "number").write_text(number)
        (tmp_path / "reminder.md").write_text(reminder)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
        return [line.split()[:3] for line in (tmp_path / "calls").read_text().splitlines()]

    assert calls("", "") == []
    assert calls("- [ ] due\n", "")[1:] == [["issue", "create", "--title"]]
    assert calls("- [ ] due\n", "12\n")[1:] == [["issue", "edit", "12"]]
