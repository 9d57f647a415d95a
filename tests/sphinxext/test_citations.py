"""Citations cost what they are worth: a book with thousands of them looks up each thing once."""

import pybtex.plugin


def test_a_citation_searches_no_installed_packages(make_site, monkeypatch):
    asked = []

    def entry_points(**wanted):
        asked.append(wanted)
        return found(**wanted)

    found = pybtex.plugin.entry_points
    monkeypatch.setattr(pybtex.plugin, "entry_points", entry_points)
    cited = " and ".join(["{cite:p}`vendor2024`"] * 20)
    site = make_site({"page": f"# Page\n\nSee {cited}.\n\n```{{bibliography}}\n```\n"})
    assert site.page("page").count('href="#cite-vendor2024"') == 20
    assert sum(wanted["group"].startswith("pybtex.backends") for wanted in asked) <= 5


def test_a_bibliography_lists_what_is_cited_in_its_filter(make_site):
    """Which page cites a work is looked up by its key; a filter sees the same as without the index."""
    works = "# Works\n\n```{bibliography}\n:filter: docname in docnames or 'page' in docnames\n```\n"
    site = make_site({"page": "# Page\n\nSee {cite:t}`vendor2024`.\n", "works": works})
    assert site.warnings == []
    page = site.page("works")
    assert 'id="cite-vendor2024"' in page and 'id="cite-other2025"' not in page
    every = site.app.env.get_domain("cite")
    assert {ref.docname for ref in every.citation_refs} == {"page"}, "all of them again, once it is done"
