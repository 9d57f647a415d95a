"""What a chip says of a record: the word of its audit, verdict or status, and the sentence behind it."""

from __future__ import annotations

from ouroboros.ledger import Claim, Statement
from ouroboros.ledger.fields import Citation
from ouroboros.sphinxext.book_data import BookData

#: Kinds of statement that the original makes and that a verdict is computed for.
ARGUMENT = ("thesis", "finding", "paradox", "stage", "judgement", "uncertainty", "falsifier", "opportunity")


def word_of(data: BookData, kind: str, identifier: str) -> str | None:
    """Audit, verdict or status that a chip of this record shows; None for kinds without one."""
    if kind == "claim":
        return data.ledger.claims[identifier].verdict
    if kind == "statement":
        return _word_of_statement(data, data.ledger.statements[identifier])
    if kind == "forecast":
        status = data.ledger.forecasts[identifier].status
        return status.strict if status else "open"
    return None


def _word_of_statement(data: BookData, statement: Statement) -> str:
    """Computed verdict; our reading where no experiment was ever meant to decide."""
    computed = data.verdicts[statement.id].verdict
    if computed == "untested" and statement.kind not in ARGUMENT and statement.audit:
        return statement.audit.verdict
    return computed


def summary_of(data: BookData, kind: str, identifier: str) -> str:
    """Say in two lines what a record is: its own words, and below them where they come from."""
    record = data.ledger.find(identifier)[1]
    if kind == "claim":
        return f"{_line(record.text)}\n{claim_source(data, record)}"
    if kind == "statement":
        return f"{record.title}. {_line(record.text)}\n{data.verdicts[identifier].reason}"
    if kind == "experiment":
        return f"{_line(record.question)}\nExperiment {record.id}"
    if kind == "forecast":
        return (
            f"{_line(record.statement)}\nWindow {record.window.open} to {record.window.close}, strict reading"
        )
    if kind in ("criterion", "check"):
        return f"{_line(record.statement)}\n{kind.capitalize()} of {data.ledger.experiment_of(identifier).id}"
    if kind == "reference":
        return f"{_line(record.quantity)}\n{record.mark_meaning.capitalize()}"
    if kind == "event":
        return f"{_line(record.text)}\n{record.date}"
    return f"{_line(record.finding)}\n{work(data, record.source)}"


def claim_source(data: BookData, claim: Claim) -> str:
    """Name the primary source that a claim was audited against."""
    return "Primary source: " + "; ".join(_cited(data, citation) for citation in claim.sources[:2])


def work(data: BookData, key: str) -> str:
    """Name a work by author and year."""
    entry = data.ledger.bibliography[key]
    names = [author.family for author in entry.authors]
    several = len(names) > 2 or names[-1] == "others"
    who = f"{names[0]} et al." if several else " and ".join(names)
    return f"{who} ({entry.year})"


def _cited(data: BookData, citation: Citation) -> str:
    return work(data, citation.key) + (f", {citation.locator}" if citation.locator else "")


def _line(text: str) -> str:
    return " ".join(text.split())
