"""Forecasts of the original and of an edition fit one model; its dated entries say who, why and how far they saw."""

from datetime import date

import pytest
from pydantic import ValidationError

from ouroboros.ledger import Forecast, LedgerFaults, load_ledger
from ouroboros.ledger.forecast_log import reports_nothing_found


def estimate(value, *, day="2026-11-23", reading="strict", **more):
    return {
        "date": day, "reading": reading, "value": value, "label": "estimate of this edition",
        "by": "the editors", "why": "It opened twice before.",
    } | more  # fmt: skip


OURS = {
    "id": "N1",
    "origin": "edition",
    "edition": "2026.11",
    "kind": "own forecast",
    "topic": "enforcement",
    "title": "It opens",
    "statement": "Will it open?",
    "made_on": "2026-11-23",
    "window": {"open": "2026-11-24", "close": "2027-12-31"},
    "resolution": {
        "strict": "It opened.",
        "does_not_count": ["a rumour"],
        "if_silent": "NO",
        "sources": ["the press corner"],
        "resolve_on": "2028-01-15",
    },
    "base_rate": {"text": "Two of two.", "basis": "read", "strict": 0.75},
    "probabilities": [estimate(0.4), estimate(0.3, day="2026-12-24")],
    "leading_indicators": ["a speech"],
    "links": ["F3", "E17"],
}


def status(day="2026-11-23", **more):
    return {"as_of": day, "strict": "open", "rationale": "Too early.", "by": "the editors"} | more


def test_our_own_forecast():
    forecast = Forecast.model_validate(OURS)
    assert forecast.probability("strict").value == 0.3
    assert forecast.probability("lenient") is None
    assert forecast.prior() is None
    assert forecast.status is None
    assert forecast.readings == ("strict",)
    assert forecast.window.close == date(2027, 12, 31)
    assert forecast.resolve_on == date(2028, 1, 15)


def test_a_forecast_without_a_day_of_its_own_is_to_be_resolved_a_month_after_its_window():
    resolution = {k: v for k, v in OURS["resolution"].items() if k != "resolve_on"}
    assert Forecast.model_validate(OURS | {"resolution": resolution}).resolve_on == date(2028, 1, 30)


def test_a_correction_names_an_earlier_entry():
    entries = [estimate(0.4), estimate(0.04, corrects="p1"), estimate(0.3, day="2026-12-24")]
    forecast = Forecast.model_validate(OURS | {"probabilities": entries})
    assert forecast.correction_of("probabilities", 1) == "p2"
    assert forecast.correction_of("probabilities", 2) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"made_on": "2028-02-01"}, "after its window closed"),
        ({"made_on": "2026-11-24"}, "may open on the next day at the earliest"),
        ({"probabilities": OURS["probabilities"][::-1]}, "out of order"),
        ({"probabilities": [estimate(0.4, day="2026-11-24")]}, "on the day it was made"),
        ({"probabilities": [estimate(1.0)]}, "between 0.005 and 0.995"),
        ({"probabilities": [estimate(0.4, corrects="p1")]}, "not an earlier entry of 'probabilities'"),
        ({"probabilities": [estimate(0.4), estimate(0.3, corrects="e1")]}, "not an earlier entry"),
        ({"probabilities": [estimate(0.4, corrects="first")]}, "does not name an entry"),
        ({"probabilities": [{k: v for k, v in estimate(0.4).items() if k != "why"}]}, "why"),
        ({"probabilities": [estimate(0.4, why="No case was found.")]}, "needs 'horizon'"),
        ({"links": ["F3", "F3"]}, "has item 2 of 'links' twice"),
        ({"leading_indicators": ["a speech", "a speech"]}, "has item 2 of 'leading_indicators' twice"),
        ({"history": [status(), status()]}, "has item 2 of 'history' twice"),
        ({"base_rate": None}, "needs 'edition' and a 'base_rate' with a number"),
        ({"base_rate": OURS["base_rate"] | {"text": "No case was found."}}, "needs 'horizon'"),
        ({"edition": None}, "needs 'edition' and a 'base_rate' with a number"),
        ({"window": {"open": "2027-02-30", "close": "2027-12-31"}}, "not a day of the calendar"),
        ({"resolution": {"strict": "x", "sources": []}}, "at least 1 item"),
        ({"history": [status(strict_decided_on="2026-11-01")]}, "strict reading, which is not resolved"),
        (
            {"history": [status(strict="resolved-yes", strict_decided_on="2026-11-24")]},
            "before the strict reading was decided",
        ),
        ({"evidence": [{"date": "2026", "direction": "for", "reliability": "low", "summary": "x",
                        "added_on": "2026-11-23"}]}, "either 'source'"),
        ({"updates": [{"date": "2026-11-23", "found": "x", "status_change": "none", "reasons": "y",
                       "fired": [2], "by": "us"}]}, "fires an indicator beyond the 1 listed"),
    ],
)  # fmt: skip
def test_impossible_forecasts(change, message):
    with pytest.raises(ValidationError, match=message):
        Forecast.model_validate(OURS | change)


