"""An edit that changes no result renews the evidence; every other edit is told apart from it."""

import json

import pytest

from ouroboros.lab import accept, difference, load_accepted, load_candidate, run, staleness
from ouroboros.lab.errors import LabError
from ouroboros.lab.recertification import recertify
from ouroboros.lab.replication import Rule, job_fault, sample
from ouroboros.lab.store import read_table, save_result


@pytest.fixture
def recorded(checkout):
    checkout.set_parameters("publish", repeats=10)
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)
    return load_accepted(checkout.root, checkout.id)


def edit(checkout, module, old, new):
    text = checkout.source(module)
    assert old in text
    checkout.source(module, text.replace(old, new))
    checkout.forget()


def again(checkout, **options):
    return recertify(checkout.root, checkout.ledger, checkout.id, **options)


def stale(checkout):
    return staleness(checkout.root, checkout.ledger, load_accepted(checkout.root, checkout.id).evidence)


def in_another_place(checkout):
    """Pretend that the recorded run took place elsewhere."""
    result = load_accepted(checkout.root, checkout.id)
    save_result(
        checkout.root / "evidence",
        type(result)(result.evidence, result.table_text, result.run | {"simd": ["A"]}),
    )


def test_nothing_stale_nothing_done(checkout, recorded):
    assert again(checkout).fresh
    assert load_accepted(checkout.root, checkout.id) == recorded


def test_an_edit_without_effect_renews_the_digest_and_nothing_else(checkout, recorded):
    edit(checkout, "near", "FACTOR * values", "values * FACTOR")
    assert stale(checkout) is not None
    done = again(checkout)
    assert (done.jobs, done.of, done.renewed) == (3, 20, True)
    assert stale(checkout) is None
    now = load_accepted(checkout.root, checkout.id)
    assert now.table_text == recorded.table_text
    old, new = json.loads(recorded.evidence.to_json()), json.loads(now.evidence.to_json())
    changed = {key for key in new if new[key] != old.get(key)}
    assert changed == {"code_digest", "recertified"}
    assert new["recertified"]["computed_by"] == old["code_digest"]
    assert new["recertified"]["result"] == "identical"
    assert len(new["recertified"]["jobs"]) == 3
    assert now.run["seconds"] == recorded.run["seconds"]
    assert now.run["date"] == recorded.run["date"]
    edit(checkout, "near", "values * FACTOR", "values * FACTOR * 1")
    again(checkout)
    latest = load_accepted(checkout.root, checkout.id).evidence.recertified
    assert latest.computed_by == old["code_digest"], "of the full run, however often it was recertified"


def test_an_edit_with_an_effect_is_refused_and_named(checkout, recorded):
    edit(checkout, "farthest", "0.5", "0.25")
    with pytest.raises(LabError, match=r"toy\.mean: job n\d+-r\d comes out differently: column 'x', row 1: "):
        again(checkout)
    assert load_accepted(checkout.root, checkout.id) == recorded
    assert load_candidate(checkout.root, checkout.id) is None


def test_the_last_bit_counts_here_and_the_tolerance_elsewhere(checkout, recorded):
    checkout.entry["deterministic"] = 1e-9
    checkout.write()
    edit(checkout, "near", "FACTOR * values", "FACTOR * values * (1 + 2**-50)")
    with pytest.raises(LabError, match="comes out differently"):
        again(checkout)
    in_another_place(checkout)
    assert again(checkout).renewed
    assert load_accepted(checkout.root, checkout.id).evidence.recertified.result == "within tolerance"
    assert load_accepted(checkout.root, checkout.id).evidence.estimates == recorded.evidence.estimates


def test_exact_is_exact_everywhere(checkout, recorded):
    in_another_place(checkout)
    edit(checkout, "near", "FACTOR * values", "FACTOR * values * (1 + 2**-50)")
    with pytest.raises(LabError, match="comes out differently"):
        again(checkout)


def test_changed_inputs_need_a_run(checkout, recorded):
    checkout.set_parameters("publish", repeats=9)
    with pytest.raises(LabError, match=r"toy\.mean: parameters changed since the run, which no sample can"):
        again(checkout)
    checkout.set_parameters("publish", repeats=10)
    checkout.entry["seed"] = 8
    checkout.write()
    with pytest.raises(LabError, match=r"toy\.mean: seed changed since the run"):
        again(checkout)


def test_other_jobs_need_a_run(checkout, recorded):
    edit(checkout, "mean", 'f"n{n}-r{r}"', 'f"n{n}-s{r}"')
    with pytest.raises(LabError, match=r"the code gives other jobs than were recorded: n10-r0"):
        again(checkout)


def test_a_changed_analysis_is_a_candidate_without_a_run(checkout, recorded):
    edit(checkout, "mean", "1.96 * x.std()", "2.58 * x.std()")
    done = again(checkout)
    assert (done.jobs, done.renewed) == (3, False)
    assert load_accepted(checkout.root, checkout.id) == recorded
    found = difference(checkout.root, checkout.ledger, checkout.id)
    assert found.same_table
    assert [change.name for change in found.estimates if change.changed] == ["mean"]
    assert accept(checkout.root, checkout.ledger, checkout.id).recertified.of == 20
    assert stale(checkout) is None


