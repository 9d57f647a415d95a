"""The arithmetic that stands beside claims, computed again.

An audit notes its sums in plain text: ``(2339.8/351.2)^(1/7)-1 = 31.12%``. Every equation of that form, an expression
in numbers on the left and its rounded value on the right, is found and evaluated.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ouroboros.ledger.ledger import Ledger

_NUMBER = r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"
_EQUATION = re.compile(
    rf"(?<![\w^.])(?P<left>\(*{_NUMBER}%?(?:\s*\)*\s*(?:[+\-*/^×]|\bx\b)\s*\(*-?{_NUMBER}%?)+\)*)"
    rf"\s*=\s*\+?(?P<right>-?{_NUMBER})(?:\s?(?P<unit>%))?"
)
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation of an audit.

    Attributes
    ----------
    claim, text : str
        Claim it belongs to, and the equation as noted.
    stated, computed : float
        Its right side, and the value of its left side in the same unit.
    half : float
        Half a unit of the last digit that is stated.
    """

    claim: str
    text: str
    stated: float
    computed: float
    half: float

    @property
    def holds(self) -> bool:
        """Whether the left side rounds to the right one."""
        return abs(self.computed - self.stated) <= self.half * (1 + 1e-9)


def equations_of(claim: str, text: str) -> Iterator[Equation]:
    """Equations of a text, in order; whatever is no equation in numbers is passed over."""
    for found in _EQUATION.finditer(text):
        left = found["left"]
        # A parenthesis that opens or closes outside the expression is punctuation.
        while left.count(")") > left.count("(") and left.endswith(")"):
            left = left[:-1]
        while left.count("(") > left.count(")") and left.startswith("("):
            left = left[1:]
        value = _evaluate(left)
        if value is None:
            continue
        # A ratio that is stated in per cent; a sum of percentages is in per cent already.
        if found["unit"] and "/" in left:
            value *= 100
        digits = found["right"].replace(",", "")
        mantissa, _, exponent = digits.partition("e")
        decimals = len(mantissa.partition(".")[2])
        half = 0.5 * 10.0 ** (int(exponent or 0) - decimals)
        yield Equation(claim, found[0].strip(), float(digits), value, half)


def equations(ledger: Ledger) -> list[Equation]:
    """Equations that stand beside all claims and their updates."""
    return [
        equation
        for claim in ledger.claims.values()
        for text in (claim.arithmetic, *(update.arithmetic for update in claim.updates))
        if text
        for equation in equations_of(claim.id, text)
    ]


def _evaluate(text: str) -> float | None:
    plain = re.sub(r"(?<=\d),(?=\d)", "", text).replace("%", "").replace("^", "**").replace("×", "*")
    try:
        return _value(ast.parse(re.sub(r"\bx\b", "*", plain).strip(), mode="eval").body)
    except (SyntaxError, KeyError, ZeroDivisionError, OverflowError, TypeError):
        return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise TypeError(f"{ast.dump(node)}: no arithmetic")
