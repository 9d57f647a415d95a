"""The Sphinx domain ``ledger``: everything with an id is a target, every role is a checked link."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from ouroboros.sphinxext import book_data
from ouroboros.sphinxext.marks import icon_svg, slug
from ouroboros.sphinxext.words import summary_of, word_of

LOGGER = logging.getLogger(__name__)

KINDS = (
    "claim",
    "statement",
    "experiment",
    "forecast",
    "reference",
    "criterion",
    "check",
    "literature",
    "event",
)

_FILE_OF = {
    **{kind: f"{kind}s" for kind in KINDS},
    "criterion": "experiments",
    "check": "experiments",
    "literature": "literature",
}

#: Between what a record says and where that comes from, in the title of a link: a title has no line breaks in
#: Sphinx's HTML. The script that draws the card splits here.
BEHIND = " \N{EM DASH} "


def anchor_of(kind: str, identifier: str) -> str:
    """Anchor of a record on its page; never changes once published."""
    return f"{kind}-{identifier.replace('.', '-')}"


class Place(NamedTuple):
    """Where a record is shown: a card of its own, or a line of an overview that a card outranks."""

    docname: str
    anchor: str
    own: bool


class LedgerRole(XRefRole):
    """A link to a record by its id; an id the ledger does not have is reported at once."""

    #: A title of the writer's own is prose, not code.
    innernodeclass = nodes.inline

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Let ``{claim}`` mean ``{ledger:claim}``."""
        self.name = self.name if ":" in self.name else f"ledger:{self.name}"
        return super().run()

    def process_link(
        self, env: BuildEnvironment, refnode: nodes.Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """Check the id while the page is read, so that the message has a line."""
        kind = refnode["reftype"]
        if book_data.of(env).kind_of(target) != kind:
            LOGGER.warning(unknown(book_data.of(env), kind, target), location=refnode)
            refnode["ledger_unknown"], refnode["refwarn"] = True, False
        refnode["explicit"] = has_explicit_title
        return title, target


def unknown(data: book_data.BookData, kind: str, target: str) -> str:
    """What to say of an id that no record of a kind has: another kind, a near id, or where ids stand."""
    found = data.kind_of(target)
    if found is not None and found != kind:
        return f"{target} is a {found}, not a {kind} (write {{{found}}}`{target}`)"
    same_kind = [known for known in data.ledger.ids if data.kind_of(known) == kind]
    close = difflib.get_close_matches(target, same_kind, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"ids stand in ledger/{_FILE_OF[kind]}.yml"
    return f"unknown {kind} '{target}' ({hint})"


class LedgerDomain(Domain):
    """Claims, statements, experiments, forecasts and reference values as link targets."""

    name = "ledger"
    label = "Ledger"
    object_types = {kind: ObjType(kind, kind) for kind in KINDS}  # noqa: RUF012 (Sphinx's convention)
    roles = {kind: LedgerRole(warn_dangling=True) for kind in KINDS}  # noqa: RUF012
    initial_data = {"places": {}, "shown": {}}  # noqa: RUF012
    data_version = 3

    @property
    def places(self) -> dict[tuple[str, str], list[Place]]:
        """All places where each (kind, id) is shown."""
        return self.data["places"]

    @property
    def _shown(self) -> dict[str, dict[tuple[str, str], None]]:
        """The same by page. Whoever looks at one page must not go through all records: a book has many of both."""
        return self.data["shown"]

    def shown_on(self, docname: str) -> Iterator[tuple[str, str, Place]]:
        """Records whose links lead to a page, in its order: kind, id and place."""
        for kind, identifier in self._shown.get(docname, ()):
            place = self.place(kind, identifier)
            if place.docname == docname:
                yield kind, identifier, place

    def place(self, kind: str, identifier: str) -> Place | None:
        """The one place that links lead to: a record's own card, else its line of an overview."""
        found = self.places.get((kind, identifier), ())
        return max(found, key=lambda place: (place.own, place.docname), default=None)

    def note_target(self, kind: str, identifier: str, docname: str, *, overview: bool = False) -> str:
        """Record that `docname` shows a record and return its anchor.

        With `overview` the place counts only until some page shows the record by a card of its own.
        """
        place = Place(docname, anchor_of(kind, identifier), not overview)
        found = self.places.setdefault((kind, identifier), [])
        if place not in found:
            found.append(place)
        self._shown.setdefault(docname, {})[kind, identifier] = None
        return place.anchor

    def clear_doc(self, docname: str) -> None:
        """Forget what a page showed."""
        for key in self._shown.pop(docname, ()):
            found = self.places[key]
            found[:] = [place for place in found if place.docname != docname]
            if not found:
                del self.places[key]

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict) -> None:
        """Take over what a parallel reader found."""
        read = set(docnames)
        for docname in otherdata["shown"].keys() & read:
            self._shown[docname] = otherdata["shown"][docname]
        for key, found in otherdata["places"].items():
            mine = self.places.setdefault(key, [])
            mine += [place for place in found if place.docname in read and place not in mine]

    def check_consistency(self) -> None:
        """Report records that two pages show by a card of their own: an id has one address."""
        for (kind, identifier), found in sorted(self.places.items()):
            first, *others = sorted(place.docname for place in found if place.own) or [""]
            for docname in others:
                LOGGER.warning(
                    f"{kind} {identifier} is shown on {first} already; an id has one place", location=docname
                )

    def export_labels(self) -> None:
        """Offer every anchor as a label too, so that ``{ref}`` of any other Sphinx book can reach it."""
        standard = self.env.get_domain("std")
        for kind, identifier in self.places:
            place = self.place(kind, identifier)
            standard.anonlabels[place.anchor] = (place.docname, place.anchor)
            standard.labels[place.anchor] = (place.docname, place.anchor, identifier)

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Turn a role into a chip that links to the record's place."""
        if node.get("ledger_unknown"):
            # Reported with its line already; an unresolved node would be reported a second time, by Sphinx.
            return contnode
        data = book_data.of(env)
        content = contnode if node.get("explicit") else _chip_content(data, typ, target)
        place = self.place(typ, target)
        if place is None:
            # A record without a place yet: its chip is shown, without a link.
            content["ledger_unplaced"] = True
            return content
        link = make_refnode(builder, fromdocname, place.docname, place.anchor, content)
        link["classes"] += ["ledger-link"]
        link["reftitle"] = BEHIND.join(summary_of(data, typ, target).rsplit("\n", 1))
        return link

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Resolve ``{any}`` by id."""
        kind = book_data.of(env).kind_of(target)
        if kind is None:
            return []
        resolved = self.resolve_xref(env, fromdocname, builder, kind, target, node, contnode)
        return [(f"ledger:{kind}", resolved)] if isinstance(resolved, nodes.reference) else []

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """List all targets for objects.inv and the search."""
        for kind, identifier in sorted(self.places):
            place = self.place(kind, identifier)
            yield identifier, identifier, kind, place.docname, place.anchor, 1


def _chip_content(data: book_data.BookData, kind: str, identifier: str) -> nodes.inline:
    word = word_of(data, kind, identifier)
    if word is None:
        record = data.ledger.find(identifier)[1]
        return nodes.inline("", getattr(record, "title", identifier), classes=["chip", "is-plain"])
    node = nodes.inline("", "", classes=["chip", slug(word)])
    node += nodes.raw("", icon_svg(word), format="html")
    node += nodes.inline("", identifier)
    node += nodes.inline("", " " + word.replace("-", " "), classes=["chip-word"])
    return node


def ledger_link(kind: str, identifier: str, text: str | None = None) -> pending_xref:
    """Build the link that a role would build, for use by directives."""
    node = pending_xref(
        "",
        nodes.inline("", text or identifier),
        refdomain="ledger",
        reftype=kind,
        reftarget=identifier,
        refexplicit=text is not None,
        refwarn=True,
    )
    node["explicit"] = text is not None
    node["drawn"] = True  # by a directive and not by an author: no use of the record
    return node


def _export_labels(app: Sphinx, env: BuildEnvironment) -> list[str]:
    env.get_domain("ledger").export_labels()
    return []


def setup(app: Sphinx) -> None:
    """Register the domain and its roles under their short names too."""
    app.add_domain(LedgerDomain)
    app.connect("env-updated", _export_labels)
    for kind in KINDS:
        app.add_role(kind, LedgerRole(warn_dangling=True), override=True)


__all__ = ["KINDS", "LedgerDomain", "anchor_of", "ledger_link", "setup"]
