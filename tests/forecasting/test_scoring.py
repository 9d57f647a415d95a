"""Scores against values computed by hand, against scikit-learn, and against what makes a score proper."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from ouroboros.forecasting.scorecard import text_of
from ouroboros.forecasting.scoring import RULES, Figure, brier_of, log_of, question_score, scores
from ouroboros.forecasting.sets import CHANGE, Held, Item, items

probability = st.floats(0.005, 0.995)
# A whole set costs some fifty milliseconds (bootstrap), a single score two.
few = settings(max_examples=15, deadline=None)


def item(ident, held, outcome, *, base=0.25, quo=CHANGE, past=True, status=None):
    status = status or {1: "resolved-yes", 0: "resolved-no", None: "open"}[outcome]
    return Item(ident, "strict", status, tuple(Held(p, d) for p, d in held), outcome, past, base, quo)


def test_scores_computed_by_hand():
    assert brier_of([0.8], 1) == pytest.approx(0.04)
    assert brier_of([0.8], 0) == pytest.approx(0.64)
    assert log_of([0.8], 1) == pytest.approx(-math.log(0.8))
    assert log_of([0.8], 0) == pytest.approx(-math.log(0.2))
    assert brier_of([0.5], 1) == brier_of([0.5], 0) == 0.25


def test_a_set_computed_by_hand():
    found = scores([item("N1", [(0.8, 10)], 1), item("N2", [(0.4, 10)], 0), item("N3", [(0.9, 5)], None)])
    assert found.brier.value == pytest.approx((0.04 + 0.16) / 2)
    assert found.log.value == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    # base rate 0.25: (0.5625 + 0.0625) / 2; even odds: 0.25; status quo 0.05: (0.9025 + 0.0025) / 2
    assert found.skill["base rate"].value == pytest.approx(1 - 0.1 / 0.3125)
    assert found.skill["even odds"].value == pytest.approx(1 - 0.1 / 0.25)
    assert found.skill["status quo"].value == pytest.approx(1 - 0.1 / 0.4525)
    assert (found.counts.all, found.counts.resolved, found.counts.open, found.counts.scored) == (3, 2, 1, 2)


def test_days_weigh_a_changed_probability():
    """Eight days at 0.4 and two at 0.9, then YES: the late change repairs a fifth."""
    changed = item("N1", [(0.4, 8), (0.9, 2)], 1)
    assert question_score(changed, "brier") == pytest.approx(0.8 * 0.36 + 0.2 * 0.01)
    assert question_score(changed, "log") == pytest.approx(-0.8 * math.log(0.4) - 0.2 * math.log(0.9))


@few
@given(st.lists(st.tuples(probability, st.integers(0, 1)), min_size=1, max_size=6))
def test_a_set_scores_as_scikit_learn_scores_its_rows(rows):
    found = scores([item(f"N{k}", [(p, 3)], y) for k, (p, y) in enumerate(rows, 1)])
    said, came = zip(*rows, strict=True)
    assert found.brier.value == pytest.approx(brier_score_loss(came, said, labels=[0, 1], pos_label=1))
    assert found.log.value == pytest.approx(log_loss(came, said, labels=[0, 1]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(probability, st.integers(1, 400)), min_size=1, max_size=6), st.integers(0, 1))
def test_a_question_scores_as_scikit_learn_with_weights(held, outcome):
    said, days = zip(*held, strict=True)
    came = [outcome] * len(said)
    found = item("N1", held, outcome)
    expected = brier_score_loss(came, said, sample_weight=days, labels=[0, 1], pos_label=1)
    assert question_score(found, "brier") == pytest.approx(expected)
    expected = log_loss(came, said, sample_weight=days, labels=[0, 1])
    assert question_score(found, "log") == pytest.approx(expected)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=40, deadline=None)
@given(belief=probability, other=probability)
def test_no_other_probability_has_a_better_expected_score(rule, belief, other):
    def expected(said):
        return belief * RULES[rule]([said], 1) + (1 - belief) * RULES[rule]([said], 0)

    if abs(belief - other) > 1e-6:
        assert expected(belief) < expected(other)


@few
@given(st.lists(st.tuples(probability, st.integers(0, 1)), min_size=2, max_size=5), st.randoms())
def test_the_order_of_questions_changes_nothing(rows, random):
    made = [item(f"N{k}", [(p, 1)], y, base=p / 2 + 0.1) for k, (p, y) in enumerate(rows, 1)]
    shuffled = list(made)
    random.shuffle(shuffled)
    assert scores(shuffled) == scores(made)


def test_the_interval_holds_the_value_and_needs_two_questions():
    rng = np.random.default_rng(900)
    made = [
        item(f"N{k}", [(p, 1)], int(rng.random() < p)) for k, p in enumerate(rng.uniform(0.1, 0.9, 30), 1)
    ]
    found = scores(made)
    for figure in (found.brier, found.log, *found.skill.values()):
        assert figure.low < figure.value < figure.high
    assert scores(made[:1]).brier.low is None
    assert scores([]).brier is None


def test_a_baseline_that_is_never_wrong_leaves_no_skill_to_measure():
    assert scores([item("N1", [(0.8, 1)], 1, base=1.0)]).skill["base rate"] is None
    assert scores([item("N1", [(0.8, 1)], 1, base=None)]).skill["base rate"] is None


def test_the_days_a_probability_was_in_force(forecast, scale):
    made = forecast(
        given=[("2026-11-23", 0.4), ("2026-12-03", 0.2), ("2026-12-03", 0.3), ("2027-01-02", 0.6), ("2027-06-01", 0.9)],
        outcome="resolved-yes",
        decided="2027-01-11",
    )  # fmt: skip
    [found] = items("edition", [made], scale, "strict", date(2027, 12, 1))
    # ten days at 0.4, none at 0.2 (changed the same day), thirty at 0.3, ten at 0.6; 0.9 came after the answer
    assert found.held == (Held(0.4, 10), Held(0.3, 30), Held(0.6, 10))
    assert found.outcome == 1


def test_every_item_stays_in_the_denominator(forecast, scale):
    made = [
        forecast("N1", outcome="resolved-yes"),
        forecast("N2", outcome="resolved-ambiguous"),
        forecast("N3"),
        forecast("N4", close="2027-02-01"),
        forecast("N5", outcome="resolved-no"),
    ]
    found = scores(items("edition", made, scale, "strict", date(2027, 6, 1))).counts
    assert (found.all, found.resolved, found.ambiguous, found.open, found.overdue) == (5, 2, 1, 1, 1)
    assert found.scored == 2


def test_imputed_sets_are_told_from_made_ones(imputed, forecast, scale):
    made = [imputed("F1"), imputed("F2", term="may", outcome="resolved-yes"), forecast("N1")]
    on = date(2026, 11, 23)
    words = items("words", made, scale, "strict", on)
    assert [(i.id, i.held[0].probability, i.outcome) for i in words] == [("F1", 0.93, 0), ("F2", 0.5, 1)]
    assert [i.held[0].probability for i in items("prior", made, scale, "strict", on)] == [0.2, 0.2]
    assert [i.id for i in items("edition", made, scale, "strict", on)] == ["N1"]
    assert items("estimates", made, scale, "strict", on) == []
    assert items("words", made, scale, "lenient", on) == []


def test_an_estimate_on_the_originals_question_is_no_part_of_the_headline_set(ledger):
    scale, every = ledger.forecasts_meta.word_scale, ledger.forecasts.values()
    on = date(2026, 11, 23)
    assert {i.id[0] for i in items("edition", every, scale, "strict", on)} == {"N"}
    assert {i.id[0] for i in items("estimates", every, scale, "strict", on)} == {"F"}
    assert scores(items("edition", every, scale, "strict", on)).brier is None
    assert scores(items("words", every, scale, "strict", on)).counts.all == 20


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (None, "–"),
        (Figure(0.25), "0.25"),
        (Figure(-3.07, -344.96, -0.37), "−3.07 (−345 to −0.37)"),
        (Figure(-15.2, -89.09, 9.99), "−15.2 (−89.1 to 9.99)"),
    ],
)
def test_a_figure_is_printed_no_finer_than_it_is_known(figure, text):
    assert text_of(figure) == text
