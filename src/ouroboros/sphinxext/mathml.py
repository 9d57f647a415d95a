"""Formulae become MathML while the book is built: no script, no font, readable under a strict CSP."""

from __future__ import annotations

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

#: Signs of LaTeX from which an inline formula may be wider than a phone.
_LONG = 45


def to_mathml(latex: str, *, display: bool) -> str:
    """Convert a LaTeX formula to MathML.

    Parameters
    ----------
    latex : str
        Formula without delimiters.
    display : bool
        Display style instead of inline.

    Returns
    -------
    str
        A ``<math>`` element whose ``alttext`` is the LaTeX source.

    Raises
    ------
    ValueError
        If the converter cannot read the formula.
    """
    try:
        markup = convert(latex, display="block" if display else "inline")
    except Exception as error:  # the converter raises many private types
        raise ValueError(f"formula is not readable as LaTeX: {latex!r} ({error})") from error
    alttext = latex.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return markup.replace("<math ", f'<math alttext="{" ".join(alttext.split())}" ', 1)


def _render(self: HTML5Translator, node: nodes.Element, *, display: bool) -> str:
    try:
        return to_mathml(node.astext(), display=display)
    except ValueError as error:
        raise ExtensionError(f"{node.source or self.builder.current_docname}: {error}") from error


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula; a long one scrolls inside itself where the line is narrower."""
    markup = _render(self, node, display=False)
    if len(node.astext()) > _LONG:
        markup = f'<span class="formula-inline" tabindex="0">{markup}</span>'
    self.body.append(markup)
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a display formula, numbered if it has a label; it scrolls inside itself on narrow screens."""
    self.body.append(self.starttag(node, "div", CLASS="formula", TABINDEX="0"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(_render(self, node, display=True))
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
