"""Evidence on disk: what a record holds, and how three files are kept as one.

``<id>.json`` and ``<id>.csv`` hold what is reproducible, ``<id>.run.json`` what was true of one run. The JSON
names the checksum of the table and the run record the checksum of the JSON: a state torn by a bad merge or an
edit by hand never loads. A crash tears nothing: all new files are complete on disk and a journal names them
before the first is moved, and whoever comes next finishes the moves.
"""

import dataclasses
import io
import json
import math
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ouroboros.lab.digest import text_digest
from ouroboros.lab.errors import EvidenceError, LabError
from ouroboros.lab.paths import candidate_directory, evidence_directory
from ouroboros.stats.estimate import Estimate

SCHEMA = "ouroboros-evidence/1"
Direction = Literal["+", "0", "-"]
# Fields that most evidence has no need of, and that are then not written.
_OPTIONAL = ("recertified", "judged_anew")
_PART, _JOURNAL = ".part", ".moves"
_TICKS = 0.02  # seconds


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TableReference(_Record):
    """The table the estimates were computed from."""

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(gt=0)


class Judged(_Record):
    """What a check and a criterion have in common: what was looked at, and against what."""

    id: str
    digest: str
    estimates: tuple[str, ...]
    field: str
    observed: tuple[float, ...]
    comparison: str
    threshold: float | tuple[float, float]


class CheckOutcome(Judged):
    """A check and whether it passed."""

    passed: bool


class CriterionOutcome(Judged):
    """A criterion, whether it was met, and which way that points."""

    met: bool
    direction: Direction


class Recertified(_Record):
    """That evidence was computed by an earlier state of the code, and how the present one was held against it.

    Attributes
    ----------
    computed_by : str
        Code digest of the full run.
    jobs : tuple of str
        Jobs that were run again.
    of : int
        Number of all jobs.
    result : str
        How they came out.
    """

    computed_by: str
    jobs: tuple[str, ...]
    of: int
    result: Literal["identical", "within tolerance"]


class Evidence(_Record):
    """The recorded outcome of one experiment at one tier; only what is reproducible.

    Attributes
    ----------
    code_digest, criteria_digest : str
        What it belongs to; see :mod:`ouroboros.lab.digest`.
    estimates : tuple of Estimate
        Every number that checks, criteria and pages may use.
    valid : bool
        Whether every check passed.
    recertified : Recertified, optional
        Set if the code digest was renewed without a full run.
    judged_anew : tuple of str
        Criteria that were written or reworded after this table had been accepted for the first time.
    """

    schema_: Literal["ouroboros-evidence/1"] = Field(SCHEMA, alias="schema")
    experiment: str
    tier: str
    seed: int
    parameters: dict[str, Any]
    code_digest: str
    criteria_digest: str
    table: TableReference
    estimates: tuple[Estimate, ...]
    checks: tuple[CheckOutcome, ...]
    criteria: tuple[CriterionOutcome, ...]
    valid: bool
    recertified: Recertified | None = None
    judged_anew: tuple[str, ...] = ()

    def estimate(self, name: str) -> Estimate:
        """Estimate of that name; LabError with near names if there is none."""
        for estimate in self.estimates:
            if estimate.name == name:
                return estimate
        import difflib

        near = difflib.get_close_matches(name, [e.name for e in self.estimates], n=3)
        hint = f" (near: {', '.join(near)})" if near else ""
        raise LabError(f"{self.experiment}: no estimate {name!r} in its evidence{hint}")

    def to_json(self) -> str:
        """Text of the file; the same evidence always gives the same bytes."""
        content = self.model_dump(by_alias=True)
        return json_text({k: v for k, v in content.items() if k not in _OPTIONAL or v})


@dataclass(frozen=True, slots=True)
class Result:
    """Evidence with its table (as CSV text) and the record of the run; the three files in memory."""

    evidence: Evidence
    table_text: str
    run: dict[str, Any]

    @property
    def table(self) -> pd.DataFrame:
        """The table as everybody reads it back."""
        return read_table(self.table_text)


def write_table(table: pd.DataFrame) -> str:
    """CSV text of a table; floats are written so that they read back to the same bits."""
    return table.to_csv(index=False, lineterminator="\n")


def read_table(text: str) -> pd.DataFrame:
    """Table of a CSV text written by :func:`write_table`; words such as ``NA`` stay words.

    Floats come back to the bit, which pandas does by default from 3.1 on.
    """
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""], low_memory=False)


