import numpy as np
import pytest

from ouroboros.experiments.cost import training_cost


@pytest.fixture(scope="module")
def cost(trial):
    return trial("cost.training-cost")


@pytest.fixture(scope="module")
def found(cost):
    return cost.estimates()


def changed(cost, change):
    return cost.smoke | {"inputs": cost.smoke["inputs"] | change}


def test_a_smoke_run_passes_every_check(cost, found):
    assert len(cost.checks) == 6
    assert cost.missed(cost.checks, found) == set()


def test_same_seed_same_bytes(cost):
    assert all(cost.same_bytes(job) for job in cost.module.jobs(cost.smoke))


def test_shares_add_up(cost, found):
    for label in ("log", "dollar"):
        shares = [found[f"central-{label}-{name}"].value for name in training_cost.PLAYERS]
        before = found["first-run-cost"].value
        claimed = cost.smoke["inputs"]["stated"]["claimed"]
        fall = np.log(before / claimed) if label == "log" else before - claimed
        assert sum(shares) == pytest.approx(fall)


def test_in_logs_a_share_is_the_log_of_the_factor():
    factors = {"price": 2.0, "throughput": 0.1, "allocation": 0.6, "residual": 1.2}
    shares = training_cost.decompose(factors, 100.0, log=True)
    assert {name: float(value) for name, value in shares.items()} == pytest.approx(
        {name: -np.log(factor) for name, factor in factors.items()}
    )
    dollars = training_cost.decompose(factors, 100.0, log=False)
    assert sum(dollars.values()) == pytest.approx(100 - 100 * 2 * 0.1 * 0.6 * 1.2)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"flop": 2.0e23}, "E15-check-gpt3"),
        (
            {"after": {"price": [2, 2.5, 4], "peak": 1979e12, "utilisation": [0.3, 0.4, 0.5]}},
            "E15-check-h100-middle",
        ),
        ({"before": {"price": [2, 3, 4], "throughput": [24e12, 28e12, 31e12]}}, "E15-check-independent"),
    ],
)
def test_wrong_inputs_are_caught(cost, change, check):
    assert check in cost.missed(cost.checks, cost.estimates(changed(cost, change)))


def test_hours_taken_for_seconds_are_caught(cost, monkeypatch):
    monkeypatch.setattr(training_cost, "_SECONDS_PER_HOUR", 1)
    assert "E15-check-gpt3" in cost.missed(cost.checks, cost.estimates())


def test_a_cheaper_claim_would_leave_a_saving(cost):
    stated = cost.smoke["inputs"]["stated"] | {"claimed": 0.05e6}
    found = cost.estimates(changed(cost, {"stated": stated}))
    assert cost.missed(cost.criteria, found) == {
        "training-cost-nothing-left",
        "training-cost-hardware-most",
    }
    assert found["residual-log"].high < 0


def test_the_residual_is_what_is_left(cost, found):
    log_ratio = np.log(cost.smoke["inputs"]["stated"]["claimed"] / 1e6 / found["cost-explained"].value)
    assert found["residual-log"].value == pytest.approx(log_ratio, rel=1e-3)


def test_an_input_of_the_first_run_does_not_move_the_residual(found):
    assert found["residual-price-before-low"].value == found["residual-price-before-high"].value
    assert found["residual-price-after-low"].value > found["residual-price-after-high"].value


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"before": {"price": [2, 1.5, 1.2], "throughput": [1, 2, 3]}}, "before.price"),
        ({"laws": {}}, "laws"),
    ],
)
def test_unusable_parameters_are_refused(cost, change, words):
    with pytest.raises(ValueError, match=words):
        cost.module.jobs(changed(cost, change))
