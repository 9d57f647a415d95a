"""One independent piece of an experiment: what is run, stored and resumed as a unit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Job:
    """Parameters of one call of ``simulate``, under an id that also serves as a file name.

    Parameters
    ----------
    id : str
        Unique within the experiment; lower-case letters and digits joined by ``-``, ``_`` or ``.``.
    parameters : mapping
        Plain values only, so that they survive a round trip through JSON.

    Raises
    ------
    ValueError
        If the id would not be safe as a file name on every system.
    """

    id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.id) > 100 or not _ID.fullmatch(self.id):
            raise ValueError(f"job {self.id!r}: not safe as a file name (lower-case letters, digits, - _ .)")
