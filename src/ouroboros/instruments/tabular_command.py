"""From what a user asks of a table to a report; the command line only prints it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ouroboros.experiments.compliance.tabular_generators import GENERATORS, generate
from ouroboros.instruments.errors import InstrumentError
from ouroboros.instruments.tabular import Report, judge, synthesise
from ouroboros.instruments.tabular_input import read_tables, write_table

OFFERED = tuple(kind for kind in GENERATORS if kind != "copy")
PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks: files, generator and guarantee."""

    file: Path
    synthetic: Path | None = None
    holdout: Path | None = None
    label: str | None = None
    generator: str = "copula"
    epsilon: float | None = None
    delta: float = 1e-5
    write: Path | None = None
    page: Path | None = None
    repeats: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.generator not in OFFERED:
            raise InstrumentError(f"--generator {self.generator}: not one of {', '.join(OFFERED)}")
        if self.epsilon is not None and self.generator != PRIVATE:
            raise InstrumentError(
                f"--epsilon: {self.generator} gives no guarantee (--generator {PRIVATE} does)"
            )
        if self.epsilon is not None and not self.epsilon > 0:
            raise InstrumentError(f"--epsilon {self.epsilon:g}: a budget above 0 needed")
        if not 0 < self.delta < 1:
            raise InstrumentError(f"--delta {self.delta:g}: a number between 0 and 1 needed")
        if self.holdout is not None and self.synthetic is None:
            raise InstrumentError("--holdout: only with --synthetic; otherwise the rows of FILE are split")
        if self.write is not None and self.synthetic is not None:
            raise InstrumentError("--write: not with --synthetic, which is judged as it is")
        for option, path in (("--write", self.write), ("--html", self.page)):
            if path is not None and not path.parent.is_dir():
                raise InstrumentError(f"{option} {path}: no directory {path.parent} (make it first)")


def run(request: Request) -> tuple[str, Report]:
    """Title and report; writes the synthetic table if that is asked for.

    Raises
    ------
    InstrumentError
        If a file is not as it must be.
    """
    paths = [path for path in (request.file, request.synthetic, request.holdout) if path is not None]
    form, tables = read_tables(paths, request.label)
    if request.synthetic is not None:
        holdout = tables[2] if request.holdout is not None else None
        return f"{request.synthetic.name}, made from {request.file.name}", judge(
            tables[0], tables[1], holdout, seed=request.seed
        )
    epsilon = request.epsilon or 1.0
    guarantee = {"epsilon": epsilon, "delta": request.delta} if request.generator == PRIVATE else {}
    report = synthesise(
        tables[0], form.domain, request.generator, repeats=request.repeats, seed=request.seed, **guarantee
    )
    if guarantee:
        report.notes.append(
            f"A table drawn once has a guarantee of ε = {epsilon:g}, δ = {request.delta:g} for each row, if the "
            "columns, their categories and their ranges are public. This report looks at real rows and has none."
        )
    if request.write is not None:
        # A stream of its own, so that the table does not depend on the number of splits.
        rng = np.random.default_rng(np.random.SeedSequence([request.seed, 1]))
        made = generate(request.generator, tables[0], form.domain, len(tables[0]), rng, **guarantee)
        write_table(request.write, form, made)
    return f"{request.file.name}, generator {request.generator}", report
