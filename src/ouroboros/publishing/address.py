"""Where the site is published: one key of the configuration, or a variable of the environment that wins over it.

While nobody has said it, every address that the site prints of itself is relative, and what cannot be relative (a
sitemap) is left out.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml

from ouroboros.publishing.errors import BuildError

VARIABLE = "OUROBOROS_BASE_URL"
_CONFIG = "_config.yml"


def base_url(root: Path) -> str:
    """Where the site is published, ending in a slash; empty while unknown.

    Raises
    ------
    BuildError
        If what is given is no address.
    """
    place = VARIABLE
    base = os.environ.get(VARIABLE, "").strip()
    if not base:
        place = f"{_CONFIG}: html: baseurl"
        config = yaml.safe_load((root / _CONFIG).read_text("utf-8"))
        base = str((config.get("html") or {}).get("baseurl") or "").strip()
    if not base:
        return ""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise BuildError(f"{place}: {base!r} is no address of a site (such as https://example.org/report/)")
    return base if base.endswith("/") else f"{base}/"


def write_sitemap(site: Path, base: str) -> bool:
    """List the pages of the book and the covers of its editions for search engines.

    Parameters
    ----------
    site : Path
        The whole site.
    base : str
        Where it is published; the protocol knows no relative addresses, so without one nothing is written.

    Returns
    -------
    bool
        Whether there is a sitemap.
    """
    from ouroboros.publishing.sections import book_pages

    if not base:
        return False
    pages = [*book_pages(site), *sorted((site / "v").glob("*/index.html"))]
    urls = "\n".join(
        f"<url><loc>{escape(base + quote(page.relative_to(site).as_posix()))}</loc></url>" for page in pages
    )
    (site / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}\n</urlset>\n',
        "utf-8",
    )
    return True
