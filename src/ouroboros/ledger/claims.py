"""Claims: the sourced assertions of the original report and their audits."""

from typing import Any, Literal

from ouroboros.ledger.fields import (
    Basis,
    Citation,
    Dated,
    Day,
    Link,
    OneOrMore,
    PartialDate,
    Probability,
    Quantity,
    Record,
    Several,
    Text,
    id_of,
)

ClaimKind = Literal[
    "market-forecast", "corporate-event", "quote", "empirical-result", "adoption", "definition", "regulation"
]
AuditVerdict = Literal["confirmed", "nuanced", "discrepant", "superseded", "unverifiable"]
Severity = Literal["minor", "moderate", "major"]


class Dimension(Record):
    """One of the headings under which the original files its claims."""

    number: int
    title: Text


class CitedAs(Record):
    """The source as the original names it, usually not the primary one."""

    name: Text
    date: Text | None = None


class Audit(Record):
    """Our check of a claim against its primary source, typed by a person."""

    verdict: AuditVerdict
    severity: Severity | None = None
    attribution_verdict: AuditVerdict | None = None
    correction: Text
    basis: Basis
    confidence: Probability
    checked_on: Day


class ClaimUpdate(Record):
    """A later look at a claim; whatever it states wins over the audit."""

    date: Day
    text: Text
    verdict: AuditVerdict | None = None
    severity: Severity | None = None
    attribution_verdict: AuditVerdict | None = None
    basis: Basis | None = None
    confidence: Probability | None = None
    verdict_note: Text | None = None
    arithmetic: Text | None = None
    sources: Several[Citation] = ()


class Point(Record):
    """A figure for a year."""

    year: int
    value: float


class OtherEstimate(Record):
    """What somebody else gives for the same or a neighbouring quantity, to hold a claim's figures against."""

    by: Text
    of: Text
    unit: Text
    points: OneOrMore[Point]
    sources: Several[Citation] = ()
    link: Link | None = None
    basis: Basis


class Claim(Record):
    """One sourced assertion of the original, with its audit and what came later."""

    id: id_of("claim")
    title: Text | None = None
    dimension: int
    kind: ClaimKind
    text: Text
    cited_as: CitedAs
    quantities: Several[Quantity] = ()
    sources: OneOrMore[Citation]
    source_date: PartialDate | None = None
    source_note: Text | None = None
    source_says: Text
    audit: Audit
    memo_sentence: Text | None = None  # what a memo may say instead of the original
    arithmetic: Text | None = None
    evidence_urls: Several[Link] = ()
    newer_evidence: Several[Text] = ()
    newer_sources: Several[Citation] = ()
    other_estimates: Several[OtherEstimate] = ()
    reproduction_card: dict[str, Any] | None = None
    no_experiment: Text | None = None  # why none of ours can decide it
    updates: Several[ClaimUpdate] = ()

    def _latest(self, field: str) -> Any:
        for update in reversed(self.updates):
            if (value := getattr(update, field)) is not None:
                return value
        return getattr(self.audit, field)

    @property
    def verdict(self) -> AuditVerdict:
        """Audit verdict after all updates."""
        return self._latest("verdict")

    @property
    def severity(self) -> Severity | None:
        """How bad a discrepancy is, after all updates."""
        return self._latest("severity")

    @property
    def attribution_verdict(self) -> AuditVerdict | None:
        """Verdict on the attribution alone, where it differs from that on the substance."""
        return self._latest("attribution_verdict")

    @property
    def basis(self) -> Basis:
        """Whether the source was read or recalled, after all updates."""
        return self._latest("basis")

    @property
    def confidence(self) -> float:
        """Confidence in the verdict, between 0 and 1, after all updates."""
        return self._latest("confidence")

    @property
    def checked_on(self) -> Any:
        """Day of the last look at the source."""
        return max([self.audit.checked_on, *(update.date for update in self.updates)])


class ClaimsFile(Record):
    """ledger/claims.yml."""

    dimensions: OneOrMore[Dimension]
    provenance_warnings: Several[Text] = ()
    headline_changes: Several[Dated] = ()
    claims: Several[Claim]
