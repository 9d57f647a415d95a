"""Precision, recall, density and coverage of generated sets, from distances to nearest neighbours.

References
----------
.. [kynkaanniemi2019improved] T. Kynkäänniemi et al., Improved Precision and Recall Metric for Assessing
   Generative Models, 2019.
.. [naeem2020reliable] M. F. Naeem et al., Reliable Fidelity and Diversity Metrics for Generative Models, 2020.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import pairwise_distances


class SetScores(NamedTuple):
    """How a generated set lies to a real one.

    Attributes
    ----------
    precision : float
        Share of generated items within the reach of some real item; its reach is the distance to its k-th
        nearest neighbour among the real ones [kynkaanniemi2019improved]_.
    recall : float
        Share of real items within the reach of some generated item.
    density : float
        Mean number of real items in whose reach a generated one lies, over k; 1 in expectation if both sets
        follow one law [naeem2020reliable]_.
    coverage : float
        Share of real items with a generated item in their own reach [naeem2020reliable]_.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def set_scores(real: ArrayLike, generated: ArrayLike, neighbours: int) -> SetScores:
    """Scores of a generated set against a real one.

    Parameters
    ----------
    real, generated : array_like
        Rows of features.
    neighbours : int
        The k of the reach.

    Raises
    ------
    ValueError
        If a set has no more rows than ``neighbours``.
    """
    real, generated = np.asarray(real, dtype=np.float64), np.asarray(generated, dtype=np.float64)
    for name, rows in (("real", real), ("generated", generated)):
        if len(rows) <= neighbours:
            raise ValueError(f"{name}: {len(rows)} rows (more than {neighbours} needed)")
    apart = pairwise_distances(real, generated)
    of_real, of_generated = reach(real, neighbours), reach(generated, neighbours)
    inside = apart <= of_real[:, None]
    return SetScores(
        precision=float(inside.any(axis=0).mean()),
        recall=float((apart <= of_generated[None, :]).any(axis=1).mean()),
        density=float(inside.sum(axis=0).mean() / neighbours),
        coverage=float(inside.any(axis=1).mean()),
    )


def reach(rows: NDArray, neighbours: int) -> NDArray:
    """Distance of each row to its k-th nearest neighbour among the others."""
    # The row itself is the nearest, at distance 0.
    return np.partition(pairwise_distances(rows), neighbours, axis=1)[:, neighbours]


def expected_coverage(real: int, generated: int, neighbours: int) -> float:
    """Coverage expected if both sets follow one continuous law, whatever it is [naeem2020reliable]_.

    A real item is not covered if its k nearest among the other N − 1 real and M generated items are all real;
    all orders are equally likely, so that happens with probability C(N−1, k)/C(N+M−1, k).
    """
    step = np.arange(1, neighbours + 1)
    return float(1 - np.prod((real - step) / (real + generated - step)))
