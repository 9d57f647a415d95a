"""The log is append-only: what was once published or committed may be corrected by a new entry, never changed.

Every state of ledger/forecasts.yml is held against every frozen edition that has one and, from the day on which the
log was opened (``meta.log_opened_on``), against every later version in the history of the checkout. What was committed
before that day was a draft; what an edition froze was published, whether the log was open or not.

An entry that is only appended could still lie about its day, and a probability dated before the event it knew of would
be scored as a forecast. So the day an entry bears is held against the day on which it was first committed.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ouroboros.ledger.crossrefs import mappings
from ouroboros.ledger.faults import Fault
from ouroboros.ledger.forecast_log import LETTERS
from ouroboros.ledger.yamlfile import Document, read_yaml

FILE = "ledger/forecasts.yml"
#: Lists of a forecast that may grow at their end; everything else about it is fixed.
GROWING = (*LETTERS, "leading_indicators", "links")
#: Field of ``meta`` that says since when the log is open; it may be added once and never taken out.
OPENING = "log_opened_on"
#: An entry is committed within this time of the day it bears, and at most a day (of time zones) before it.
LATE, EARLY = timedelta(days=14), timedelta(days=1)
_ENTERED = ("as_of", "added_on", "rejected_on", "date")
_GROWING_META = ("horizons", "word_scale", "scoring_fine_print")


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier state of the file, where it stands, and the day it was first committed."""

    place: str
    text: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What the guard looked at and what it found."""

    faults: tuple[Fault, ...]
    editions: int
    commits: int
    shallow: bool = False
    opened: bool = True

    def sentence(self) -> str:
        """One line for `ouroboros check`."""
        if not self.opened:
            return "forecasts: the log is not open yet (meta.log_opened_on), nothing is held against it"
        looked = (
            f"forecasts: append-only against {self.commits} earlier versions and {self.editions} editions"
        )
        return looked + (" (history is shallow: older versions were not seen)" if self.shallow else "")


def compare(root: Path, text: str | None = None) -> Compared:
    """Hold the file, or a text that is to become it, against all earlier versions.

    Parameters
    ----------
    root : Path
        The checkout; without a git history only its frozen editions are looked at.
    text : str, optional
        What the file is to become; its present content by default.

    Returns
    -------
    Compared
    """
    path = root / FILE
    if text is None:
        if not path.is_file():
            return Compared((), 0, 0, opened=False)
        text = path.read_text(encoding="utf-8")
    now = read_yaml(text, FILE)
    if now.unreadable:
        return Compared(tuple(now.faults), 0, 0)
    editions = [(v.place, read_yaml(v.text, v.place).data) for v in edition_versions(root)]
    commits = list(_open_states(committed_versions(root)))
    faults: dict[Fault, None] = {}
    for place, data in (*editions, *((version.place, data) for version, data in commits)):
        if data != now.data:
            faults.update(dict.fromkeys(changes(data, now, place)))
    faults.update(dict.fromkeys(misdated([(v.day, data) for v, data in commits if v.day], now)))
    opened = bool(editions or commits) or _opened(now.data)
    return Compared(_once_each(faults), len(editions), len(commits), _is_shallow(root), opened)


def _open_states(versions: list[Version]) -> Iterator[tuple[Version, Any]]:
    """Text and data of the committed versions that count: those with an open log.

    A version that is no YAML was never a ledger that loaded; what it held stands in the versions around it.
    """
    for version in versions:
        if OPENING in version.text and _opened(data := read_yaml(version.text, version.place).data):
            yield version, data


def _once_each(faults: Mapping[Fault, None]) -> tuple[Fault, ...]:
    """Keep one fault for a place, although many versions show it."""
    kept: dict[tuple[int, str | None, str], Fault] = {}
    for fault in faults:
        kept.setdefault((fault.line, fault.ident, fault.message.split(" (")[0]), fault)
    return tuple(sorted(kept.values()))


def edition_versions(root: Path) -> list[Version]:
    """The file as frozen editions hold it, in the order of their names."""
    paths = sorted((root / "editions").glob(f"*/{FILE}"))
    return [Version(f"edition {p.parents[1].name}", p.read_text(encoding="utf-8")) for p in paths]


def committed_versions(root: Path) -> list[Version]:
    """Every different state of the file in the history of the checkout, newest first; none without git."""
    listed = _git(root, "log", "--full-history", "--format=%H %as", "--", FILE)
    if not listed:
        return []
    commits = [line.split() for line in listed.decode().splitlines()]
    asked = "".join(f"{commit}:./{FILE}\n" for commit, _ in commits)
    answer = _git(root, "cat-file", "--batch", given=asked.encode()) or b""
    texts: dict[bytes, tuple[str, date]] = {}
    for (commit, written), content in zip(commits, _blobs(answer), strict=False):
        if content is not None:
            newest, earliest = texts.get(content, (commit, date.max))
            texts[content] = newest, min(earliest, date.fromisoformat(written))
    return [
        Version(f"commit {commit[:10]}", text.decode("utf-8", "replace"), day)
        for text, (commit, day) in texts.items()
    ]


def _blobs(answer: bytes) -> Iterator[bytes | None]:
    """Contents in the output of ``git cat-file --batch``; None for a commit that deleted the file."""
    place = 0
    while place < len(answer):
        end = answer.index(b"\n", place)
        head = answer[place:end].split()
        place = end + 1
        if head[-1] == b"missing" or len(head) < 3:
            yield None
            continue
        size = int(head[2])
        yield answer[place : place + size]
        place += size + 1


def _git(root: Path, *arguments: str, given: bytes | None = None) -> bytes | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], input=given, capture_output=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def _is_shallow(root: Path) -> bool:
    answer = _git(root, "rev-parse", "--is-shallow-repository")
    return answer is not None and answer.strip() == b"true"


def _opened(data: Any) -> bool:
    meta = data.get("meta") if isinstance(data, dict) else None
    return isinstance(meta, dict) and bool(meta.get(OPENING))


def changes(old: Any, now: Document, place: str) -> Iterator[Fault]:
    """What an earlier state says and the present one no longer does, as faults of the present one.

    Parameters
    ----------
    old
        Data of the earlier state.
    now : Document
        The present state, with its lines.
    place : str
        Where the earlier state stands, for the message.
    """
    data = now.data if isinstance(now.data, dict) else {}
    yield from _fields(
        old.get("meta") or {}, data.get("meta") or {}, now, ("meta",), None, place, growing=_GROWING_META
    )
    present = {f.get("id"): (path, f) for path, f in mappings(data, "forecasts")}
    for _, forecast in mappings(old, "forecasts"):
        ident = forecast.get("id")
        if ident not in present:
            yield Fault(FILE, now.line(("forecasts",)), ident, f"was removed ({place} has it); put it back")
            continue
        path, found = present[ident]
        yield from _fields(forecast, found, now, path, ident, place, growing=GROWING)
    yield from _list(old.get("not_scored"), data.get("not_scored"), now, ("not_scored",), None, place)


def misdated(versions: Sequence[tuple[date, Any]], now: Document) -> Iterator[Fault]:
    """Entries whose own day is far from the day on which they were first committed.

    Parameters
    ----------
    versions : sequence of (date, data)
        Committed states with an open log. What the oldest of them holds was there when the log was opened.
    now : Document
        The present state, with its lines.
    """
    first: dict[tuple[str, str, int], date] = {}
    states = sorted(versions, key=lambda version: version[0])
    for day, data in states:
        for key, _, _ in _entries(data):
            first.setdefault(key, day)
    opening = {key for key, _, _ in _entries(states[0][1])} if states else set()
    for key, path, entry in _entries(now.data):
        day = next((entry[name] for name in _ENTERED if name in entry), None)
        if key in opening or key not in first or not isinstance(day, str):
            continue
        if not first[key] - LATE <= _day(day, first[key]) <= first[key] + EARLY:
            ident, name, number = key
            message = (
                f"entry {LETTERS[name]}{number} of '{name}' bears the day {day} and was first committed on "
                f"{first[key]}; an entry bears the day on which it is written (commit it within {LATE.days} days)"
            )
            yield Fault(FILE, now.line(path), ident, message)


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise  # no day at all is the fault of another check


def _entries(data: Any) -> Iterator[tuple[tuple[str, str, int], tuple[str | int, ...], Mapping[str, Any]]]:
    """Name (forecast, list, place in it), path and content of every dated entry."""
    for path, forecast in mappings(data if isinstance(data, dict) else {}, "forecasts"):
        for name in LETTERS:
            for sub, entry in mappings(forecast, name):
                yield (str(forecast.get("id")), name, int(sub[-1]) + 1), (*path, *sub), entry


def _fields(
    old: Mapping[str, Any],
    new: Any,
    now: Document,
    path: tuple[str | int, ...],
    ident: str | None,
    place: str,
    *,
    growing: Sequence[str],
) -> Iterator[Fault]:
    new = new if isinstance(new, dict) else {}
    for name in growing:
        yield from _list(old.get(name), new.get(name), now, (*path, name), ident, place)
    for name in [key for key in (*old, *(k for k in new if k not in old)) if key not in growing]:
        if name not in new:
            message = f"'{name}' was removed ({place} has it); put it back"
        elif name not in old:
            if name == OPENING:
                continue
            message = f"'{name}' was added to what is fixed ({place} lacks it); take it out"
        elif old[name] != new[name]:
            message = f"'{name}' was changed ({place} has it otherwise); {_remedy(growing)}"
        else:
            continue
        yield Fault(FILE, now.line((*path, name)), ident, message)


def _remedy(growing: Sequence[str]) -> str:
    more = " and append a clarification" if "clarifications" in growing else ""
    return f"restore it{more}"


def _list(
    old: Any, new: Any, now: Document, path: tuple[str | int, ...], ident: str | None, place: str
) -> Iterator[Fault]:
    old, new = old or [], new if isinstance(new, list) else []
    name = str(path[-1])
    letter = LETTERS.get(name, "")
    for number, entry in enumerate(old, 1):
        if number > len(new):
            what = f"entry {letter}{number}" if letter else f"item {number}"
            yield Fault(
                FILE, now.line(path), ident, f"{what} of '{name}' was removed ({place} has it); put it back"
            )
        elif entry != new[number - 1]:
            what = f"entry {letter}{number}" if letter else f"item {number}"
            correct = f" and append an entry that corrects {letter}{number}" if letter else ""
            message = f"{what} of '{name}' was changed ({place} has it otherwise); restore it{correct}"
            yield Fault(FILE, now.line((*path, number - 1)), ident, message)
