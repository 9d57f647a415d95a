"""Read ledger/*.yml and references.bib into a Ledger, or report every fault at once."""

from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from ouroboros.ledger.bibliography import read_bibliography
from ouroboros.ledger.claims import ClaimsFile
from ouroboros.ledger.crossrefs import Placed, dangling, unique
from ouroboros.ledger.experiments import ExperimentsFile
from ouroboros.ledger.faults import Fault, LedgerFaults
from ouroboros.ledger.fields import Record
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
}
REQUIRED = ("claims", "statements")
BIBLIOGRAPHY = "references.bib"


def load_ledger(root: str | Path) -> Ledger:
    """Load and check the ledger of a checkout.

    Parameters
    ----------
    root
        Directory that holds `ledger/` and `references.bib`. A missing file of an
        optional kind (experiments, references, forecasts, literature) means none of that kind.

    Raises
    ------
    LedgerFaults
        With every fault found, each as `file:line: id: what is wrong`.
    """
    root = Path(root)
    faults: list[Fault] = []
    documents: dict[str, Document] = {}
    files: dict[str, Any] = {}
    placed: list[Placed] = []
    for name, model in FILES.items():
        document = _read(root, name)
        if document is None:
            continue
        documents[name] = document
        faults += document.faults
        if document.data is None and document.faults:
            continue
        content, records, found = _validate(document, name, model)
        files[name] = content
        placed += [Placed(record, document, (name, index)) for index, record in records]
        faults += found
    entries, found = _bibliography(root)
    faults += found
    kinds, found = unique(documents)
    faults += found
    dimensions = _dimension_numbers(documents.get("claims"))
    faults += dangling(placed, kinds, entries.keys(), dimensions)
    if faults:
        raise LedgerFaults(faults)
    return _assemble(files, entries)


def _read(root: Path, name: str) -> Document | None:
    shown = f"ledger/{name}.yml"
    try:
        return read_yaml((root / shown).read_text(encoding="utf-8"), shown)
    except FileNotFoundError:
        if name not in REQUIRED:
            return None
        fault = Fault(shown, 1, None, "is missing")
    except UnicodeDecodeError as error:
        fault = Fault(shown, 1, None, f"is not UTF-8 text (byte {error.start})")
    return Document(shown, faults=[fault])


def _bibliography(root: Path) -> tuple[dict, list[Fault]]:
    try:
        return read_bibliography((root / BIBLIOGRAPHY).read_text(encoding="utf-8"), BIBLIOGRAPHY)
    except FileNotFoundError:
        return {}, [Fault(BIBLIOGRAPHY, 1, None, "is missing")]
    except UnicodeDecodeError as error:
        return {}, [Fault(BIBLIOGRAPHY, 1, None, f"is not UTF-8 text (byte {error.start})")]


def _validate(
    document: Document, name: str, model: type[Record]
) -> tuple[Record | None, list[tuple[int, Record]], list[Fault]]:
    """Validate a file; if it has faults, still return the records that have none."""
    try:
        content = model.model_validate(document.data)
    except ValidationError as error:
        return None, _sound(document.data, name, model, error), faults_of(error, model, document)
    return content, list(enumerate(getattr(content, name))), []


def _sound(data: Any, name: str, model: type[Record], error: ValidationError) -> list[tuple[int, Record]]:
    items = data.get(name) if isinstance(data, dict) else None
    if not isinstance(items, list):
        return []
    faulty = {finding["loc"][1] for finding in error.errors() if finding["loc"][:1] == (name,)
              and len(finding["loc"]) > 1}  # fmt: skip
    record = get_args(model.model_fields[name].annotation)[0]
    return [(i, record.model_validate(item)) for i, item in enumerate(items) if i not in faulty]


def _dimension_numbers(document: Document | None) -> set[int]:
    data = document.data if document else None
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
