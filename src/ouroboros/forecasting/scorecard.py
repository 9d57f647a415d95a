"""The scorecard in figures and plain sentences: every set, both readings, nothing left out."""

from dataclasses import dataclass
from datetime import date

from ouroboros.forecasting.calibration import Calibration, calibration
from ouroboros.forecasting.scoring import BaselineName, Figure, Scores, scores
from ouroboros.forecasting.sets import KINDS, Item, SetKind, items
from ouroboros.ledger import Ledger
from ouroboros.ledger.forecasts import Reading

BASELINES: tuple[BaselineName, ...] = ("even odds", "base rate", "status quo")


@dataclass(frozen=True)
class Card:
    """One set under one reading."""

    kind: SetKind
    reading: Reading
    items: tuple[Item, ...]
    scores: Scores
    calibration: Calibration

    @property
    def headline(self) -> str:
        """What may be said of the set as a whole."""
        n = self.scores.counts.scored
        if self.kind.imputed:
            return f"Illustration on imputed numbers, n = {n}; no skill is claimed."
        if n == 0:
            return f"No {'headline ' * self.kind.headline}score yet: n = 0 until the first resolves."
        if not self.kind.headline:
            return f"Side score, n = {n}: the questions were not chosen by this edition."
        return f"Brier score {text_of(self.scores.brier)}, n = {n}."


def cards(ledger: Ledger, on: date) -> list[Card]:
    """Return every set under both readings, the one that may make a headline first."""
    found = []
    for name, kind in KINDS.items():
        for reading in ("strict", "lenient"):
            made = items(name, ledger.forecasts.values(), ledger.forecasts_meta.word_scale, reading, on)
            found.append(Card(kind, reading, tuple(made), scores(made), calibration(made)))
    return found


def text_of(figure: Figure | None, digits: int = 2) -> str:
    """A figure with its interval, or a dash."""
    if figure is None:
        return "–"
    value = _short(figure.value, digits)
    if figure.low is None:
        return value
    return f"{value} ({_short(figure.low, digits)} to {_short(figure.high, digits)})"


def _short(value: float, digits: int) -> str:
    """As many decimals as asked for, one fewer for each digit before the point beyond the first."""
    beyond = max(0, len(str(int(abs(value)))) - 1)
    return f"{value:.{max(0, digits - beyond)}f}".replace("-", "−")


def counts_text(card: Card) -> str:
    """All items of a set by state, so that none drops out unseen."""
    c = card.scores.counts
    return f"{c.all} questions: {c.resolved} resolved, {c.open} open, {c.ambiguous} ambiguous, {c.overdue} overdue"


def score_lines(ledger: Ledger, on: date) -> list[str]:
    """Text of the scorecard for a terminal."""
    lines = [
        f"scores as of {on} (Brier 0 to 1 and log score in nats, smaller is better; skill, larger is better)"
    ]
    if ledger.forecasts_meta is None:
        return [*lines, "no forecasts"]
    for card in cards(ledger, on):
        lines.append(f"{card.kind.title}, {card.reading} ({card.kind.label})")
        lines.append(f"  {counts_text(card)}")
        lines.append(f"  {card.headline}")
        if card.scores.counts.scored:
            skill = ", ".join(f"{name} {text_of(card.scores.skill[name])}" for name in BASELINES)
            lines.append(
                f"  Brier {text_of(card.scores.brier)}; log {text_of(card.scores.log)}; skill over {skill}"
            )
            lines.append(f"  {card.calibration.sentence}")
    return lines
