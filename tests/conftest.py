"""What tests of several folders share."""

from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def make_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Open headless Chromium windows whose every host but this machine is unreachable."""
    from browsers import chromium

    opened = []

    def make(**asked):
        browser = chromium(tmp_path_factory.mktemp("chromium"), **asked)
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        browser.quit()


@pytest.fixture(scope="session")
def browser(make_browser):
    return make_browser()
