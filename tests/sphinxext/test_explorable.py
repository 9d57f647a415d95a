"""The explorable computes what the closed forms of the experiments compute."""

import re
from math import erfc, exp, sqrt

import pytest
from browsers import call_script
from lxml import html as lxml_html

from ouroboros.sphinxext import explorable
from ouroboros.stats import gaussian_recursion, real_share


def call(browser, *calls):
    return call_script(browser, explorable.STATIC_SCRIPT, list(calls))


def test_the_script_is_small_and_asks_nobody():
    text = explorable.STATIC_SCRIPT.read_text("utf-8")
    assert len(text.encode()) < 8_000
    assert not re.search(r"http|fetch|Storage|innerHTML|\.style\b|eval|onclick", text)


@pytest.mark.parametrize(("n", "real"), [(10, 0), (50, 5), (200, 1), (200, 20), (30, 15)])
def test_the_script_agrees_with_the_closed_forms(browser, n, real):
    words = list(real_share.zipf(explorable.WORDS))
    variances, alive = call(browser, ["variances", n, real, 40], ["alive", words, n, real, 40])
    assert variances == pytest.approx([real_share.normal_moments(n, real, t)[0] for t in range(1, 41)])
    # The script follows a word back to the draws that it descends from, the module counts it forwards.
    expected = real_share.survival(words, n, real, 40)
    assert [x for row in alive for x in row] == pytest.approx(expected.ravel(), abs=1e-9)


def test_tails_and_the_typical_chain_agree_too(browser):
    variances = [1.0, 0.6, 0.2, 0.05]
    tails = call(browser, *(["tail", v] for v in variances))
    assert tails == pytest.approx([erfc(2 / sqrt(2 * v)) for v in variances], rel=1e-6)
    law = exp(gaussian_recursion.expected_log_variance(10, 0, 20)[0])
    assert call(browser, ["typical", 10, 20]) == pytest.approx([law])


def test_the_page_works_without_its_script():
    page = lxml_html.fromstring(explorable._html())
    assert page.xpath("//form[@hidden]") and not page.xpath("//svg/ancestor::form")
    assert all(line.get("points") for line in page.xpath("//polyline")) and len(page.xpath("//polyline")) == 9
    assert (
        page.xpath("//p[@aria-live='polite']")[0]
        .text_content()
        .startswith("Generation 30, 5 of 50 values real.")
    )


def test_every_control_has_a_label_and_a_value_and_no_handler():
    html = explorable._html()
    assert html.count('<input type="range"') == html.count("<label for=") == html.count("<output for=") == 3
    assert not re.search(r"\sstyle=|\son\w+=|<script", html)


def test_real_values_are_whole():
    assert [explorable.real_of(10, percent) for percent in (0, 4, 5, 25, 50)] == [0, 0, 1, 3, 5]
