"""A build looks through all of its objects rarely, and leaves the interpreter as it found it."""

import gc

import pytest
from sphinx.errors import ExtensionError

PAGES = {"page": "# Page\n\n{claim}`I001`\n\n```{claim-cards} 1\n```\n"}
LOOK = """
def setup(app):
    import gc

    def look(app, page, *_):
        gc.collect()
        young, middle, old = gc.get_threshold()
        app.waits = young * middle * old / len(gc.get_objects())

    app.connect("html-page-context", look)
"""
FAIL = """
def setup(app):
    app.connect("env-updated", lambda app, env: 1 / 0)
"""


@pytest.fixture
def before():
    return gc.get_threshold(), list(gc.callbacks)


def test_a_full_collection_waits_until_the_objects_may_have_doubled(make_site, before):
    assert make_site(PAGES, settings=LOOK).app.waits == pytest.approx(1, abs=0.1)
    assert (gc.get_threshold(), list(gc.callbacks)) == before


def test_a_build_that_fails_leaves_the_interpreter_as_it_was(make_site, before):
    with pytest.raises(ExtensionError):
        make_site(PAGES, settings=FAIL)
    assert (gc.get_threshold(), list(gc.callbacks)) == before
