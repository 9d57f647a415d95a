r"""Generators of tables, from one that keeps its training rows to one with a formal guarantee.

A table is an array of numbers; categories are codes 0, 1, ... The last column is the label. ``copy`` returns the rows
themselves and ``jitter`` resamples them with a little noise: both over-fit on purpose. ``copula`` joins the empirical
margins by the correlation of their normal scores. ``tree`` links binned columns by the spanning tree of largest mutual
information [chow1968approximating]_. ``star`` keeps, for each column, its histogram given the label.

``private`` is ``star`` with normal noise on its counts. Replacing one record moves at most two of the counts of each of
d columns, by one, hence the whole vector by at most √(2d). What follows is post-processing and costs nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from ouroboros.stats.privacy import gaussian_mu

GENERATORS = ("copy", "jitter", "copula", "tree", "star", "private")
BINS = 8
_JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Domain:
    """What is public about a table: the range of each column, and how many categories it has (0 if continuous)."""

    low: NDArray
    high: NDArray
    levels: tuple[int, ...]

    @classmethod
    def of(cls, table: NDArray, categorical: Sequence[bool]) -> "Domain":
        """Ranges of a table that is public itself."""
        high = table.max(axis=0)
        levels = tuple(int(top) + 1 if is_code else 0 for top, is_code in zip(high, categorical, strict=True))
        return cls(table.min(axis=0), high, levels)

    def bins(self, column: int) -> int:
        """Number of cells of the column's histogram."""
        return self.levels[column] or BINS

    def cells(self, table: NDArray) -> NDArray:
        """Cell of every value: its category, or one of equally wide bins."""
        span = np.where(self.high > self.low, self.high - self.low, 1.0)
        wide = np.clip(np.floor((table - self.low) / span * BINS), 0, BINS - 1)
        return np.where(np.array(self.levels) > 0, table, wide).astype(np.int64)

    def draw_within(self, column: int, cell: NDArray, rng: np.random.Generator) -> NDArray:
        """Values from cells: the category, or evenly within the bin."""
        if self.levels[column]:
            return cell.astype(np.float64)
        width = (self.high[column] - self.low[column]) / BINS
        return self.low[column] + (cell + rng.random(len(cell))) * width


def generate(
    kind: str,
    train: NDArray,
    domain: Domain,
    rows: int,
    rng: np.random.Generator,
    *,
    epsilon: float = math.inf,
    delta: float = 1e-5,
) -> NDArray:
    """Fit a generator and draw a table from it.

    Parameters
    ----------
    kind : str
        One of `GENERATORS`.
    train : ndarray
        Table of shape (records, columns), label last.
    domain : Domain
        Public ranges.
    rows : int
        Records to draw.
    rng : numpy.random.Generator
        Source of noise and draws.
    epsilon, delta : float
        Guarantee of ``private``.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind == "private":
        return _star(train, domain, rows, rng, noise_scale(train.shape[1] - 1, epsilon, delta))
    if kind == "star":
        return _star(train, domain, rows, rng, 0.0)
    makers = {"copy": _copy, "jitter": _jitter, "copula": _copula, "tree": _tree}
    if kind not in makers:
        raise ValueError(f"generator {kind!r} (one of {', '.join(GENERATORS)} needed)")
    return makers[kind](train, domain, rows, rng)


def noise_scale(features: int, epsilon: float, delta: float) -> float:
    """Standard deviation of the noise on each count, for a sensitivity of √(2d)."""
    return math.sqrt(2 * features) / gaussian_mu(epsilon, delta)


def label_counts(train: NDArray, domain: Domain) -> list[NDArray]:
    """Counts of each column's cells by label; arrays of shape (labels, cells)."""
    cells = domain.cells(train)
    labels = domain.bins(train.shape[1] - 1)
    found = []
    for column in range(train.shape[1] - 1):
        bins = domain.bins(column)
        flat = np.bincount(cells[:, -1] * bins + cells[:, column], minlength=labels * bins)
        found.append(flat.reshape(labels, bins).astype(np.float64))
    return found


def add_noise(counts: Sequence[NDArray], scale: float, rng: np.random.Generator) -> list[NDArray]:
    """Counts with normal noise, all of one scale."""
    return [count + rng.normal(0.0, scale, count.shape) if scale else count for count in counts]


