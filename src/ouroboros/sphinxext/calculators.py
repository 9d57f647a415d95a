"""The calculator of the peak-data page: a form whose law comes from the evidence, and a script for that page alone.

Without scripts, or without accepted evidence, the form stays hidden and the figure of the page stands for it.
"""

from __future__ import annotations

import json
import math
from html import escape
from pathlib import Path
from statistics import NormalDist

from docutils import nodes
from sphinx.application import Sphinx

from ouroboros.lab import Evidence
from ouroboros.ledger import Experiment
from ouroboros.sphinxext.directive import ExperimentDirective

STATIC_SCRIPT = Path(__file__).with_name("static") / "peak-data.js"

# Name, label, unit, lowest, highest, step, start, whether the slider runs in orders of magnitude.
_CONTROLS = (
    ("growth", "Growth of the largest training set, a year", "times", 1.2, 4.0, 0.01, None, False),
    ("overtraining", "Tokens per parameter over the compute-optimal number", "times", 0, 2, 0.05, 0, True),
    ("synthetic", "Synthetic tokens generated for each human one", "tokens", 0, 20, 0.5, 0, False),
    ("worth", "Worth of a synthetic token, in human ones", "tokens", 0, 1, 0.05, 0.3, False),
)


def law_of(experiment: Experiment, evidence: Evidence) -> dict[str, list[float]]:
    """Mean and standard deviation, in orders of magnitude (a year), of the four lines of the model.

    The stock is taken from the evidence, as the lognormal law with its median and interval; demand and growth
    from the inputs of the experiment.
    """
    inputs = experiment.parameters("publish")["inputs"]
    stock = evidence.estimate("stock-effective")
    ends = [math.log10(1e12 * end) for end in (stock.low, stock.high)]
    half = NormalDist().inv_cdf(0.5 + stock.level / 2)
    pages = [_log_normal(inputs["stock"][name]) for name in ("page-size-growth", "page-count-growth")]
    low, high, coverage = inputs["demand"]["growth"]
    return {
        "stock": [math.log10(1e12 * stock.value), (ends[1] - ends[0]) / 2 / half],
        "demand": list(_log_normal(inputs["demand"]["largest"])),
        "pages": [sum(mean for mean, _ in pages), math.hypot(*(spread for _, spread in pages))],
        "growth": [(low + high) / 2, (high - low) / 2 / NormalDist().inv_cdf(0.5 + coverage / 2)],
    }


def _log_normal(ends: list[float]) -> tuple[float, float]:
    low, high, coverage = ends
    half = NormalDist().inv_cdf(0.5 + coverage / 2)
    return math.log10(low * high) / 2, math.log10(high / low) / 2 / half


class PeakDataCalculator(ExperimentDirective):
    """The form; the argument is the experiment whose law it uses."""

    def draw(self, experiment: Experiment) -> list[nodes.Node]:
        """Draw it."""
        evidence = self.data.evidence.get(experiment.id)
        if evidence is None:
            return [nodes.paragraph("", "The calculator needs accepted evidence.", classes=["stale"])]
        law = law_of(experiment, evidence)
        form = nodes.raw("", _form(law), format="html", calculator=True)
        return [form]


def _form(law: dict[str, list[float]]) -> str:
    rounded = {name: [round(value, 6) for value in pair] for name, pair in law.items()}
    controls = []
    for name, label, unit, low, high, step, start, logs in _CONTROLS:
        value = round(10 ** law["growth"][0], 2) if start is None else start
        key = f"peak-data-{name}"
        scale = ' data-scale="log"' if logs else ""
        controls.append(
            f'<div class="control"><label for="{key}">{escape(label)}</label><output for="{key}"></output>'
            f'<input type="range" id="{key}" name="{name}" min="{low}" max="{high}" step="{step}"'
            f' value="{value}" data-unit="{unit}"{scale}></div>'
        )
    # Five years apart on a wide screen; every second label goes on a narrow one.
    minor = ' class="minor"'
    ticks = "".join(
        f'<line x1="{(year - 2024) * 40}" x2="{(year - 2024) * 40}" y1="160" y2="165"/>'
        f'<text x="{(year - 2024) * 40}" y="183" text-anchor="middle"'
        f"{minor if year % 4 else ''}>{year}</text>"
        for year in range(2026, 2040, 2)
    )
    return (
        "<noscript><p>The calculator needs scripts; the figure above shows its scenarios without them.</p>"
        f"</noscript><form class=\"calculator\" hidden data-law='{json.dumps(rounded)}'>"
        "<fieldset><legend>Move the date</legend>" + "".join(controls) + "</fieldset>"
        '<p class="answer" aria-live="polite">Full use in <strong data-out="median"></strong>; the central 80 % run'
        ' from <strong data-out="low"></strong> to <strong data-out="high"></strong>. In full use by the end of 2025:'
        ' <strong data-out="then"></strong>; by the end of 2031: <strong data-out="later"></strong>.</p>'
        '<svg viewBox="0 0 640 190" role="img" aria-label="Probability that the stock is in full use, by year; the'
        ' dashed line marks the median year"><line x1="0" x2="640" y1="160" y2="160"/>'
        '<line x1="0" x2="640" y1="10" y2="10"/><text x="4" y="26">certain</text>'
        f'{ticks}<line class="median" y1="10" y2="160"/><polyline/></svg>'
        '<p><button type="reset">Back to the start</button></p></form>'
    )


def _add_script(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is not None and any(node.get("calculator") for node in doctree.findall(nodes.raw)):
        app.add_js_file("peak-data.js", loading_method="defer")
        app.add_css_file("calculator.css")


def setup(app: Sphinx) -> None:
    """Register the directive and the script of its page."""
    app.add_directive("peak-data-calculator", PeakDataCalculator)
    app.connect("html-page-context", _add_script)
