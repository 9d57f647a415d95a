r"""Closed forms for a Gaussian refitted to samples of its own last fit, and to all samples so far.

Generation t fits mean μ_t and variance V_t (divisor count − ddof); generation 1 sees n values of N(μ, σ²).
The functions give moments in units of σ (that is, for σ = 1).

Moments under replacement
-------------------------
Write V_t = σ² R_1⋯R_t. The R_i are independent copies of the variance ratio of n standard normal values,
with r_p = E[R^p] from `ouroboros.stats.moments`, and μ_t − μ_{t−1} = sqrt(V_{t−1}/n) Z_t with Z_t standard
normal and independent of every R, because mean and variance of a normal sample are independent. Hence

* log V_t is a sum of t independent terms: mean t·E[log R], variance t·ψ₁((n−1)/2);
* E[V_t^p] = σ^{2p} r_p^t, so the squared coefficient of variation of V_t is (1 + 2/(n−1))^t − 1;
* given the variances, μ_t − μ is normal with variance Q_t/n, Q_t = Σ_{i<t} V_i, so that
  E[(μ_t−μ)²] = E[Q_t]/n and E[(μ_t−μ)⁴] = 3 E[Q_t²]/n², with E[V_i V_j] = σ⁴ r_2^i r_1^{j−i} for i ≤ j;
* W2² = (μ_t−μ)² + (√V_t − σ)², whose square needs in addition
  E[Q_t V_t^p] = Σ_{i<t} σ^{2+2p} r_{1+p}^i r_p^{t−i}.

Moments under accumulation
--------------------------
Merging n new values with mean x̄ into a pool of t·n with mean m adds their sum of squares and
(t/(t+1))·n·(x̄−m)². For ddof 0 this gives E[V_{t+1}] = E[V_t](1 − 1/(n(t+1)²)), and what V loses the squared
error of the mean gains; for ddof 1, E[V_{t+1}] = E[V_t](1 − 1/((t+1)((t+1)n − 1))).

Under accumulate-subsample let S_t be the unbiased variance of the pool and b = E[V_t]/E[S_t], which is 1 for
ddof 1 and 1 − 1/n for ddof 0. A subsample mean scatters about the pool mean with variance S_t(1 − 1/t)/n, so
E[S_{t+1}] = E[S_t](tn − 1 + b(n−1) + (t/(t+1))(b + 1 − 1/t)) / ((t+1)n − 1). For ddof 0 the product
converges; for ddof 1 its factors tend to 1 + 1/((t+1)n), so the expected variance grows like
t^{1/n} without limit.
"""

import math

import numpy as np

from ouroboros.stats.moments import (
    log_variance_ratio_mean,
    log_variance_ratio_variance,
    variance_ratio_moment,
)


def squared_cv(n: int, t: int) -> float:
    """Squared coefficient of variation of V_t under replacement, for either divisor."""
    return (1 + 2 / (n - 1)) ** t - 1


def expected_log_variance(n: int, ddof: int, t: int) -> tuple[float, float]:
    """Mean and standard deviation of log V_t under replacement."""
    return t * float(log_variance_ratio_mean(n, ddof)), math.sqrt(t * float(log_variance_ratio_variance(n)))


def expected_variance(n: int, ddof: int, t: int) -> tuple[float, float]:
    """Mean and standard deviation of V_t under replacement."""
    mean = float(variance_ratio_moment(n, ddof, 1)) ** t
    return mean, mean * math.sqrt(squared_cv(n, t))


def expected_mean_error(n: int, ddof: int, t: int) -> tuple[float, float]:
    """Mean and standard deviation of (μ_t − μ)² under replacement."""
    moments = _Moments(n, ddof, t)
    mean = moments.q(0) / n
    return mean, math.sqrt(3 * moments.q_squared() / n**2 - mean**2)


def expected_wasserstein(n: int, ddof: int, t: int) -> tuple[float, float]:
    """Mean and standard deviation of squared W2 to the true law under replacement.

    E[W2⁴] = 3E[Q²]/n² + (2/n)E[Q(√V−1)²] + E[(√V−1)⁴] with Q and V of the same generation.
    """
    m = _Moments(n, ddof, t)
    mean = m.q(0) / n + m.v(1) - 2 * m.v(0.5) + 1
    cross = m.q(1) - 2 * m.q(0.5) + m.q(0)
    fourth = m.v(2) - 4 * m.v(1.5) + 6 * m.v(1) - 4 * m.v(0.5) + 1
    return mean, math.sqrt(3 * m.q_squared() / n**2 + 2 * cross / n + fourth - mean**2)


def accumulated_variance(n: int, ddof: int, t: int) -> float:
    """E[V_t] when every generation is fitted to all data so far."""
    j = np.arange(1, t + 1, dtype=np.float64)
    if ddof == 0:
        return float(np.prod(1 - 1 / (n * j**2)))
    return float(np.prod(1 - 1 / (j[1:] * (j[1:] * n - 1))))


def accumulated_variance_limit(n: int) -> float:
    """Limit of E[V_t] under accumulation with ddof 0, Euler's product of the sine."""
    return float(np.sinc(1 / math.sqrt(n)))


def subsampled_variance(n: int, ddof: int, t: int) -> float:
    """E[V_t] when every generation is fitted to n values taken from all data so far."""
    b = 1 - 1 / n if ddof == 0 else 1.0
    j = np.arange(1, t, dtype=np.float64)
    factors = (j * n - 1 + b * (n - 1) + j / (j + 1) * (b + 1 - 1 / j)) / ((j + 1) * n - 1)
    return b * float(np.prod(factors))


def tail_bound(n: int, threshold: float, t: int) -> float:
    """Upper bound on P(√V_t > threshold·σ) under replacement with ddof 1 [suresh2024]_.

    References
    ----------
    .. [suresh2024] A. T. Suresh et al., Rate of Model Collapse in Recursive Training, arXiv:2412.17646.
    """
    return math.exp(-t / (4 * n - 1)) / threshold


class _Moments:
    """Joint moments of V_t and Q_t = Σ_{i<t} V_i under replacement, σ = 1 (see the module's docstring)."""

    def __init__(self, n: int, ddof: int, t: int) -> None:
        self.t = t
        self.r = lambda power: float(variance_ratio_moment(n, ddof, power))

    def v(self, power: float) -> float:
        """E[V_t^power]."""
        return self.r(power) ** self.t

    def q(self, power: float) -> float:
        """E[Q_t V_t^power]."""
        i = np.arange(self.t)
        return float(np.sum(self.r(1 + power) ** i * self.r(power) ** (self.t - i)))

    def q_squared(self) -> float:
        """E[Q_t²]."""
        i = np.arange(self.t)
        earlier, gap = np.minimum.outer(i, i), np.abs(np.subtract.outer(i, i))
        return float(np.sum(self.r(2) ** earlier * self.r(1) ** gap))
