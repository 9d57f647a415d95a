import pytest

from ouroboros.lab import accept, open_study, run
from ouroboros.lab.errors import LabError
from ouroboros.stats.estimate import Estimate


@pytest.fixture
def study(checkout, monkeypatch):
    monkeypatch.delenv("OUROBOROS_TIER", raising=False)
    return lambda: open_study(checkout.id, checkout.root)


@pytest.fixture
def recorded(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    return accept(checkout.root, checkout.ledger, checkout.id)


def test_an_empty_checkout_works(study):
    opened = study()
    assert opened.evidence is None
    assert opened.stale is None
    assert opened.tier == opened.live.tier == "smoke"
    assert opened.table.equals(opened.live_table)
    assert "no accepted evidence yet" in opened.compare_live("mean")
    frame = opened.results_frame()
    assert list(frame["id"]) == ["toy-check-bounded", "toy-mean-near-zero"]
    assert list(frame["met"]) == [True, True]


def test_with_evidence_pages_show_what_was_recorded(study, recorded):
    opened = study()
    assert opened.evidence == opened.shown == recorded
    assert len(opened.table) == recorded.table.rows
    assert len(opened.live_table) == 10
    row = opened.results_frame().set_index("id").loc["toy-mean-near-zero"]
    assert row["ours"] == recorded.estimate("mean").value
    assert row["threshold"] == (-1, 1)
    assert abs(row["difference"]) == pytest.approx(1 - abs(row["ours"]))


def test_a_good_replicate_lies_inside(study, recorded):
    sentence = study().compare_live("mean")
    assert "combined standard errors from the recorded" in sentence
    assert "it lies inside" in sentence


def test_a_wrong_replicate_lies_outside(checkout, study, recorded):
    near = checkout.source("near").replace("FACTOR * values", "FACTOR * values + 3")
    checkout.source("near", near)
    checkout.forget()
    opened = study()
    assert "it lies OUTSIDE" in opened.compare_live("mean")
    assert opened.stale.startswith("code")


@pytest.mark.parametrize(
    ("live", "old", "expected"),
    [
        (Estimate("a", 1.0, 1.0, 1.0, 5), Estimate("a", 1.0, 1.0, 1.0, 5), "the same as the recorded"),
        (Estimate("a", 1.0, 1.0, 1.0, 5), Estimate("a", 2.0, 2.0, 2.0, 5), "neither has an error"),
        (Estimate("a", 0, -1.96, 1.96, 5), Estimate("a", 5.6, 5.6 - 1.96, 5.6 + 1.96, 5), "inside"),
        (Estimate("a", 0, -1.96, 1.96, 5), Estimate("a", 5.7, 5.7 - 1.96, 5.7 + 1.96, 5), "OUTSIDE"),
        (Estimate("a", 0, 0, 0, 5), Estimate("b", 0, 0, 0, 5), "holds no such estimate"),
    ],
)
def test_the_rule_of_four_combined_errors(study, recorded, live, old, expected):
    opened = study()
    opened.run()
    result = opened._live_result
    opened._live = type(result)(
        result.evidence.model_copy(update={"estimates": (live,)}), result.table_text, result.run
    )
    kept = opened._accepted
    opened._accepted = type(kept)(
        kept.evidence.model_copy(update={"estimates": (old,)}), kept.table_text, kept.run
    )
    assert expected in opened.compare_live("a")


def test_smoke_writes_nothing(checkout, study, capsys):
    opened = study()
    opened.run()
    assert opened.difference() is None
    assert "OUROBOROS_TIER=publish" in capsys.readouterr().out
    assert not (checkout.root / ".ouroboros").exists()


def test_publish_computes_a_candidate_and_prints_the_difference(checkout, study, monkeypatch, capsys):
    monkeypatch.setenv("OUROBOROS_TIER", "publish")
    monkeypatch.setenv("OUROBOROS_WORKERS", "1")
    opened = study()
    opened.run()
    opened.difference()
    printed = capsys.readouterr().out
    assert "verdict K1: untested -> supported" in printed
    assert "ouroboros accept toy.mean" in printed
    assert accept(checkout.root, checkout.ledger, checkout.id) == opened.live


def test_wrong_settings_are_named(checkout, study, monkeypatch):
    monkeypatch.setenv("OUROBOROS_TIER", "huge")
    with pytest.raises(LabError, match="OUROBOROS_TIER=huge: no such tier"):
        study()
    monkeypatch.setenv("OUROBOROS_TIER", "publish")
    monkeypatch.setenv("OUROBOROS_WORKERS", "many")
    with pytest.raises(LabError, match="OUROBOROS_WORKERS=many"):
        study().run()
