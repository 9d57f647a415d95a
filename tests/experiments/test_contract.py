"""What every experiment owes the rest of the book; a new ledger entry is tested by being there."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ouroboros.lab.jobs import run_job
from ouroboros.lab.running import analyse, build_evidence, execute, join_tables, list_jobs
from ouroboros.lab.store import load_accepted, read_table
from ouroboros.ledger import load_ledger

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = load_ledger(ROOT).experiments
DIRECTIVES = ["head", "criteria", "method", "results", "limits", "verdicts", "rerun", "cite"]
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
every_experiment = pytest.mark.parametrize("name", EXPERIMENTS)


@pytest.fixture(scope="module")
def smoke():
    """Outcomes of the smoke jobs of an experiment with the seed of the ledger, run once."""
    done = {}

    def run(name):
        if name not in done:
            experiment = EXPERIMENTS[name]
            jobs = list_jobs(experiment, experiment.parameters("smoke"))
            done[name] = [run_job(experiment.module, job.id, job.parameters, experiment.seed) for job in jobs]
        return done[name]

    return run


@every_experiment
def test_jobs_survive_a_round_trip_through_json(name):
    experiment = EXPERIMENTS[name]
    for tier in ("smoke", "publish"):
        parameters = experiment.parameters(tier)
        jobs = list_jobs(experiment, parameters)
        assert list_jobs(experiment, json.loads(json.dumps(parameters))) == jobs
        assert all(json.loads(json.dumps(job.parameters)) == job.parameters for job in jobs)


@every_experiment
def test_the_smoke_run_passes_its_checks_with_the_seed_of_the_ledger(name, smoke):
    experiment, outcomes = EXPERIMENTS[name], smoke(name)
    assert [outcome.fault for outcome in outcomes if outcome.fault] == []
    parameters = experiment.parameters("smoke")
    text = join_tables(outcomes)
    table = read_table(text)
    estimates = analyse(experiment, table, parameters)
    evidence = build_evidence(experiment, "smoke", parameters, "", text, len(table), estimates)
    assert [check.id for check in evidence.checks if not check.passed] == []
    # The order in which jobs finish must not matter.
    by_job = [rows for _, rows in table.groupby("job", sort=False)]
    turned = pd.concat(by_job[::-1], ignore_index=True)
    again = {e.name: e for e in analyse(experiment, turned, parameters)}
    assert again == {e.name: e for e in estimates}


@every_experiment
def test_same_seed_same_bytes_in_any_order_and_in_any_process(name, smoke):
    experiment = EXPERIMENTS[name]
    jobs = {job.id: job for job in list_jobs(experiment, experiment.parameters("smoke"))}
    quickest = sorted(smoke(name), key=lambda outcome: outcome.seconds)[:2]
    expected = {outcome.id: outcome.text for outcome in quickest}
    turned = [jobs[outcome.id] for outcome in sorted(quickest, key=lambda o: list(jobs).index(o.id))[::-1]]
    here = [run_job(experiment.module, job.id, job.parameters, experiment.seed) for job in turned]
    assert {outcome.id: outcome.text for outcome in here} == expected
    elsewhere = list(execute(experiment, turned, workers=2))
    assert [outcome.fault for outcome in elsewhere if outcome.fault] == []
    assert {outcome.id: outcome.text for outcome in elsewhere} == expected


@every_experiment
def test_its_page_has_the_anatomy_of_a_page_of_evidence(name):
    experiment = EXPERIMENTS[name]
    page = (ROOT / experiment.notebook).read_text("utf-8")
    found = re.findall(rf"^```\{{evidence-(\w+)\}} {re.escape(name)}$", page, re.MULTILINE)
    assert found == DIRECTIVES
    for cell in CELL.findall(page):
        code = re.sub(r"\A(---\n.*?\n---\n|(:[^\n]*\n)+)", "", cell, flags=re.DOTALL).splitlines()
        assert len(code) <= 25 and max(map(len, code)) <= 88, "a code cell is too long or too wide"
    assert experiment.notebook.removesuffix(".md") in _files(yaml.safe_load((ROOT / "_toc.yml").read_text()))


def _files(node):
    if isinstance(node, dict):
        return {node.get("file")} | {file for value in node.values() for file in _files(value)}
    return {file for item in node for file in _files(item)} if isinstance(node, list) else set()


@pytest.mark.parametrize("name", [n for n in EXPERIMENTS if (ROOT / f"evidence/{n}.json").is_file()])
def test_its_evidence_is_sound_and_gives_what_is_judged(name):
    evidence = load_accepted(ROOT, name).evidence
    assert evidence.valid
    judged = {n for part in (*EXPERIMENTS[name].checks, *EXPERIMENTS[name].criteria) for n in part.estimate}
    assert judged <= {estimate.name for estimate in evidence.estimates}
