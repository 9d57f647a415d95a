"""`ouroboros tabular …` on tables where the right answer is known."""

import csv

import numpy as np
import pytest

from ouroboros import cli
from ouroboros.instruments import tabular, tabular_input
from ouroboros.instruments.errors import InstrumentError


def table_of(path, rows, seed, columns=6):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns))
    label = np.where(x[:, 0] + 0.5 * rng.normal(size=rows) > 0, "yes", "no")
    site = rng.choice(["north", "south"], size=rows)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["outcome", "site", "visits", *(f"x{k}" for k in range(columns))])
        for k in range(rows):
            writer.writerow([label[k], site[k], rng.poisson(3), *(f"{value:.5f}" for value in x[k])])
    return path


@pytest.fixture
def real(tmp_path):
    return table_of(tmp_path / "real.csv", 300, 1)


@pytest.fixture
def call(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = cli.main(["tabular", *map(str, arguments)])
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_an_over_fitted_generator_is_flagged_and_a_private_one_is_not(real):
    form, (table,) = tabular_input.read_tables([real], "outcome")
    jitter = tabular.synthesise(table, form.domain, "jitter", repeats=6)
    assert jitter.finding(tabular.ATTACK).word == tabular.FLAGGED
    private = tabular.synthesise(table, form.domain, "private", repeats=6, epsilon=0.5)
    assert private.finding(tabular.ATTACK).word == tabular.CHANCE
    assert jitter.finding(tabular.UTILITY).value > private.finding(tabular.UTILITY).value


def test_same_seed_same_report(real):
    form, (table,) = tabular_input.read_tables([real], "outcome")
    once, again = (tabular.synthesise(table, form.domain, "copula", repeats=3, seed=4) for _ in range(2))
    assert once == again != tabular.synthesise(table, form.domain, "copula", repeats=3, seed=5)


@pytest.mark.parametrize("seed", range(2))
def test_somebody_elses_table_is_judged(tmp_path, real, seed):
    holdout, fresh = (table_of(tmp_path / f"{k}.csv", 300, 10 * seed + k) for k in (2, 3))
    _, (members, strangers, outside) = tabular_input.read_tables([real, fresh, holdout], "outcome")
    honest = tabular.judge(members, strangers, outside, resamples=100)
    assert honest.finding(tabular.ATTACK).low < 0.55
    stolen = tabular.judge(members, members, outside, resamples=100)
    assert stolen.finding(tabular.ATTACK).word == tabular.FLAGGED
    assert stolen.finding(tabular.COPIES).value > 0.4
    blind = tabular.judge(members, members, None)
    assert blind.finding(tabular.COPIES).value == 1.0
    assert tabular.ATTACK not in {finding.name for finding in blind.findings}
    assert "needs real rows" in blind.notes[0]


def test_false_alarms_are_as_rare_as_the_interval_says(tmp_path, real):
    """Fresh real rows as a synthetic table: nobody can be told, so few verdicts may say so."""
    alarms = 0
    for seed in range(12):
        rng = np.random.default_rng(100 + seed)
        parts = [rng.normal(size=(120, 5)) for _ in range(3)]
        parts = [np.column_stack([part, part[:, 0] > 0]) for part in parts]
        alarms += tabular.judge(*parts, resamples=40).finding(tabular.ATTACK).word != tabular.CHANCE
    assert alarms <= 2


def test_the_command_writes_a_table_and_a_page(real, call, tmp_path):
    arguments = (real, "--label", "outcome", "--repeats", "2", "--write", "made.csv", "--html", "made.html")
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert "membership attack" in out and "written: made.csv" in out
    with (tmp_path / "made.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300 and list(rows[0])[:3] == ["outcome", "site", "visits"]
    assert {row["site"] for row in rows} == {"north", "south"} and all(
        row["visits"].isdigit() for row in rows
    )
    page = (tmp_path / "made.html").read_text()
    assert "<table>" in page and "http" not in page and "<script" not in page
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nix.csv"], "nix.csv: no such file"),
        (["real.csv", "--label", "age"], "--label age: no such column in real.csv"),
        (["real.csv", "--label", "x1"], "label 'x1' has 300 values (2 to 20 needed"),
        (["real.csv", "--generator", "gan"], "--generator gan: not one of jitter, copula"),
        (["real.csv", "--epsilon", "1"], "--epsilon: copula gives no guarantee"),
        (["real.csv", "--generator", "private", "--epsilon", "-1"], "a budget above 0 needed"),
        (["real.csv", "--holdout", "real.csv"], "--holdout: only with --synthetic"),
        (["real.csv", "--html", "no/where.html"], "no directory no (make it first)"),
    ],
)
def test_faults_are_one_line_and_exit_code_two(real, call, arguments, said):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert said in err and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1\n", "bad.csv:2: 1 cells (the header has 2)"),
        ("a,b\n1,\n", "bad.csv:2: column 'b' is empty"),
        ("a,a\n1,2\n", "bad.csv:1: no header"),
        ("a,b\n1,2\n", "bad.csv: 1 rows (at least 60 needed)"),
        ("", "bad.csv:1: no header"),
    ],
)
def test_bad_tables_are_named_by_line(tmp_path, monkeypatch, text, said):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InstrumentError) as fault:
        tabular_input.read_tables([path])
    assert said in str(fault.value)


def test_other_columns_are_refused(tmp_path, real):
    other = table_of(tmp_path / "other.csv", 80, 3, columns=2)
    with pytest.raises(InstrumentError, match=r"other\.csv:1: columns"):
        tabular_input.read_tables([real, other])
