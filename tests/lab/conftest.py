"""A checkout in miniature: an experiment of a few lines in a package of its own, and a ledger around it."""

import secrets
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from ouroboros.ledger import load_ledger

EXPERIMENT_ID = "toy.mean"

MODULE = '''
"""Mean of normal values."""

import os
import time

import numpy as np
import pandas as pd

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job

from .near import scaled

KEPT = []


def jobs(parameters):
    return [Job(f"n{n}-r{r}", {"n": n, "mode": parameters.get("mode", "")}) for n in parameters["n"]
            for r in range(parameters["repeats"])]


def simulate(parameters, rng):
    mode = parameters["mode"]
    if mode == "raise" and parameters["n"] == 20:
        raise ValueError("the dice fell off the table")
    if mode == "slow":
        time.sleep(0.4)
    if mode == "uneven" and parameters["n"] == 20:
        time.sleep(3)
    if mode == "die" and parameters["n"] == 20:
        time.sleep(0.4)  # the others finish first
        os._exit(1)
    if mode == "moody" and os.environ.get("TOY_MOOD") == "die":
        os._exit(1)
    if mode == "moody" and os.environ.get("TOY_MOOD") == "raise":
        raise ValueError("not today")
    if mode == "hoard":
        time.sleep(1.1)  # a pool measures its processes no more than once a second
        KEPT.append(bytearray(b"x") * 400_000_000)
    if mode == "list":
        return [1.0]
    values = scaled(rng.standard_normal(parameters["n"]))
    if mode == "nan":
        values[0] = np.nan
    if mode == "empty":
        values = values[:0]
    return pd.DataFrame({"n": parameters["n"], "word": "NA", "x": values})


def analyse(table, parameters):
    x = table["x"]
    error = 1.96 * x.std() / len(x) ** 0.5
    return [
        Estimate("mean", x.mean(), x.mean() - error, x.mean() + error, len(x), method="normal"),
        Estimate("largest", x.abs().max(), x.abs().max(), x.abs().max(), len(x), method="exact"),
    ]
'''

NEAR = '''
from .far import FACTOR


def scaled(values):
    """Scale."""
    # Half.
    return FACTOR * values
'''


def experiment_entry(package):
    return {
        "id": EXPERIMENT_ID,
        "protocol": "E99",
        "module": f"{package}.mean",
        "notebook": "notebooks/toy/mean.md",
        "title": "A mean",
        "question": "Is the mean of centred values zero?",
        "claims": ["I001"],
        "statements": ["K1"],
        "method": "Draw, average.",
        "not_shown": ["Anything else."],
        "seed": 7,
        "tiers": {"smoke": {"n": [5], "repeats": 2}, "publish": {"n": [10, 20], "repeats": 3}},
        "checks": [
            {
                "id": "toy-check-bounded",
                "statement": "No value is absurd.",
                "estimate": "largest",
                "comparison": "at-most",
                "threshold": 10,
                "reference": "R-TOY",
            }
        ],
        "criteria": [
            {
                "id": "toy-mean-near-zero",
                "statement": "The mean is near zero.",
                "bears_on": ["K1", "I001"],
                "if_met": "+",
                "if_not_met": "-",
                "test": "equivalence",
                "estimate": "mean",
                "comparison": "within",
                "threshold": [-1, 1],
                "scope": "toy: normal values",
                "fixed_on": "2026-11-01",
            }
        ],
    }


def claim_entry(ident):
    return {
        "id": ident,
        "dimension": 1,
        "kind": "empirical-result",
        "text": "A claim.",
        "cited_as": {"name": "Somebody"},
        "sources": [{"key": "a2026"}],
        "source_says": "The same.",
        "audit": {
            "verdict": "confirmed",
            "correction": "none",
            "basis": "read",
            "confidence": 0.9,
            "checked_on": "2026-11-01",
        },
    }


def statement_entry(ident, claims):
    return {
        "id": ident, "kind": "finding", "title": "T", "text": "Text.", "where": "p. 1", "claims": claims,
    }  # fmt: skip


class Checkout:
    """Root directory, package and ledger entry of the toy; write() puts them on disk."""

    def __init__(self, root: Path, package: str):
        self.root = root
        self.package = package
        self.id = EXPERIMENT_ID
        self.entry = experiment_entry(package)
        self.source("__init__", "")
        self.source("mean", MODULE)
        self.source("near", NEAR)
        self.source("far", "from . import farthest\n\nFACTOR = farthest.HALF\n")
        self.source("farthest", "HALF = 0.5\n")
        self.source("unrelated", "TWO = 2\n")
        self.write()

    def source(self, module, text=None):
        path = self.root / "src" / self.package / f"{module}.py"
        if text is None:
            return path.read_text()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return None

    def forget(self):
        """Let the next import see what is on disk."""
        for name in [name for name in sys.modules if name.partition(".")[0] == self.package]:
            del sys.modules[name]

    def write(self):
        files = {
            "ledger/claims.yml": {
                "dimensions": [{"number": 1, "title": "One"}],
                "claims": [claim_entry("I001")],
            },
            "ledger/statements.yml": {"statements": [statement_entry("K1", ["I001"])]},
            "ledger/references.yml": {
                "references": [
                    {
                        "id": "R-TOY",
                        "protocols": ["E99"],
                        "quantity": "bound",
                        "value": 10,
                        "tolerance": {"abs": 0},
                        "setup": "any",
                        "mark": "D",
                        "derived": True,
                    }
                ]
            },
            "ledger/experiments.yml": {"experiments": [self.entry]},
        }
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(content, sort_keys=False))
        bib = "@article{a2026, author = {A, B}, title = {T}, journal = {J}, year = {2026}, doi = {10.1000/toy}}\n"
        (self.root / "references.bib").write_text(bib)

    @property
    def ledger(self):
        return load_ledger(self.root)

    @property
    def experiment(self):
        return self.ledger.experiments[self.id]

    def set_parameters(self, tier, **parameters):
        self.entry["tiers"][tier] |= parameters
        self.write()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    # Worker processes outlive a test and remember modules: every checkout has a package of its own.
    package = f"toylab_{secrets.token_hex(6)}"
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    made = Checkout(tmp_path, package)
    yield made
    made.forget()
