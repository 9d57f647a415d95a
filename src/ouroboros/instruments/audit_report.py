"""An audit as text on a terminal and as one HTML page that needs nothing else."""

import html
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ouroboros.instruments.audit import Finding, Settings
from ouroboros.instruments.audit_input import Column, Pair

_FIGURES = 12
_BARS = 12
_HEADER = ("what", "before", "after", "change", "interval", "")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #8886; }
th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
.scroll { overflow-x: auto; }
.worse { font-weight: 700; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption, .note { opacity: .8; font-size: .9rem; }
"""


def rows_of(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """Cells of a table, a row for each finding."""
    return [
        (
            finding.measure + (f" ({finding.unit})" if finding.unit else ""),
            "" if finding.before is None else _plain(finding.before),
            "" if finding.after is None else _plain(finding.after),
            f"{finding.change:+.3g}",
            f"{finding.low:+.3g} to {finding.high:+.3g}",
            finding.verdict,
        )
        for finding in findings
    ]


def notes(findings: Sequence[Finding], settings: Settings) -> list[str]:
    """What a reader must know to read the table."""
    by_chance = (1 - settings.level) * len(findings)
    return [
        f"Intervals have level {settings.level:g}. Of {len(findings)} comparisons about {by_chance:.1f} would exclude "
        "zero if nothing had changed.",
        "Drift is the excess over random relabellings of the same items; zero means no more than chance.",
        f"The tail is what made up {settings.tail:g} of one half of the first file, measured in its other half and in "
        "the second file.",
        "Worse means further apart, less tail, less variety, or more repeats; whether that matters is not for a "
        "statistic to say.",
    ]


def print_report(findings: Sequence[Finding], settings: Settings, console) -> None:
    """Write the audit to a rich console."""
    from rich.table import Table

    for name in dict.fromkeys(finding.column for finding in findings):
        table = Table(title=name, title_justify="left", box=None, pad_edge=False)
        for position, title in enumerate(_HEADER):
            table.add_column(title, justify="left" if position in (0, 5) else "right")
        chosen = [finding for finding in findings if finding.column == name]
        for finding, cells in zip(chosen, rows_of(chosen), strict=True):
            table.add_row(*cells, style="bold" if finding.verdict == "worse" else None)
        console.print(table)
        console.print()
    for line in notes(findings, settings):
        console.print(line, style="dim", soft_wrap=True)


def html_page(pair: Pair, findings: Sequence[Finding], settings: Settings, names: tuple[str, str]) -> str:
    """The audit as a page with figures inside; it loads nothing."""
    parts = []
    for name in dict.fromkeys(finding.column for finding in findings):
        chosen = [finding for finding in findings if finding.column == name]
        column = next((c for c in pair.columns if c.name == name), None)
        shown = pair.columns.index(column) < _FIGURES if column else False
        parts.append(f"<h2>{html.escape(name)}</h2>")
        if column and shown:
            caption = html.escape(_caption(column))
            figure = _figure(column)
            parts.append(f"<figure>{figure}<figcaption>{caption}</figcaption></figure>")
        if column and any(column.missing):
            parts.append(
                f"<p class=note>Empty cells: {column.missing[0]} before, {column.missing[1]} after.</p>"
            )
        head = "".join(f"<th scope=col>{title}</th>" for title in _HEADER)
        body = "".join(
            f"<tr class='{finding.verdict}'>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells) + "</tr>"
            for finding, cells in zip(chosen, rows_of(chosen), strict=True)
        )
        parts.append(
            f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in notes(findings, settings))
    before, after = (html.escape(name) for name in names)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Audit: {before} and {after}</title><style>{_STYLE}</style>"
        f"<h1>Before and after</h1><p>{before} beside {after}.</p>{''.join(parts)}<h2>How to read this</h2>"
        f"<ul>{listed}</ul></html>\n"
    )


def write_page(path: Path, page: str) -> None:
    """Write the page whole or not at all."""
    half = path.with_name(f".{path.name}.part")
    half.write_text(page, "utf-8")
    half.replace(path)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _caption(column: Column) -> str:
    if column.kind == "number":
        return f"Share of values up to each point, {len(column.before)} before and {len(column.after)} after."
    if column.kind == "category":
        return "Shares of the most frequent values."
    return "Share of each word by its rank, both axes logarithmic: the tail is at the right."


def _figure(column: Column) -> str:
    """The values of a column before and after."""
    from ouroboros import plotting

    plotting.use_house_style()
    figure, (axes,) = plotting.panels(height=2.8)
    _DRAW[column.kind](axes, column, plotting)
    return inline_svg(figure, f"{column.name}: {_caption(column)}")


def inline_svg(figure, label: str) -> str:
    """A house-style figure as SVG that follows the colours of the page around it; closes the figure."""
    import matplotlib.pyplot as plt

    from ouroboros import plotting

    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    plt.close(figure)
    svg = text.getvalue()
    svg = (
        svg[svg.index("<svg") :].replace(plotting.INK, "currentColor").replace(plotting.FAINT, "currentColor")
    )
    label = html.escape(label, quote=True)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{label}" ', svg, count=1)


def _draw_numbers(axes, column: Column, plotting) -> None:
    for k, (values, label) in enumerate(((column.before, "before"), (column.after, "after"))):
        ordered = np.sort(values)
        # More points than pixels only make the page heavy.
        places = np.unique(np.linspace(0, len(ordered) - 1, 400).astype(int))
        style = plotting.series_style(k) | {"marker": "", "label": label}
        axes.step(ordered[places], (places + 1) / len(ordered), where="post", **style)
    axes.set(xlabel=column.name, ylabel="share up to here")
    axes.legend()


def _draw_categories(axes, column: Column, plotting) -> None:
    counts = [Counter(values) for values in (column.before, column.after)]
    names = [name for name, _ in (counts[0] + counts[1]).most_common(_BARS)]
    for k, (count, label) in enumerate(zip(counts, ("before", "after"), strict=True)):
        places = np.arange(len(names)) + (k - 0.5) * 0.38
        shares = [count[name] / count.total() for name in names]
        axes.bar(places, shares, 0.36, color=plotting.PALETTE[k], label=label, hatch="//" if k else None)
    axes.set_xticks(range(len(names)), [name[:16] for name in names], rotation=30, ha="right")
    axes.set(ylabel="share")
    axes.legend()


def _draw_text(axes, column: Column, plotting) -> None:
    for k, (texts, label) in enumerate(((column.before, "before"), (column.after, "after"))):
        counts = Counter(word for text in texts for word in re.findall(r"\w+", text.lower()))
        shares = np.sort(np.array(list(counts.values()) or [1]))[::-1] / max(counts.total(), 1)
        places = np.unique(np.geomspace(1, len(shares), 300).astype(int))
        style = plotting.series_style(k) | {"marker": "", "label": label}
        axes.plot(places, shares[places - 1], **style)
    axes.set(xscale="log", yscale="log", xlabel="rank of the word", ylabel="share of all words")
    axes.legend()


_DRAW = {"number": _draw_numbers, "category": _draw_categories, "text": _draw_text}
