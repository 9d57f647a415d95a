"""Reads a schedule of difficulty from a YAML file; a fault names its line."""

import math
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ouroboros.instruments.errors import InstrumentError

MOST_ITERATIONS = 60
SIZES = 3


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stage(_Strict):
    """Some iterations with one mix of difficulties.

    Attributes
    ----------
    iterations : int
        How many.
    shares : tuple of float
        Shares of bugs of one, two, three substitutions.
    """

    iterations: Annotated[int, Field(ge=1, strict=True)]
    shares: tuple[float, ...]

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if len(shares) != SIZES:
            raise ValueError(f"{len(shares)} shares ({SIZES} needed: bugs of one, two, three substitutions)")
        if min(shares) < 0 or not math.isclose(sum(shares), 1, abs_tol=1e-6):
            raise ValueError(f"shares sum to {sum(shares):g} (none below 0 and a sum of 1 needed)")
        return shares


class Schedule(_Strict):
    """A difficulty for every iteration, in stages.

    Attributes
    ----------
    name : str
        What tables and figures call it.
    stages : tuple of Stage
        In order.
    """

    name: Annotated[str, Field(min_length=1, max_length=40)]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _not_too_long(self) -> "Schedule":
        if self.iterations > MOST_ITERATIONS:
            raise ValueError(f"{self.iterations} iterations in all (at most {MOST_ITERATIONS})")
        return self

    @property
    def iterations(self) -> int:
        """Of all stages together."""
        return sum(stage.iterations for stage in self.stages)

    @property
    def shares(self) -> tuple[tuple[float, ...], ...]:
        """Shares by iteration."""
        return tuple(stage.shares for stage in self.stages for _ in range(stage.iterations))


def read_schedule(path: Path) -> Schedule:
    """Read and check a schedule.

    Raises
    ------
    InstrumentError
        If the file cannot be read, is not YAML, or is no schedule.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise InstrumentError(f"{path}: no such file (a schedule as .yml needed)") from None
    except OSError as error:
        raise InstrumentError(f"{path}: {error.strerror} (a readable .yml needed)") from None
    except UnicodeDecodeError as error:
        raise InstrumentError(f"{path}: not UTF-8: {error.reason}") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 1 if getattr(error, "problem_mark", None) else 1
        said = getattr(error, "problem", None) or "cannot be read"
        raise InstrumentError(f"{path}:{line}: not YAML: {said}") from None
    if not isinstance(data, dict):
        raise InstrumentError(f"{path}:1: no schedule (a mapping with 'name' and 'stages' needed)")
    try:
        return Schedule.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step + 1) if isinstance(step, int) else step for step in first["loc"])
        raise InstrumentError(f"{path}:{_line(node, first['loc'])}: {_said(first, where)}") from None


def _said(fault: dict[str, Any], where: str) -> str:
    """What is wrong and what would be right."""
    prefix = f"{where}: " if where else ""
    if fault["type"] == "extra_forbidden":
        return f"{prefix}no such field ('name', 'stages'; in a stage 'iterations', 'shares')"
    if fault["type"] == "missing":
        return f"{prefix}missing ('name', 'stages'; in a stage 'iterations', 'shares' needed)"
    if fault["type"] == "value_error":
        return f"{prefix}{fault['ctx']['error']}"
    if fault["type"] == "too_short":
        return f"{prefix}none (at least one stage needed)"
    message = fault["msg"][0].lower() + fault["msg"][1:]
    return f"{prefix}{fault['input']!r}: {message}"


def _line(node: yaml.Node, place: tuple) -> int:
    """Line of the innermost entry on the way to a place."""
    line = node.start_mark.line
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            key, node = found[0]
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1
