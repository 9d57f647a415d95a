"""Rules by which some of the items that a generator offers are kept for its successor.

Every rule keeps the same number of items, so that none profits from a larger sample. ``none`` keeps them blindly;
the others look at likelihood, at a reference set of real items, or at the spread of what they keep.
"""

import os

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

# The library of optimal transport loads every array library that is installed; arrays of NumPy are all it gets.
for _backend in ("JAX", "PYTORCH", "CUPY", "TENSORFLOW"):
    os.environ.setdefault(f"POT_BACKEND_DISABLE_{_backend}", "1")
import ot  # noqa: E402


def blind(offered: NDArray, keep: int, rng: np.random.Generator) -> NDArray:
    """Places of a random subset."""
    return rng.choice(len(offered), size=keep, replace=False)


def most_likely(likelihood: NDArray, keep: int) -> NDArray:
    """Places of the items with the highest likelihood."""
    return np.argpartition(-likelihood, keep - 1)[:keep]


def most_real(offered: NDArray, reference: NDArray, keep: int, neighbours: int) -> NDArray:
    """Places of the items that a discriminator takes for real most readily.

    The discriminator estimates the ratio of the densities of reference and offered items around each offered one
    from the distances to the k-th nearest of either kind [wang2009divergence]_.

    References
    ----------
    .. [wang2009divergence] Q. Wang, S. R. Kulkarni and S. Verdú, Divergence Estimation for Multidimensional
       Densities Via k-Nearest-Neighbor Distances, 2009.
    """
    to_real = NearestNeighbors(n_neighbors=neighbours).fit(reference).kneighbors(offered)[0][:, -1]
    # Without an argument the item itself is left out.
    to_offered = NearestNeighbors(n_neighbors=neighbours).fit(offered).kneighbors()[0][:, -1]
    return np.argpartition(to_real / to_offered, keep - 1)[:keep]


def transport(offered: NDArray, reference: NDArray, keep: int) -> tuple[NDArray, float]:
    """Places of the items to which the reference is moved at the least cost, and that cost per item.

    Every item may take up 1/keep of the mass, so that an optimal plan uses each wholly or not at all: a
    partial transport, solved exactly by the network simplex [flamary2021pot]_ after a source that costs nothing
    has been added for what is left over.

    Parameters
    ----------
    offered : ndarray, shape (M, d)
        Items to choose from.
    reference : ndarray, shape (keep, d)
        As many real items as are kept.
    keep : int
        Number of items kept, at most M.

    Raises
    ------
    ValueError
        If the reference has not ``keep`` rows or fewer items are offered.

    References
    ----------
    .. [flamary2021pot] R. Flamary et al., POT: Python Optimal Transport, 2021.
    """
    if len(reference) != keep or len(offered) < keep:
        raise ValueError(f"transport: {len(reference)} references and {len(offered)} items (keep {keep})")
    cost = pairwise_distances(reference, offered, metric="sqeuclidean")
    spare = len(offered) - keep
    sources = np.append(np.ones(keep), spare) if spare else np.ones(keep)
    padded = np.vstack([cost, np.zeros(len(offered))]) if spare else cost
    plan = ot.emd(sources, np.ones(len(offered)), np.ascontiguousarray(padded), numItermax=1_000_000)
    taken = plan[:keep].sum(axis=0)
    chosen = np.sort(np.argpartition(-taken, keep - 1)[:keep])
    return chosen, float(np.sum(plan[:keep] * cost) / keep)


def spread_out(offered: NDArray, keep: int, rng: np.random.Generator) -> NDArray:
    """Places of items each of which was the furthest from all chosen before it [gonzalez1985clustering]_.

    References
    ----------
    .. [gonzalez1985clustering] T. F. Gonzalez, Clustering to Minimize the Maximum Intercluster Distance, 1985.
    """
    apart = pairwise_distances(offered, metric="sqeuclidean")
    chosen = np.empty(keep, dtype=np.intp)
    chosen[0] = rng.integers(len(offered))
    nearest = apart[chosen[0]].copy()
    for i in range(1, keep):
        chosen[i] = nearest.argmax()
        np.minimum(nearest, apart[chosen[i]], out=nearest)
    return chosen
