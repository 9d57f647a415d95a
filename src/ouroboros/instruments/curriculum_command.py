"""Runs a comparison of schedules with its progress on a terminal."""

import sys
from collections.abc import Sequence

from ouroboros.instruments.curriculum import Report, compare
from ouroboros.instruments.curriculum_input import Schedule


def run(schedule: Schedule, against: Sequence[str], *, seeds: int, seed: int) -> Report:
    """Compare, and show how far it is; silent in a pipe.

    Raises
    ------
    InstrumentError
        As `compare` does.
    """
    from rich.console import Console
    from rich.progress import Progress

    # Progress without a terminal would still print its last line.
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("training", total=max(seeds, 0) * (1 + len(against)))
        return compare(schedule, against, seeds=seeds, seed=seed, advance=lambda: progress.advance(task))