def save_result(directory: Path, result: Result) -> None:
    """Write the three files as one.

    Raises
    ------
    LabError
        If the directory cannot be written; nothing half-written stays behind.
    """
    name = result.evidence.experiment
    evidence_text = result.evidence.to_json()
    run_text = json_text({**result.run, "evidence_sha256": text_digest(evidence_text)})
    files = [
        (f"{name}.csv", result.table_text),
        (f"{name}.run.json", run_text),
        (f"{name}.json", evidence_text),
    ]
    finish_moves(directory)
    for leftover in directory.glob(f".{name}.*{_PART}"):
        leftover.unlink(missing_ok=True)
    replace_files(directory, files)


def replace_files(directory: Path, files: list[tuple[str, str]]) -> None:
    """Write several texts into a directory, all or none of them, whatever happens in between.

    Raises
    ------
    LabError
        If something cannot be written.
    """
    temporary: list[tuple[str, str]] = []
    journal = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files:
            temporary.append((_write_temporary(directory, name, text), name))
        if len(files) > 1:
            journal = _write_journal(directory, temporary)
        _move(directory, temporary)
        if journal is not None:
            # A reader who found it may have finished the moves and taken it away.
            journal.unlink(missing_ok=True)
        _sync_directory(directory)
    except OSError as error:
        where = Path(error.filename or directory).parent if error.filename else directory
        raise LabError(f"{where}: {error.strerror or error} (nothing was changed there)") from error
    finally:
        # Once the journal stands the change is decided, and its files are still needed.
        if journal is None or not journal.exists():
            for source, _ in temporary:
                with suppress(OSError):
                    os.unlink(directory / source)


def finish_moves(directory: Path) -> None:
    """Finish what a process that was killed had decided; harmless if that process is still alive."""
    for journal in sorted(directory.glob(f".*{_JOURNAL}")):
        with suppress(FileNotFoundError):
            try:
                moves = json.loads(journal.read_text("utf-8"))
            except ValueError as error:
                raise EvidenceError(f"{directory.name}/{journal.name}: not readable (remove it)") from error
            _move(directory, moves)
            journal.unlink()


def _write_journal(directory: Path, moves: list[tuple[str, str]]) -> Path:
    written = directory / _write_temporary(directory, moves[-1][1], json.dumps(moves))
    # Complete before it bears the name that makes it count; the name is as unique as the temporary one.
    journal = written.with_name(written.name.removesuffix(_PART) + _JOURNAL)
    try:
        written.replace(journal)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    _sync_directory(directory)
    return journal


def _move(directory: Path, moves: list[tuple[str, str]]) -> None:
    for source, target in moves:
        with suppress(FileNotFoundError):
            os.replace(directory / source, directory / target)


