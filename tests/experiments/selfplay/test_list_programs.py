"""The two tables of list programs against a plain interpreter that shares no line with them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.experiments.selfplay import list_programs as lp
from ouroboros.experiments.selfplay.list_programs import BLANK, PRIMITIVES, TESTS


def _wrap(x):
    return (x + 50) % 100 - 50


PLAIN = {
    "reverse": lambda xs: xs[::-1],
    "sort": sorted,
    "rotate": lambda xs: xs[1:] + xs[:1],
    "drop-first": lambda xs: xs[1:],
    "keep-even": lambda xs: [x for x in xs if x % 2 == 0],
    "distinct": lambda xs: list(dict.fromkeys(xs)),
    "add-one": lambda xs: [x + 1 for x in xs],
    "negate": lambda xs: [-x for x in xs],
    "double": lambda xs: [2 * x for x in xs],
    "running-sum": lambda xs: list(itertools.accumulate(xs)),
    "differences": lambda xs: [b - a for a, b in itertools.pairwise([0, *xs])],
    "running-maximum": lambda xs: list(itertools.accumulate(xs, max)),
}
lists = st.lists(st.integers(-50, 49), max_size=7)
programs = st.lists(st.integers(0, BLANK), min_size=5, max_size=5)


def _run(program, xs):
    for symbol in program:
        if symbol != BLANK:
            xs = [_wrap(x) for x in PLAIN[PRIMITIVES[symbol]](list(xs))]
    return list(xs)


@pytest.mark.parametrize("primitive", range(len(PRIMITIVES)))
@given(xs=lists)
def test_each_primitive_does_what_its_name_says(primitive, xs):
    found = lp.apply(primitive, lp.pack([tuple(xs)]))
    assert list(found.values[0][: found.length[0]]) == _run([primitive], xs)
    assert not found.values[0][found.length[0] :].any()


@given(first=programs, second=programs)
def test_two_programs_pass_the_same_tests_as_when_they_are_run(first, second):
    same = [_run(first, xs) == _run(second, xs) for xs in TESTS]
    assert list(lp.passed(first, second)) == same
    assert lp.is_valid(first, second) == (any(same) and not all(same))


@given(first=programs, second=programs)
def test_the_other_assertions_are_values_in_any_order_and_length(first, second):
    ends = [(_run(first, xs), _run(second, xs)) for xs in TESTS]
    table = lp.outcomes()
    equal = table[lp.number(first)] == table[lp.number(second)]
    assert list(equal[8:16]) == [sorted(a) == sorted(b) for a, b in ends]
    assert list(equal[16:]) == [len(a) == len(b) for a, b in ends]


@pytest.fixture(scope="module")
def repositories():
    rng = np.random.default_rng(11)
    habits = lp.draw_habits(0.3, rng)
    return habits, lp.draw_repositories(habits, 400, rng)


def test_repositories_differ_and_every_step_matters(repositories):
    _, programs = repositories
    assert len(np.unique(lp.number(programs))) == len(programs)
    for place in range(5):
        without = programs.copy()
        without[:, place] = BLANK
        assert not lp.passed(without, programs).all(axis=1).any()


def test_bugs_are_valid_and_have_the_size_asked_for(repositories):
    _, programs = repositories
    sizes = np.repeat([1, 2, 3], 200)
    bugs = lp.draw_bugs(programs, sizes, np.random.default_rng(1))
    assert lp.is_valid(bugs.programs, bugs.truth).all()
    assert list((bugs.programs != bugs.truth).sum(axis=1)) == list(sizes)
    assert set(lp.number(bugs.truth)) <= set(lp.number(programs))
    assert bugs.programs.max() < BLANK


def test_human_bugs_are_valid_and_follow_other_habits(repositories):
    habits, programs = repositories
    bugs = lp.draw_human_bugs(programs, 4000, habits, np.random.default_rng(1))
    changed = bugs.programs != bugs.truth
    assert lp.is_valid(bugs.programs, bugs.truth).all()
    assert set(changed.sum(axis=1)) == {1, 2, 3}
    # Few confusions make most of the mistakes; evenly drawn ones have no favourites.
    even = lp.draw_bugs(programs, changed.sum(axis=1), np.random.default_rng(2))

    def top(bugs):
        where = bugs.programs != bugs.truth
        pairs = np.bincount((bugs.truth * 12 + bugs.programs)[where], minlength=144)
        return np.sort(pairs)[-10:].sum() / pairs.sum()

    assert top(bugs) > 2 * top(even)


def test_a_style_that_is_too_narrow_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="different programs"):
        lp.draw_repositories(lp.draw_habits(0.02, rng), 4000, rng)
