"""Literature that came after the original and what it changes."""

from ouroboros.ledger.fields import Basis, Record, Several, Text, id_of


class LiteratureItem(Record):
    """One newer work: its finding and the records it bears on."""

    id: id_of("literature")
    source: Text
    finding: Text
    bears_on: Several[Text]
    basis: Basis
    depth: Text
    why_it_matters: Text | None = None
    caution: Text | None = None
    note: Text | None = None
    read_at: Text | None = None


class RejectedEvidence(Record):
    """Something found that is not used, with the reason."""

    item: Text
    reason: Text


class LiteratureFile(Record):
    """ledger/literature.yml."""

    literature: Several[LiteratureItem]
    rejected_evidence: Several[RejectedEvidence] = ()
