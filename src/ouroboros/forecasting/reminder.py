"""What needs a person, as a list to tick off with the commands that settle each item."""

from collections.abc import Sequence
from datetime import date

from ouroboros.forecasting.due import Attention

_SETTLE = {
    "overdue": "resolve {id} --reading both --outcome yes|no|ambiguous --date DAY --source KEY",
    "due": "resolve {id} --reading both --outcome yes|no|ambiguous --date DAY --source KEY",
    "closing": 'searched {id} --found "..." --reasons "..."',
    "stale": 'searched {id} --found "..." --reasons "..."',
}


def reminder(found: Sequence[Attention], on: date) -> str:
    """Markdown of what is overdue, due, closing or stale, most urgent first.

    Parameters
    ----------
    found : sequence of Attention
        As `ouroboros.forecasting.due.attention` gives it.
    on : date
        Day of the list.

    Returns
    -------
    str
        Empty if nothing needs a person.
    """
    if not found:
        return ""
    lines = [
        f"As of {on}, {len(found)} {'entry' if len(found) == 1 else 'entries'} of the forecast log "
        f"{'needs' if len(found) == 1 else 'need'} a person. Each command writes one entry and changes nothing else.",
        "",
    ]
    for item in found:
        lines.append(f"- [ ] **{item.kind}** {item.id}: {item.text}")
        lines.append(f"      `ouroboros forecast {_SETTLE[item.kind].format(id=item.id)}`")
    return "\n".join(lines) + "\n"
