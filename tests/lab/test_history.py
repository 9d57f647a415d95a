"""The order of commits is what shows that a criterion was there before its evidence."""

import subprocess

import pytest

from ouroboros.lab import accept, run
from ouroboros.lab.errors import LabError
from ouroboros.lab.history import history_faults
from ouroboros.lab.recertification import recertify


@pytest.fixture
def git(checkout):
    def call(*arguments, where=checkout.root):
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=where, capture_output=True, text=True, check=True
        )
        return done.stdout

    call("init", "-q")
    (checkout.root / ".gitignore").write_text(".ouroboros\n__pycache__\n")
    return call


def commit(git, *paths):
    git("add", *paths)
    git("commit", "-q", "-m", "x")


def publish(checkout):
    run(checkout.ledger, checkout.id, root=checkout.root, tier="publish")
    accept(checkout.root, checkout.ledger, checkout.id)


def faults(checkout):
    return history_faults(checkout.root, checkout.ledger)


def test_a_criterion_before_its_evidence(checkout, git):
    commit(git, "ledger")
    publish(checkout)
    assert faults(checkout) == [], "evidence that is not committed yet"
    commit(git, "evidence")
    assert faults(checkout) == []


def test_a_criterion_with_its_evidence_in_one_commit(checkout, git):
    commit(git, "src")
    publish(checkout)
    commit(git, "ledger", "evidence")
    (fault,) = faults(checkout)
    assert fault.startswith(
        "evidence/toy.mean.json: criterion toy-mean-near-zero was not committed in this form"
    )
    assert "commit criteria first, then run and accept" in fault


def test_a_criterion_that_is_not_committed_at_all(checkout, git):
    commit(git, "src")
    publish(checkout)
    assert "which is not committed yet" in faults(checkout)[0]


def test_a_criterion_changed_after_the_result(checkout, git):
    commit(git, "ledger")
    publish(checkout)
    commit(git, "evidence")
    checkout.entry["criteria"][0]["threshold"] = [-2, 2]
    checkout.write()
    commit(git, "ledger")
    recertify(checkout.root, checkout.ledger, checkout.id)
    evidence = accept(checkout.root, checkout.ledger, checkout.id)
    commit(git, "evidence")
    assert evidence.judged_anew == ("toy-mean-near-zero",)
    assert faults(checkout) == [], "the evidence owns up to it"
    path = checkout.root / "evidence" / "toy.mean.json"
    path.write_text(evidence.model_copy(update={"judged_anew": ()}).to_json())
    (fault,) = faults(checkout)
    assert "before the first result" in fault


def test_judging_anew_also_needs_the_criterion_first(checkout, git):
    commit(git, "ledger")
    publish(checkout)
    commit(git, "evidence")
    checkout.entry["criteria"][0]["threshold"] = [-2, 2]
    checkout.write()
    recertify(checkout.root, checkout.ledger, checkout.id)
    accept(checkout.root, checkout.ledger, checkout.id)
    commit(git, "ledger", "evidence")
    (fault,) = faults(checkout)
    assert "before the first judgement" in fault


def test_a_criterion_superseded_before_the_evidence_came(checkout, git):
    commit(git, "ledger")
    publish(checkout)
    kept = checkout.entry["criteria"][0]["statement"]
    checkout.entry["criteria"][0]["statement"] = "Reworded."
    checkout.write()
    commit(git, "ledger")
    commit(git, "evidence")
    checkout.entry["criteria"][0]["statement"] = kept
    checkout.write()
    assert faults(checkout) == []


@pytest.mark.parametrize("merged_before", [True, False])
def test_a_merged_branch_counts_from_its_merge_on(checkout, git, merged_before):
    commit(git, "src")
    publish(checkout)
    git("checkout", "-q", "-b", "criteria")
    commit(git, "ledger")
    git("checkout", "-q", "-")
    commit(git, "references.bib")
    if merged_before:
        git("merge", "-q", "--no-edit", "criteria")
        commit(git, "evidence")
    else:
        commit(git, "evidence")
        git("merge", "-q", "--no-edit", "criteria")
    assert bool(faults(checkout)) is not merged_before


def test_an_older_schema_is_no_error(checkout, git):
    checkout.write()
    path = checkout.root / "ledger" / "experiments.yml"
    good = path.read_text()
    for text in (good.replace("scope:", "limits:"), "experiments: [", "- 1\n", "experiments: 3\n", ""):
        path.write_text(text or "\n")
        commit(git, "ledger")
    path.write_text(good)
    commit(git, "ledger")
    publish(checkout)
    commit(git, "evidence")
    assert faults(checkout) == []


def test_without_history_there_is_one_clear_line(checkout, git, tmp_path_factory, monkeypatch):
    commit(git, "ledger", "src", "references.bib")
    commit_two = checkout.root / "more"
    commit_two.write_text("")
    commit(git, "more")
    clone = tmp_path_factory.mktemp("clone") / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{checkout.root}", str(clone))
    with pytest.raises(LabError, match=r"--history: the clone is shallow \(git fetch --unshallow"):
        history_faults(clone, checkout.ledger)
    bare = tmp_path_factory.mktemp("nowhere")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(bare.parent))
    with pytest.raises(LabError, match=r"--history: no git history to look at: fatal: not a git repository"):
        history_faults(bare, checkout.ledger)
