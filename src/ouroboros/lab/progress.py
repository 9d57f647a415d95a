"""How far a run is: shown on a terminal, silent in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]


@contextmanager
def job_progress(what: str, total: int, done: int = 0, shown: bool | None = None) -> Iterator[Advance]:
    """Show what runs, n of N and the time left on standard error.

    Parameters
    ----------
    what : str
        Name of the work.
    total, done : int
        Number of jobs, and how many of them were finished before.
    shown : bool, optional
        None shows it on a terminal only.

    Yields
    ------
    callable
        To be called with the number of jobs finished so far.
    """
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda finished: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total, completed=done)
        yield lambda finished: progress.update(task, completed=finished)
