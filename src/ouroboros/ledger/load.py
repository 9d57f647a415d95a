"""Read ledger/*.yml and references.bib into a Ledger, or report every fault at once."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ouroboros.ledger.bibliography import Bibliography, read_bibliography
from ouroboros.ledger.claims import ClaimsFile
from ouroboros.ledger.crossrefs import KIND_OF_LIST, Known, dangling, kinds_of_ids, written_records
from ouroboros.ledger.events import EventsFile
from ouroboros.ledger.experiments import ExperimentsFile
from ouroboros.ledger.faults import Fault, LedgerFaults
from ouroboros.ledger.fields import Record
from ouroboros.ledger.forecast_refs import forecast_faults
from ouroboros.ledger.forecasts import ForecastsFile
from ouroboros.ledger.ledger import Ledger
from ouroboros.ledger.literature import LiteratureFile
from ouroboros.ledger.references import ReferencesFile
from ouroboros.ledger.statements import StatementsFile
from ouroboros.ledger.wording import faults_of
from ouroboros.ledger.yamlfile import Document, read_yaml

FILES: dict[str, type[Record]] = {
    "claims": ClaimsFile,
    "statements": StatementsFile,
    "experiments": ExperimentsFile,
    "references": ReferencesFile,
    "forecasts": ForecastsFile,
    "literature": LiteratureFile,
    "events": EventsFile,
}
REQUIRED = ("claims", "statements")
BIBLIOGRAPHY = "references.bib"


def load_ledger(root: str | Path, *, instead: Mapping[str, str] | None = None) -> Ledger:
    """Load and check the ledger of a checkout.

    Parameters
    ----------
    root
        Directory that holds `ledger/` and `references.bib`. A missing file of an
        optional kind (experiments, references, forecasts, literature, events) means none of that kind.
    instead
        Text to read instead of a file, by kind (``{"forecasts": text}``): what a file would
        mean before it is written.

    Raises
    ------
    LedgerFaults
        With every fault found, each as `file:line: id: what is wrong`.
    """
    with _without_collector():
        return _load(Path(root), instead or {})


@contextmanager
def _without_collector() -> Iterator[None]:
    """Suspend the cyclic garbage collector, which takes most of the time of a large load and finds nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(root: Path, instead: Mapping[str, str]) -> Ledger:
    documents = {name: document for name in FILES if (document := _read(root, name, instead.get(name)))}
    faults = [fault for document in documents.values() for fault in document.faults]
    files: dict[str, Any] = {}
    for name, document in documents.items():
        if document.unreadable:
            continue
        try:
            files[name] = FILES[name].model_validate(document.data)
        except ValidationError as error:
            faults += faults_of(error, FILES[name], document)
    bibliography = _bibliography(root)
    faults += bibliography.faults
    records = written_records(documents)
    kinds, found = kinds_of_ids(records)
    known = Known(
        kinds=kinds,
        keys=dict.fromkeys([*bibliography.entries, *sorted(bibliography.broken)]),
        dimensions=_dimension_numbers(documents["claims"]),
        unread={KIND_OF_LIST[name] for name, document in documents.items() if document.unreadable},
        unread_bibliography=bibliography.unreadable,
    )
    faults += found
    faults += dangling(records, known)
    if "forecasts" in documents:
        faults += forecast_faults(documents["forecasts"], known)
    if faults:
        raise LedgerFaults(faults)
    return _assemble(files, bibliography.entries)


def _read(root: Path, name: str, instead: str | None = None) -> Document | None:
    shown = f"ledger/{name}.yml"
    try:
        text = instead if instead is not None else (root / shown).read_text(encoding="utf-8")
        return read_yaml(text, shown)
    except FileNotFoundError:
        if name not in REQUIRED:
            return None
        fault = Fault(shown, 1, None, "is missing")
    except UnicodeDecodeError as error:
        fault = Fault(shown, 1, None, f"is not UTF-8 text (byte {error.start})")
    return Document(shown, faults=[fault])


def _bibliography(root: Path) -> Bibliography:
    try:
        return read_bibliography((root / BIBLIOGRAPHY).read_text(encoding="utf-8"), BIBLIOGRAPHY)
    except FileNotFoundError:
        fault = Fault(BIBLIOGRAPHY, 1, None, "is missing")
    except UnicodeDecodeError as error:
        fault = Fault(BIBLIOGRAPHY, 1, None, f"is not UTF-8 text (byte {error.start})")
    return Bibliography(faults=[fault], unreadable=True)


def _dimension_numbers(document: Document) -> set[int]:
    data = document.data
    listed = data.get("dimensions") if isinstance(data, dict) else None
    return {d.get("number") for d in listed or () if isinstance(d, dict)}


def _assemble(files: dict[str, Any], entries: dict) -> Ledger:
    records = {
        name: {record.id: record for record in getattr(files[name], name)} if name in files else {}
        for name in FILES
    }
    claims, forecasts, literature = files["claims"], files.get("forecasts"), files.get("literature")
    return Ledger(
        **records,
        bibliography=entries,
        dimensions={dimension.number: dimension for dimension in claims.dimensions},
        provenance_warnings=claims.provenance_warnings,
        headline_changes=claims.headline_changes,
        forecasts_meta=forecasts.meta if forecasts else None,
        not_scored=forecasts.not_scored if forecasts else (),
        rejected_evidence=literature.rejected_evidence if literature else (),
    )
