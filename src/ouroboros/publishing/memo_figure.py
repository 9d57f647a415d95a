"""One drawing for a brief: every criterion on an axis of its own, estimates with intervals against what it asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from ouroboros import plotting
from ouroboros.lab import Evidence
from ouroboros.ledger import Criterion


def criteria_figure(evidence: Evidence, criteria: Sequence[Criterion], target: Path) -> None:
    """Draw criteria of one experiment to a PNG file, which every word processor shows.

    Parameters
    ----------
    evidence : Evidence
        With the estimates that the criteria name.
    criteria : sequence of Criterion
        At least one.
    target : Path
        File to write.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    by_name = {e.name: e for e in evidence.estimates}
    met = {outcome.id: outcome.met for outcome in evidence.criteria}
    with mpl.rc_context():
        mpl.rcParams.update({"font.size": 8.5, "svg.hashsalt": "ouroboros", "axes.spines.left": False})
        mpl.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
        figure, rows = plt.subplots(
            len(criteria), 1, figsize=(6.4, 0.35 + 0.85 * len(criteria)), squeeze=False, layout="constrained"
        )
        for axes, criterion in zip(rows[:, 0], criteria, strict=True):
            estimates = [by_name[name] for name in criterion.estimate if name in by_name]
            colour = plotting.MEANING["supported" if met[criterion.id] else "contradicted"]
            for k, estimate in enumerate(estimates):
                axes.plot([estimate.low, estimate.high], [-k, -k], color=colour, linewidth=1.4)
                axes.plot(
                    [estimate.value], [-k], "o" if met[criterion.id] else "X", color=colour, markersize=4.5
                )
            _shade(axes, criterion)
            axes.set_ylim(-len(estimates) + 0.3, 0.7)
            axes.set_yticks([])
            word = "met" if met[criterion.id] else "not met"
            label = f"{criterion.id} ({word})"
            axes.set_title("\n".join(textwrap.wrap(label, 90)), loc="left", fontsize=8.5)
        figure.savefig(target, dpi=200, facecolor="white", metadata={"Software": None})
        plt.close(figure)


def _shade(axes, criterion: Criterion) -> None:
    """Shade what a criterion asks for, and keep the scale that the estimates and the threshold need."""
    ends = criterion.threshold if isinstance(criterion.threshold, tuple) else (criterion.threshold,)
    for end in ends:
        axes.axvline(end, color="#5f6b76", linewidth=1, linestyle=(0, (4, 2)))
    axes.margins(x=0.12)
    axes.autoscale_view()
    low, high = axes.get_xlim()
    asked = {
        "at-most": [(low, ends[-1])],
        "at-least": [(ends[0], high)],
        "within": [(ends[0], ends[-1])],
        "outside": [(low, ends[0]), (ends[-1], high)],
    }
    for start, stop in asked[criterion.comparison]:
        axes.axvspan(start, stop, color="#0072b2", alpha=0.1, linewidth=0)
    axes.set_xlim(low, high)
