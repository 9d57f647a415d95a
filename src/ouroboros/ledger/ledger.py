"""The ledger in memory: what is asserted, and who refers to whom."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ouroboros.ledger.bibliography import BibEntry
from ouroboros.ledger.claims import Claim, Dimension
from ouroboros.ledger.events import Event
from ouroboros.ledger.experiments import Check, Criterion, Experiment
from ouroboros.ledger.fields import Citation, Dated
from ouroboros.ledger.forecast_refs import cited_works
from ouroboros.ledger.forecasts import Forecast, ForecastsMeta, NotScored
from ouroboros.ledger.literature import LiteratureItem, RejectedEvidence
from ouroboros.ledger.references import Reference
from ouroboros.ledger.statements import Statement


@dataclass(frozen=True)
class Ledger:
    """All records by id, in file order, and the bibliography by key."""

    claims: Mapping[str, Claim]
    statements: Mapping[str, Statement]
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    literature: Mapping[str, LiteratureItem] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    bibliography: Mapping[str, BibEntry] = field(default_factory=dict)
    dimensions: Mapping[int, Dimension] = field(default_factory=dict)
    provenance_warnings: tuple[str, ...] = ()
    headline_changes: tuple[Dated, ...] = ()
    forecasts_meta: ForecastsMeta | None = None
    not_scored: tuple[NotScored, ...] = ()
    rejected_evidence: tuple[RejectedEvidence, ...] = ()

    @cached_property
    def checks(self) -> dict[str, Check]:
        """All checks of all experiments."""
        return {check.id: check for e in self.experiments.values() for check in e.checks}

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """All criteria of all experiments, superseded ones too."""
        return {criterion.id: criterion for e in self.experiments.values() for criterion in e.criteria}

    def find(self, ident: str) -> tuple[str, Any]:
        """Kind and record of any id.

        Raises
        ------
        KeyError
            If no record has that id.
        """
        return self._index[ident]

    @property
    def ids(self) -> Iterable[str]:
        """Every id of every kind."""
        return self._index.keys()

    @cached_property
    def _index(self) -> dict[str, tuple[str, Any]]:
        kinds = (
            ("claim", self.claims),
            ("statement", self.statements),
            ("experiment", self.experiments),
            ("check", self.checks),
            ("criterion", self.criteria),
            ("reference", self.references),
            ("forecast", self.forecasts),
            ("literature", self.literature),
            ("event", self.events),
        )
        return {ident: (kind, record) for kind, records in kinds for ident, record in records.items()}

    def experiment_of(self, ident: str) -> Experiment:
        """Experiment that a check or criterion belongs to. Raises KeyError for other ids."""
        return self._owner[ident]

    @cached_property
    def _owner(self) -> dict[str, Experiment]:
        return {part.id: e for e in self.experiments.values() for part in (*e.checks, *e.criteria)}

    def claims_of(self, statement_id: str) -> list[Claim]:
        """Claims a statement rests on."""
        return [self.claims[c] for c in self.statements[statement_id].claims]

    def statements_for(self, claim_id: str) -> list[Statement]:
        """Statements that rest on a claim."""
        return self._statements_by_claim.get(claim_id, [])

    @cached_property
    def _statements_by_claim(self) -> dict[str, list[Statement]]:
        found = defaultdict(list)
        for statement in self.statements.values():
            for claim in statement.claims:
                found[claim].append(statement)
        return dict(found)

    def experiments_for(self, ident: str) -> list[Experiment]:
        """Experiments that bear on a claim or statement, or use a reference."""
        return self._experiments_by_id.get(ident, [])

    @cached_property
    def _experiments_by_id(self) -> dict[str, list[Experiment]]:
        found = defaultdict(list)
        for experiment in self.experiments.values():
            touched = {*experiment.claims, *experiment.statements}
            touched |= {ident for criterion in experiment.criteria for ident in criterion.bears_on}
            touched |= {p.reference for p in (*experiment.checks, *experiment.criteria) if p.reference}
            for ident in sorted(touched):
                found[ident].append(experiment)
        return dict(found)

    def criteria_for(self, ident: str) -> list[Criterion]:
        """Criteria still in force that bear on a claim or statement."""
        return [c for c in self.criteria.values() if ident in c.bears_on and c.superseded_by is None]

    def literature_for(self, ident: str) -> list[LiteratureItem]:
        """Newer works that bear on a record."""
        return self._literature_by_id.get(ident, [])

    @cached_property
    def _literature_by_id(self) -> dict[str, list[LiteratureItem]]:
        found = defaultdict(list)
        for item in self.literature.values():
            for ident in dict.fromkeys(item.bears_on):
                found[ident].append(item)
        return dict(found)

    def forecasts_for(self, ident: str) -> list[Forecast]:
        """Forecasts linked to a claim or statement, from either side."""
        named = set(self.statements[ident].forecasts) if ident in self.statements else set()
        named.update(self._forecasts_linked_to.get(ident, ()))
        return [forecast for forecast in self.forecasts.values() if forecast.id in named] if named else []

    @cached_property
    def _forecasts_linked_to(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for forecast in self.forecasts.values():
            for ident in forecast.links:
                found[ident].append(forecast.id)
        return dict(found)

    def citations(self) -> Iterator[tuple[str, Citation]]:
        """Pairs of record id and the citation it makes."""
        for claim in self.claims.values():
            for citation in (*claim.sources, *claim.newer_sources):
                yield claim.id, citation
            for part in (*claim.updates, *claim.other_estimates):
                yield from ((claim.id, citation) for citation in part.sources)
        for record in (*self.statements.values(), *self.references.values(), *self.events.values()):
            yield from ((record.id, citation) for citation in record.sources)
        yield from ((item.id, Citation(key=item.source)) for item in self.literature.values())
        yield from ((ident, Citation(key=key)) for ident, key in cited_works(self.forecasts.values()))

    def cited_keys(self) -> dict[str, list[str]]:
        """Citation keys that records use, each with the ids of the records."""
        found = defaultdict(list)
        for ident, citation in self.citations():
            if ident not in found[citation.key]:
                found[citation.key].append(ident)
        return dict(found)

    def unused_keys(self, also_used: Iterable[str] = ()) -> list[str]:
        """Works that no record and none of the given keys (those of the pages) cites."""
        used = self.cited_keys().keys() | set(also_used)
        if self.forecasts_meta:
            used |= {word.source for word in self.forecasts_meta.word_scale}
        return [key for key in self.bibliography if key not in used]
