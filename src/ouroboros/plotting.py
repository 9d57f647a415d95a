"""The one look of all figures: widths, fonts, palette, and output that is the same byte for byte.

Imports nothing of ours. Colours marked as ink are turned into ``currentColor`` when a page embeds
the figure, so that text and axes follow the reader's light or dark theme.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Sentinel inks. ``sphinxext.figures`` maps each to a colour that follows the theme.
INK = "#010203"
FAINT = "#040506"

#: Okabe-Ito's colour-blind-safe hues without yellow, reordered for contrast on white and on near-black
#: and for distinct lightness in grey; every series also has its own dash and marker.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#b5651d", "#cc79a7", "#56b4e9")
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (4, 1.2, 1, 1.2)), (0, (6, 2, 2, 2)), (0, (2, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")

#: Colours with one meaning on every page: the directions of verdicts and the kinds of audit.
MEANING = {
    "supported": "#00795c",
    "contradicted": "#b3400c",
    "mixed": "#8a5a00",
    "untested": "#5f6b76",
    "confirmed": "#00795c",
    "nuanced": "#0b6aa8",
    "discrepant": "#b3400c",
    "superseded": "#8a4f7d",
    "unverifiable": "#5f6b76",
}

TEXT_WIDTH = 7.2  # inches at 100 px: the width of the text column
HEIGHT = 3.6


def use_house_style() -> None:
    """Set the house style for every figure drawn afterwards."""
    mpl.rcParams.update(
        {
            "figure.figsize": (TEXT_WIDTH, HEIGHT),
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "none",
            "savefig.transparent": True,
            "axes.facecolor": "none",
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "axes.titlesize": 10,
            "axes.titlelocation": "left",
            "axes.labelsize": 10,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=PALETTE) + cycler(linestyle=DASHES),
            "grid.color": FAINT,
            "grid.alpha": 0.25,
            "grid.linewidth": 0.6,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "text.color": INK,
            "legend.frameon": False,
            "legend.fontsize": 9,
            "lines.linewidth": 2.0,
            "lines.markersize": 5,
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 10,
            # Text stays text: smaller files, selectable, readable by a screen reader.
            "svg.fonttype": "none",
            # Identical input gives identical bytes (element ids are salted hashes).
            "svg.hashsalt": "ouroboros",
        }
    )
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1771459200")  # 2026-02-19: SVG metadata carries a date
    _use_svg_inline()


def _use_svg_inline() -> None:
    """Make a running IPython kernel emit SVG without dates; nothing to do elsewhere."""
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None}, bbox_inches=None)


def panels(
    columns: int = 1,
    rows: int = 1,
    *,
    height: float = HEIGHT,
    width: float = TEXT_WIDTH,
    sharex: bool = False,
    sharey: bool = False,
) -> tuple[Figure, list[Axes]]:
    """Open a figure as wide as the text with a flat list of axes.

    Parameters
    ----------
    columns, rows : int
        Grid of small multiples.
    height, width : float
        Size of the whole figure in inches.
    sharex, sharey : bool
        Share an axis over all panels.

    Returns
    -------
    (Figure, list of Axes)
        Axes in reading order.
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), sharex=sharex, sharey=sharey, squeeze=False
    )
    return figure, list(axes.flat)


def series_style(position: int) -> dict:
    """Colour, dash and marker of the series at `position` (they repeat after six)."""
    k = position % len(PALETTE)
    return {"color": PALETTE[k], "linestyle": DASHES[k], "marker": MARKERS[k]}


def band(axes: Axes, x: Iterable[float], low: Iterable[float], high: Iterable[float], position: int) -> None:
    """Shade the interval `low`..`high` of the series at `position`."""
    axes.fill_between(x, low, high, color=PALETTE[position % len(PALETTE)], alpha=0.22, linewidth=0)


def label_end(axes: Axes, x: float, y: float, text: str, position: int, **offset: float) -> None:
    """Write the name of a series at its end, in its colour, instead of in a legend."""
    label = axes.annotate(
        text,
        (x, y),
        xytext=(offset.get("dx", 5), offset.get("dy", 0)),
        textcoords="offset points",
        color=PALETTE[position % len(PALETTE)],
        va="center",
        fontsize=9,
        annotation_clip=False,
    )
    # The caller leaves room with xlim; a label must not squeeze the axes it belongs to.
    label.set_in_layout(False)
