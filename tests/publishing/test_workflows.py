"""Workflow files: valid by the published schema, no more rights than needed, commands that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_build_publication_and_refresh_are_there():
    assert {"build.yml", "publish.yml", "refresh.yml", "forecasts.yml"} <= {f.name for f in FILES}


def test_all_satisfy_the_schema_of_workflows():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, FILES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_rights_are_named_and_jobs_end(file):
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert "permissions" in workflow and "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 360
        for step in job["steps"]:
            assert "uses" not in step or re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
            # What a stranger can write (a title, a branch) never becomes part of a command.
            assert "${{" not in step.get("run", "")


def test_commands_are_those_of_the_project():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    cli = (ROOT / "src/ouroboros/cli.py").read_text() + (ROOT / "src/ouroboros/cli_forecast.py").read_text()
    for file in FILES:
        text = file.read_text("utf-8")
        assert {t for t in re.findall(r"run: make ([a-z]+)$", text, re.MULTILINE)} <= targets, file.name
        for command in re.findall(r"\.venv/bin/ouroboros (\w+)", text):
            assert f'"{command}"' in cli, (file.name, command)


def test_publication_follows_a_tag_and_refresh_the_calendar():
    trigger = {f.name: yaml.safe_load(f.read_text())[True] for f in FILES}  # YAML reads "on" as true
    assert trigger["publish.yml"]["push"]["tags"] == ["v[0-9][0-9][0-9][0-9].[0-9][0-9]"]
    assert trigger["refresh.yml"]["schedule"]
