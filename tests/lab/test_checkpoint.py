"""A job that keeps what it has between its stages goes on in the middle, to the same bytes."""

import numpy as np
import pytest

from ouroboros.lab import load_candidate, run
from ouroboros.lab.checkpoint import Checkpoint
from ouroboros.lab.errors import LabError
from ouroboros.lab.paths import all_jobs_directory

STAGED = """
def simulate(parameters, rng, checkpoint=None):
    done = checkpoint.load() if checkpoint is not None else None
    done = [] if done is None else done
    for stage in range(len(done), 4):
        if stage == 2 and parameters["n"] == 20 and os.environ.get("TOY_MOOD") == "raise":
            raise ValueError("not today")
        with open(parameters["mode"], "a") as log:
            log.write(f"{parameters['n']}:{stage}\\n")
        done.append(rng.standard_normal())
        if checkpoint is not None:
            checkpoint.save(done)
    return pd.DataFrame({"n": parameters["n"], "word": "NA", "x": done})


def analyse("""


@pytest.fixture
def staged(checkout, tmp_path):
    """Jobs of four stages each that keep what they have after every stage."""
    text = checkout.source("mean")
    start, end = text.index("def simulate("), text.index("def analyse(")
    checkout.source("mean", text[:start] + STAGED.lstrip() + text[end + len("def analyse(") :])
    checkout.forget()
    # As a parameter, for workers that another test has started keep the environment of then.
    checkout.set_parameters("publish", repeats=1, mode=str(tmp_path / "log"))
    return checkout


def publish(checkout, workers):
    return run(checkout.ledger, checkout.id, root=checkout.root, tier="publish", workers=workers)


def stages(tmp_path):
    return (tmp_path / "log").read_text().split()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_resumes_after_its_last_stage(staged, monkeypatch, tmp_path, workers):
    expected = publish(staged, workers)
    assert sorted(stages(tmp_path)) == sorted(f"{n}:{stage}" for n in (10, 20) for stage in range(4))
    for path in all_jobs_directory(staged.root, staged.id).rglob("*.csv"):
        path.unlink()
    monkeypatch.setenv("TOY_MOOD", "raise")
    (tmp_path / "log").unlink()
    with pytest.raises(LabError, match="not today"):
        publish(staged, 1)
    assert stages(tmp_path)[-2:] == ["20:0", "20:1"]
    monkeypatch.delenv("TOY_MOOD")
    again = publish(staged, 1)
    assert stages(tmp_path)[-4:] == ["20:0", "20:1", "20:2", "20:3"], (
        "the first two stages are not done again"
    )
    assert (again.evidence.to_json(), again.table_text) == (expected.evidence.to_json(), expected.table_text)
    assert load_candidate(staged.root, staged.id) is not None
    assert not list(staged.root.rglob("*.checkpoint"))


def test_a_state_comes_back_with_its_random_numbers(tmp_path):
    rng = np.random.default_rng(3)
    rng.random(5)
    Checkpoint(tmp_path / "a.checkpoint", rng).save({"x": np.arange(3)})
    expected = rng.random(4)
    other = np.random.default_rng(9)
    found = Checkpoint(tmp_path / "a.checkpoint", other).load()
    assert found["x"].tolist() == [0, 1, 2]
    assert (other.random(4) == expected).all()


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b"", lambda b: b"\xff" + b, lambda b: b + b"A"]
)
def test_a_torn_or_altered_one_counts_as_none(tmp_path, damage):
    rng = np.random.default_rng(3)
    path = tmp_path / "a.checkpoint"
    assert Checkpoint(path, rng).load() is None
    Checkpoint(path, rng).save([1])
    path.write_bytes(damage(path.read_bytes()))
    before = rng.bit_generator.state
    assert Checkpoint(path, rng).load() is None
    assert rng.bit_generator.state == before
