r"""What a learner that remembers everything still does not know: Zipf's law, cut tails, and regression on a mixture.

Zipf
----
Symbol i of N has probability p_i ∝ i^{−β}. A learner that has seen T draws from q errs where p falls on symbols it has
never seen: E(T) = Σ p_i (1 − q_i)^T.

* q = p: E falls like T^{−c} with c = 1 − 1/β [dohmatob2024]_.
* q cut at rank k and rescaled: E → Σ_{i>k} p_i, the mass of the lost tail, ∝ k^{−(β−1)}; T = k^β draws from p do as
  well as any number from q, up to a constant.
* q the frequencies of T_0 draws from p (two generations): E(T) ≈ Σ p_i exp(−T_0 p_i (1 − e^{−T/T_0})), so that
  E → Σ p_i exp(−T_0 p_i).

Regression
----------
n_1 real and n_2 synthetic rows, d isotropic normal features, label noise of variance s². The synthetic labels come
from coefficients that are off by a vector of squared length c². With A = X'X and A_2 its synthetic part, least squares
is off by A^{−1}A_2 δ + noise. U = A^{−1/2}A_2 A^{−1/2} has a matrix-variate beta law and is independent of A, and
moments of rows of a uniformly random orthonormal frame give E[UMU] = aM + b·tr(M)·I with
b = E[U_12²] = n_1 n_2/((n−1)n(n+2)) and a + b = E[U_11²] = n_2(n_2+2)/(n(n+2)). As E[tr A · tr A^{−1}] =
d(nd−2)/(n−d−1), the systematic part of E‖ŵ − w‖² is c²(a + b(nd−2)/(n−d−1)) and the noise part s²d/(n−d−1). For many
rows at fixed φ = d/n the systematic part tends to c²(p_2² + p_1 p_2 φ/(1−φ)), p_2 = n_2/n [dohmatob2025]_. If each
synthetic label is off by an error of its own with variance c², nothing systematic is left and the error is
(s² + p_2 c²)d/(n−d−1).

References
----------
.. [dohmatob2024] E. Dohmatob et al., A Tale of Tails: Model Collapse as a Change of Scaling Laws, arXiv:2402.07043.
.. [dohmatob2025] E. Dohmatob et al., Strong Model Collapse, arXiv:2410.04840.
"""

import numpy as np
from numpy.typing import NDArray


def zipf(beta: float, symbols: int) -> NDArray:
    """Probabilities of symbols 1, …, N, proportional to rank^{−β}."""
    weights = np.arange(1, symbols + 1, dtype=np.float64) ** -beta
    return weights / weights.sum()


def cut(p: NDArray, rank: int) -> NDArray:
    """Probabilities without the symbols beyond a rank, rescaled."""
    kept = np.zeros_like(p)
    kept[:rank] = p[:rank] / p[:rank].sum()
    return kept


def missing_mass(p: NDArray, q: NDArray, draws: float) -> float:
    """Expected probability under p of the symbols that T draws from q have not shown."""
    certain = q >= 1
    unseen = np.exp(draws * np.log1p(-np.where(certain, 0.0, q)))
    return float(np.sum(p[~certain] * unseen[~certain]))


def missing_mass_deviation(p: NDArray, q: NDArray, draws: float) -> float:
    """Standard deviation of the missing mass if symbols were seen independently.

    Draws from one urn are negatively associated, so the true one is no larger.
    """
    unseen = np.exp(draws * np.log1p(-np.minimum(q, 1 - 1e-16)))
    return float(np.sqrt(np.sum(p**2 * unseen * (1 - unseen))))


def missing_mass_of_second_generation(p: NDArray, first: float, draws: float) -> float:
    """Expected probability of the symbols that T draws from the frequencies of T_0 draws have not shown."""
    return float(np.sum(p * np.exp(first * p * np.expm1(-draws / first))))


def regression_error(
    features: int, rows: int, synthetic: int, *, noise: float, offset: float
) -> tuple[float, float]:
    """Noise part and systematic part of E‖ŵ − w‖², exactly, for an offset shared by all synthetic rows.

    Parameters
    ----------
    features, rows, synthetic : int
        d, n and n_2; n > d + 1.
    noise, offset : float
        s² and c².
    """
    d, n, n2 = features, rows, synthetic
    n1 = n - n2
    b = n1 * n2 / ((n - 1) * n * (n + 2))
    a = n2 * (n2 + 2) / (n * (n + 2)) - b
    return noise * d / (n - d - 1), offset * (a + b * (n * d - 2) / (n - d - 1))


def asymptotic_offset(features: int, rows: int, synthetic: int, offset: float) -> float:
    """Limit of the systematic part for many rows at fixed d/n: c²(p_2² + p_1 p_2 φ/(1 − φ))."""
    phi, p2 = features / rows, synthetic / rows
    return offset * (p2**2 + (1 - p2) * p2 * phi / (1 - phi))
