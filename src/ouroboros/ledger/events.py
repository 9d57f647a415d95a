"""Events: what happened when, each with its source and the records it bears on."""

from typing import Literal, Self

from pydantic import model_validator

from ouroboros.ledger.claims import Basis
from ouroboros.ledger.fields import Citation, PartialDate, Record, Several, Text, id_of

Track = Literal["said", "found", "built", "ruled", "exhaustion"]


class Event(Record):
    """Something that happened, or a span by which data is said to have run out (track `exhaustion`)."""

    id: id_of("event")
    date: PartialDate
    until: PartialDate | None = None
    track: Track
    label: Text
    text: Text
    sources: Several[Citation] = ()
    links: Several[Text] = ()
    basis: Basis = "read"

    @model_validator(mode="after")
    def _can_be_checked_and_drawn(self) -> Self:
        if not self.sources and not self.links:
            raise ValueError("names neither a source nor a record; nobody could check it")
        if self.until is not None and self.until < self.date:
            raise ValueError(f"ends ({self.until}) before it starts ({self.date})")
        return self


class EventsFile(Record):
    """ledger/events.yml."""

    events: Several[Event]
