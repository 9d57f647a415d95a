"""What tests of several folders share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def ledger(root: Path):
    """The real ledger."""
    from ouroboros.ledger import load_ledger

    return load_ledger(root)
