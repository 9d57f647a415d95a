"""Sphinx extension: the ledger as a domain, evidence as roles, the parts of a page of evidence."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from ouroboros.sphinxext import (
    argument_pages,
    audit_pages,
    book_data,
    claim_pages,
    dashboard,
    domain,
    editions,
    evidence_pages,
    figures,
    literature_pages,
    mathml,
    original_pages,
    reading_time,
    roles,
)

STATIC = Path(__file__).with_name("static")


def _add_static(app: Sphinx, config: object) -> None:
    app.config.html_static_path.append(str(STATIC))


def setup(app: Sphinx) -> dict[str, object]:
    """Register everything. The checkout is ``ouroboros_root``, the source folder by default."""
    app.add_config_value("ouroboros_root", "", "env")
    app.connect("config-inited", _add_static)
    app.connect("builder-inited", book_data.load)
    app.add_css_file("ouroboros.css")
    for part in (
        domain,
        editions,
        roles,
        claim_pages,
        evidence_pages,
        dashboard,
        figures,
        mathml,
        original_pages,
        argument_pages,
        reading_time,
        audit_pages,
        literature_pages,
    ):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
