"""`ouroboros curriculum SCHEDULE` in a world small enough for a test, and what it says to faulty schedules."""

from pathlib import Path

import pandas as pd
import pytest

from ouroboros import cli
from ouroboros.experiments.selfplay.bug_repair import ARMS
from ouroboros.instruments import curriculum
from ouroboros.instruments.curriculum_input import Schedule, read_schedule
from ouroboros.instruments.errors import InstrumentError
from ouroboros.ledger import load_ledger

ROOT = Path(__file__).resolve().parents[2]
SMALL = curriculum.WORLD | {
    "repositories": 200,
    "held_out": 100,
    "width": 32,
    "base": {"steps": 60, "batch": 64, "rate": 0.003, "repositories": 200, "mix": [0.7, 0.2, 0.1]},
    "steps": 5,
    "batch": 32,
    "proposals": 64,
    "test_items": 150,
}
EVEN = {"name": "mine", "stages": [{"iterations": 2, "shares": [1 / 3, 1 / 3, 1 / 3]}]}


@pytest.fixture
def call(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(curriculum, "WORLD", SMALL)

    def run(*arguments):
        code = cli.main(["curriculum", *map(str, arguments)])
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_its_world_is_that_of_the_experiment():
    publish = load_ledger(ROOT).experiments["self-play.bug-repair"].parameters("publish")
    assert {key: publish[key] for key in curriculum.WORLD} == curriculum.WORLD
    assert set(curriculum.BUILT_IN) <= set(ARMS)


def test_stages_become_shares_by_iteration():
    schedule = read_schedule(ROOT / "examples" / "schedule.yml")
    assert schedule.iterations == len(schedule.shares) == 15
    assert schedule.shares[8:10] == ((1.0, 0.0, 0.0), (0.5, 0.3, 0.2))


def test_same_seed_same_report_and_all_start_from_one_base():
    schedule = Schedule.model_validate(EVEN)
    first, second = (curriculum.compare(schedule, ["hard", "sp"], seeds=2, world=SMALL) for _ in range(2))
    assert first.findings == second.findings
    assert first.paths.equals(second.paths)
    starts = first.paths[first.paths["iteration"] == 0].groupby("seed")["solved"].nunique()
    assert list(starts) == [1, 1]
    assert sorted(first.paths["iteration"].unique()) == [0, 1, 2]


def test_a_schedule_that_only_poses_hopeless_bugs_is_found_out():
    stages = [{"iterations": 6, "shares": [1.0, 0.0, 0.0]}]
    schedule = Schedule.model_validate({"name": "easy", "stages": stages})
    report = curriculum.compare(schedule, ["hard"], seeds=4, world=SMALL | {"steps": 60, "rate": 0.003})
    assert report.findings[1].word == "yours better"
    assert report.findings[0].gain[0] > report.findings[1].gain[0]


def test_false_alarms_are_as_rare_as_the_interval_says():
    """The same law under two names: differences are chance."""
    schedule = Schedule.model_validate(EVEN)
    words = [
        curriculum.compare(schedule, ["uni"], seeds=4, seed=seed, world=SMALL).findings[1].word
        for seed in range(10)
    ]
    assert words.count("undecided") >= 8


def test_the_command_writes_a_page_and_a_table(call, tmp_path):
    (tmp_path / "mine.yml").write_text("name: mine\nstages:\n- iterations: 2\n  shares: [1, 0, 0]\n")
    code, out, err = call("mine.yml", "--seeds", 2, "--against", "uni", "--html", "m.html", "--csv", "m.csv")
    assert (code, err) == (0, "")
    assert "mine" in out and "uni" in out and "written: m.html" in out
    page = (tmp_path / "m.html").read_text()
    assert "<table>" in page and "<svg" in page and "<script" not in page
    assert not any(loads in page for loads in ("<img", "<link", " src=", 'href="http', "@import", "url(http"))
    assert set(pd.read_csv(tmp_path / "m.csv")["schedule"]) == {"mine", "uni"}
    assert not list(tmp_path.glob(".*part"))


GOOD = "name: mine\nstages:\n- iterations: 2\n  shares: [1, 0, 0]\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nix.yml"], "nix.yml: no such file"),
        (["mine.yml", "--against", "best"], "--against best: not one of uni, easy-hard"),
        (["mine.yml", "--against", "uni", "--against", "uni"], "a name occurs twice"),
        (["mine.yml", "--seeds", "1"], "--seeds 1: at least 2 needed"),
        (["mine.yml", "--html", "no/where.html"], "no directory no (make it first)"),
    ],
)
def test_faults_are_one_line_and_exit_code_two(call, tmp_path, arguments, said):
    (tmp_path / "mine.yml").write_text(GOOD)
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert said in err and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad.yml:1: no schedule"),
        ("- 1\n", "bad.yml:1: no schedule"),
        ("name: [a\n", "bad.yml:2: not YAML"),
        ("name: a\n", "bad.yml:1: stages: missing"),
        ("name: a\nstages: []\n", "bad.yml:2: stages: none (at least one stage needed)"),
        ("name: 3\nstages:\n- {iterations: 1, shares: [1, 0, 0]}\n", "bad.yml:1: name: 3: input should be"),
        (GOOD + "extra: 1\n", "bad.yml:5: extra: no such field"),
        (GOOD.replace("shares", "share"), "bad.yml:3: stages.1.shares: missing"),
        (GOOD.replace("2", "0"), "bad.yml:3: stages.1.iterations: 0: input should be greater"),
        (GOOD.replace("2", "2.5"), "bad.yml:3: stages.1.iterations: 2.5: input should be a valid integer"),
        (GOOD.replace("2", "61"), "bad.yml:1: 61 iterations in all (at most 60)"),
        (GOOD.replace("[1, 0, 0]", "[1, 0]"), "bad.yml:4: stages.1.shares: 2 shares (3 needed"),
        (GOOD.replace("[1, 0, 0]", "[1, 1, 0]"), "bad.yml:4: stages.1.shares: shares sum to 2"),
        (
            GOOD.replace("[1, 0, 0]", "[2, -1, 0]"),
            "bad.yml:4: stages.1.shares: shares sum to 1 (none below 0",
        ),
        (GOOD.replace("[1, 0, 0]", "[.nan, 1, 0]"), "bad.yml:4: stages.1.shares"),
        (GOOD.replace("[1, 0, 0]", "[1, 0, x]"), "bad.yml:4: stages.1.shares.3: 'x': input should be"),
    ],
)
def test_faulty_schedules_are_named_by_line(tmp_path, monkeypatch, text, said):
    monkeypatch.chdir(tmp_path)
    path = Path("bad.yml")
    path.write_text(text)
    with pytest.raises(InstrumentError) as fault:
        read_schedule(path)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_the_name_of_a_built_in_schedule_is_refused():
    with pytest.raises(InstrumentError, match="the name of a built-in one"):
        curriculum.compare(Schedule.model_validate(EVEN | {"name": "sp"}), ["uni"], seeds=2, world=SMALL)
