import numpy as np
import pytest

from ouroboros.stats import reporting


def row(value, se, replicates=400):
    return {"value": value, "se": se, "low": value - 2 * se, "high": value + 2 * se, "replicates": replicates}


def test_a_summary_is_a_mean_with_its_interval():
    rng = np.random.default_rng(1)
    sample = rng.standard_normal((3, 40)) + np.arange(3.0)[:, None]
    found = reporting.summarise(sample, rng)
    assert found["value"] == pytest.approx(sample.mean(axis=1))
    assert found["se"] == pytest.approx(sample.std(axis=1, ddof=1) / np.sqrt(40))
    assert np.all((found["low"] < found["value"]) & (found["value"] < found["high"]))
    rows = reporting.rows({"arm": "a"}, "t", [1, 2, 5], found)
    assert [r["t"] for r in rows] == [1, 2, 5]
    assert rows[2]["value"] == pytest.approx(sample[2].mean()) and rows[2]["replicates"] == 40


@pytest.mark.parametrize("replicates", [30, 300])
def test_intervals_cover(replicates):
    rng = np.random.default_rng(2)
    found = reporting.summarise(rng.exponential(size=(400, replicates)), rng)
    covered = np.mean((found["low"] <= 1) & (found["high"] >= 1))
    assert 0.90 <= covered <= 0.98


def test_differences_and_ratios_of_independent_means():
    gap = reporting.difference("gap", row(3.0, 0.3), row(1.0, 0.4), "Gap")
    assert (gap.value, gap.high - gap.value) == pytest.approx((2.0, 1.96 * 0.5), rel=1e-3)
    ratio = reporting.ratio("ratio", row(2.0, 0.02), row(1.0, 0.01), "Ratio")
    assert ratio.value == pytest.approx(2.0)
    assert np.log(ratio.high / ratio.value) == pytest.approx(1.96 * np.hypot(0.01, 0.01), rel=1e-3)
    with pytest.raises(ValueError, match="positive"):
        reporting.ratio("ratio", row(2.0, 0.1), row(0.0, 0.1), "Ratio")


def test_the_worst_of_several_keeps_its_interval():
    parts = [reporting.mean(f"part-{i}", row(v, 0.1), "Part") for i, v in enumerate((3.0, 1.0, 2.0))]
    worst = reporting.extreme("worst", parts, "Worst")
    assert (worst.value, worst.low, worst.high) == (1.0, parts[1].low, parts[1].high)
    assert reporting.extreme("best", parts, "Best", end="high", largest=True).value == 3.0


def test_nothing_to_compare_is_said():
    assert reporting.largest("z", [-3.0, 2.0], 5, "Z").value == 3.0
    with pytest.raises(ValueError, match="nothing to compare"):
        reporting.largest("z", [], 5, "Z")
