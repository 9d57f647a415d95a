"""Statements: the nodes of the original's argument and our findings on them."""

from typing import Literal, Self

from pydantic import model_validator

from ouroboros.ledger.claims import Severity
from ouroboros.ledger.fields import (
    Basis,
    Citation,
    Day,
    Link,
    Probability,
    Quantity,
    Record,
    Several,
    Text,
    id_of,
    naming,
)

StatementKind = Literal[
    "thesis",
    "finding",
    "paradox",
    "stage",
    "judgement",
    "uncertainty",
    "falsifier",
    "opportunity",
    "background",
    "analysis",
    "consistency",
]
StatementVerdict = Literal[
    "confirmed",
    "nuanced",
    "discrepant",
    "superseded",
    "unverifiable",
    "unsupported",
    "consistent",
    "roughly-consistent",
    "inconsistent",
    "rounded-down",
    "overstated",
    "mislabelled",
    "missing-source",
    "mixed-units",
    "tension",
    "risk",
    "note",
]
KIND_OF_LETTER: dict[str, StatementKind] = {
    "T": "thesis",
    "K": "finding",
    "P": "paradox",
    "S": "stage",
    "J": "judgement",
    "U": "uncertainty",
    "X": "falsifier",
    "O": "opportunity",
    "B": "background",
    "A": "analysis",
    "D": "consistency",
}


class StatementAudit(Record):
    """Our reading of a statement against its sources; not the computed verdict on evidence."""

    verdict: StatementVerdict
    severity: Severity | None = None
    correction: Text | None = None
    basis: Basis | None = None
    confidence: Probability | None = None
    checked_on: Day


class Statement(Record):
    """A node of the argument and what it rests on."""

    id: id_of("statement")
    kind: StatementKind
    title: Text
    text: Text
    where: Text
    claims: Several[naming("claim")] = ()
    bears_on: Several[Text] = ()
    forecasts: Several[naming("forecast")] = ()
    labels: dict[str, str] | None = None
    own_reading: bool = False
    note: Text | None = None
    quantities: Several[Quantity] = ()
    sources: Several[Citation] = ()
    source_says: Text | None = None
    audit: StatementAudit | None = None
    evidence_urls: Several[Link] = ()
    newer_evidence: Several[Text] = ()
    no_experiment: Text | None = None  # why none of ours can decide it

    @model_validator(mode="after")
    def _letter_and_reading(self) -> Self:
        expected = KIND_OF_LETTER[self.id[0]]
        if self.kind != expected:
            raise ValueError(f"is of kind '{self.kind}', but its id stands for '{expected}'")
        if self.own_reading and not self.note:
            raise ValueError("is marked own_reading, so it needs a note that says so")
        return self


class StatementsFile(Record):
    """ledger/statements.yml."""

    statements: Several[Statement]
