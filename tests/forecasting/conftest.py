"""Forecasts made for a test, with only what the test is about."""

import pytest

from ouroboros.ledger import Forecast
from ouroboros.ledger.forecasts import WordOnScale


def _probability(value, day, reading="strict", imputed=False):
    label = "imputed, not made by the authors" if imputed else "estimate of this edition"
    return {
        "date": day, "reading": reading, "value": value, "label": label, "in_hindsight": imputed,
        "by": "the editors", "why": "A reason.",
    }  # fmt: skip


@pytest.fixture
def forecast():
    """Make a forecast of an edition from its probabilities [(day, value)] and, if any, its outcome."""

    def make(
        ident="N1",
        given=(("2026-11-23", 0.4),),
        outcome=None,
        decided="2027-03-01",
        close="2027-12-31",
        **more,
    ):
        history = [{"as_of": "2026-11-23", "strict": "open", "rationale": "New.", "by": "the editors"}]
        if outcome:
            entry = {"as_of": decided, "strict": outcome, "rationale": "Seen.", "by": "the editors"}
            if outcome.startswith("resolved"):
                entry["strict_decided_on"] = decided
            history.append(entry)
        data = {
            "id": ident, "origin": "edition", "edition": "2026.11", "kind": "own forecast", "title": "It opens",
            "statement": "Will it open?", "made_on": "2026-11-23",
            "window": {"open": "2026-11-24", "close": close},
            "resolution": {"strict": "It opened.", "sources": ["the press"]},
            "status_quo": {"strict": "no", "lenient": "no"},
            "base_rate": {"text": "One of four.", "basis": "read", "strict": 0.25},
            "probabilities": [_probability(value, day) for day, value in given],
            "history": history,
        }  # fmt: skip
        return Forecast.model_validate(data | more)

    return make


@pytest.fixture
def imputed():
    """Make a forecast of the original: a word, a prior and, if any, an outcome."""

    def make(ident="F1", term="flat", prior=0.2, outcome="resolved-no", close="2026-06-30"):
        return Forecast.model_validate(
            {
                "id": ident, "origin": "original", "kind": "dated", "title": "It opens",
                "statement": "It will open.", "made_on": "2026-02-19",
                "window": {"open": "2026-04-01", "close": close},
                "resolution": {"strict": "It opened.", "sources": ["the press"]},
                "wording": {"word": "will", "term": term},
                "probabilities": [_probability(prior, "2026-11-23", imputed=True)],
                "history": [{"as_of": "2026-11-23", "strict": outcome, "rationale": "Seen.", "by": "the editors"}],
            }
        )  # fmt: skip

    return make


@pytest.fixture
def scale():
    """A word scale of two terms."""
    return [
        WordOnScale(
            term=term, means="m", anchor="a", probability=p, low=p, high=p, source="s", locator="l", why="w"
        )
        for term, p in (("flat", 0.93), ("may", 0.5))
    ]
