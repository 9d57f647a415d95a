"""`ouroboros forecast …` as a user meets it."""

import importlib.util
import json
from pathlib import Path

import pytest

from ouroboros import cli

_PLACE = Path(__file__).parent / "forecasting" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("forecasting_fixtures", _PLACE)
_FIXTURES = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_FIXTURES)
texts, checkout = _FIXTURES.texts, _FIXTURES.checkout


@pytest.fixture
def ouroboros(checkout, capfd, monkeypatch):
    monkeypatch.delenv("OUROBOROS_ROOT", raising=False)
    monkeypatch.chdir(checkout)

    def call(*arguments):
        code = cli.main(list(arguments))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_a_new_probability_is_six_lines_and_nothing_else(checkout, ouroboros):
    path = checkout / "ledger/forecasts.yml"
    before = path.read_text()
    code, out, err = ouroboros(
        "forecast", "update", "N4", "--probability", "0.35", "--why", "A detector was announced.", "--on", "2026-12-01"
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out == (
        "ledger/forecasts.yml: N4:\n"
        "  - date: '2026-12-01'\n    reading: strict\n    value: 0.35\n    label: estimate of this edition\n"
        "    by: the editors\n    why: A detector was announced.\n"
    )
    added = "".join(out.splitlines(keepends=True)[1:])
    assert path.read_text().replace(added, "", 1) == before
    assert ouroboros("check")[0] == 0


def test_an_answer_with_its_source(checkout, ouroboros):
    code, out, err = ouroboros(
        "forecast", "resolve", "F3", "--outcome", "yes", "--date", "2026-12-20", "--source", "aigovwatch2026reference",
        "--on", "2026-12-21", "--by", "an editor",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "strict: resolved-yes" in out and "lenient: open" in out and "by: an editor" in out
    code, out, err = ouroboros(
        "forecast", "update", "F3", "--probability", "0.5", "--why", "x", "--on", "2026-12-22"
    )
    assert code == 2 and "there is nothing left to estimate" in err


def test_evidence_refusals_and_searches(ouroboros):
    common = ("--source", "aigovwatch2026reference", "--date", "2026-12", "--on", "2026-12-02")
    assert ouroboros(
        "forecast", "evidence", "F3", "--direction", "against", "--summary", "No fine was found.", *common
    )[0] == 0  # fmt: skip
    assert (
        ouroboros("forecast", "reject", "F3", "--claim", "A fine.", "--reason", "No authority.", *common)[0]
        == 0
    )
    code, out, _ = ouroboros(
        "forecast", "searched", "F3", "--found", "Nothing new was found.", "--reasons", "Too early.", "--fired", "1",
        "--on", "2026-12-02",
    )  # fmt: skip
    assert code == 0
    assert "horizon: '2026-11-23'" in out and "fired:" in out


def test_what_is_due(ouroboros):
    assert ouroboros("forecast", "due", "--on", "2026-11-30")[1] == (
        "forecasts: 2 of 3 undecided on 2026-11-30, nothing due\n"
    )
    code, out, _ = ouroboros("forecast", "due", "--on", "2027-03-01")
    assert code == 0
    assert out.splitlines()[1].startswith("  overdue: F3 was to be resolved by 2027-01-30")
    found = json.loads(ouroboros("forecast", "due", "--on", "2027-03-01", "--json")[1])
    assert [(a["kind"], a["id"]) for a in found] == [("overdue", "F3"), ("stale", "F3"), ("stale", "N4")]
    assert "forecasts: " in ouroboros("status")[1]


def test_scores_and_export(ouroboros, tmp_path):
    out = ouroboros("forecast", "scores", "--on", "2026-11-23")[1]
    assert "No headline score yet: n = 0 until the first resolves." in out
    assert "imputed from its words, not made by the authors; an illustration" in out
    out = ouroboros("forecast", "export", str(tmp_path / "data"))[1]
    assert out.splitlines()[-1].endswith("data/forecasts.ics")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("update", "N5", "--probability", "0.3", "--why", "x"), "ledger/forecasts.yml:1: N5: no such forecast"),
        (("update", "N4", "--probability", "1.5", "--why", "x"), "ouroboros: Invalid value for '--probability'"),
        (("update", "N4", "--probability", "0.3"), "ouroboros: Missing option '--why'"),
        (("update", "N4", "--probability", "0.3", "--why", "x", "--on", "1.12.26"), "ouroboros: Invalid value for"),
        (("update", "N4", "--probability", "0.3", "--why", "x", "--on", "2026-11-01"), "ledger/forecasts.yml:"),
        (("resolve", "F3", "--outcome", "maybe", "--date", "2026-12-01", "--source", "x"), "ouroboros: Invalid value"),
        (("resolve", "F3", "--outcome", "yes", "--date", "2026-12-01", "--source", "x", "--on", "2026-12-02"),
         "ledger/forecasts.yml:"),
        (("due", "--root", "nowhere"), "--root nowhere: no ledger/ there"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_and_change_nothing(checkout, ouroboros, arguments, message):
    before = (checkout / "ledger/forecasts.yml").read_bytes()
    code, out, err = ouroboros("forecast", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message), err
    assert err.count("\n") == 1
    assert (checkout / "ledger/forecasts.yml").read_bytes() == before


def test_a_changed_entry_fails_the_check(checkout, ouroboros):
    path = checkout / "ledger/forecasts.yml"
    path.write_text(path.read_text().replace("value: 0.38", "value: 0.5"))
    code, _, err = ouroboros("check")
    assert code == 2
    assert "N4: entry p1 of 'probabilities' was changed (commit " in err
