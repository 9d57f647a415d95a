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
    assert site.page("page").count("(A Vendor, 2024)") == 20
    assert sum(wanted["group"].startswith("pybtex.backends") for wanted in asked) <= 2
