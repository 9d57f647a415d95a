"""What tests of several folders share."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is and nothing about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def ledger(root: Path):
    """The real ledger."""
    from ouroboros.ledger import load_ledger

    return load_ledger(root)
