import numpy as np
import pytest
from scipy import stats

from ouroboros.experiments.cost import peak_data


@pytest.fixture(scope="module")
def peak(trial):
    return trial("cost.peak-data")


@pytest.fixture(scope="module")
def found(peak):
    return peak.estimates()


def changed(peak, **inputs):
    return peak.smoke | {"inputs": peak.smoke["inputs"] | inputs}


def test_a_smoke_run_passes_every_check(peak, found):
    assert len(peak.checks) == 5
    assert peak.missed(peak.checks, found) == set()


def test_same_seed_same_bytes(peak):
    assert all(peak.same_bytes(job) for job in peak.module.jobs(peak.smoke))


def test_a_lognormal_holds_its_mass_between_its_ends():
    sample = peak_data.lognormal((2.0, 5.0, 0.9), 200_000, np.random.default_rng(3))
    assert np.quantile(sample, [0.05, 0.5, 0.95]) == pytest.approx([2.0, np.sqrt(10), 5.0], rel=0.01)
    assert stats.skew(np.log(sample)) == pytest.approx(0, abs=0.03)


def test_at_the_date_demand_equals_the_stock():
    year = peak_data.full_use_year(3e14, 0.03, 6e12, 0.37)
    t = float(year) - peak_data.ORIGIN
    assert 6e12 * 10 ** (0.37 * t) == pytest.approx(3e14 * 10 ** (0.03 * t))


def test_a_demand_that_does_not_catch_up_never_meets_the_stock():
    assert peak_data.full_use_year(3e14, 0.3, 6e12, 0.2) == np.inf
    assert peak_data.full_use_year(3e14, 0.3, 6e15, 0.4) < peak_data.ORIGIN


def test_a_multiplier_is_a_delay():
    plain, more = (peak_data.full_use_year(3e14 * m, 0.03, 6e12, 0.37) for m in (1, 5.2))
    assert more - plain == pytest.approx(np.log10(5.2) / 0.34)


def test_compute_optimal_tokens():
    assert peak_data.compute_optimal_tokens(6 * 70e9 * 1.4e12) == pytest.approx(1.4e12)


def test_scenarios_are_ordered_as_their_changes_say(found):
    year = {name[5:]: e.value for name, e in found.items() if name.startswith("year-") and e.value > 1000}
    assert year["overtrained-100"] < year["overtrained-5"] < year["base"]
    assert year["once"] < year["base"] > year["no-new-pages"]
    assert year["base"] < year["synthetic-0.1"] < year["synthetic-0.33"] < year["synthetic-1"]


def test_overtraining_needs_the_square_root_more(found):
    # The published model gives about one year for a factor of five: log10(sqrt 5)/0.34.
    assert found["year-base"].value - found["year-overtrained-5"].value == pytest.approx(1.03, abs=0.1)


def test_distribution_functions_rise(peak):
    table = peak.table()
    curves = table[table["quantity"] == "cdf"].groupby("scenario")["value"]
    assert len(curves) == len(peak.smoke["inputs"]["scenarios"])
    assert all(np.all(np.diff(curve) >= 0) for _, curve in curves)


@pytest.mark.parametrize(
    ("inputs", "check"),
    [
        ({"stock": {"quality": [0.2, 0.8, 0.95]}}, "E14-check-stock-medians"),
        ({"demand": {"growth": [0.45, 0.65, 0.95]}}, "E14-check-year"),
        ({"demand": {"growth": [0.36, 0.38, 0.95], "largest": [6.2e12, 6.3e12, 0.9]}}, "E14-check-year-ends"),
    ],
)
def test_wrong_inputs_are_caught(peak, inputs, check):
    whole = {key: peak.smoke["inputs"][key] | values for key, values in inputs.items()}
    assert check in peak.missed(peak.checks, peak.estimates(changed(peak, **whole)))


def test_a_wrong_law_of_repetition_is_caught(peak):
    wrong = changed(peak, repetition=peak.smoke["inputs"]["repetition"] | {"r-d": 14.0})
    assert peak.missed(peak.checks, peak.estimates(wrong)) >= {
        "E14-check-epochs",
        "E14-check-data-constrained-loss",
    }


def test_criteria_can_fall_either_way(peak):
    stock = peak.smoke["inputs"]["stock"] | {"pages": [1e8, 1e9, 0.95]}
    hungry = peak.estimates(changed(peak, stock=stock))
    assert peak.missed(peak.criteria, hungry) == {"peak-data-date-unlikely", "peak-data-synthetic-way-out"}
    slow = peak.smoke["inputs"]["demand"] | {"growth": [0.09, 0.11, 0.95]}
    patient = peak.estimates(changed(peak, demand=slow))
    assert peak.missed(peak.criteria, patient) == {
        "peak-data-date-likely",
        "peak-data-within-eight-years",
        "peak-data-necessity",
    }


def test_a_base_is_needed(peak):
    with pytest.raises(ValueError, match="base"):
        peak.module.jobs(changed(peak, scenarios={"once": {}}))


def test_a_synthetic_token_beats_the_pass_that_is_worth_less(found):
    for name, worth in (("tenth", 0.1), ("third", 0.33)):
        passes = found[f"epochs-before-{name}"].value
        gain = peak_data.effective_multiple(passes + 1e-4, 15.387756) - peak_data.effective_multiple(
            passes, 15.387756
        )
        assert gain / 1e-4 == pytest.approx(worth, rel=1e-3)