@pytest.mark.parametrize(
    "text",
    [
        "not found: no actual by the publisher",
        "No evidence found on head-count parity",
        "no fine traceable to an authority was found",
        "Nine searches found no first-person admission",
        "none of the six funding events; nothing new was seen",
        "no frontier release built on it was found",
    ],
)
def test_a_search_without_result_is_recognised(text):
    assert reports_nothing_found(text)


@pytest.mark.parametrize("text", ["Two cases were found.", "Founded in May; no case. It found them.", "No."])
def test_other_sentences_are_not(text):
    assert not reports_nothing_found(text)


def test_every_report_of_nothing_found_says_how_far_it_saw(ledger):
    names = {horizon.name for horizon in ledger.forecasts_meta.horizons}
    reports = 0
    for forecast in ledger.forecasts.values():
        for _, entries in forecast.logs():
            for entry in entries:
                if any(map(reports_nothing_found, entry.texts())):
                    reports += 1
                    assert entry.horizon in names
        if forecast.base_rate and reports_nothing_found(forecast.base_rate.text):
            assert forecast.base_rate.horizon in names
    assert reports > 20


def test_a_prior_of_the_original_never_counts_as_an_estimate(ledger):
    forecast = ledger.forecasts["F2"]
    assert forecast.prior("strict").value == 0.06
    assert forecast.probability("strict") is None
    assert forecast.status.strict == "resolved-no"
    assert forecast.status.lenient == "resolved-ambiguous"


def test_the_forecasts_of_the_edition(ledger):
    ours = [f for f in ledger.forecasts.values() if f.origin == "edition"]
    assert len(ours) >= 12
    assert all(f.window.open > f.made_on and f.window.close.year == 2027 for f in ours)
    assert all(f.readings == ("strict", "lenient") and f.base_rate.lenient is not None for f in ours)
    assert all(f.probability("strict").value <= f.probability("lenient").value for f in ours)
    assert {"K1", "K2", "K3", "K4"} <= {link for f in ours for link in f.links}
    topics = " ".join(f.topic for f in ours)
    assert all(word in topics for word in ("regulation", "market", "literature"))


def test_the_original_has_all_that_its_pages_show(ledger):
    terms = {word.term for word in ledger.forecasts_meta.word_scale}
    for forecast in (f for f in ledger.forecasts.values() if f.origin == "original"):
        assert forecast.wording.term in terms
        assert forecast.status_quo and forecast.assessments
        assert forecast.status.of("strict") and forecast.prior("lenient").in_hindsight


FORECAST_REFERENCES = {
    "unknown work": (
        "source: smith2024words",
        "source: smith2024word",
        "unknown citation key 'smith2024word'",
    ),
    "unknown record": ("records: [I001]", "records: [I999]", "unknown record 'I999'"),
    "unknown term": ("term: flat", "term: flatt", "unknown term 'flatt' (did you mean 'flat'?)"),
    "unknown horizon": ("horizon: spring", "horizon: sprin", "unknown horizon 'sprin'"),
    "unknown work of a status": ("sources: [corp2025page]", "sources: [corp]", "unknown citation key 'corp'"),
}


@pytest.mark.parametrize("case", FORECAST_REFERENCES)
def test_what_entries_refer_to_exists(small, case):
    old, new, message = FORECAST_REFERENCES[case]
    root = small()
    text = (root / "ledger/forecasts.yml").read_text()
    whole = META + text.replace("  links: [K1]\n", REFERRING + "  links: [K1]\n").replace(
        "    by: the editors\n    why: It", "    horizon: spring\n    by: the editors\n    why: It"
    ).replace("    rationale: Too early.\n", "    rationale: Too early.\n    sources: [corp2025page]\n")
    assert load_ledger(root, instead={"forecasts": whole}).forecasts["F1"].evidence
    faulty = new.join(whole.rsplit(old, 1))
    assert faulty != whole
    with pytest.raises(LedgerFaults) as caught:
        load_ledger(root, instead={"forecasts": faulty})
    [fault] = caught.value.faults
    assert message in fault.message
    assert faulty.splitlines()[fault.line - 1].strip().removeprefix("- ") == new


META = """\
meta:
  title: A title
  probability_notice: Notice.
  status_vocabulary: [open]
  confidence_meaning: Meaning.
  horizons:
  - name: spring
    date: '2026-05-01'
    corpora: [{name: news, until: '2026-04-30', note: All of it.}]
    consequence: None.
  word_scale:
  - {term: flat, means: will, anchor: sure, probability: 0.9, low: 0.8, high: 0.95, source: smith2024words,
     locator: p. 1, why: So it is.}
  scoring_fine_print: []
"""
REFERRING = """\
  wording:
    word: will
    term: flat
  evidence:
  - date: '2026'
    direction: for
    reliability: low
    summary: It did.
    source: smith2024words
    added_on: '2026-11-23'
  - date: '2026'
    direction: for
    reliability: low
    summary: It did.
    records: [I001]
    added_on: '2026-11-23'
"""
