"""The mark of the report: a snake that eats its tail, drawn once for the page, the tab and the social card.

The body is a ring whose width grows from the tail to the neck; the head looks clockwise and its mouth is open around
the tip of the tail. One outline in one ink, so that it follows the text of a page and prints in black.
"""

from __future__ import annotations

from math import cos, radians, sin

Point = tuple[float, float]

SIZE = 64  # side of the square that the outline fills
_CENTRE, _RADIUS = 32.0, 21.5
_TAIL, _NECK = -17.0, 312.0  # angles of the tip and the neck, clockwise from the mouth
_TURN = -78.0  # brings the mouth to the top
_EYE = (329.0, 3.9, 1.7)  # angle, distance from the middle of the body, radius
#: Angle and distance from the middle of the body: the upper jaw, the inside of the mouth, the lower jaw.
_HEAD = (
    (318, 6.0), (324, 7.0), (331, 7.4), (338, 7.1), (344, 6.3), (349, 5.0), (352, 3.5), (351.5, 3.0),
    (345, 2.4), (334, 1.2), (331, 0.4), (331, -0.4), (334, -1.2), (345, -2.4),
    (351.5, -3.0), (352, -3.5), (349, -5.0), (344, -6.1), (338, -6.8), (331, -7.0), (324, -6.6), (318, -5.8),
)  # fmt: skip


def _at(angle: float, distance: float) -> Point:
    turned = radians(angle + _TURN)
    far = _RADIUS + distance
    return _CENTRE + far * cos(turned), _CENTRE + far * sin(turned)


def _half_width(angle: float) -> float:
    """Half the width of the body: growing fast behind the tip, slowly towards the neck."""
    return 0.6 + 4.5 * ((angle - _TAIL) / (_NECK - _TAIL)) ** 0.75


def outline(steps: int) -> list[Point]:
    """Corners of the snake.

    Parameters
    ----------
    steps : int
        How many pieces each side of the body has.

    Returns
    -------
    list of (float, float)
        Within a square of side :data:`SIZE`, from the tip along the outer side, around the head and back.
    """
    angles = [_TAIL + (_NECK - _TAIL) * k / steps for k in range(steps + 1)]
    outer = [_at(a, _half_width(a)) for a in angles]
    inner = [_at(a, -_half_width(a)) for a in reversed(angles)]
    return [*outer, *(_at(*corner) for corner in _HEAD), *inner]


def eye() -> tuple[float, float, float]:
    """Centre and radius of the eye."""
    angle, distance, radius = _EYE
    return (*_at(angle, distance), radius)


def path() -> str:
    """Outline as the ``d`` of an SVG path, to be filled by the even-odd rule."""
    corners = outline(16)
    drawn = f"M{corners[0][0]:.1f} {corners[0][1]:.1f}"
    last = 16  # corners of a side; its pieces are curves, those of the head are straight
    for k, corner in enumerate(corners[1:], 1):
        sides = (range(1, last + 1), range(last + len(_HEAD) + 2, len(corners)))
        if any(k in side for side in sides):
            before, start = corners[max(k - 2, 0)], corners[k - 1]
            after = corners[min(k + 1, len(corners) - 1)]
            one = [s + (e - b) / 6 for s, e, b in zip(start, corner, before, strict=True)]
            two = [e - (a - s) / 6 for e, a, s in zip(corner, after, start, strict=True)]
            drawn += "C" + " ".join(f"{v:.1f}" for v in (*one, *two, *corner))
        else:
            drawn += f"L{corner[0]:.1f} {corner[1]:.1f}"
    x, y, radius = eye()
    turn = f"a{radius} {radius} 0 1 0"
    return f"{drawn}zM{x - radius:.1f} {y:.1f}{turn} {2 * radius} 0{turn} {-2 * radius} 0z"


def svg(ink: str = "currentColor", attributes: str = "") -> str:
    """Return the mark as an SVG element.

    Parameters
    ----------
    ink : str
        Colour of the snake.
    attributes : str
        Further attributes of the element.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}"{attributes}>'
        f'<path fill="{ink}" fill-rule="evenodd" d="{path()}"/></svg>'
    )


def favicon() -> str:
    """Return the mark as a file for the tab: dark on light, light on dark, as the browser's own theme is."""
    style = "<style>path{fill:#00684f}@media(prefers-color-scheme:dark){path{fill:#6fd3b4}}</style>"
    return svg("#00684f").replace("><path", f">{style}<path", 1) + "\n"
