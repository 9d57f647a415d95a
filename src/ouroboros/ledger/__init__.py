"""The ledger: what is asserted, typed and checked against itself."""

from ouroboros.ledger.bibliography import BibEntry
from ouroboros.ledger.claims import Claim
from ouroboros.ledger.digests import criteria_digest, criterion_digest
from ouroboros.ledger.events import Event
from ouroboros.ledger.experiments import Check, Criterion, Experiment
from ouroboros.ledger.faults import Fault, LedgerFaults
from ouroboros.ledger.forecasts import Forecast
from ouroboros.ledger.ledger import Ledger
from ouroboros.ledger.literature import LiteratureItem
from ouroboros.ledger.load import load_ledger
from ouroboros.ledger.references import Reference
from ouroboros.ledger.statements import Statement

__all__ = [
    "BibEntry",
    "Check",
    "Claim",
    "Criterion",
    "Event",
    "Experiment",
    "Fault",
    "Forecast",
    "Ledger",
    "LedgerFaults",
    "LiteratureItem",
    "Reference",
    "Statement",
    "criteria_digest",
    "criterion_digest",
    "load_ledger",
]