def _star(train: NDArray, domain: Domain, rows: int, rng: np.random.Generator, scale: float) -> NDArray:
    counts = [np.maximum(c, 0.0) for c in add_noise(label_counts(train, domain), scale, rng)]
    labels = _normalise(sum(count.sum(axis=1) for count in counts))
    label = rng.choice(len(labels), size=rows, p=labels)
    made = np.empty((rows, train.shape[1]))
    for column, count in enumerate(counts):
        made[:, column] = domain.draw_within(column, _draw(count, label, rng), rng)
    made[:, -1] = domain.draw_within(train.shape[1] - 1, label, rng)
    return made


def _copy(train: NDArray, _: Domain, rows: int, rng: np.random.Generator) -> NDArray:
    return train[rng.permutation(len(train))[:rows]]


def _jitter(train: NDArray, domain: Domain, rows: int, rng: np.random.Generator) -> NDArray:
    chosen = train[rng.integers(len(train), size=rows)]
    spread = np.where(np.array(domain.levels) > 0, 0.0, _JITTER * train.std(axis=0))
    return np.clip(chosen + rng.normal(size=chosen.shape) * spread, domain.low, domain.high)


def _copula(train: NDArray, domain: Domain, rows: int, rng: np.random.Generator) -> NDArray:
    scores = stats.norm.ppf((stats.rankdata(train, axis=0) - 0.5) / len(train))
    spread = scores.std(axis=0)
    scores = np.where(spread > 0, scores / np.where(spread > 0, spread, 1.0), 0.0)
    values, vectors = np.linalg.eigh(scores.T @ scores / len(train))
    drawn = rng.normal(size=(rows, len(values))) * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    places = stats.norm.cdf(drawn)
    made = np.empty_like(places)
    for column, levels in enumerate(domain.levels):
        method = "inverted_cdf" if levels else "linear"
        made[:, column] = np.quantile(train[:, column], places[:, column], method=method)
    return made


def _tree(train: NDArray, domain: Domain, rows: int, rng: np.random.Generator) -> NDArray:
    cells, columns = domain.cells(train), train.shape[1]
    joint = {(i, j): _joint(cells, i, j, domain) for i in range(columns) for j in range(i)}
    weight = np.zeros((columns, columns))
    for (i, j), counts in joint.items():
        # The lightest spanning tree of these weights is the one with most information; none may be 0.
        weight[i, j] = 10.0 - _information(counts)
    tree = minimum_spanning_tree(weight)
    order, parents = breadth_first_order(tree, columns - 1, directed=False)
    drawn = np.empty((rows, columns), dtype=np.int64)
    made = np.empty((rows, columns))
    for column in order:
        parent = parents[column]
        if parent < 0:
            counts = np.bincount(cells[:, column], minlength=domain.bins(column))[None, :]
            given = np.zeros(rows, dtype=np.int64)
        else:
            pair = (max(column, parent), min(column, parent))
            counts = joint[pair] if pair[0] == parent else joint[pair].T
            given = drawn[:, parent]
        drawn[:, column] = _draw(counts.astype(np.float64), given, rng)
        made[:, column] = domain.draw_within(column, drawn[:, column], rng)
    return made


def _joint(cells: NDArray, i: int, j: int, domain: Domain) -> NDArray:
    width = domain.bins(j)
    flat = np.bincount(cells[:, i] * width + cells[:, j], minlength=domain.bins(i) * width)
    return flat.reshape(domain.bins(i), width)


def _information(counts: NDArray) -> float:
    """Mutual information of two columns, in nats."""
    p = counts / counts.sum()
    apart = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    held = p > 0
    return float(np.sum(p[held] * np.log(p[held] / apart[held])))


def _normalise(weights: NDArray) -> NDArray:
    total = weights.sum(axis=-1, keepdims=True)
    even = np.full_like(weights, 1 / weights.shape[-1])
    return np.divide(weights, total, out=even, where=total > 0)


def _draw(counts: NDArray, given: NDArray, rng: np.random.Generator) -> NDArray:
    """One cell for each given row of counts."""
    steps = np.cumsum(_normalise(counts), axis=1)
    steps[:, -1] = 1.0
    return (rng.random(len(given))[:, None] > steps[given]).sum(axis=1)
