"""Pictures for places outside the pages: the icon of a browser's tab and the card that a shared link shows.

Both are drawn with Pillow, which Matplotlib brings, from the mark's own outline and Matplotlib's own font: no network,
and the same bytes at every build.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from ouroboros.plotting import MEANING
from ouroboros.publishing import mark

CARD_SIZE = (1200, 630)
_GROUND, _TEXT, _QUIET, _SNAKE = "#10211d", "#f2f6f5", "#a9bcb7", "#6fd3b4"
_SIDES = (16, 32, 48)
_FINER = 8  # drawn so many times larger, then reduced: Pillow's polygons have hard edges


def _draw_mark(side: int, ink: str) -> Image.Image:
    """The mark on nothing, as a square picture."""
    fine = side * _FINER
    mask = Image.new("L", (fine, fine))
    pen = ImageDraw.Draw(mask)
    scale = fine / mark.SIZE
    pen.polygon([(x * scale, y * scale) for x, y in mark.outline(96)], fill=255)
    x, y, radius = (value * scale for value in mark.eye())
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=0)
    drawn = Image.new("RGBA", (side, side), ink)
    drawn.putalpha(mask.resize((side, side), Image.Resampling.LANCZOS))
    return drawn


def icon() -> bytes:
    """Return the mark as an ICO of three sizes, for browsers that do not take SVG."""
    largest = _draw_mark(max(_SIDES), MEANING["supported"])
    smaller = [_draw_mark(side, MEANING["supported"]) for side in _SIDES[:-1]]
    written = BytesIO()
    largest.save(written, "ICO", sizes=[(side, side) for side in _SIDES], append_images=smaller)
    return written.getvalue()


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    # The basic layout does not depend on whether libraqm happens to be installed.
    return ImageFont.truetype(
        Path(matplotlib.get_data_path(), "fonts/ttf", name), size, layout_engine=ImageFont.Layout.BASIC
    )


def card(title: str, lines: Iterable[str], counts: Sequence[tuple[str, int]], foot: str, total: str) -> bytes:
    """Draw the card of the report.

    Parameters
    ----------
    title : str
        Name of the report.
    lines : iterable of str
        What it is, a line each.
    counts : sequence of (str, int)
        Audits and how many claims have them; drawn as a bar in the colours of the chips, each with its word.
    foot : str
        Edition and date.
    total : str
        What the bar counts.

    Returns
    -------
    bytes
        A PNG of 1200 by 630.
    """
    picture = Image.new("RGB", CARD_SIZE, _GROUND)
    pen = ImageDraw.Draw(picture)
    picture.paste(_SNAKE, (800, 40), _draw_mark(360, _SNAKE))
    pen.text((72, 78), title, font=_font(84, bold=True), fill=_TEXT)
    for k, line in enumerate(lines):
        pen.text((76, 206 + 50 * k), line, font=_font(32), fill=_TEXT)
    _draw_bar(pen, counts, total)
    pen.text((76, 566), foot, font=_font(24), fill=_QUIET)
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _draw_bar(pen: ImageDraw.ImageDraw, counts: Sequence[tuple[str, int]], total: str) -> None:
    left, right, top, gap = 76, 1124, 446, 6
    pen.text((left, top - 44), total, font=_font(26, bold=True), fill=_TEXT)
    present = [(word, number) for word, number in counts if number]
    free = right - left - gap * (len(present) - 1)
    whole = sum(number for _, number in present) or 1
    x, legend = float(left), float(left)
    for word, number in present:
        width = free * number / whole
        pen.rounded_rectangle([x, top, x + width, top + 26], 5, fill=_light(MEANING[word]))
        x += width + gap
        text = f"{number} {word}"
        pen.text((legend + 26, top + 46), text, font=_font(24), fill=_TEXT)
        pen.ellipse([legend, top + 52, legend + 16, top + 68], fill=_light(MEANING[word]))
        legend += 26 + pen.textlength(text, font=_font(24)) + 30


def _light(colour: str) -> str:
    """A colour half way to white, to stand out on the dark ground."""
    return "#" + "".join(f"{(int(colour[k : k + 2], 16) + 255) // 2:02x}" for k in (1, 3, 5))
