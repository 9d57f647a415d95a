import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.collapse import definitions


@pytest.fixture(scope="module")
def audit(trial):
    return trial("collapse.definitions")


@pytest.fixture(scope="module")
def table(audit):
    return audit.table()


def test_the_recorded_runs_pass_every_check(audit, table):
    assert audit.missed(audit.checks, audit.estimates(table=table)) == set()


def test_every_definition_is_applied_to_some_run_and_decides_both_ways(table):
    judged = table[table["definition"].isin(definitions.RULES)]
    assert set(judged["definition"]) == set(definitions.RULES)
    called = judged.groupby("definition")["fires"].mean()
    # No recursion here does as well as the same amount of real data would: that definition always fires.
    assert (called > 0).all() and set(called[called == 1].index) == {"worse-than-real"}


def test_two_ways_of_writing_collapse_in_opposite_senses(table):
    fires = table.set_index(["run", "definition"])["fires"]
    assert (
        fires["language-replace", "hallucinates"] == 1 and fires["language-replace", "variance-vanishes"] == 0
    )
    assert fires["language-cool", "hallucinates"] == 0 and fires["language-cool", "variance-vanishes"] == 1


def test_the_same_run_is_collapsed_and_is_not(table):
    copied = table[table["run"] == "words-replace"].set_index("definition")["fires"]
    assert copied["tails-lost"] == 1 and copied["modes-lost"] == 0 and copied["variance-vanishes"] == 0
    kept = table[table["run"] == "regression-accumulate"].set_index("definition")["fires"]
    assert kept["risk-diverges"] == 0 and kept["worse-than-real"] == 1


@pytest.mark.parametrize(
    ("low", "high", "above", "fires"),
    [(1.1, 2, True, True), (0.9, 2, True, False), (0.1, 0.9, False, True), (0.1, 1.1, False, False)],
)
def test_only_a_whole_interval_decides(low, high, above, fires):
    assert definitions.Rule("", "", 1.0, above).fires(low, high) is fires


def risks(values, times):
    return {
        t: pd.Series({"value": v, "se": 0.01, "replicates": 9}) for t, v in zip(times, values, strict=True)
    }


def test_pace_is_one_for_a_straight_line_and_none_for_a_plateau():
    times = [1, 11, 21]
    assert definitions._pace(risks([1, 6, 11], times))[1] == pytest.approx(1)
    assert definitions._pace(risks([1, 6, 6], times))[1] == pytest.approx(0)
    _, value, low, high, n = definitions._pace(risks([1, 6, 11], times))
    assert (
        (high - low) / 2 == pytest.approx(1.96 * 0.01 * 2**0.5 / 10 / 0.5) and n == 9 and low < value < high
    )


def test_slope_is_that_of_a_power():
    sizes = [10, 30, 90]
    rows = [pd.Series({"value": 5 * n**-0.7, "se": 1e-3 * n**-0.7}) for n in sizes]
    slope, se = definitions._slope(sizes, rows)
    assert slope == pytest.approx(-0.7) and 0 < se < 1e-3


def test_a_run_of_no_kind_and_missing_evidence_are_refused(audit, monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="no kind poetry"):
        definitions.jobs({"runs": {"x": {"kind": "poetry"}}})
    monkeypatch.setenv("OUROBOROS_ROOT", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"ladder\.foundry has no evidence"):
        definitions.recorded("ladder.foundry")


def test_rows_of_another_sample_size_are_caught(audit, table, monkeypatch):
    read = definitions.recorded

    def shifted(name):
        found = read(name)
        if name == "collapse.gaussian-chain":
            found["n"] = found["n"].replace({10: 12})
        return found

    monkeypatch.setattr(definitions, "recorded", shifted)
    job = next(job for job in definitions.jobs(audit.smoke) if job.id == "gaussian-replace")
    again = definitions.simulate(job.parameters, np.random.default_rng(1))
    again.insert(0, "job", job.id)
    mixed = pd.concat([table[table["job"] != job.id], again], ignore_index=True)
    assert "E23-check-first-slope" in audit.missed(audit.checks, audit.estimates(table=mixed))
