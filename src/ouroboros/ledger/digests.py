"""Digests of criteria, so that evidence can prove they were fixed before it."""

import hashlib
import json

from ouroboros.ledger.experiments import Criterion, Experiment

# What a criterion means. When it was fixed, and that it was superseded later, do not change the meaning.
_MEANING = (
    "id", "statement", "bears_on", "if_met", "if_not_met", "test",
    "estimate", "field", "comparison", "threshold", "reference", "scope",
)  # fmt: skip


def _canonical(criterion: Criterion) -> dict:
    dumped = criterion.model_dump(mode="json", include=set(_MEANING))
    return dumped | {
        "bears_on": sorted(dumped["bears_on"]),
        "statement": " ".join(dumped["statement"].split()),
    }


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def criterion_digest(criterion: Criterion) -> str:
    """SHA-256 (hex) over the fields that carry the meaning of one criterion."""
    return _sha256(_canonical(criterion))


def criteria_digest(experiment: Experiment) -> str:
    """SHA-256 (hex) over all criteria of an experiment, whatever their order in the file."""
    return _sha256(sorted((_canonical(c) for c in experiment.criteria), key=lambda c: c["id"]))
