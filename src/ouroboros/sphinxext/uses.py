"""Where a record or a source is used: collected from all pages, shown at the record and in the bibliography."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode
from sphinxcontrib.bibtex.citation_target import parse_citation_targets
from sphinxcontrib.bibtex.nodes import bibliography

#: Kind under which citation keys stand beside the kinds of the ledger.
SOURCE = "source"


class Use(NamedTuple):
    """A section that names a record, or the card of another record."""

    docname: str
    anchor: str
    title: str
    card_of: tuple[str, str] | None = None


class used_in(nodes.Inline, nodes.Element):
    """Stands where the uses of a record are to be listed once all pages are read; `lead` comes before them."""

    def __init__(self, kind: str = "", identifier: str = "", lead: str = "", **attributes: object) -> None:
        super().__init__("", kind=kind, identifier=identifier, lead=lead, **attributes)


class UseCollector(EnvironmentCollector):
    """Note while pages are read which sections name which records, by roles and citations of their authors."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        uses_of(env).pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
    ) -> None:
        """Take over what a parallel reader found."""
        uses_of(env).update({d: uses_of(other)[d] for d in docnames if d in uses_of(other)})

    def process_doc(self, app: Sphinx, document: nodes.document) -> None:
        """Read a page."""
        docname = app.env.docname
        found: dict[tuple[str, str], dict[Use, None]] = {}
        for node in document.findall(_names_something):
            if node.get("drawn") or _inside_listing(node):
                continue
            use = _place_of(node, docname)
            for key in _named(node):
                if use.card_of != key:
                    found.setdefault(key, {})[use] = None
        shows = any(True for _ in document.findall(lambda n: isinstance(n, used_in | bibliography)))
        uses_of(app.env)[docname] = {
            "named": {key: list(uses) for key, uses in found.items()},
            "shows": shows,
        }


def uses_of(env: BuildEnvironment) -> dict[str, dict]:
    """Return what every page names, kept in the environment."""
    if not hasattr(env, "ouroboros_uses"):
        env.ouroboros_uses = {}
    return env.ouroboros_uses


def _index(env: BuildEnvironment) -> dict[tuple[str, str], list[Use]]:
    """Sections by the record they use, in the order of the book; cards stand where links to them lead."""
    domain = env.get_domain("ledger")
    order = {docname: k for k, docname in enumerate(_reading_order(env))}
    index: dict[tuple[str, str], dict[Use, None]] = {}
    for page in sorted(uses_of(env), key=lambda docname: (order.get(docname, len(order)), docname)):
        for key, found in uses_of(env)[page]["named"].items():
            for use in found:
                if use.card_of and (place := domain.place(*use.card_of)):
                    use = use._replace(docname=place.docname, anchor=place.anchor)
                index.setdefault(key, {})[use] = None
    return {key: list(found) for key, found in index.items()}


def _reading_order(env: BuildEnvironment) -> Iterator[str]:
    """Pages as the table of contents lists them."""
    seen: set[str] = set()
    waiting = [env.config.root_doc]
    while waiting:
        docname = waiting.pop(0)
        if docname not in seen:
            seen.add(docname)
            yield docname
            waiting[:0] = env.toctree_includes.get(docname, [])


def _names_something(node: nodes.Node) -> bool:
    if isinstance(node, pending_xref):
        return node.get("refdomain") in ("ledger", "cite")
    return isinstance(node, nodes.inline) and "evidence" in node


def _named(node: nodes.Element) -> list[tuple[str, str]]:
    if not isinstance(node, pending_xref):
        return [("experiment", node["evidence"][0])]
    if node["refdomain"] == "cite":
        return [(SOURCE, target.key) for target in parse_citation_targets(node["reftarget"])]
    return [(node["reftype"], node["reftarget"])]


def _inside_listing(node: nodes.Node) -> bool:
    while node is not None:
        if isinstance(node, nodes.Element) and node.get("listing"):
            return True
        node = node.parent
    return False


def _place_of(node: nodes.Node, docname: str) -> Use:
    """Name the nearest card or section around a node; the page itself for its first section."""
    page = node.document
    while node is not None and not isinstance(node, nodes.document):
        if isinstance(node, nodes.Element) and node.get("use_as"):
            return Use(docname, node["ids"][0], node["use_as"], node.get("card_of"))
        if isinstance(node, nodes.section):
            top = isinstance(node.parent, nodes.document)
            return Use(docname, "" if top else node["ids"][-1], "" if top else _title(node))
        node = node.parent
    return Use(docname, "", _title(page))


def _title(section: nodes.Element) -> str:
    found = next(iter(section.findall(nodes.title)), None)
    return found.astext() if found is not None else ""


def _dynamic_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Index all pages, and name those that show uses: they change whenever any other page does."""
    app.ouroboros_uses = _index(env)
    return [docname for docname, found in uses_of(env).items() if found["shows"]]


class ListUses(SphinxPostTransform):
    """Put the list of uses where a page asked for it; ask for nothing, show nothing."""

    default_priority = 8

    def run(self, **kwargs: object) -> None:
        """Go over the placeholders of a page."""
        for placeholder in list(self.document.findall(used_in)):
            key = (placeholder["kind"], placeholder["identifier"])
            links = self._links(self.app.ouroboros_uses.get(key, []))
            if links:
                placeholder.replace_self([nodes.Text(placeholder["lead"]), *links])
            else:
                _remove_with_label(placeholder)

    def _links(self, found: list[Use]) -> list[nodes.Node]:
        here = self.env.docname
        links: list[nodes.Node] = []
        for use in found:
            page = self.env.titles[use.docname].astext() if use.docname in self.env.titles else use.docname
            text = f"{page}: {use.title}" if use.title else page
            if self.app.builder.name in ("html", "dirhtml", "singlehtml"):
                link = make_refnode(self.app.builder, here, use.docname, use.anchor, nodes.Text(text))
            else:
                link = nodes.Text(text)
            links += [link, nodes.Text("; ")]
        return links[:-1]


def _remove_with_label(placeholder: nodes.Node) -> None:
    """Remove a placeholder and the fact or paragraph that would stand empty without it."""
    node = placeholder
    shells = (nodes.paragraph, nodes.definition, nodes.definition_list_item, nodes.definition_list)
    while isinstance(node.parent, shells) and (
        len(node.parent.children) == 1 or isinstance(node.parent, nodes.definition_list_item)
    ):
        node = node.parent
    node.parent.remove(node)


def setup(app: Sphinx) -> None:
    """Register collector, placeholder and transform."""
    app.add_node(used_in)
    app.add_env_collector(UseCollector)
    app.add_post_transform(ListUses)
    app.connect("env-updated", _dynamic_pages)
