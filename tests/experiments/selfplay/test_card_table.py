"""The encoding and the probe: answers against enumeration, no leak, the same words for every deck."""

import itertools

import numpy as np
import pytest

from ouroboros.experiments.selfplay import card_table
from ouroboros.experiments.selfplay.card_table import PAIR, PLACES
from ouroboros.experiments.selfplay.poker_trees import KUHN, LEDUC, grown

GAMES = (KUHN, LEDUC)


def _read(row):
    """Own card, public card (or None), deck and chips out of a row."""
    own = int(row[:PLACES].sum()) - 1
    public = int(row[PLACES : 2 * PLACES].sum()) - 1 if row[3 * PLACES] else None
    deck = np.rint(row[2 * PLACES : 3 * PLACES] * 2).astype(int)
    chips = np.rint(row[PAIR + 1 : PAIR + 3] * card_table.MOST_CHIPS).astype(int)
    return own, public, deck, chips


def test_answers_equal_enumeration_of_the_opponents_cards():
    ranks = np.random.default_rng(2).integers(3, 14, size=300)
    rows, answers = card_table.questions(ranks, np.random.default_rng(1))
    for row, (equity, value, decision), size in zip(rows, answers, ranks, strict=True):
        own, public, deck, (mine, theirs) = _read(row)
        assert (deck > 0).sum() == size
        cards = list(itertools.chain.from_iterable([place] * int(count) for place, count in enumerate(deck)))
        cards.remove(own)
        if public is not None:
            cards.remove(public)
        mark = PLACES if own == public else own
        scores = [
            (mark > (PLACES if c == public else c)) + 0.5 * (mark == (PLACES if c == public else c))
            for c in cards
        ]
        assert equity == pytest.approx(np.mean(scores), abs=1e-6)
        # Won, the opponent's chips are gained; lost, as many are paid.
        call = equity * theirs - (1 - equity) * theirs
        fold = -mine
        assert value == pytest.approx((call - fold) / (2 * theirs), abs=1e-6)
        assert decision == (value > 1e-7) or abs(value) < 1e-6


def test_the_feature_of_a_pair_is_the_only_one_that_gives_it_away():
    rows, _ = card_table.questions(np.full(4000, 5), np.random.default_rng(3))
    pairs = np.array([own == public for own, public, *_ in map(_read, rows)])
    assert 0.01 < pairs.mean() < 0.2
    assert (rows[:, PAIR] == pairs).all()
    other = np.delete(rows, PAIR, axis=1)
    linked = [abs(np.corrcoef(column, pairs)[0, 1]) for column in other.T if np.ptp(column) > 0]
    assert max(linked) < 0.9


def test_cards_are_drawn_evenly():
    rows, _ = card_table.questions(np.full(20000, 13), np.random.default_rng(4))
    own = rows[:, :PLACES].sum(axis=1) - 1
    assert np.bincount(own.astype(int), minlength=PLACES) / len(own) == pytest.approx([1 / 13] * 13, abs=0.01)


def test_rows_of_the_games_keep_order_and_differ_between_decisions():
    tree = grown(*GAMES)
    for places in ([0, 1, 2], [1, 6, 12]):
        rows = card_table.decisions(tree, GAMES, np.array(places))
        assert rows.shape == (300, card_table.WIDTH)
        own = rows[:, :PLACES].sum(axis=1) - 1
        assert list(own) == [places[d.card] for d in tree.decisions]
        chips = [(d.own_chips, d.other_chips) for d in tree.decisions]
        assert [tuple(_read(row)[3]) for row in rows] == chips
    # Histories that end in the same pot are told apart by nothing but the pot, as the encoding intends.
    assert len(np.unique(rows, axis=0)) > 150


def test_there_are_as_many_placements_as_choices():
    assert len(card_table.placements()) == 286 and (np.diff(card_table.placements(), axis=1) > 0).all()
