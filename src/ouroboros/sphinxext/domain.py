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

LOGGER = logging.getLogger(__name__)

KINDS = ("claim", "statement", "experiment", "forecast", "reference", "criterion", "check")


def anchor_of(kind: str, identifier: str) -> str:
    """Anchor of a record on its page; never changes once published."""
    return f"{kind}-{identifier.replace('.', '-')}"


def word_of(data: book_data.BookData, kind: str, identifier: str) -> str | None:
    """Audit, verdict or status that a chip of this record shows; None for kinds without one."""
    if kind == "claim":
        return data.ledger.claims[identifier].verdict
    if kind == "statement":
        return data.verdicts[identifier].verdict
    if kind == "forecast":
        status = data.ledger.forecasts[identifier].status
        return status.strict if status else "open"
    return None


def summary_of(data: book_data.BookData, kind: str, identifier: str) -> str:
    """One sentence shown when a chip is hovered or focused."""
    record = data.ledger.find(identifier)[1]
    text = getattr(record, "text", None) or getattr(record, "question", None) or getattr(record, "title", "")
    return " ".join(str(text).split())


class Target(NamedTuple):
    """Where a record is shown."""

    docname: str
    anchor: str


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
            LOGGER.warning(_unknown(book_data.of(env), kind, target), location=refnode)
            refnode["ledger_unknown"], refnode["refwarn"] = True, False
        refnode["explicit"] = has_explicit_title
        return title, target


def _unknown(data: book_data.BookData, kind: str, target: str) -> str:
    found = data.kind_of(target)
    if found is not None:
        return f"{target} is a {found}, not a {kind} (write {{{found}}}`{target}`)"
    same_kind = [known for known in data.ledger.ids if data.kind_of(known) == kind]
    close = difflib.get_close_matches(target, same_kind, n=1)
    return f"unknown {kind} '{target}'" + (f" (did you mean '{close[0]}'?)" if close else "")


class LedgerDomain(Domain):
    """Claims, statements, experiments, forecasts and reference values as link targets."""

    name = "ledger"
    label = "Ledger"
    object_types = {kind: ObjType(kind, kind) for kind in KINDS}  # noqa: RUF012 (Sphinx's convention)
    roles = {kind: LedgerRole(warn_dangling=True) for kind in KINDS}  # noqa: RUF012
    initial_data = {"targets": {}, "uses": {}}  # noqa: RUF012
    data_version = 1

    @property
    def targets(self) -> dict[tuple[str, str], Target]:
        """Where each (kind, id) is shown."""
        return self.data["targets"]

    def note_target(self, kind: str, identifier: str, docname: str) -> str:
        """Record that `docname` shows a record and return its anchor."""
        anchor = anchor_of(kind, identifier)
        known = self.targets.get((kind, identifier))
        if known is not None and known.docname != docname:
            LOGGER.warning(
                f"{kind} {identifier} is shown on {known.docname} already; an id has one place",
                location=docname,
            )
        self.targets[kind, identifier] = Target(docname, anchor)
        return anchor

    def clear_doc(self, docname: str) -> None:
        """Forget what a page showed."""
        for key in [k for k, target in self.targets.items() if target.docname == docname]:
            del self.targets[key]

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict) -> None:
        """Take over what a parallel reader found."""
        for key, target in otherdata["targets"].items():
            if target.docname in docnames:
                self.targets[key] = target

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
            return None
        data = book_data.of(env)
        content = contnode if node.get("explicit") else _chip_content(data, typ, target)
        place = self.targets.get((typ, target))
        if place is None:
            # A record without a place yet: its chip is shown, without a link.
            content["ledger_unplaced"] = True
            return content
        link = make_refnode(builder, fromdocname, place.docname, place.anchor, content)
        link["classes"] += ["ledger-link"]
        link["reftitle"] = summary_of(data, typ, target)
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
        for (kind, identifier), place in sorted(self.targets.items()):
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
    return node


def setup(app: Sphinx) -> None:
    """Register the domain and its roles under their short names too."""
    app.add_domain(LedgerDomain)
    for kind in KINDS:
        app.add_role(kind, LedgerRole(warn_dangling=True), override=True)


__all__ = ["KINDS", "LedgerDomain", "anchor_of", "ledger_link", "setup"]
