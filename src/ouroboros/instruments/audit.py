"""What a generation step did to data: drift, tails, diversity, duplicates, entropy, each with an interval.

Every measure is a comparison of two files, and is built so that two samples of one law give an interval that covers
zero about as often as it claims:

- A distance between samples is never zero. What is reported is its excess over the mean of random relabellings of the
  same items, and the interval is at least as wide as their spread.
- What is rare is decided on one half of the first file and measured on the other half, because whatever a sample
  shows least of is less rare than it looks there.
- Numbers of different things depend on the size of a sample, so they are compared at the smaller of both sizes, by the
  closed form for drawing without replacement [hurlbert1971nonconcept]_.
- The spread of a difference is that over random halves of both files, whose variance is that of the whole
  [shao1989jackknife]_; repeating items, as drawing with replacement does, would make duplicates.

References
----------
.. [hurlbert1971nonconcept] S. H. Hurlbert, The Nonconcept of Species Diversity, 1971.
.. [shao1989jackknife] J. Shao and C. F. J. Wu, A General Theory for Jackknife Variance Estimation, 1989.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from ouroboros.instruments.audit_input import Column, Pair

# Memory of one batch of resamples, in numbers.
_BATCH = 4_000_000
_WORD = re.compile(r"\w+")
_BINS = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison of both files.

    Attributes
    ----------
    column, measure : str
        What was compared, and by what.
    before, after : float or None
        The measure in each file; None where it only exists between them.
    change : float
        ``after`` minus ``before``; of a distance its excess over chance.
    low, high : float
        Interval of the change.
    unit : str
        Unit of all of them.
    worse : int
        The sign of a change for the worse; 0 if a change has no direction.
    """

    column: str
    measure: str
    before: float | None
    after: float | None
    change: float
    low: float
    high: float
    unit: str
    worse: int

    @property
    def verdict(self) -> str:
        """``no change seen``, ``worse``, or ``changed``: that a rise is an improvement no statistic can say."""
        if self.low <= 0 <= self.high:
            return "no change seen"
        return "worse" if self.change * self.worse > 0 else "changed"


@dataclass(frozen=True, slots=True)
class Settings:
    """How an audit is made.

    Attributes
    ----------
    resamples : int
        Relabellings and halves.
    level : float
        Coverage of the intervals.
    tail : float
        Share of the first file that counts as its tail (of numbers at both ends together).
    similarity : float
        Jaccard similarity of three-word runs from which two texts are near-duplicates.
    seed : int
        The same seed gives the same report.
    """

    resamples: int = 400
    level: float = 0.95
    tail: float = 0.1
    similarity: float = 0.8
    seed: int = 0


def audit(pair: Pair, settings: Settings | None = None) -> list[Finding]:
    """Compare what was there before a generation step with what is there after it.

    Parameters
    ----------
    pair : Pair
        As `ouroboros.instruments.audit_input.read_pair` gives it.
    settings : Settings, optional
        Defaults as in the class.

    Returns
    -------
    list of Finding
        Column by column: drift, tail, diversity, entropy, near-duplicates.
    """
    settings = settings or Settings()
    found: list[Finding] = []
    for position, column in enumerate(pair.columns):
        rng = np.random.default_rng([settings.seed, position])
        found += _KINDS[column.kind](column, settings, rng)
    rng = np.random.default_rng([settings.seed, len(pair.columns)])
    if pair.rows is not None:
        found += _repeats("whole rows", *pair.rows, settings, rng)
    return found


# --------------------------------------------------------------------------------------------------
# Resampling


class _Scale:
    """Excess of a distance over chance, and change of a statistic, with their intervals."""

    def __init__(self, settings: Settings):
        tail = (1 - settings.level) / 2
        self.ends = (tail, 1 - tail)
        self.resamples = settings.resamples

    def distance(
        self, column: str, measure: str, unit: str, value: float, null: NDArray, halves: NDArray
    ) -> Finding:
        """A distance: wide enough for chance around zero and for the spread around the value."""
        middle = float(null.mean())
        chance = np.quantile(null, self.ends) - middle
        own = np.quantile(halves, self.ends) - halves.mean()
        # Turned round: the interval covers zero if the value lies within the spread of relabellings.
        low, high = min(-chance[1], -own[1]), max(-chance[0], -own[0])
        excess = value - middle
        return Finding(column, measure, None, None, excess, excess + low, excess + high, unit, 1)

    def change(
        self,
        column: str,
        measure: str,
        unit: str,
        values: tuple[float, float],
        halves: tuple[NDArray, NDArray],
        worse: int,
    ) -> Finding:
        """A difference of one statistic in both files."""
        spread = halves[1] - halves[0]
        low, high = np.quantile(spread - spread.mean(), self.ends)
        value = values[1] - values[0]
        return Finding(column, measure, *values, value, value - high, value - low, unit, worse)


