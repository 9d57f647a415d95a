"""A report on a table as text on a terminal and as one HTML page that needs nothing else."""

import html
from collections.abc import Sequence
from pathlib import Path

from ouroboros.instruments.tabular import ATTACK, FLAGGED, Finding, Report

_HEADER = ("measure", "value", "95 % interval", "hold it against", "")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8886; }
.scroll { overflow-x: auto; } .over-fitted { font-weight: 700; } svg { max-width: 100%; height: auto; }
"""


def cells(finding: Finding) -> tuple[str, ...]:
    """Row of a table."""
    return (
        finding.name,
        f"{finding.value:.3f}",
        f"{finding.low:.3f} to {finding.high:.3f}",
        finding.against,
        finding.word,
    )


def print_report(report: Report, title: str, console) -> None:
    """Write it to a rich console."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for position, name in enumerate(_HEADER):
        table.add_column(name, justify="right" if position in (1, 2) else "left")
    for finding in report.findings:
        table.add_row(*cells(finding), style="bold" if finding.word == FLAGGED else None)
    console.print(table)
    for note in report.notes:
        console.print(note, style="dim", soft_wrap=True)


def html_page(report: Report, title: str) -> str:
    """The report as a page; it loads nothing and needs no script."""
    head = "".join(f"<th scope=col>{name}</th>" for name in _HEADER)
    body = "".join(
        f"<tr class='{finding.word.replace(' ', '-')}'>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(finding))
        + "</tr>"
        for finding in report.findings
    )
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in report.notes)
    name = html.escape(title)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{name}</title><style>{_STYLE}</style><h1>{name}</h1>{_scale(report.findings)}"
        f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"<h2>How to read this</h2><ul>{notes}</ul></html>\n"
    )


def _scale(findings: Sequence[Finding]) -> str:
    """The attack on a line from chance to certainty."""
    found = next((finding for finding in findings if finding.name == ATTACK), None)
    if found is None:
        return ""
    low, value, high = (20 + 1160 * (max(end, 0.5) - 0.5) for end in (found.low, found.value, found.high))
    label = f"Membership attack: {found.value:.3f}, {found.low:.3f} to {found.high:.3f}; {found.word}"
    return (
        f"<svg viewBox='0 0 620 70' role=img aria-label='{label}' fill=currentColor font-size=14>"
        "<line x1=20 x2=600 y1=30 y2=30 stroke=currentColor opacity=.4 />"
        "<line x1=136 x2=136 y1=22 y2=38 stroke=currentColor opacity=.6 />"
        f"<line x1={low:.0f} x2={high:.0f} y1=30 y2=30 stroke=currentColor stroke-width=5 />"
        f"<circle cx={value:.0f} cy=30 r=7 /><text x=20 y=60>0.5: chance</text>"
        "<text x=136 y=60>0.6: over-fitted</text><text x=600 y=60 text-anchor=end>1: certainty</text></svg>"
    )


def write_page(path: Path, page: str) -> None:
    """Write the page whole or not at all."""
    half = path.with_name(f".{path.name}.part")
    half.write_text(page, "utf-8")
    half.replace(path)
