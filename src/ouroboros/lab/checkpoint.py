"""What a long job keeps of itself between its stages, so that it resumes in the middle."""

import base64
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ouroboros.lab.digest import text_digest
from ouroboros.lab.store import replace_files

SUFFIX = ".checkpoint"


class Checkpoint:
    """State of one job in one file, the state of its random numbers included.

    A file that is torn or altered counts as none. It belongs to one digest of code, parameters and seed, as the
    folder of finished jobs does in which it stands, so no other code ever resumes from it.

    Parameters
    ----------
    path : Path
        The file.
    rng : numpy.random.Generator
        Source of the job's randomness.
    """

    def __init__(self, path: Path, rng: np.random.Generator):
        self._path = path
        self._rng = rng

    def load(self) -> Any | None:
        """What was kept last, None if nothing was; sets the random numbers to where they were then."""
        try:
            checksum, text = self._path.read_text("ascii").split("\n", 1)
        except (OSError, ValueError):
            return None
        if checksum != text_digest(text):
            return None
        numbers, state = pickle.loads(base64.b64decode(text))
        self._rng.bit_generator.state = numbers
        return state

    def save(self, state: Any) -> None:
        """Keep a state that can be pickled, in the place of the last one; LabError if the disk refuses."""
        text = base64.b64encode(pickle.dumps((self._rng.bit_generator.state, state), protocol=5)).decode()
        replace_files(self._path.parent, [(self._path.name, f"{text_digest(text)}\n{text}")])