def test_changed_criteria_are_judged_anew_without_a_run_and_evidence_says_so(checkout, recorded):
    checkout.entry["criteria"][0]["threshold"] = [-2, 2]
    checkout.write()
    done = again(checkout)
    assert (done.jobs, done.renewed) == (0, False)
    evidence = accept(checkout.root, checkout.ledger, checkout.id)
    assert evidence.judged_anew == ("toy-mean-near-zero",)
    assert evidence.recertified is None
    assert evidence.criteria[0].threshold == (-2, 2)
    assert stale(checkout) is None


def test_a_full_run_does_not_hide_that_a_criterion_came_later(checkout, recorded):
    checkout.entry["criteria"][0]["threshold"] = [-2, 2]
    checkout.write()
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    assert accept(checkout.root, checkout.ledger, checkout.id).judged_anew == ("toy-mean-near-zero",)
    checkout.entry["seed"] = 8
    checkout.write()
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    assert accept(checkout.root, checkout.ledger, checkout.id).judged_anew == (), "new draws, fixed before"


def test_a_superseded_criterion_changes_no_judgement(checkout, recorded):
    entry = checkout.entry["criteria"][0]
    checkout.entry["criteria"].append(entry | {"id": "toy-mean-nearer", "threshold": [-0.5, 0.5]})
    entry |= {"superseded_by": "toy-mean-nearer", "reason": "Too wide."}
    checkout.write()
    assert not again(checkout).renewed
    assert accept(checkout.root, checkout.ledger, checkout.id).judged_anew == ("toy-mean-nearer",)


def test_no_evidence(checkout):
    with pytest.raises(LabError, match=r"toy\.mean: no evidence to recertify"):
        again(checkout)


def test_evidence_changed_meanwhile_is_left_alone(checkout, recorded, monkeypatch):
    edit(checkout, "near", "FACTOR * values", "values * FACTOR")

    def meanwhile(*arguments, **options):
        in_another_place(checkout)
        other = load_accepted(checkout.root, checkout.id)
        save_result(
            checkout.root / "evidence",
            type(other)(
                other.evidence.model_copy(update={"judged_anew": ("x",)}), other.table_text, other.run
            ),
        )
        return rule_for(*arguments, **options)

    from ouroboros.lab.replication import rule_for

    monkeypatch.setattr("ouroboros.lab.recertification.rule_for", meanwhile)
    with pytest.raises(LabError, match="evidence was changed meanwhile"):
        again(checkout)


def test_samples_are_fixed_and_go_round():
    names = [f"job-{k}" for k in range(50)]
    assert sample(names) == sample(names[::-1])
    assert len(sample(names)) == 3
    assert len(sample([f"job-{k}" for k in range(1000)])) == 50
    assert sample(["a"]) == ["a"]
    assert sample(names, 60) == sample(names, 50)
    assert set().union(*(sample(names, 7, turn) for turn in range(8))) == set(names)
    assert sample(names, 7, 1) != sample(names, 7)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x,y\n1.0,a\n2.5,b\n", None),
        ("x,y\n1,a\n2.5,b\n", None),
        ("x,y\n1.0,a\n2.6,b\n", "column 'x', row 2: 2.6 instead of 2.5"),
        ("x,y\n1.0,a\n,b\n", "column 'x', row 2: nan instead of 2.5"),
        ("x,y\n1.0,a\n2.5,c\n", "column 'y', row 2: c instead of b"),
        ("x,y\n1.0,a\n", "1 rows instead of 2"),
        ("x,z\n1.0,a\n2.5,b\n", "columns x, z instead of x, y"),
    ],
)
def test_differences_of_a_job_are_found(text, fault):
    table = read_table("job,x,y\nj,1.0,a\nj,2.5,b\nk,,3\n")
    assert job_fault(table, "j", text, Rule(0.0)) == fault


def test_a_column_that_only_this_job_leaves_empty_is_the_same():
    table = read_table("job,x,y\nj,1,\nk,2,word\n")
    assert job_fault(table, "j", "x,y\n1,\n", Rule(0.0)) is None
    assert job_fault(table, "k", "x,y\n2,\n", Rule(0.0)) == "column 'y', row 1: nan instead of word"


def test_the_tolerance_is_absolute_below_one_and_relative_above():
    rule = Rule(1e-3)
    assert rule.same(0.5, 0.5009)
    assert not rule.same(0.5, 0.5011)
    assert rule.same(1000.0, 1000.9)
    assert not rule.same(1000.0, 1001.1)
    assert rule.same(float("inf"), float("inf"))
    assert rule.same(float("nan"), float("nan"))
    assert not rule.same(1.0, float("nan"))
