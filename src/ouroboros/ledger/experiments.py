"""Experiments with their checks (is the code right) and criteria (what the result says)."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ouroboros.ledger.fields import Day, Names, OneOrMore, ProtocolId, Record, Several, Text, id_of, naming

Comparison = Literal["at-most", "at-least", "within", "outside"]
EstimateField = Literal["value", "low", "high"]
TierName = Literal["smoke", "publish", "deep"]


def _direction(value: Any) -> Any:
    return "0" if value == 0 and not isinstance(value, bool) else value


def _threshold(value: Any) -> Any:
    numbers = value if isinstance(value, list | tuple) else (value,)
    real = all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in numbers)
    if not real or len(numbers) > 2 or (isinstance(value, list | tuple) and len(numbers) != 2):
        raise ValueError(f"{value!r} is not a number or a pair [low, high]")
    if isinstance(value, list | tuple):
        if not value[0] < value[1]:
            raise ValueError(f"{list(value)!r} is an empty range; the first end must lie below the second")
        return tuple(float(n) for n in value)
    return float(value)


def _deterministic(value: Any) -> Any:
    if value == "exact" or (isinstance(value, int | float) and not isinstance(value, bool) and value > 0):
        return value
    raise ValueError(f"{value!r} is neither 'exact' nor a positive tolerance")


Direction = Annotated[
    Literal["+", "0", "-"], BeforeValidator(_direction), WithJsonSchema({"enum": ["+", "0", "-", 0]})
]
Threshold = Annotated[
    Any,
    BeforeValidator(_threshold),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "number"},
                {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
Deterministic = Annotated[
    Any,
    BeforeValidator(_deterministic),
    WithJsonSchema({"oneOf": [{"const": "exact"}, {"type": "number", "exclusiveMinimum": 0}]}),
]


class _Comparing(Record):
    """What a check and a criterion share: some estimates held against a threshold."""

    statement: Text
    estimate: Annotated[
        Names,
        WithJsonSchema(
            {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        ),
    ]
    field: EstimateField = "value"
    comparison: Comparison
    threshold: Threshold

    @model_validator(mode="after")
    def _threshold_fits_comparison(self) -> Self:
        pair = isinstance(self.threshold, tuple)
        if self.comparison in ("within", "outside") and not pair:
            raise ValueError(f"compares '{self.comparison}', so its threshold must be a pair [low, high]")
        if self.comparison in ("at-most", "at-least") and pair:
            raise ValueError(f"compares '{self.comparison}', so its threshold must be one number")
        return self

    def holds(self, observed: float) -> bool:
        """Whether one observed number satisfies the comparison; NaN never does."""
        if self.comparison == "at-most":
            return observed <= self.threshold
        if self.comparison == "at-least":
            return observed >= self.threshold
        low, high = self.threshold
        if self.comparison == "within":
            return low <= observed <= high
        return observed < low or observed > high


class Check(_Comparing):
    """Says the code is right: an estimate equals a value that nobody here produced."""

    id: id_of("check")
    reference: Text
    tiers: OneOrMore[TierName] = ("smoke", "publish")


class Criterion(_Comparing):
    """Says, before the result is seen, what the result will mean for a statement."""

    id: id_of("criterion")
    bears_on: OneOrMore[Text]
    if_met: Direction
    if_not_met: Direction
    test: Literal["equivalence", "superiority", "ordering", "bound", "existence"]
    reference: Text | None = None
    scope: Text
    fixed_on: Day
    superseded_by: Text | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _can_fail(self) -> Self:
        if self.if_met == self.if_not_met:
            raise ValueError(
                f"says '{self.if_met}' whether met or not; a criterion must be able to come out both ways"
            )
        if (self.superseded_by is None) != (self.reason is None):
            raise ValueError("needs both 'superseded_by' and 'reason', or neither")
        return self


class Tiers(Record):
    """Parameters of the same code at three sizes."""

    smoke: dict[str, Any]
    publish: dict[str, Any]
    deep: dict[str, Any] | None = None


class Experiment(Record):
    """Code, parameters and replicates that answer one question."""

    id: id_of("experiment")
    protocol: ProtocolId
    module: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")]
    notebook: Annotated[str, Field(pattern=r"^[\w./-]+\.md$")]
    title: Text
    question: Text
    claims: Several[naming("claim")] = ()
    statements: Several[naming("statement")] = ()
    method: Text
    not_shown: OneOrMore[Text]
    seed: Annotated[int, Field(ge=0)]
    tiers: Tiers
    data: Several[Text] = ()
    deterministic: Deterministic = "exact"
    checks: Several[Check] = ()
    criteria: Several[Criterion] = ()

    def parameters(self, tier: TierName) -> dict[str, Any]:
        """Parameters of a tier. Raises KeyError when the experiment has none of that name."""
        found = getattr(self.tiers, tier, None)
        if found is None:
            raise KeyError(f"{self.id} has no tier '{tier}'")
        return dict(found)


class ExperimentsFile(Record):
    """ledger/experiments.yml."""

    experiments: Several[Experiment]
