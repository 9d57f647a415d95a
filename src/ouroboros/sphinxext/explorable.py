"""The explorable of the paradox page: sample size, real share and generations against what is left.

The page carries the drawing and the sentence of the starting state, computed here from the closed forms of
`ouroboros.stats`. Without scripts they are a static figure; the script of the page reveals the controls and
computes every other state by itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from docutils import nodes
from numpy.typing import NDArray
from sphinx.application import Sphinx

from ouroboros.sphinxext.directive import LedgerDirective
from ouroboros.stats import gaussian_recursion, real_share

STATIC_SCRIPT = Path(__file__).with_name("static") / "explorable.js"

#: Words of the toy text, last generation, and the starting state.
WORDS, LAST = 50, 100
START = {"size": 50, "share": 10, "generation": 30}

# Name, label, lowest, highest, step.
_CONTROLS = (
    ("size", "Values, or words of text, in each generation", 10, 200, 10),
    ("share", "Real ones among them, drawn anew each time (per cent)", 0, 50, 1),
    ("generation", "Generation", 1, LAST, 1),
)
# Name, heading, ticks of the horizontal axis by their place from 0 to 1, highest value of the vertical axis.
_GENERATIONS = {0.0: "1", 49 / 99: "50", 1.0: "100"}
_PANELS = (
    ("bell", "The bell curve of this generation", {1.6 / 7.2: "−2", 0.5: "0", 5.6 / 7.2: "2"}, "1"),
    ("variance", "Expected variance, by generation", _GENERATIONS, "1"),
    ("words", "Chance that a word is in use, by rank", {0.0: "1", 24 / 49: "25", 1.0: "50"}, "1"),
    ("count", "Words in use, expected, by generation", _GENERATIONS, str(WORDS)),
)


@dataclass(frozen=True, slots=True)
class State:
    """What a setting of the three controls leaves.

    Attributes
    ----------
    variance : numpy.ndarray
        E V_t, shape (last,).
    words : numpy.ndarray
        Chance that a word occurs, shape (last, words).
    """

    variance: NDArray
    words: NDArray


def state(n: int, real: int) -> State:
    """Compute the state of all generations for ``real`` of ``n`` values."""
    variance = [real_share.normal_moments(n, real, t)[0] for t in range(1, LAST + 1)]
    return State(np.array(variance), real_share.survival(real_share.zipf(WORDS), n, real, LAST))


def real_of(n: int, percent: float) -> int:
    """Whole number of real values for a share in per cent."""
    return math.floor(n * percent / 100 + 0.5)


def answers(n: int, percent: float, t: int) -> dict[str, str]:
    """Texts of the sentence below the drawing, as the script writes them."""
    real = real_of(n, percent)
    now, truth = state(n, real), real_share.zipf(WORDS)
    variance, alive = float(now.variance[t - 1]), now.words[t - 1]
    chain = math.exp(gaussian_recursion.expected_log_variance(n, 0, t)[0])
    typical = "under 0.01" if chain < 0.005 else f"{chain:.2f}"
    aside = f" (In a typical chain of copies alone, by the geometric mean, it is {typical}.)"
    return {
        "generation": str(t),
        "real": str(real),
        "size": str(n),
        "variance": f"{variance:.2f}",
        "tail": f"{1000 * math.erfc(math.sqrt(2 / variance)):.1f}",
        "stray": f"{math.sqrt(1 - variance):.2f}",
        "typical": "" if real else aside,
        "alive": f"{alive.sum():.1f}",
        "first": f"{now.words[0].sum():.1f}",
        "rare": f"{alive[WORDS // 2 :].sum():.1f}",
        "lost": f"{100 * float(truth @ (1 - alive)):.1f}",
    }


class Explorable(LedgerDirective):
    """The drawing, its controls and its sentence; no argument."""

    def run(self) -> list[nodes.Node]:
        """Draw the starting state."""
        return [nodes.raw("", _html(), format="html", explorable=True)]


def _html() -> str:
    n, percent, t = START["size"], START["share"], START["generation"]
    now, none = state(n, real_of(n, percent)), state(n, 0)
    lines = {
        "bell": (_bell(now.variance[t - 1]), _bell(none.variance[t - 1]), _bell(1.0)),
        "variance": (_series(now.variance), _series(none.variance)),
        "words": (_series(now.words[t - 1]), _series(none.words[t - 1])),
        "count": (_series(now.words.sum(axis=1) / WORDS), _series(none.words.sum(axis=1) / WORDS)),
    }
    panels = "".join(_panel(*panel, lines[panel[0]], t) for panel in _PANELS)
    words = json.dumps([round(float(p), 12) for p in real_share.zipf(WORDS)])
    return (
        f'<div class="calculator explorable" data-words="{words}" data-last="{LAST}">'
        f"{_form()}"
        '<p class="key"><span class="now">with this real share</span> <span class="none">nothing real after the'
        ' first</span> <span class="truth">the truth</span></p>'
        f'<div class="panels">{panels}</div>{_sentence(answers(n, percent, t))}</div>'
    )


def _form() -> str:
    controls = "".join(
        f'<div class="control"><label for="explorable-{name}">{escape(label)}</label>'
        f'<output for="explorable-{name}"></output><input type="range" id="explorable-{name}" name="{name}"'
        f' min="{low}" max="{high}" step="{step}" value="{START[name]}"/></div>'
        for name, label, low, high, step in _CONTROLS
    )
    return (
        '<form hidden="hidden"><fieldset><legend>Copy a bell curve and a text of fifty words</legend>'
        f'{controls}</fieldset><p><button type="reset">Back to the start</button></p></form>'
    )


def _sentence(texts: dict[str, str]) -> str:
    def out(name: str) -> str:
        return f'<strong data-out="{name}">{escape(texts[name])}</strong>'

    return (
        f'<p class="answer" aria-live="polite">Generation {out("generation")}, {out("real")} of {out("size")} values'
        f" real. Bell curve: the expected variance is {out('variance')} of the true one, so that"
        f" {out('tail')} values in a thousand lie beyond two true standard deviations instead of"
        f" {1000 * math.erfc(math.sqrt(2)):.1f}; the mean has strayed by {out('stray')} standard deviations (root mean"
        " square)."
        f'<span data-out="typical">{escape(texts["typical"])}</span> Text: {out("alive")} of the fifty words are'
        f" expected to be in use, {out('first')} were in the first copy; of the rarer half {out('rare')} are left. The"
        f" words that are gone make up {out('lost')} % of the real text.</p>"
    )


def _panel(name: str, heading: str, ticks: dict[float, str], top: str, lines: Sequence[str], t: int) -> str:
    marks = "".join(
        f'<line x1="{40 + 270 * place:.1f}" x2="{40 + 270 * place:.1f}" y1="170" y2="174"/>'
        f'<text x="{40 + 270 * place:.1f}" y="190" text-anchor="middle">{label}</text>'
        for place, label in ticks.items()
    )
    kinds = ("", "-none", "-truth")
    curves = "".join(
        f'<polyline class="{kind.lstrip("-") or "now"}" data-line="{name}{kind}" points="{points}"/>'
        for kind, points in reversed(list(zip(kinds, lines, strict=False)))
    )
    mark = ""
    if ticks is _GENERATIONS:
        x = f"{40 + 270 * (t - 1) / (LAST - 1):.1f}"
        mark = f'<line class="now" x1="{x}" x2="{x}" y1="10" y2="170"/>'
    elif name == "bell":
        edges = (40 + 270 * place for place, label in ticks.items() if label != "0")
        mark = "".join(f'<line class="edge" x1="{x:.1f}" x2="{x:.1f}" y1="10" y2="170"/>' for x in edges)
    return (
        f'<figure><figcaption>{heading}</figcaption><svg viewBox="0 0 326 196" role="img"'
        f' aria-label="{heading}; the sentence below says what it shows">'
        f'<line x1="40" x2="310" y1="170" y2="170"/><line x1="40" x2="40" y1="10" y2="170"/>'
        f'<text x="34" y="174" text-anchor="end">0</text><text x="34" y="18" text-anchor="end">{top}</text>'
        f"{marks}{mark}{curves}</svg></figure>"
    )


def _points(x: Iterable[float], y: Iterable[float]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _series(values: NDArray) -> str:
    return _points(40 + 270 * np.linspace(0, 1, len(values)), 170 - 160 * values)


def _bell(variance: float) -> str:
    x = np.linspace(-3.6, 3.6, 109)
    density = np.exp(-np.square(x) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    return _points(40 + 2.5 * np.arange(109), 170 - 160 * np.minimum(density, 1.2))


def _add_script(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is not None and any(node.get("explorable") for node in doctree.findall(nodes.raw)):
        app.add_js_file("explorable.js", loading_method="defer")
        app.add_css_file("calculator.css")
        app.add_css_file("explorable.css")


def setup(app: Sphinx) -> None:
    """Register the directive and the script of its page."""
    app.add_directive("collapse-explorable", Explorable)
    app.connect("html-page-context", _add_script)
