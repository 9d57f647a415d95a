"""One process at a time where several files change together."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from ouroboros.lab.errors import LabError
from ouroboros.lab.paths import evidence_lock_file

_PATIENCE = 60.0
_BETWEEN_LOOKS = 0.05


class Busy(LabError):
    """Another process holds the lock."""


@contextmanager
def exclusive(path: Path, what: str, patience: float | None = None) -> Iterator[None]:
    """Hold a lock that the system drops when the process ends, however it ends.

    Parameters
    ----------
    path : Path
        Lock file; it is made and left behind, empty.
    what : str
        What the holder does, for the message to those who wait in vain.
    patience : float, optional
        Seconds to wait for another holder; a minute by default.

    Raises
    ------
    Busy
        If another process holds it for longer.
    LabError
        If the file cannot be made.
    """
    import fcntl

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise LabError(f"{path}: {error.strerror} (nothing was changed)") from error
    with file:
        give_up = time.monotonic() + (_PATIENCE if patience is None else patience)
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > give_up:
                raise Busy(f"{path}: another process {what} (wait until it has ended, then again)")
            time.sleep(_BETWEEN_LOOKS)
        yield


def evidence_lock(root: Path) -> AbstractContextManager[None]:
    """Lock that whoever writes evidence or candidates of a checkout holds while doing so."""
    return exclusive(evidence_lock_file(root), "writes evidence")
