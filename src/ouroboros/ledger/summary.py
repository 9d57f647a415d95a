"""What the audits come to: counts by group, claims behind which stands one work, forecasts of one market."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from ouroboros.ledger.ledger import Ledger

#: Yuan for a dollar at which figures of a Chinese market are set beside those in dollars; the rate that
#: the audit of I005 used.
CNY_PER_USD = 7.1


def audits_by(ledger: Ledger, attribute: str) -> dict[str, Counter]:
    """Count audit verdicts within the groups that an attribute of claims makes.

    Parameters
    ----------
    ledger
        The ledger.
    attribute : str
        ``dimension``, ``kind``, ``basis`` or ``severity``; claims without it are left out.

    Returns
    -------
    dict of Counter
        Verdicts by group, groups in the order of the ledger; dimensions by number and short title.
    """
    counts: dict[str, Counter] = {}
    for claim in ledger.claims.values():
        value = getattr(claim, attribute)
        if value is None:
            continue
        if attribute == "dimension":
            value = f"{value}. {ledger.dimensions[value].title.partition(':')[0]}"
        counts.setdefault(str(value).replace("-", " "), Counter())[claim.verdict] += 1
    return counts


def shared_sources(ledger: Ledger) -> dict[str, list[str]]:
    """Works that stand as primary source behind more than one claim, the most shared first."""
    found = defaultdict(list)
    for claim in ledger.claims.values():
        for key in dict.fromkeys(citation.key for citation in claim.sources):
            found[key].append(claim.id)
    shared = [(key, ids) for key, ids in found.items() if len(ids) > 1]
    return dict(sorted(shared, key=lambda item: -len(item[1])))


@dataclass(frozen=True, slots=True)
class MarketPath:
    """Figures that one party gives for one market.

    Attributes
    ----------
    claim, by, of : str
        Claim it belongs to, who gives it, and which market.
    years, millions : tuple
        Years, and USD million in each.
    own : bool
        Whether it is the claim's own figure.
    """

    claim: str
    by: str
    of: str
    years: tuple[int, ...]
    millions: tuple[float, ...]
    own: bool

    @property
    def growth(self) -> float | None:
        """Growth a year between the first and the last figure, as a fraction; None for a single figure."""
        span = self.years[-1] - self.years[0]
        return (self.millions[-1] / self.millions[0]) ** (1 / span) - 1 if span else None


_MILLIONS = {
    "USD million": 1.0,
    "USD billion": 1000.0,
    "CNY million": 1 / CNY_PER_USD,
    "CNY billion": 1000 / CNY_PER_USD,
}


def market_paths(ledger: Ledger) -> list[MarketPath]:
    """Paths of all market sizes that claims state and of the estimates that stand beside them."""
    paths = []
    for claim in ledger.claims.values():
        own = [
            (int(q.as_of), q.value * _MILLIONS[q.unit])
            for q in claim.quantities
            if q.unit in _MILLIONS and q.name.startswith("market size") and q.as_of.isdigit()
        ]
        if own:
            years, millions = zip(*own, strict=True)
            name = claim.cited_as.name
            paths.append(MarketPath(claim.id, name, claim.title or claim.id, years, millions, True))
        for other in claim.other_estimates:
            if other.unit in _MILLIONS:
                years = tuple(point.year for point in other.points)
                millions = tuple(point.value * _MILLIONS[other.unit] for point in other.points)
                paths.append(MarketPath(claim.id, other.by, other.of, years, millions, False))
    return paths
