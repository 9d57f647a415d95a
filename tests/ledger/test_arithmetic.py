"""Equations beside claims are found, evaluated, and right."""

import pytest

from ouroboros.ledger.arithmetic import equations, equations_of


def test_every_equation_beside_a_claim_holds(ledger):
    found = equations(ledger)
    assert [f"{e.claim}: {e.text}, computed {e.computed:.6g}" for e in found if not e.holds] == []
    # The claims with figures that the original builds on are all among them.
    assert {"I001", "I002", "I003", "I005", "I006", "I016", "I034", "I046"} <= {e.claim for e in found}
    assert len(found) >= 35


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("(2339.8/351.2)^(1/7)-1 = 31.12% -> fits", True),
        ("(2339.8/351.2)^(1/7)-1 = 31.2%", False),
        ("about (3 x 1,000 = 3,000)", True),
        ("3 x 1,000 = 3,001", False),
        ("4.3 - (-13.4) = 17.7 points", True),
        ("2.5 + 9.87 = 12.37 %", True),
        ("1 - 0.131/0.148 = 11.5 %", True),
        ("2e9 x 3 = 6e9", True),
    ],
)
def test_an_equation_is_judged_by_the_digits_that_are_stated(text, holds):
    (equation,) = equations_of("I001", text)
    assert equation.holds is holds


@pytest.mark.parametrize("text", ["pi^2/6 = 1.645", "2 Aug -> 2 Dec is four months", "1/0 = 3", "see I036"])
def test_what_is_no_equation_in_numbers_is_passed_over(text):
    assert list(equations_of("I001", text)) == []