def _half_counts(counts: NDArray, resamples: int, rng: np.random.Generator) -> NDArray:
    """Counts of random halves of as many items as the counts sum to."""
    return rng.multivariate_hypergeometric(counts, counts.sum() // 2, size=resamples, method="marginals")


def _half_rows(count: int, resamples: int, rng: np.random.Generator) -> NDArray:
    """Masks of random halves."""
    mask = np.arange(count) < count // 2
    return rng.permuted(np.broadcast_to(mask, (resamples, count)), axis=1)


def _batches(resamples: int, width: int) -> Iterator[int]:
    each = max(1, min(resamples, _BATCH // max(width, 1)))
    for start in range(0, resamples, each):
        yield min(each, resamples - start)


def _split(count: int, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Places of the half that decides what is rare, and of the half in which it is measured."""
    order = rng.permutation(count)
    return order[: count // 2], order[count // 2 :]


# --------------------------------------------------------------------------------------------------
# Statistics of counts


def different(counts: NDArray, size: int) -> float:
    """Expected number of different things among ``size`` items drawn without replacement."""
    counts = counts[counts > 0]
    # Without repeats the sum below is the size but for rounding, and a difference of roundings is no change.
    if counts.max(initial=0) <= 1:
        return float(min(size, len(counts)))
    return float(np.sum(_seen(counts, counts.sum(), size)))


def _seen(counts: NDArray, total: int, size: int) -> NDArray:
    """Probability that a thing with these counts is among ``size`` of ``total`` items."""
    left = total - counts
    log = special.gammaln

    def choose(n: NDArray) -> NDArray:
        return log(n + 1) - log(np.maximum(n - size, 0) + 1)

    absent = np.where(left >= size, np.exp(choose(left) - choose(np.asarray(total))), 0.0)
    return 1 - absent


def entropy(counts: NDArray) -> float:
    """Entropy in bits with the correction of Miller and Madow for the size of the sample."""
    counts = counts[counts > 0]
    p = counts / counts.sum()
    return float(-np.sum(p * np.log2(p)) + (len(counts) - 1) / (2 * counts.sum() * np.log(2)))


def _count_findings(
    column: str, before: NDArray, after: NDArray, settings: Settings, rng: np.random.Generator
) -> Iterator[Finding]:
    """Drift, number of different values and entropy of items that fall into classes."""
    scale, resamples = _Scale(settings), settings.resamples
    total = before + after
    drawn = rng.multivariate_hypergeometric(total, before.sum(), size=resamples, method="marginals")
    null = _variation(drawn, total - drawn)
    halves = [_half_counts(counts, resamples, rng) for counts in (before, after)]
    yield scale.distance(
        column, "drift: total variation", "", _variation(before, after), null, _variation(*halves)
    )
    size = int(min(before.sum(), after.sum()))
    for measure, unit, statistic, worse in (
        ("different values at equal size", "", lambda c, part: different(c, part), -1),
        ("entropy", "bits", lambda c, part: entropy(c), -1),
    ):
        values = tuple(statistic(counts, size) for counts in (before, after))
        spread = tuple(np.array([statistic(row, size // 2) for row in half]) for half in halves)
        yield scale.change(column, measure, unit, values, spread, worse)


def _variation(first: NDArray, second: NDArray) -> NDArray:
    a = first / first.sum(axis=-1, keepdims=True)
    b = second / second.sum(axis=-1, keepdims=True)
    return np.abs(a - b).sum(axis=-1) / 2


def _tail(
    column: str,
    parts: tuple[NDArray, NDArray],
    weights: tuple[NDArray, NDArray],
    settings: Settings,
    rng: np.random.Generator,
) -> Finding:
    """Share of the tail in both files; ``parts`` are tail contents of items and ``weights`` their sizes."""
    halves = []
    for part, weight in zip(parts, weights, strict=True):
        found = []
        for size in _batches(settings.resamples, len(part)):
            masks = _half_rows(len(part), size, rng)
            found.append((masks @ part) / np.maximum(masks @ weight, 1e-300))
        halves.append(np.concatenate(found))
    values = tuple(float(p.sum() / w.sum()) for p, w in zip(parts, weights, strict=True))
    return _Scale(settings).change(column, "share of the tail", "", values, tuple(halves), -1)


# --------------------------------------------------------------------------------------------------
# Kinds of columns


def _category(column: Column, settings: Settings, rng: np.random.Generator) -> Iterator[Finding]:
    names = sorted(set(column.before) | set(column.after))
    place = {name: k for k, name in enumerate(names)}
    before, after = (np.array([place[v] for v in values]) for values in (column.before, column.after))
    counts = [np.bincount(codes, minlength=len(names)) for codes in (before, after)]
    rule, rest = _split(len(before), rng)
    rare = _rarest(np.bincount(before[rule], minlength=len(names)), settings.tail)
    parts = rare[before[rest]].astype(float), rare[after].astype(float)
    drift, *others = _count_findings(column.name, *counts, settings, rng)
    yield drift
    yield _tail(column.name, parts, tuple(np.ones(len(part)) for part in parts), settings, rng)
    yield from others


def _rarest(counts: NDArray, tail: float) -> NDArray:
    """Mask of the rarest things that together hold at most the share ``tail``; the unseen are among them."""
    order = np.argsort(counts, kind="stable")
    return np.isin(np.arange(len(counts)), order[np.cumsum(counts[order]) <= tail * counts.sum()])


def _numbers(column: Column, settings: Settings, rng: np.random.Generator) -> Iterator[Finding]:
    before, after = np.asarray(column.before), np.asarray(column.after)
    scale, name = _Scale(settings), column.name
    pooled = np.concatenate([before, after])
    order = np.argsort(pooled, kind="stable")
    pooled, is_before = pooled[order], (np.arange(len(pooled)) < len(before))[order]
    unit = float(before.std()) or 1.0
    steps = np.diff(pooled) / unit
    value = _two_distances(is_before, ~is_before, steps)
    null, halves = [], []
    for size in _batches(settings.resamples, len(pooled)):
        mixed = rng.permuted(np.broadcast_to(is_before, (size, len(pooled))), axis=1)
        null.append(_two_distances(mixed, ~mixed, steps))
        masks = np.zeros((2, size, len(pooled)), dtype=bool)
        masks[0][:, is_before] = _half_rows(len(before), size, rng)
        masks[1][:, ~is_before] = _half_rows(len(after), size, rng)
        halves.append(_two_distances(*masks, steps))
    null, halves = (np.concatenate(part, axis=-1) for part in (null, halves))
    for k, (measure, words) in enumerate(
        (("drift: Wasserstein", "SD of the first file"), ("drift: Kolmogorov-Smirnov", ""))
    ):
        yield scale.distance(name, measure, words, float(value[k]), null[k], halves[k])
    rule, rest = _split(len(before), rng)
    low, high = np.quantile(before[rule], [settings.tail / 2, 1 - settings.tail / 2])
    parts = tuple(((x < low) | (x > high)).astype(float) for x in (before[rest], after))
    yield _tail(name, parts, tuple(np.ones(len(part)) for part in parts), settings, rng)
    yield from _number_counts(name, before, after, settings, rng)


def _number_counts(
    name: str, before: NDArray, after: NDArray, settings: Settings, rng: np.random.Generator
) -> Iterator[Finding]:
    """Different values as they stand, entropy in bins of equal content of the first file."""
    _, codes = np.unique(np.concatenate([before, after]), return_inverse=True)
    split = codes[: len(before)], codes[len(before) :]
    counts = [np.bincount(part, minlength=codes.max() + 1) for part in split]
    yield list(_count_findings(name, *counts, settings, rng))[1]
    rule, rest = _split(len(before), rng)
    edges = np.unique(np.quantile(before[rule], np.linspace(0, 1, _BINS + 1)[1:-1]))
    counts = [np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1) for x in (before[rest], after)]
    yield list(_count_findings(name, *counts, settings, rng))[2]


def _two_distances(first: NDArray, second: NDArray, steps: NDArray) -> NDArray:
    """Wasserstein and Kolmogorov-Smirnov distance of the marked items of a sorted pool."""
    sizes = [mask.sum(axis=-1, keepdims=True) for mask in (first, second)]
    apart = np.cumsum(first / sizes[0] - second / sizes[1], axis=-1)[..., :-1]
    gap = np.abs(apart)
    # Within a run of equal values the functions have no value of their own.
    return np.stack([gap @ steps, (gap * (steps > 0)).max(axis=-1)])


def _text(column: Column, settings: Settings, rng: np.random.Generator) -> Iterator[Finding]:
    words = [[_WORD.findall(text.lower()) for text in texts] for texts in (column.before, column.after)]
    singles = _count_matrices(words, 1)
    drift, tail, entropic, one = _token_findings(column.name, singles, settings, rng)
    yield from (drift, tail, one)
    yield _distinct(column.name, "distinct-2", _count_matrices(words, 2), settings, rng)
    yield entropic
    yield from _near_duplicates(column.name, words, settings, rng)


def _count_matrices(words: Sequence[list[list[str]]], n: int) -> list[sparse.csr_matrix]:
    """Counts of runs of n words, a row for each document and a column for each run of either file."""
    place: dict[tuple[str, ...], int] = {}
    found = []
    for documents in words:
        rows, columns, values = [], [], []
        for row, tokens in enumerate(documents):
            for run, count in Counter(zip(*(tokens[k:] for k in range(n)), strict=False)).items():
                rows.append(row)
                columns.append(place.setdefault(run, len(place)))
                values.append(count)
        found.append((rows, columns, values, len(documents)))
    return [
        sparse.csr_matrix((values, (rows, columns)), shape=(count, max(len(place), 1)), dtype=np.int64)
        for rows, columns, values, count in found
    ]


def _sums(matrix: sparse.csr_matrix, masks: NDArray) -> NDArray:
    return np.asarray((sparse.csr_matrix(masks.astype(np.int64)) @ matrix).toarray())


def _resampled(
    matrices: Sequence[sparse.csr_matrix],
    settings: Settings,
    rng: np.random.Generator,
    statistic: Callable[[NDArray, NDArray], Sequence[NDArray]],
    relabel: bool,
) -> list[NDArray]:
    """A statistic of word counts of both files over halves of the documents, or over relabellings."""
    sizes = [matrix.shape[0] for matrix in matrices]
    both = sparse.vstack(matrices).tocsr()
    found: list[Sequence[NDArray]] = []
    for size in _batches(settings.resamples, both.shape[1]):
        if relabel:
            mask = np.arange(sum(sizes)) < sizes[0]
            masks = rng.permuted(np.broadcast_to(mask, (size, sum(sizes))), axis=1)
            pair = _sums(both, masks), _sums(both, ~masks)
        else:
            pair = tuple(_sums(m, _half_rows(m.shape[0], size, rng)) for m in matrices)
        found.append(statistic(*pair))
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def _token_findings(
    name: str, matrices: list[sparse.csr_matrix], settings: Settings, rng: np.random.Generator
) -> tuple[Finding, Finding, Finding, Finding]:
    scale = _Scale(settings)
    totals = [np.asarray(m.sum(axis=0)).ravel() for m in matrices]
    (null,) = _resampled(matrices, settings, rng, lambda a, b: [_variation(a, b)], relabel=True)

    def both(a: NDArray, b: NDArray) -> list[NDArray]:
        entropies = [np.array([entropy(row) for row in part]) for part in (a, b)]
        return [_variation(a, b), *entropies]

    spread, *entropies = _resampled(matrices, settings, rng, both, relabel=False)
    drift = scale.distance(
        name, "drift: total variation of words", "", float(_variation(*totals)), null, spread
    )
    values = tuple(entropy(total) for total in totals)
    entropic = scale.change(name, "entropy of words", "bits", values, tuple(entropies), -1)
    rule, rest = _split(matrices[0].shape[0], rng)
    rare = _rarest(np.asarray(matrices[0][rule].sum(axis=0)).ravel(), settings.tail)
    measured = matrices[0][rest], matrices[1]
    parts = tuple(np.asarray(m[:, rare].sum(axis=1), dtype=float).ravel() for m in measured)
    weights = tuple(np.asarray(m.sum(axis=1), dtype=float).ravel() for m in measured)
    tail = _tail(name, parts, weights, settings, rng)
    return drift, tail, entropic, _distinct(name, "distinct-1", matrices, settings, rng)


def _distinct(
    name: str,
    measure: str,
    matrices: list[sparse.csr_matrix],
    settings: Settings,
    rng: np.random.Generator,
) -> Finding:
    """Different runs of words per run, at the number of runs of the smaller file."""
    totals = [np.asarray(m.sum(axis=0)).ravel() for m in matrices]
    size = int(min(total.sum() for total in totals))

    def shares(a: NDArray, b: NDArray) -> list[NDArray]:
        each = [min(x.sum(), y.sum(), size // 2) for x, y in zip(a, b, strict=True)]
        return [
            np.array([different(row, m) / m for row, m in zip(part, each, strict=True)]) for part in (a, b)
        ]

    values = tuple(different(total, size) / size for total in totals)
    spread = _resampled(matrices, settings, rng, shares, relabel=False)
    return _Scale(settings).change(name, f"{measure} at equal size", "", values, tuple(spread), -1)


# --------------------------------------------------------------------------------------------------
# Duplicates


def _repeats(
    name: str, before: list[str], after: list[str], settings: Settings, rng: np.random.Generator
) -> Iterator[Finding]:
    """Rows that occur more than once in their file, at the size of the smaller, and copies of the first file."""
    counts = [Counter(rows) for rows in (before, after)]
    size = min(len(before), len(after))
    arrays = [np.array(list(c.values())) for c in counts]
    values = tuple(1 - different(a, size) / size for a in arrays)
    halves = tuple(
        np.array(
            [1 - different(h, size // 2) / (size // 2) for h in _half_counts(a, settings.resamples, rng)]
        )
        for a in arrays
    )
    yield _Scale(settings).change(name, "repeated rows at equal size", "", values, halves, 1)
    # A half of the first file must not find its own rows: it is held against the other half.
    rule, rest = _split(len(before), rng)
    known = {before[i] for i in rule}
    flags = tuple(
        np.array([row in known for row in rows], dtype=float) for rows in ([before[i] for i in rest], after)
    )
    finding = _tail(name, flags, tuple(np.ones(len(flag)) for flag in flags), settings, rng)
    yield _renamed(finding, "rows found in the first file", 1)


def _near_duplicates(
    name: str, words: Sequence[list[list[str]]], settings: Settings, rng: np.random.Generator
) -> Iterator[Finding]:
    """Texts with a near-duplicate among as many others of their file, and near-copies of the first file."""
    hashes = [[_min_hash(tokens) for tokens in documents] for documents in words]
    size = min(map(len, hashes))
    places = [np.sort(rng.choice(len(h), size=size, replace=False)) for h in hashes]
    own = []
    for found, chosen in zip(hashes, places, strict=True):
        index = _index([found[i] for i in chosen], settings.similarity)
        own.append(np.array([_similar(index, found[i], settings.similarity, 2) for i in chosen], dtype=float))
    ones = tuple(np.ones(len(flag)) for flag in own)
    yield _renamed(_tail(name, tuple(own), ones, settings, rng), "near-duplicates at equal size", 1)
    rule, rest = _split(len(hashes[0]), rng)
    index = _index([hashes[0][i] for i in rule], settings.similarity)
    flags = tuple(
        np.array([_similar(index, h, settings.similarity, 1) for h in found], dtype=float)
        for found in ([hashes[0][i] for i in rest], hashes[1])
    )
    ones = tuple(np.ones(len(flag)) for flag in flags)
    yield _renamed(_tail(name, flags, ones, settings, rng), "near-copies of the first file", 1)


def _min_hash(tokens: list[str]):
    from datasketch import MinHash

    runs = {" ".join(tokens[k : k + 3]) for k in range(max(len(tokens) - 2, 1))}
    return MinHash.bulk([[run.encode() for run in runs]], num_perm=128, seed=1)[0]


def _index(hashes: list, similarity: float) -> tuple:
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=similarity, num_perm=128)
    for position, found in enumerate(hashes):
        index.insert(position, found)
    return index, hashes


def _similar(index: tuple, found, similarity: float, least: int) -> bool:
    """Whether at least so many of the indexed texts are that similar; a text finds itself."""
    lsh, hashes = index
    near = lsh.query(found)
    return len(near) >= least and sum(found.jaccard(hashes[i]) >= similarity for i in near) >= least


def _renamed(finding: Finding, measure: str, worse: int) -> Finding:
    from dataclasses import replace

    return replace(finding, measure=measure, worse=worse)


_KINDS = {"category": _category, "number": _numbers, "text": _text}
