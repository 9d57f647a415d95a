"""Synthesise a table, or judge somebody else's: utility, membership risk and distances.

For a table of one's own the whole procedure is repeated on random splits, as in `ouroboros.experiments.compliance`: a
third of the rows trains the generator, a third does not, a third trains the attacker's shadow generator. A table from
elsewhere is attacked as it is; for that, real rows are needed that it was *not* made from.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ouroboros.experiments.compliance.tabular_generators import Domain, generate
from ouroboros.experiments.compliance.tabular_risk import Scale, attack, attack_scores, distances, utility
from ouroboros.stats.privacy import area_under_curve, closest
from ouroboros.stats.reporting import summarise

# Beyond this many rows a part, distances cost more than they tell.
MOST_ROWS = 3000
TOLD = "members can be told"
FLAGGED = "over-fitted"
CHANCE = "at chance"
_FLAG = 0.6


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure with its 95 % interval, what to hold it against, and a word on it."""

    name: str
    value: float
    low: float
    high: float
    against: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, and what a reader must know to read them."""

    findings: list[Finding]
    notes: list[str]

    def finding(self, name: str) -> Finding:
        """Finding of that name."""
        return next(finding for finding in self.findings if finding.name == name)


ATTACK = "membership attack (area under curve)"
UTILITY = "classifier trained on synthetic (area under curve)"
REAL = "classifier trained on real (area under curve)"
CLOSER = "rows nearer to training than to other real rows"
DCR = "distance to closest training row, over usual"
NNDR = "nearest over second nearest distance"
COPIES = "rows that equal a training row"
_AGAINST = {
    ATTACK: "0.5 is chance, above 0.6 over-fitted",
    UTILITY: "the line below",
    REAL: "",
    CLOSER: "0.5 if nothing is memorised",
    DCR: "1 is as far as new real rows are",
    NNDR: "low if rows crowd around training rows",
    COPIES: "0, unless real rows repeat",
}


def synthesise(
    table: NDArray,
    domain: Domain,
    kind: str,
    *,
    repeats: int = 20,
    seed: int = 0,
    epsilon: float = float("inf"),
    delta: float = 1e-5,
) -> Report:
    """Judge a generator on random splits of a table.

    Parameters
    ----------
    table : ndarray
        Real rows, label last.
    domain : Domain
        Ranges and categories.
    kind : str
        Generator of `ouroboros.experiments.compliance.tabular_generators`.
    repeats : int
        Splits, at least two.
    seed : int
        Same seed, same report.
    epsilon, delta : float
        Guarantee of the private generator.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    size = min(len(table) // 3, MOST_ROWS)
    guarantee = {"epsilon": epsilon, "delta": delta}
    found = []
    for _ in range(repeats):
        mixed = table[rng.permutation(len(table))]
        members, outsiders, reference = (mixed[k * size : (k + 1) * size] for k in range(3))
        made, shadow = (generate(kind, real, domain, size, rng, **guarantee) for real in (members, reference))
        scale = Scale.of(reference)
        usual = distances(members, outsiders, made, scale)
        area = attack(members, outsiders, made, shadow, scale)["joint"]
        found.append(
            [
                area,
                utility(made, outsiders),
                utility(members, outsiders),
                *(usual[k] for k in ("closer", "dcr", "nndr", "copies")),
            ]
        )
    both = summarise(np.array(found).T, rng)
    names = (ATTACK, UTILITY, REAL, CLOSER, DCR, NNDR, COPIES)
    findings = [
        _finding(name, *(float(both[end][k]) for end in ("value", "low", "high")))
        for k, name in enumerate(names)
    ]
    notes = [
        f"{repeats} random splits, {size} rows a part. A generator trained on more rows gives away less of each.",
        "An attack that fails shows only that this one failed; the attacker here holds real rows of the same kind.",
    ]
    return Report(findings, notes)


def judge(
    real: NDArray, synthetic: NDArray, holdout: NDArray | None, *, seed: int = 0, resamples: int = 500
) -> Report:
    """Judge a synthetic table from elsewhere.

    Parameters
    ----------
    real : ndarray
        Rows that it was made from, label last.
    synthetic : ndarray
        The table.
    holdout : ndarray, optional
        Real rows that it was not made from. Without them membership risk and utility cannot be measured.
    seed, resamples : int
        Same seed, same report; resamples of the records behind each interval.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    if holdout is None:
        return _without_holdout(real, synthetic, rng)
    real, synthetic, holdout = (_some(part, rng) for part in (real, synthetic, holdout))
    outsiders, reference = np.array_split(holdout[rng.permutation(len(holdout))], 2)
    members = real[rng.permutation(len(real))[: len(outsiders)]]
    scale = Scale.of(reference)
    # Tables of unequal length shift the scores of members and outsiders alike, which leaves their order.
    scores = attack_scores(np.concatenate([members, outsiders]), synthetic, reference, scale)
    joint = sum(stats.rankdata(score) for score in scores.values())
    inside, outside = joint[: len(members)], joint[len(members) :]
    areas = _resampled(area_under_curve, (inside, outside), rng, resamples)
    findings = [_finding(ATTACK, area_under_curve(inside, outside), *areas)]
    usual = distances(members, outsiders[: len(members)], synthetic, scale)
    for name, key in ((CLOSER, "closer"), (DCR, "dcr"), (NNDR, "nndr"), (COPIES, "copies")):
        ends = _resampled(
            lambda rows, key=key: distances(members, outsiders[: len(members)], rows, scale)[key],
            (synthetic,),
            rng,
            max(20, resamples // 10),
        )
        findings.append(_finding(name, usual[key], *ends))
    for name, train in ((UTILITY, synthetic), (REAL, real)):
        ends = _resampled(
            lambda rows, train=train: utility(train, rows), (holdout,), rng, max(20, resamples // 25)
        )
        findings.append(_finding(name, utility(train, holdout), *ends))
    notes = [
        f"{len(members)} rows that the table was made from, {len(outsiders)} that it was not, and {len(reference)} for "
        "the attacker to compare with; intervals resample the rows, the table stays as it is.",
        "An attack that fails shows only that this one failed. That the holdout was not used is believed, not tested.",
    ]
    return Report(findings, notes)


def _without_holdout(real: NDArray, synthetic: NDArray, rng: np.random.Generator) -> Report:
    real, synthetic = (_some(part, rng) for part in (real, synthetic))
    scale = Scale.of(real)
    made, kept = scale(synthetic), scale(real)
    near = closest(made, kept, 2)
    usual = np.median(closest(kept, kept, 2)[:, 1])
    measures = {
        DCR: near[:, 0] / max(usual, 1e-9),
        NNDR: near[:, 0] / np.maximum(near[:, 1], 1e-9),
        COPIES: (near[:, 0] < 1e-9).astype(float),
    }
    findings = []
    for name, sample in measures.items():
        middle = np.mean if name == COPIES else np.median
        findings.append(_finding(name, float(middle(sample)), *_resampled(middle, (sample,), rng, 500)))
    notes = [
        "Membership risk was not measured: it needs real rows that the table was not made from (--holdout).",
        "Distances alone clear tables that an attack sees through; they find plain copies.",
    ]
    return Report(findings, notes)


def _some(rows: NDArray, rng: np.random.Generator) -> NDArray:
    return rows[rng.permutation(len(rows))[:MOST_ROWS]]


def _resampled(statistic, samples: tuple[NDArray, ...], rng: np.random.Generator, resamples: int):
    found = [
        statistic(*(sample[rng.integers(len(sample), size=len(sample))] for sample in samples))
        for _ in range(resamples)
    ]
    return tuple(float(end) for end in np.quantile(found, [0.025, 0.975]))


def _finding(name: str, value: float, low: float, high: float) -> Finding:
    word = ""
    if name == ATTACK:
        word = FLAGGED if low > _FLAG else TOLD if low > 0.5 else CHANCE
    return Finding(name, value, min(low, value), max(high, value), _AGAINST[name], word)
