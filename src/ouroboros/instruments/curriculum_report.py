"""A comparison of schedules as text on a terminal and as one HTML page that needs nothing else."""

import html

from ouroboros.instruments.audit_report import inline_svg
from ouroboros.instruments.curriculum import BUILT_IN, Finding, Report
from ouroboros.instruments.curriculum_input import Schedule

_HEADER = ("schedule", "repaired, %", "gain, points", "yours minus it", "")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #8886; }
th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
.scroll { overflow-x: auto; } td { white-space: nowrap; } .yours { font-weight: 700; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption { opacity: .8; font-size: .9rem; }
"""


def cells(finding: Finding) -> tuple[str, ...]:
    """Row of a table."""
    against = "" if finding.against is None else _interval(finding.against)
    return finding.name, f"{finding.solved:.1f}", _interval(finding.gain), against, finding.word


def notes(report: Report, schedule: Schedule) -> list[str]:
    """What a reader must know to read the table."""
    seeds = report.paths["seed"].nunique()
    listed = "; ".join(f"{f.name}: {BUILT_IN[f.name]}" for f in report.findings if f.name in BUILT_IN)
    return [
        f"Repaired: share of attempts at human bugs, in programs that no schedule trained on, after "
        f"{schedule.iterations} iterations.",
        "Gain: over the base that all schedules start from. Yours minus it: above 0 if your schedule ends better.",
        f"Intervals are 95 % t intervals over {seeds} seeds; comparisons are paired: same programs, tests and base.",
        f"Built in: {listed}.",
        "The world is a toy. It can show that an order of difficulty does not matter there; it cannot show that one "
        "matters for a language model.",
    ]


def print_report(report: Report, schedule: Schedule, console) -> None:
    """Write it to a rich console."""
    from rich.table import Table

    table = Table(title=f"Schedule: {schedule.name}", title_justify="left", box=None, pad_edge=False)
    for position, name in enumerate(_HEADER):
        table.add_column(name, justify="left" if position in (0, 4) else "right")
    for finding in report.findings:
        table.add_row(*cells(finding), style="bold" if finding.against is None else None)
    console.print(table)
    for line in notes(report, schedule):
        console.print(line, style="dim", soft_wrap=True)


def html_page(report: Report, schedule: Schedule) -> str:
    """The comparison as a page with its figure inside; it loads nothing."""
    head = "".join(f"<th scope=col>{name}</th>" for name in _HEADER)
    body = "".join(
        f"<tr class='{'yours' if finding.against is None else ''}'>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(finding))
        + "</tr>"
        for finding in report.findings
    )
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in notes(report, schedule))
    name = html.escape(schedule.name)
    caption = "Human bugs repaired by iteration, mean over seeds; thin lines: single seeds of your schedule."
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Schedule: {name}</title><style>{_STYLE}</style><h1>Schedule: {name}</h1>"
        f"<figure>{inline_svg(draw(report), caption)}<figcaption>{caption}</figcaption></figure>"
        f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"<h2>How to read this</h2><ul>{listed}</ul></html>\n"
    )


def draw(report: Report):
    """Matplotlib figure of the paths."""
    from ouroboros import plotting

    plotting.use_house_style()
    figure, (axes,) = plotting.panels(height=3.2)
    for k, finding in enumerate(report.findings):
        rows = report.paths[report.paths["schedule"] == finding.name]
        line = rows.groupby("iteration")["solved"].mean()
        if finding.against is None:
            single = rows.pivot(index="iteration", columns="seed", values="solved")
            axes.plot(single.index, single, color=plotting.PALETTE[k], lw=0.5, ls="-", alpha=0.4)
        style = plotting.series_style(k) | {"marker": "", "label": finding.name}
        axes.plot(line.index, line, **style)
    axes.set(xlabel="iteration", ylabel="human bugs repaired, %")
    axes.legend(ncols=2)
    return figure


def _interval(found: tuple[float, float, float]) -> str:
    value, low, high = found
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]"
