r"""Closed forms for estimates refitted to data of which a part was written by their predecessors.

Linear regression
-----------------
Rows X (T × d, isotropic normal), noise of variance σ². With u_t = (X'X)^{−1}X'ε_t, replace gives ŵ_t = ŵ_{t−1} + u_t,
and keeping the labels of all generations on the same rows gives the mean of all fits, hence ŵ_t = ŵ_{t−1} + u_t/t. As
E‖u‖² = σ²d/(T − d − 1), the expected squared error is that unit times t, and times Σ_{i≤t} 1/i² < π²/6
[gerstgrasser2024]_. With new rows in every generation replace is the same; accumulate has no simple form.

Weights
-------
A mean is estimated as w times that of n fresh real values plus 1 − w times that of n/k values of its predecessor:
V' = w²σ²/n + (1 − w)²(V + kσ²/n), with the fixed point V = [w² + k(1 − w)²]/(1 − (1 − w)²)·σ²/n. It is least at
w* = (√(k² + 4k) − k)/2, where V = w*·σ²/n; for k = 1 that is one over the golden ratio [he2026]_.

References
----------
.. [gerstgrasser2024] M. Gerstgrasser et al., Is Model Collapse Inevitable?, arXiv:2404.01413.
.. [he2026] H. He, S. Xu and G. Cheng, arXiv:2502.18049.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def unit_error(features: int, rows: int, noise: float = 1.0) -> float:
    """Expected squared error of one fit to real data, σ²d/(T − d − 1)."""
    return noise * features / (rows - features - 1)


def accumulated_units(t: int) -> float:
    """Σ_{i≤t} 1/i²: expected squared error in units of the first fit when all labels are kept."""
    return float(np.sum(1.0 / np.arange(1, t + 1) ** 2))


def stationary_error(weight: ArrayLike, k: float) -> NDArray:
    """Error in units of σ²/n after many generations with weight w on fresh real data."""
    w = np.asarray(weight, dtype=np.float64)
    return (w**2 + k * (1 - w) ** 2) / (1 - (1 - w) ** 2)


def best_weight(k: float) -> float:
    """Weight w* on fresh real data that makes `stationary_error` least; also its least value."""
    return (math.sqrt(k**2 + 4 * k) - k) / 2


def pooling_weight(k: float) -> float:
    """Weight that real data have if all values are pooled alike, k/(1 + k)."""
    return k / (1 + k)
