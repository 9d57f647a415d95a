"""The list of pages beside a page is the one that Sphinx makes, from less."""

import pytest
from sphinx.environment.adapters.toctree import global_toctree_for_doc

from ouroboros.sphinxext.page_titles import _titles, titles_alone

TREE = "```{toctree}\n:caption: More\ninner\ndeep\n```\n"
HIDDEN = "```{toctree}\n:hidden:\nlast\n```\n"
PAGES = {
    "chapter": f"# Chapter\n\n## A section\n\n### Below it\n\n{TREE}\n## Another\n\n{HIDDEN}",
    "flat": "# Flat\n\n## One\n\n## Two\n",
    "limited": "---\ntocdepth: 2\n---\n# Limited\n\n## One\n\n### Two\n\n```{toctree}\nhidden\n```\n",
    "filtered": "# Filtered\n\n## One\n\n```{only} html\n## Two\n```\n",
}
BELOW = {
    name: f"---\norphan: true\n---\n# {name.capitalize()}\n\n## Inside\n"
    for name in ("inner", "deep", "last", "hidden")
}


@pytest.fixture(scope="module")
def app(make_shared_site):
    cover = "# Cover\n\n## Here\n\n```{toctree}\n:numbered:\n" + "\n".join(PAGES) + "\n```\n"
    return make_shared_site(PAGES | BELOW | {"index": cover}).app


@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, -1])
@pytest.mark.parametrize("page", ["index", *PAGES, *BELOW])
def test_it_is_the_one_that_sphinx_makes(app, page, depth, collapse):
    def listed():
        options = {"collapse": collapse, "includehidden": True, "maxdepth": depth, "titles_only": True}
        return global_toctree_for_doc(app.env, page, app.builder, **options).pformat()

    whole = listed()
    assert "Inside" not in whole
    assert depth == 1 or collapse or "Inner" in whole
    with titles_alone(app.env, _titles(app)):
        assert listed() == whole
    assert listed() == whole


def test_sections_are_dropped_once_and_kept_where_pages_need_them(app):
    titles = _titles(app)
    assert "Two" in app.env.tocs["flat"].astext()
    assert titles["flat"].astext().strip() == "Flat"
    assert titles["limited"] is app.env.tocs["limited"]
