"""The list of pages beside every page, made of titles alone.

Sphinx copies the sections of all pages for each page that lists pages by their titles, and drops them from the copy: a
book takes time by the product of its pages and its sections. Here they are dropped once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def titles_of(toc: nodes.bullet_list) -> nodes.bullet_list:
    """Leave of a page's table of contents its title, and the pages below it.

    Parameters
    ----------
    toc : docutils.nodes.bullet_list
        An entry of ``env.tocs``. It stays as it is.

    Returns
    -------
    docutils.nodes.bullet_list
        What Sphinx makes of it for a list of titles only; `toc` itself if it holds anything but sections and pages.
    """
    plain = all(isinstance(item, nodes.list_item) and len(item) <= 2 for item in toc.children)
    if not plain or any(True for _ in toc.findall(addnodes.only)):
        return toc
    titles = toc.copy()
    for item in toc.children:
        kept = item.copy()
        kept += [part.deepcopy() for part in item.children[:1]]
        if below := list(item.findall(addnodes.toctree)):
            listed = item[1].copy()
            listed += [tree.copy() for tree in below]
            kept += listed
        titles += kept
    return titles


@contextmanager
def titles_alone(env: BuildEnvironment, titles: dict[str, nodes.bullet_list]) -> Iterator[None]:
    """Let Sphinx see of all pages their titles only."""
    whole, env.tocs = env.tocs, titles
    try:
        yield
    finally:
        env.tocs = whole


def _titles(app: Sphinx) -> dict[str, nodes.bullet_list]:
    """Titles of all pages; made when the first page is written, since sections have their numbers by then."""
    if not hasattr(app, "ouroboros_titles"):
        # A page that limits the depth of its own sections may thereby hide pages below them.
        limited = {page for page, metadata in app.env.metadata.items() if metadata.get("tocdepth")}
        tocs = app.env.tocs.items()
        app.ouroboros_titles = {page: toc if page in limited else titles_of(toc) for page, toc in tocs}
    return app.ouroboros_titles


def _listing(app: Sphinx, whole: Callable[..., str]) -> Callable[..., str]:
    def listing(**options: object) -> str:
        if not options.get("titles_only"):
            return whole(**options)
        with titles_alone(app.env, _titles(app)):
            return whole(**options)

    return listing


def _add_listing(
    app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    if "toctree" in context:
        context["toctree"] = _listing(app, context["toctree"])


def setup(app: Sphinx) -> None:
    """Register the hook, before themes look at the context."""
    app.connect("html-page-context", _add_listing, priority=100)
