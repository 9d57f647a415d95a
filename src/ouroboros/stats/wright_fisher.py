r"""Closed forms for a distribution over symbols that is resampled from its own samples.

Generation 0 is a text of N tokens in which symbol i occurs c_i times, p_0 = c/N, S_0 = Σ p_0². Each later
generation consists of n tokens, r of them real. With a = (n − r)/n the share that the last generation wrote, the
arms are

``replace``
    r = 0: n tokens drawn from the frequencies of the last generation (the Wright-Fisher model);
``fresh``
    r tokens drawn anew from p_0 in every generation, the rest from the last generation;
``fixed``
    r tokens of the real text, taken once without replacement and kept for good, the rest as above;
``whole``
    n tokens drawn from the last model, which is then mixed with the whole real text at weight r/n.

Error of the frequencies
------------------------
With V_t = E‖p_t − p_0‖² and m = n − r, one step from V to V' reads

* replace: V' = (1 − S_0)/n + (1 − 1/n)V, which is heterozygosity decay, E[1 − Σp_t²] = (1 − S_0)(1 − 1/n)^t;
* whole: V' = a²[(1 − S_0)/n + (1 − 1/n)V];
* fresh: V' = (r/n²)(1 − S_0) + a²[(1 − S_0)/m + (1 − 1/m)V];
* fixed: V' = γ²R + 2γaR(1 − a^t) + a²[(1 − S_0)/m + (1 − 1/m)V] with γ = r/n and the error of the kept sample
  R = (1 − S_0)/r · (N − r)/(N − 1); the middle term is the drift towards that sample.

Survival of a symbol
--------------------
The n·p tokens of a rare symbol have independent Poisson numbers of successors with mean a. A token has
descendants s generations later with probability u_s, u_0 = 1, u_{s+1} = 1 − exp(−a u_s). So a symbol of count c is
absent from generation t with probability exp(−c u_{t−1}) under replace (then u_{t−1} is the g_t of [suresh2024]_),
exp(−c[u_{t−1} + γ Σ_{s<t−1} u_s]) under fresh and under whole, and P(not in the kept sample)·exp(−a c u_{t−1})
under fixed.

References
----------
.. [suresh2024] A. T. Suresh et al., Rate of Model Collapse in Recursive Training, arXiv:2412.17646.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

ARMS = ("replace", "fresh", "fixed", "whole")


def heterozygosity(start: float, n: int, t: ArrayLike) -> NDArray:
    """E[1 − Σ p_t²] under replace, from its value in the real text."""
    return start * (1 - 1 / n) ** np.asarray(t, dtype=np.float64)


def expected_error(arm: str, n: int, real: int, s0: float, t: int, *, tokens: int | None = None) -> float:
    """E‖p_t − p_0‖² of an arm.

    Parameters
    ----------
    arm : str
        One of `ARMS`.
    n, real : int
        Tokens of a generation, and how many of them are real (0 for ``replace``).
    s0 : float
        Σ p_0².
    t : int
        Generation, from 0.
    tokens : int, optional
        Length N of the real text that ``fixed`` keeps a part of; by default ``n``.
    """
    total = n if tokens is None else tokens
    share, model = real / n, (n - real) / n
    drawn = n if arm in ("replace", "whole") else n - real
    constant, drift = 0.0, 0.0
    if arm == "fresh":
        constant = share * (1 - s0) / n
    elif arm == "fixed":
        kept = (1 - s0) / real * (total - real) / (total - 1)
        constant, drift = share**2 * kept, 2 * share * model * kept
    error = 0.0
    for step in range(t):
        passed_on = (1 - s0) / drawn + (1 - 1 / drawn) * error
        error = constant + drift * (1 - model**step) + model**2 * passed_on
    return error


def limiting_error(n: int, real: int, s0: float) -> float:
    """Limit of E‖p_t − p_0‖² under ``whole``: a²(1 − S_0)/n over 1 − a²(1 − 1/n)."""
    model = (n - real) / n
    return model**2 * (1 - s0) / n / (1 - model**2 * (1 - 1 / n))


def descent(model: float, t: int) -> NDArray:
    """u_0, …, u_t: chance that a token has descendants s generations on, each having Poisson(``model``)."""
    chances = np.ones(t + 1)
    for step in range(t):
        chances[step + 1] = -np.expm1(-model * chances[step])
    return chances


def survival(arm: str, counts: ArrayLike, n: int, real: int, t: int) -> NDArray:
    """Probability that a symbol occurs in generation t ≥ 1, in the limit of many tokens and a rare symbol.

    Parameters
    ----------
    arm : str
        One of `ARMS`.
    counts : array_like of int
        Occurrences in the real text of n tokens.
    n, real, t : int
        As in `expected_error`.
    """
    c = np.asarray(counts, dtype=np.float64)
    share, model = real / n, (n - real) / n
    chance = descent(1.0 if arm == "replace" else model, t - 1)
    if arm == "replace":
        return -np.expm1(-c * chance[-1])
    if arm in ("fresh", "whole"):
        return -np.expm1(-c * (chance[-1] + share * chance[:-1].sum()))
    return 1 - _absent_from_sample(c, n, real) * np.exp(-model * c * chance[-1])


def _absent_from_sample(counts: NDArray, n: int, size: int) -> NDArray:
    """Chance that none of ``counts`` of n tokens is among ``size`` taken without replacement."""
    rest = n - counts - size
    log = gammaln(n - counts + 1) - gammaln(np.maximum(rest, 0) + 1) - gammaln(n + 1) + gammaln(n - size + 1)
    return np.where(rest < 0, 0.0, np.exp(log))


def survival_bounds(counts: ArrayLike, n: int, t: int) -> tuple[NDArray, NDArray]:
    """Published lower and upper bound on the survival of a symbol under ``replace`` [suresh2024]_.

    Parameters
    ----------
    counts : array_like of int
        Occurrences in the real text of n tokens.
    n, t : int
        Tokens of a generation; generation, from 1.
    """
    c = np.asarray(counts, dtype=np.float64)
    p = c / n
    absent = np.exp(-c * descent(1.0, t - 1)[-1])
    return 1 - absent, 1 - np.maximum(1 - 3 * n * p**2 - 3 * t * p, 0) * absent


def single_symbol(counts: ArrayLike, t: ArrayLike) -> NDArray:
    """Probability that generation t under ``replace`` consists of one symbol only, exactly.

    The n tokens of generation t descend from A_t tokens of generation 0. A_t is the Markov chain of the number of
    boxes hit by as many balls as there were ancestors before, and given A_t the ancestors are a sample without
    replacement.

    Parameters
    ----------
    counts : array_like of int
        Occurrences in generation 0, which also has n = sum of counts tokens. Meant for n up to a few hundred.
    t : array_like of int
        Generations, from 0.
    """
    c = np.asarray(counts, dtype=np.int64)
    n = int(c.sum())
    step = np.zeros((n + 1, n + 1))
    hit = np.zeros(n + 1)
    hit[0] = 1.0
    boxes = np.arange(n + 1)
    for balls in range(1, n + 1):
        hit = hit * boxes / n + np.concatenate([[0.0], hit[:-1] * (n - boxes[:-1]) / n])
        step[balls] = hit
    logs = gammaln(np.maximum(c[:, None] - boxes, 0) + 1) + gammaln(n + 1)
    same = np.exp(gammaln(c[:, None] + 1) + gammaln(n - boxes + 1) - logs)
    alike = np.where(boxes <= c[:, None], same, 0.0).sum(axis=0)
    alike[0] = 0.0
    wanted = np.atleast_1d(np.asarray(t, dtype=np.int64))
    found = {0: float(alike[n])}
    ancestors = np.zeros(n + 1)
    ancestors[n] = 1.0
    for generation in range(1, int(wanted.max()) + 1):
        ancestors = ancestors @ step
        found[generation] = float(ancestors @ alike)
    return np.array([found[int(g)] for g in wanted]).reshape(np.shape(t))
