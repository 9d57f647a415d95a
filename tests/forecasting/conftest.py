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


CLAIMS = """\
dimensions:
- {number: 1, title: Industry}
claims:
"""
CLAIM = """\
- id: %s
  dimension: 1
  kind: market-forecast
  text: The market grows.
  cited_as: {name: A vendor, date: '2024'}
  sources: [{key: %s}]
  source_says: It says so.
  audit: {verdict: confirmed, correction: None needed., basis: read, confidence: 0.9, checked_on: '2026-11-23'}
"""
STATEMENT = """\
- id: %s
  kind: %s
  title: Growth
  text: There is growth.
  where: theses
  claims: [I030]
"""
OTHER_FORECASTS = ("F3", "FU1", "N4")


@pytest.fixture(scope="session")
def texts(root, ledger):
    """Files of a small ledger whose forecasts are real ones, with an open log."""
    from ouroboros.ledger.yamlfile import read_yaml
    from ouroboros.ledger.yamltext import yaml_text

    data = read_yaml((root / "ledger/forecasts.yml").read_text("utf-8"), "f").data
    data["meta"]["log_opened_on"] = "2026-11-23"
    kept = [f for f in data["forecasts"] if f["id"] in OTHER_FORECASTS]
    for one in kept:
        one["links"] = [link for link in one["links"] if link in ("I030", "K4", "U1")]
    forecasts = (
        "# A comment at the top.\n\nmeta:\n"
        + yaml_text(data["meta"], 2)
        + "\nforecasts:\n"
        + "\n".join(yaml_text([one]) for one in kept)
        + "\nnot_scored:\n"
        + yaml_text(data["not_scored"])
    )
    keys = {key for key in ledger.bibliography if key in forecasts}
    entries = (root / "references.bib").read_text("utf-8").split("\n@")[1:]
    return {
        "ledger/claims.yml": CLAIMS + CLAIM % ("I030", sorted(keys)[0]),
        "ledger/statements.yml": "statements:\n"
        + STATEMENT % ("K4", "finding")
        + STATEMENT % ("U1", "uncertainty"),
        "ledger/experiments.yml": "experiments: []\n",
        "ledger/forecasts.yml": forecasts,
        "references.bib": "\n".join(f"@{e}" for e in entries if e.split("{", 1)[1].split(",")[0] in keys),
    }


@pytest.fixture
def checkout(texts, tmp_path):
    """A checkout with the small ledger in it; its first state is committed."""
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(root, *arguments):
    import os
    import subprocess

    # Committed on the day of its entries, whenever the test runs.
    environment = {"GIT_AUTHOR_DATE": "2026-11-23T12:00:00+00:00", **os.environ}
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(
        ["git", "-C", str(root), *who, *arguments], check=True, capture_output=True, env=environment
    )


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "A state")


@pytest.fixture
def committed():
    """Commit all of a checkout."""
    return commit
