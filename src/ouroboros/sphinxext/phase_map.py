"""The map of the paradox page: real share against verification, with the boundaries of theory.

Drawn from the recorded evidence of `collapse.phase-diagram` while the book is built, so that the page follows the theme
and every cell is text.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.experiments.collapse.phase_diagram import DESTROYED, outcome
from ouroboros.ledger import Experiment
from ouroboros.sphinxext.directive import ExperimentDirective
from ouroboros.stats import verified_mean

_LEFT, _TOP, _WIDE, _HIGH = 92, 12, 58, 30
_WORDS = {
    "helps": "helps",
    "holds": "holds",
    "destroys": "destroys",
    "undecided": "cannot be told from a limit",
}


class PhaseMap(ExperimentDirective):
    """The map; the argument is the experiment that measured it."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it, or say that there is nothing to draw yet."""
        result = self.data.results.get(experiment.id)
        if result is None:
            return [nodes.paragraph("", "The map needs accepted evidence.", classes=["stale"])]
        parameters = experiment.parameters(result.evidence.tier)
        svg = map_svg(result.table, parameters["n"], parameters["generations"])
        return [
            nodes.raw("", f'<div class="phase-map" tabindex="0">{svg}</div>', format="html", phase_map=True)
        ]


def map_svg(table: pd.DataFrame, n: int, last: int) -> str:
    """SVG of the map.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of the experiment.
    n, last : int
        Values of a generation; the generation that is drawn.
    """
    rows = table[(table["grid"] == "knowledge") & (table["quantity"] == "error") & (table["t"] == last)]
    shares, verifiers = sorted(rows["share"].unique()), sorted(rows["verifier"].unique(), reverse=True)
    parts, numbers, counts = [], [], dict.fromkeys(_WORDS, 0)
    for cell in rows.sort_values(["verifier", "share"], ascending=[False, True]).itertuples():
        x = _LEFT + _WIDE * shares.index(cell.share)
        y = _y(verifiers.index(cell.verifier), len(verifiers))
        kind = outcome(cell.low, cell.high)
        counts[kind] += 1
        seen = (
            "nobody verifies"
            if cell.verifier == 0
            else f"verifier has seen {cell.verifier / n:.2g} times as much"
        )
        parts.append(
            f'<g class="{kind}"><title>{cell.share:.0%} real, {seen}: {cell.value:.2g} first fits, {_WORDS[kind]}'
            f'</title><rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}"/></g>'
        )
        numbers.append(
            f'<text class="{kind}" x="{x + _WIDE // 2}" y="{y + 20}" text-anchor="middle">{_number(cell.value)}</text>'
        )
    for k, verifier in enumerate(verifiers):
        label = "nobody" if verifier == 0 else f"{verifier / n:.2g}"
        y = _y(k, len(verifiers)) + 20
        parts.append(f'<text x="{_LEFT - 8}" y="{y}" text-anchor="end">{label}</text>')
    bottom = _y(len(verifiers) - 1, len(verifiers)) + _HIGH
    for k, share in enumerate(shares):
        x = _LEFT + _WIDE * k + _WIDE // 2
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{share:g}</text>')
    width, middle = _LEFT + _WIDE * len(shares), _LEFT + _WIDE * len(shares) // 2
    parts.append(
        f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle">real share of each generation</text>'
    )
    height = _TOP + _HIGH * (len(verifiers) - 1) // 2
    parts.append(
        f'<text transform="translate(16 {height}) rotate(-90)" text-anchor="middle">values seen by the verifier</text>'
    )
    rate = float(rows.loc[rows["verifier"] > 0, "rate"].min())
    for times, kind in ((1.0, "even"), (DESTROYED, "ruin")):
        points = _boundary(shares, verifiers, n, rate, times, last)
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
    # Over the lines, which would strike them through.
    parts += numbers
    label = (
        f"Map of recursion by real share and by what the verifier knows: it helps in {counts['helps']} cells, holds in"
        f" {counts['holds']}, destroys in {counts['destroys']}, and {counts['undecided']} cannot be told from a limit."
        " It destroys in the lower left corner only."
    )
    return (
        f'<svg viewBox="0 0 {width + 4} {bottom + 48}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _y(row: int, rows: int) -> int:
    """Top of a row; that without a verifier stands apart."""
    return _TOP + _HIGH * row + (10 if row == rows - 1 else 0)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 1.95 else f"{value:.2f}"


def _boundary(shares: list[float], verifiers: list[int], n: int, rate: float, times: float, last: int) -> str:
    """Points where theory puts an error, in the places between the cells."""
    known = np.log2([verifier / n for verifier in verifiers[:-1]])
    points = []
    for place in np.linspace(0, len(shares) - 1, 61):
        share = float(np.interp(place, range(len(shares)), shares))
        needed = verified_mean.knowledge_for(share, rate, times, last)
        if needed <= 0 or not known[-1] - 0.5 <= math.log2(needed) <= known[0]:
            continue
        row = float(np.interp(-math.log2(needed), -known, range(len(known)), right=len(known) - 0.5))
        points.append(f"{_LEFT + _WIDE * (place + 0.5):.1f},{_TOP + _HIGH * (row + 0.5):.1f}")
    return " ".join(points)


def _add_style(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is not None and any(node.get("phase_map") for node in doctree.findall(nodes.raw)):
        app.add_css_file("phase-map.css")


def setup(app: Sphinx) -> None:
    """Register the directive and the style of its page."""
    app.add_directive("phase-map", PhaseMap)
    app.connect("html-page-context", _add_style)
