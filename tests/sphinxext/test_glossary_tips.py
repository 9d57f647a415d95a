"""What a link to a term shows on hover."""

from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from ouroboros.sphinxext.glossary_tips import meanings, shortened


def _page(*body: nodes.Node) -> nodes.document:
    document = new_document("page")
    term = nodes.term("", "early collapse", ids=["term-early-collapse"])
    item = nodes.definition_list_item("", term, nodes.definition("", nodes.paragraph("", "", *body)))
    document += addnodes.glossary("", nodes.definition_list("", item))
    return document


def _citation(kind: str) -> nodes.Node:
    name = nodes.inline("", "somebody2024")
    return addnodes.pending_xref("", name, refdomain="cite", reftype=kind, ids=["id1"])


def test_the_meaning_is_found_by_the_anchor_of_the_term():
    page = _page(nodes.Text("The tails go first."))
    assert meanings(page) == {"term-early-collapse": "The tails go first."}


def test_citations_in_brackets_are_left_out_and_others_named():
    page = _page(
        nodes.Text("As "), _citation("t"), nodes.Text(" says, tails go "), _citation("p"), nodes.Text(".")
    )
    assert meanings(page) == {"term-early-collapse": "As the work cited says, tails go."}


def test_only_whole_sentences_are_shown_and_at_least_one():
    assert shortened("One. Two is longer. Three.", longest=12) == "One."
    assert shortened("One. Two is longer. Three.", longest=20) == "One. Two is longer."
    assert shortened("A first sentence that is too long anyway.", longest=5).endswith("anyway.")
    assert shortened("over\n  two lines.") == "over two lines."
