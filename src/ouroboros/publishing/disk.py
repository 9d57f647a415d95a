"""A full disk or a folder that may not be written: one line instead of what every library says about it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ouroboros.publishing.errors import BuildError

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
# What SQLite, which keeps the cache of notebooks, calls the two.
_OF_DATABASES = (
    "database or disk is full",
    "disk I/O error",
    "readonly database",
    "unable to open database file",
)


@contextmanager
def refusals_of_the_disk(folder: str) -> Iterator[None]:
    """Tell in one line that the disk refused to take something.

    Sphinx reports a file that it could not write as one fault among others, so the text of faults is looked at too.

    Parameters
    ----------
    folder : str
        What is written, as the message names it.

    Raises
    ------
    BuildError
        Instead of the error of the system or of a library.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL + _FORBIDDEN:
            raise
        raise _refused(folder, os.strerror(error.errno)) from error
    except BuildError as error:
        said = next((text for text in map(os.strerror, _FULL) if text in str(error)), None)
        if said is None:
            raise
        raise _refused(folder, said) from error
    except Exception as error:
        from sqlalchemy.exc import OperationalError

        said = next((text for text in _OF_DATABASES if text in str(error)), None)
        if said is None or not isinstance(error, OperationalError):
            raise
        raise _refused(folder, said) from error


def _refused(folder: str, said: str) -> BuildError:
    return BuildError(
        f"{folder}: {said} (the last site was not touched; make room or let it be written, then the same command)"
    )
