"""Another book can link everything that the ledger names, by this site's objects.inv."""

from io import StringIO

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from sphinx.util.inventory import InventoryFile

pytestmark = pytest.mark.site


def test_every_record_is_in_the_inventory_at_an_anchor_that_is_there(site, ledger):
    with (site / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, "", lambda base, place: place)
    missing = [
        f"{kind} {ident}"
        for ident in ledger.ids
        if ident not in inventory.get(f"ledger:{(kind := ledger.find(ident)[0])}", {})
    ]
    assert missing == []
    pages = {}
    for kind in ("claim", "statement", "experiment", "forecast"):
        for ident, (_, _, target, _) in inventory[f"ledger:{kind}"].items():
            page, _, anchor = target.partition("#")
            pages.setdefault(page, (site / page).read_text("utf-8"))
            assert f'id="{anchor}"' in pages[page], ident


def test_another_book_links_one_of_each_kind(site, ledger, tmp_path):
    first = {
        "claim": next(iter(ledger.claims)),
        "statement": next(iter(ledger.statements)),
        "experiment": next(iter(ledger.experiments)),
        "forecast": next(iter(ledger.forecasts)),
    }
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_parser', 'sphinx.ext.intersphinx']\nsource_suffix = '.md'\nnitpicky = True\n"
        f"intersphinx_mapping = {{'o': ('https://example.org/o/', {str(site / 'objects.inv')!r})}}\n"
        "html_theme = 'basic'\n"
    )
    links = ", ".join(f"[](inv:o:ledger:{kind}#{ident})" for kind, ident in first.items())
    (tmp_path / "index.md").write_text(f"# Other\n\n{links}\n")
    warnings = StringIO()
    with docutils_namespace():
        folders = [tmp_path, tmp_path, tmp_path / "out", tmp_path / "trees"]
        app = Sphinx(*folders, "html", status=None, warning=warnings)
        app.build()
    assert warnings.getvalue() == ""
    page = (tmp_path / "out/index.html").read_text("utf-8")
    for kind, ident in first.items():
        assert f"#{kind}-{ident.replace('.', '-')}" in page
