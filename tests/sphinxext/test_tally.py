"""Counts on the pages are those of the ledger, and words that mean nothing are refused."""

import pytest

from ouroboros.ledger import load_ledger
from ouroboros.sphinxext.argument_pages import tally
from ouroboros.sphinxext.book_data import BookData
from ouroboros.sphinxext.dashboard import AUDITS, STATUSES, VERDICTS


@pytest.fixture(scope="module")
def data(root):
    """The ledger of the checkout without any evidence."""
    return BookData(root, load_ledger(root), {})


@pytest.mark.parametrize(
    ("kind", "words"), [("claims", AUDITS), ("statements", VERDICTS), ("forecasts", STATUSES)]
)
def test_parts_add_up_to_the_whole(data, kind, words):
    assert sum(tally(data, f"{kind} {word}") for word in words) == tally(data, kind) > 0


def test_without_evidence_nothing_is_tested(data):
    assert tally(data, "experiments accepted") == 0
    assert tally(data, "statements untested") == tally(data, "statements")


@pytest.mark.parametrize("what", ["claim", "claims wrong", "", "pages"])
def test_words_that_count_nothing_are_refused(data, what):
    assert tally(data, what) is None
