r"""Published scaling laws: loss from parameters and tokens, and the cheapest run that reaches a loss.

The parametric law is L(N, D) = E + A·N^{-α} + B·D^{-β} [hoffmann2022training]_, with training compute 6ND.
Minimising ND at a given reducible loss t = L − E gives, by Lagrange, α·A·N^{-α} = β·B·D^{-β}: the parameter
term takes the share β/(α+β) of t, the token term the rest.

Repeated tokens count less: the data-constrained law [muennighoff2023scaling]_ replaces D by
D' = U + U·R_D·(1 − exp(−(D/U − 1)/R_D)) for U unique tokens, and N by the same form around the
parameters U_N that are compute-optimal for U tokens.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FLOP_PER_PARAMETER_AND_TOKEN = 6


@dataclass(frozen=True, slots=True)
class ScalingLaw:
    """Constants of the parametric law, loss in nats per token."""

    a: float
    b: float
    e: float
    alpha: float
    beta: float

    @classmethod
    def of(cls, constants: Mapping[str, float]) -> "ScalingLaw":
        """Build from a mapping with the keys a, b, e, alpha, beta."""
        return cls(**{key: float(constants[key]) for key in ("a", "b", "e", "alpha", "beta")})

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> NDArray:
        """Loss in nats per token; the arguments broadcast."""
        n, d = np.asarray(parameters, dtype=np.float64), np.asarray(tokens, dtype=np.float64)
        return self.e + self.a * n**-self.alpha + self.b * d**-self.beta

    def cheapest(self, loss: float) -> tuple[float, float]:
        """Parameters and tokens of the run with least 6ND that reaches a loss.

        Raises
        ------
        ValueError
            If the loss is not above the law's irreducible loss.
        """
        reducible = float(loss) - self.e
        if reducible <= 0:
            raise ValueError(f"loss {loss:g}: not above the irreducible loss {self.e:g}")
        from_parameters = reducible * self.beta / (self.alpha + self.beta)
        parameters = (self.a / from_parameters) ** (1 / self.alpha)
        tokens = (self.b / (reducible - from_parameters)) ** (1 / self.beta)
        return parameters, tokens


def training_compute(parameters: float, tokens: float) -> float:
    """Floating-point operations of a training run of a dense transformer."""
    return FLOP_PER_PARAMETER_AND_TOKEN * parameters * tokens


@dataclass(frozen=True, slots=True)
class DataConstrainedLaw:
    """The parametric law with decaying value of repeated tokens and of excess parameters.

    ``r_d`` and ``r_n`` are the repetitions (of data and of parameters) after which most value is spent.
    """

    law: ScalingLaw
    r_d: float
    r_n: float

    def optimal_parameters(self, unique: float) -> float:
        """Parameters for which seeing ``unique`` tokens once is compute-optimal."""
        law = self.law
        return (law.alpha * law.a * unique**law.beta / (law.beta * law.b)) ** (1 / law.alpha)

    def loss(self, parameters: float, tokens: float, unique: float) -> float:
        """Loss of a run of ``tokens`` tokens over ``unique`` different ones."""
        effective = unique * effective_multiple(tokens / unique, self.r_d) if tokens > unique else tokens
        own = min(self.optimal_parameters(min(unique, tokens)), parameters)
        excess = max(parameters / own - 1, 0.0)
        useful = own + own * self.r_n * -math.expm1(-excess / self.r_n)
        return float(self.law.loss(useful, effective))


def effective_multiple(epochs: ArrayLike, r_d: float) -> NDArray:
    """Worth of ``epochs`` passes over a corpus in units of one pass over unique tokens."""
    repeats = np.maximum(np.asarray(epochs, dtype=np.float64) - 1, 0.0)
    return 1 + r_d * -np.expm1(-repeats / r_d)
