"""Figures of notebooks become part of the page: they follow its theme and are read by screen readers."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from ouroboros.plotting import FAINT, INK, MEANING

_PROLOGUE = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_SIZE = re.compile(r'\s(?:width|height)="[^"]*pt"')
_ID = re.compile(r'\bid="([^"]+)"')
_TAG = re.compile(r"<[^!?/][^>]*>")
_GLOBAL = re.compile(r"<defs>\s*<style[^>]*>\*\{(?P<rules>[^{}]*)\}</style>\s*</defs>\s*")
#: Which variable of the style sheet holds a meaning: figures wear the same inks as chips, in both themes.
INK_OF = {
    "supported": "good",
    "contradicted": "bad",
    "mixed": "mixed",
    "untested": "blank",
    "confirmed": "good",
    "nuanced": "near",
    "discrepant": "bad",
    "superseded": "moved",
    "unverifiable": "blank",
}
_LONG = re.compile(r"(?<![\w#.])-?\d+\.\d{3,}(?![\w.])")
_REFERENCE = re.compile(r'(url\(#|href="#)([^")]+)')


def inline_svg(svg: str, prefix: str, alternative: str) -> str:
    """Make a Matplotlib SVG ready to stand inside a page.

    Parameters
    ----------
    svg : str
        A whole SVG file.
    prefix : str
        Put before every id, so that two figures of a page do not collide.
    alternative : str
        What the figure says, for readers who do not see it.

    Returns
    -------
    str
        One ``<svg>`` element whose inks follow the page's text colour.
    """
    svg = _METADATA.sub("", _PROLOGUE.sub("", svg))
    svg = _REFERENCE.sub(lambda m: f"{m[1]}{prefix}{m[2]}", _ID.sub(lambda m: f'id="{prefix}{m[1]}"', svg))
    svg = svg.replace(INK, "currentColor").replace(FAINT, "var(--figure-faint, #888888)")
    for colour, ink in {MEANING[word]: ink for word, ink in INK_OF.items()}.items():
        svg = svg.replace(colour, f"var(--o-{ink}, {colour})")
    svg = re.sub(r"font: ([^;\"]*?)'DejaVu Sans'[^;\"]*", r"font: \1var(--pst-font-family-base)", svg)
    # Matplotlib writes a millionth of a point; a hundredth is invisible and a fifth of the page lighter.
    svg = _TAG.sub(lambda tag: _LONG.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), tag[0]), svg)
    # Matplotlib sets line joins and ends by a rule that would reach the whole page; on the root they are inherited.
    joined = _GLOBAL.search(svg)
    rules = (rule.partition(":") for rule in joined["rules"].split(";")) if joined else ()
    opening, rest = _GLOBAL.sub("", svg, count=1).split(">", 1)
    opening = _SIZE.sub("", opening) + "".join(f' {name.strip()}="{what.strip()}"' for name, _, what in rules)
    return f'{opening} role="img" aria-label="{escape(alternative, quote=True)}" class="figure-svg">{rest}'


class InlineFigures(SphinxPostTransform):
    """Replace images of SVG outputs by the SVG itself."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Go over the images of a page."""
        for number, image in enumerate(list(self.document.findall(nodes.image))):
            path = Path(self.env.srcdir, image["uri"].lstrip("/"))
            if not image["uri"].endswith(".svg") or not path.is_file():
                path = Path(image["uri"])
                if path.suffix != ".svg" or not path.is_file():
                    continue
            svg = inline_svg(path.read_text("utf-8"), f"fig{number}-", image.get("alt", ""))
            # Narrow screens scroll a figure inside itself: whoever has only keys must be able to enter it.
            holder = nodes.raw("", f'<div class="figure-box" tabindex="0">{svg}</div>', format="html")
            image.replace_self(holder)


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(InlineFigures)
