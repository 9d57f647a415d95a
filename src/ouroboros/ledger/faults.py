"""Faults of a ledger: where, in what, what is wrong and what would be right."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong at one line of one file."""

    file: str
    line: int
    ident: str | None
    message: str

    def __str__(self) -> str:
        ident = f"{self.ident}: " if self.ident else ""
        return f"{self.file}:{self.line}: {ident}{self.message}"


class LedgerFaults(ValueError):
    """All faults of a ledger at once, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = sorted(set(faults), key=lambda f: (f.file, f.line, f.ident or "", f.message))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return ' (did you mean ...?)' for the closest known word, or nothing."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def did_you_mean_or_list(word: str, known: Collection[str]) -> str:
    """The closest known word, or all of them when none is close."""
    return did_you_mean(word, known) or f" (one of {', '.join(known)})"
