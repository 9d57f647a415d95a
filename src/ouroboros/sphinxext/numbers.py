"""How numbers are printed: as many digits as the interval supports, true minus signs, thin grouping."""

from __future__ import annotations

import math

from ouroboros.stats.estimate import Estimate

_MINUS = "\N{MINUS SIGN}"
_THIN = "\N{NARROW NO-BREAK SPACE}"

#: Unit of an estimate that is a date: years are not grouped, and nobody writes "2028 calendar year".
YEAR = "calendar year"


def decimals_for(low: float, high: float) -> int:
    """Decimals that show an interval with two significant digits of its width (between 0 and 6)."""
    width = abs(high - low)
    if not math.isfinite(width) or width == 0:
        return 4
    return min(6, max(0, 1 - math.floor(math.log10(width))))


def number(value: float, decimals: int | None = None) -> str:
    """Print a number.

    Parameters
    ----------
    value : float
        Any finite number; others print as words.
    decimals : int, optional
        Digits after the point; four significant digits by default.

    Returns
    -------
    str
    """
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return ("" if value > 0 else _MINUS) + "∞"
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e7):
        mantissa, exponent = f"{value:.1e}".split("e")
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa.replace('-', _MINUS)}×10{power}"
    text = (
        (f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}")
        if decimals is None
        else f"{value:,.{decimals}f}"
    )
    text = text.replace(",", _THIN)
    if text.startswith("-"):
        text = text[1:] if float(text[1:].replace(_THIN, "") or 0) == 0 else _MINUS + text[1:]
    return text


def estimate_text(estimate: Estimate, *, interval: bool = True, unit: bool = True) -> str:
    """Print an estimate with its interval and unit, the interval deciding the digits."""
    exact = estimate.low == estimate.high
    decimals = None if exact else decimals_for(estimate.low, estimate.high)
    text = number(estimate.value, decimals)
    if interval and not exact:
        text += f" [{number(estimate.low, decimals)}, {number(estimate.high, decimals)}]"
    if estimate.unit == YEAR:
        return text.replace(_THIN, "")
    return f"{text} {estimate.unit}".rstrip() if unit else text
