"""Citations in the house's form: years in round brackets, and in the bibliography where a work is cited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from pybtex.backends import plaintext
from pybtex.database import Entry
from pybtex.plugin import register_plugin as register_pybtex_plugin
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.bibtex.citation_target import parse_citation_targets
from sphinxcontrib.bibtex.directives import BibliographyKey
from sphinxcontrib.bibtex.domain import BibtexDomain, Citation
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.roles import CitationRef
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


class IndexedBibtexDomain(BibtexDomain):
    """The domain of citations, with its works and the places that cite them looked up by key.

    The original goes through all works for every citation, and for a bibliography through all citations for every
    work, which makes a book's build grow with the product of both.
    """

    _asked: list[Citation] | None = None
    _citing: list[CitationRef] | None = None
    _cited_as: tuple[str, dict[str, list[CitationRef]]] | None = None
    _index: tuple[list[Citation], int, dict[str, list[tuple[int, Citation]]]] = ([], 0, {})

    @property
    def citations(self) -> list[Citation]:
        """All works that a bibliography lists; while one citation is resolved, the works that it names."""
        return self.data["citations"] if self._asked is None else self._asked

    def _by_key(self) -> dict[str, list[tuple[int, Citation]]]:
        listed = self.data["citations"]
        if self._index[0] is not listed or self._index[1] != len(listed):
            found = defaultdict(list)
            for position, citation in enumerate(listed):
                found[citation.key].append((position, citation))
            self._index = (listed, len(listed), dict(found))
        return self._index[2]

    @property
    def citation_refs(self) -> list[CitationRef]:
        """All citations; while a bibliography looks at a work, those of that work."""
        return self.data["citation_refs"] if self._citing is None else self._citing

    def get_filtered_entries(self, bibliography_key: BibliographyKey) -> Iterator[tuple[str, Entry]]:
        """Works that a bibliography lists, unsorted."""
        by_key = defaultdict(list)
        for citing in self.data["citation_refs"]:
            for named in citing.targets:
                by_key[named.key].append(citing)
        self._cited_as = (self.bibliographies[bibliography_key].keyprefix, by_key)
        try:
            yield from super().get_filtered_entries(bibliography_key)
        finally:
            self._cited_as = self._citing = None

    def get_entries(self, bibfiles: list[Path]) -> Iterator[Entry]:
        """Works of files, in order; each is looked at before the next is given out."""
        for entry in super().get_entries(bibfiles):
            if self._cited_as is not None:
                prefix, by_key = self._cited_as
                self._citing = by_key.get(prefix + entry.key, [])
            yield entry

    def resolve_xref(self, env, fromdocname, builder, typ, target, node, contnode) -> nodes.Element:
        """Resolve a citation among the works it names, in the order of the bibliography."""
        keys = {named.key for named in parse_citation_targets(target)}
        by_key = self._by_key()
        placed = {position: citation for key in keys for position, citation in by_key.get(key, ())}
        self._asked = [placed[position] for position in sorted(placed)]
        try:
            return super().resolve_xref(env, fromdocname, builder, typ, target, node, contnode)
        finally:
            self._asked = None


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
    """Register style, domain and transform; pages with a bibliography show uses."""
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_domain(IndexedBibtexDomain, override=True)
    # Each citation asks for this backend. It is looked up in the metadata of all installed packages unless forced,
    # which took half of a large book's build.
    register_pybtex_plugin("pybtex.backends", "plaintext", plaintext.Backend, force=True)
    register_plugin("sphinxcontrib.bibtex.style.referencing", STYLE, RoundAuthorYear)
    app.add_post_transform(CitedIn)
