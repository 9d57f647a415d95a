"""One number that an experiment reports, with its interval and the replicates behind it."""

import math
import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A named point estimate with its interval.

    Parameters
    ----------
    name : str
        Lower-case id, unique within an experiment, such as ``replace-log-variance-ddof1-n100-t100``.
    value : float
        Point estimate.
    low, high : float
        Ends of the interval; both equal ``value`` where the number is exact or has no interval.
    n : int
        Independent replicates behind the number.
    unit : str, optional
        Unit of ``value``; empty where it has none.
    level : float, optional
        Coverage that the interval claims, between 0 and 1.
    method : str, optional
        How the interval was made: ``bootstrap``, ``normal``, ``clopper-pearson``, ``exact``, ...
    description : str, optional
        One plain sentence.

    Raises
    ------
    ValueError
        If the name is not an id, a number is not a number, or the value lies outside its interval.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    unit: str = ""
    level: float = 0.95
    method: str = "bootstrap"
    description: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"estimate {self.name!r}: not an id (lower-case letters and digits, joined by - _ .)"
            )
        if any(math.isnan(number) for number in (self.value, self.low, self.high)):
            raise ValueError(
                f"estimate {self.name}: value {self.value}, interval [{self.low}, {self.high}]: not a number"
            )
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"estimate {self.name}: {self.value} outside its interval [{self.low}, {self.high}]"
            )
        if self.n < 1:
            raise ValueError(f"estimate {self.name}: {self.n} replicates (at least 1 needed)")
        if not 0 < self.level < 1:
            raise ValueError(f"estimate {self.name}: level {self.level} (a number between 0 and 1 needed)")
