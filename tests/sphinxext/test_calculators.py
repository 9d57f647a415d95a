"""The calculator computes what the experiment computes."""

import numpy as np
import pytest
from browsers import call_script

from ouroboros.experiments.cost import peak_data
from ouroboros.lab import load_evidence
from ouroboros.sphinxext.calculators import STATIC_SCRIPT, _form, law_of


@pytest.fixture(scope="module")
def law(ledger, root):
    return law_of(ledger.experiments["cost.peak-data"], load_evidence(root, "cost.peak-data"))


def test_the_script_is_small_and_asks_nobody():
    text = STATIC_SCRIPT.read_text("utf-8")
    assert len(text.encode()) < 10_000
    assert "http" not in text and "fetch" not in text and "Storage" not in text


def test_the_script_agrees_with_the_experiment(ledger, root, law, browser):
    evidence = load_evidence(root, "cost.peak-data")
    plain = {
        "growth": 10 ** law["growth"][0],
        "overtraining": 1,
        "synthetic": 0,
        "worth": 0,
    }
    calls = [
        ["median", law, plain],
        ["quantile", law, plain, 0.1],
        ["quantile", law, plain, 0.9],
        ["chance", law, plain, 2026],
        ["median", law, plain | {"overtraining": 100}],
        ["median", law, plain | {"synthetic": 10, "worth": 1}],
        ["median", law, plain | {"growth": 1.01}],
        ["quantile", law, plain | {"growth": 0.5}, 0.5],
    ]
    found = call_script(browser, STATIC_SCRIPT, calls)
    base = evidence.estimate("year-base")
    assert found[:3] == pytest.approx([base.value, base.low, base.high], abs=0.06)
    assert found[3] == pytest.approx(evidence.estimate("used-by-2025-base").value, abs=0.002)
    assert found[4] == pytest.approx(evidence.estimate("year-overtrained-100").value, abs=0.06)
    assert found[5] == pytest.approx(evidence.estimate("year-synthetic-1").value, abs=0.06)
    assert found[6] is None and found[7] is None  # JSON has no infinity


def test_the_law_is_that_of_the_draws(ledger, law):
    inputs = ledger.experiments["cost.peak-data"].parameters("smoke")["inputs"]
    rng = np.random.default_rng(911)
    stocks, growth = peak_data._stocks(inputs["stock"], 100_000, rng)
    demand = peak_data._demand(inputs["demand"], 100_000, rng)
    tokens, pace = demand["sets"]
    assert law["demand"] == pytest.approx([np.log10(tokens).mean(), np.log10(tokens).std()], abs=0.005)
    assert law["pages"] == pytest.approx([growth.mean(), growth.std()], abs=0.001)
    assert law["growth"] == pytest.approx([pace.mean(), pace.std()], abs=0.002)
    stock = np.log10(stocks["effective"])
    assert law["stock"] == pytest.approx([np.median(stock), stock.std()], abs=0.02)


def test_every_control_has_a_label_and_a_value(law):
    html = _form(law)
    assert html.count('<input type="range"') == html.count("<label for=") == html.count("<output for=") == 4
    assert "<noscript>" in html and " hidden " in html and "style=" not in html