def _write_temporary(directory: Path, name: str, text: str) -> str:
    handle, source = tempfile.mkstemp(prefix=f".{name}.", suffix=_PART, dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        # mkstemp gives the owner alone access; evidence is as readable as any file in a checkout.
        os.chmod(source, 0o644)
    except BaseException:
        with suppress(OSError):
            os.unlink(source)
        raise
    return Path(source).name


def _sync_directory(directory: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def load_result(directory: Path, experiment_id: str, shown_as: str | None = None) -> Result | None:
    """Read the three files and verify that they belong together; None if there is no evidence.

    Raises
    ------
    EvidenceError
        If a file is missing, was altered, or is not what it should be.
    """
    shown = shown_as or directory.name
    return _undisturbed(directory, lambda: _load_result(directory, experiment_id, shown))


T = TypeVar("T")


def _undisturbed(directory: Path, read: Callable[[], T]) -> T:
    """Read several files that belong together while others may be replacing them."""
    failed_at = None
    while True:
        # Where nothing may be written, evidence torn by a crash is reported as what it is.
        with suppress(OSError):
            finish_moves(directory)
        before = _changed(directory)
        try:
            return read()
        except EvidenceError:
            # Two moves within one tick of the file system's clock leave the same time behind: only what is
            # still so after several ticks without a change is damage.
            if before == failed_at == _changed(directory):
                raise
            failed_at = before
            time.sleep(_TICKS)


def _changed(directory: Path) -> int:
    return directory.stat().st_mtime_ns if directory.exists() else 0


def _load_result(directory: Path, experiment_id: str, shown: str) -> Result | None:
    evidence = _load_evidence(directory, experiment_id, shown)
    if evidence is None:
        return None
    table_text = _read(directory / f"{experiment_id}.csv", shown, experiment_id)
    run_file = directory / f"{experiment_id}.run.json"
    try:
        run = json.loads(_read(run_file, shown, experiment_id))
    except ValueError as error:
        raise EvidenceError(
            f"{shown}/{run_file.name}: not JSON: {error} ({_remedy(experiment_id)})"
        ) from error
    json_text = _read(directory / f"{experiment_id}.json", shown, experiment_id)
    if not isinstance(run, dict) or run.get("evidence_sha256") != text_digest(json_text):
        raise EvidenceError(
            f"{shown}/{run_file.name}: belongs to another {experiment_id}.json ({_remedy(experiment_id)})"
        )
    return Result(evidence, table_text, run)


def _load_evidence(directory: Path, experiment_id: str, shown: str) -> Evidence | None:
    path = directory / f"{experiment_id}.json"
    if not path.is_file():
        return None
    try:
        evidence = Evidence.model_validate_json(_read(path, shown, experiment_id))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{shown}/{path.name}: {place + ': ' if place else ''}{first['msg']}"
        raise EvidenceError(f"{message} ({_remedy(experiment_id)})") from error
    if evidence.experiment != experiment_id:
        raise EvidenceError(
            f"{shown}/{path.name}: is evidence of {evidence.experiment} ({_remedy(experiment_id)})"
        )
    table = directory / f"{experiment_id}.csv"
    if text_digest(_read(table, shown, experiment_id)) != evidence.table.sha256:
        raise EvidenceError(
            f"{shown}/{table.name}: sha256 differs from {shown}/{path.name} ({_remedy(experiment_id)})"
        )
    return evidence


def _read(path: Path, shown: str, experiment_id: str) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError as error:
        raise EvidenceError(f"{shown}/{path.name}: missing ({_remedy(experiment_id)})") from error
    except UnicodeDecodeError as error:
        raise EvidenceError(
            f"{shown}/{path.name}: is not text: {error} ({_remedy(experiment_id)})"
        ) from error
    except OSError as error:
        raise EvidenceError(f"{shown}/{path.name}: cannot be read: {error.strerror}") from error


def _remedy(experiment_id: str) -> str:
    return f"rerun: ouroboros run {experiment_id} --tier publish; or git checkout the three files"


def load_evidence(root: Path, experiment_id: str) -> Evidence | None:
    """Accepted evidence of an experiment, verified against its table; None if there is none yet.

    Raises
    ------
    EvidenceError
        If the evidence is damaged.
    """
    directory = evidence_directory(root)
    return _undisturbed(directory, lambda: _load_evidence(directory, experiment_id, "evidence"))


def load_accepted(root: Path, experiment_id: str) -> Result | None:
    """Accepted evidence with its table and its run record; None if there is none yet."""
    return load_result(evidence_directory(root), experiment_id, "evidence")


def load_candidate(root: Path, experiment_id: str) -> Result | None:
    """Evidence of a finished run that was not accepted yet; None if there is none."""
    directory = candidate_directory(root, experiment_id)
    return load_result(directory, experiment_id, f".ouroboros/candidates/{experiment_id}")


def load_all_evidence(root: Path, ledger: Any) -> dict[str, Evidence]:
    """Accepted evidence of every experiment of the ledger that has some."""
    found = {name: load_evidence(root, name) for name in ledger.experiments}
    return {name: evidence for name, evidence in found.items() if evidence is not None}


def discard_candidate(root: Path, experiment_id: str) -> None:
    """Remove a candidate; the JSON first, so that an interruption leaves none rather than a torn one."""
    directory = candidate_directory(root, experiment_id)
    for suffix in (".json", ".csv", ".run.json"):
        with suppress(FileNotFoundError):
            os.unlink(directory / f"{experiment_id}{suffix}")
    with suppress(OSError):
        directory.rmdir()


def json_text(value: Any) -> str:
    """Text of a JSON file; infinite numbers and NaN, for which JSON has no numeral, are written as words."""
    return json.dumps(_in_words(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _in_words(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        value = dataclasses.asdict(value)
    if isinstance(value, dict):
        return {key: _in_words(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_in_words(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
