"""Self-play and transfer: what a step gets."""

import numpy as np
import pytest

from ouroboros.experiments.selfplay import transfer
from ouroboros.ledger import load_ledger


@pytest.fixture(scope="module")
def feed(root):
    parameters = dict(load_ledger(root).experiments["self-play.transfer"].parameters("smoke"))
    return transfer._Feed(parameters, 2, np.random.default_rng(5))


def test_no_step_can_touch_what_another_one_reads(feed):
    # Steps run while the next batch is drawn; an array filled anew would change under them.
    first, second = feed.batch(), feed.batch()
    for name, before, after in zip(first._fields, first, second, strict=True):
        assert not np.shares_memory(before, after), name


def test_a_replicate_sees_the_same_ranks_in_every_arm_of_poker(feed):
    inputs = feed.batch().inputs.reshape(len(transfer.TRAINED), feed.count, feed.size, -1)
    poker = [transfer.TRAINED.index(arm) for arm in ("self", "fixed", "equilibrium", "imitation", "shuffled")]
    assert (inputs[poker] == inputs[poker[:1]]).all()
    assert not (inputs[transfer.TRAINED.index("other-game")] == inputs[poker[0]]).all()
