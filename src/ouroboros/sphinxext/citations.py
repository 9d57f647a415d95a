"""Citations in the house's form: years in round brackets, and in the bibliography where a work is cited."""

from __future__ import annotations

from dataclasses import dataclass, field

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

from ouroboros.sphinxext.uses import SOURCE, used_in

STYLE = "author_year_round"


def _round() -> BracketStyle:
    return BracketStyle(left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """Author and year, (2024) instead of [2024]."""

    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_author: BracketStyle = field(default_factory=_round)
    bracket_label: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


class CitedIn(SphinxPostTransform):
    """Add to every entry of the bibliography the sections and claims that cite it, on all pages."""

    default_priority = 6  # after sphinxcontrib-bibtex has written the entries, before uses are listed

    def run(self, **kwargs: object) -> None:
        """Go over the entries."""
        for entry in self.document.findall(nodes.citation):
            anchor = next((i for i in entry["ids"] if i.startswith("cite-")), None)
            if anchor:
                cited = used_in(SOURCE, anchor.removeprefix("cite-"), lead="Cited in: ")
                entry += nodes.paragraph("", "", cited, classes=["cited-in"])


def setup(app: Sphinx) -> None:
    """Register style and transform; pages with a bibliography show uses."""
    register_plugin("sphinxcontrib.bibtex.style.referencing", STYLE, RoundAuthorYear)
    app.add_post_transform(CitedIn)
