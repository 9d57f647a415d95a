"""From Sphinx's output to the published site: icons inline, no icon font, no script a page does not use.

The theme sends 542 kB (gzip) of icon script with every page. The shapes of the few icons that are used
are taken from that same script while building and written into the page as SVG. Style sheets lose the rules
that no page can use, and the search index is loaded by those who search.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path

from ouroboros.publishing.accessible import name_parts
from ouroboros.publishing.search_index import search_on_demand, slim_index
from ouroboros.publishing.stylesheets import slim_stylesheets

_ICON = re.compile(r'<(?P<tag>i|span) class="([^"]*\bfa-[^"]*)"([^>]*)></(?P=tag)>')
_SETS = ("fa-solid", "fas", "fa-regular", "far", "fa-brands", "fab", "fa")
_DROP_EVERYWHERE = re.compile(
    r"\s*<(?:script|link)[^>]*(?:fontawesome|vendor/fontawesome)[^>]*>(?:</script>)?", re.IGNORECASE
)
_DROP_UNLESS_SEARCH = re.compile(
    r"\s*<script[^>]*(?:searchindex\.js|searchtools\.js|language_data\.js)[^>]*></script>", re.IGNORECASE
)
#: Settings that the theme writes into every page: one is the same everywhere, the other serves a list of versions
#: that this site does not have. Inline scripts that differ from page to page would need a hash each.
_SETTINGS = re.compile(r"\s*<script>DOCUMENTATION_OPTIONS\.(?:pagename|search_as_you_type) = [^<]*</script>")
_OPTIONS = "\nDOCUMENTATION_OPTIONS.search_as_you_type = false;\n"
#: Scripts and sheets of the theme's extensions, and what must stand in a page for it to need them.
_NEEDED_BY = (
    (re.compile(r"\s*<script[^>]*design-tabs\.js[^>]*></script>"), "sd-tab-"),
    (
        re.compile(
            r"\s*<(?:script[^>]*(?:clipboard\.min|copybutton)\.js[^>]*></script|link[^>]*copybutton\.css[^>]*/?)>"
        ),
        '<div class="highlight',
    ),
)
#: Scripts that serve nobody before a pointer, a key or a touch; ``on-demand.js`` loads them then, in this order.
_ON_DEMAND = re.compile(
    r'\s*<script[^>]*\ssrc="(?P<way>[^"]*_static/)'
    r'(?P<file>(?:scripts/bootstrap|clipboard\.min|copybutton)\.js[^"]*)"[^>]*></script>'
)
#: The theme asks for its scripts early; they are deferred, and one of them may never be wanted.
_PRELOAD = re.compile(r'\s*<link rel="preload" as="script"[^>]*>|\s*<!-- Pre-loaded scripts[^>]*-->')
#: The theme leaves the colours open until its deferred script runs: the page would change them, and the widths of what
#: has a border, before the reader's eyes. Without scripts the light colours hold.
_OPEN_THEME = (
    (re.compile(r'(<html\b[^>]*\sdata-theme=")auto"'), r'\1light"'),
    (
        re.compile(r'(documentElement\.dataset\.theme = )localStorage\.getItem\("theme"\) \|\| "[a-z]*";'),
        r'\1({ light: "light", dark: "dark" })[document.documentElement.dataset.mode]'
        r' || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");',
    ),
)
#: Left behind: maps and sources of scripts, the theme's translations, the icon bundle and its fonts.
_NOT_PUBLISHED = (
    "*.map",
    "locales",
    "fontawesome*",
    ".doctrees",
    ".buildinfo*",
    "webpack-macros.html",
    "*-webpack-macros.html",
)


@cache
def _bundle() -> str:
    path = files("pydata_sphinx_theme") / "theme/pydata_sphinx_theme/static/scripts/fontawesome.js"
    return path.read_text("utf-8")


@cache
def _shape(name: str) -> tuple[str, str, str] | None:
    """Width, height and outline of an icon; the bundle lists brands, regular, solid, and solid wins."""
    entry = rf'[,{{]"?{re.escape(name)}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"'
    found = re.findall(entry, _bundle())
    return found[-1] if found else None


def inline_icons(html: str) -> str:
    """Replace every icon-font element by the SVG of the same icon.

    Parameters
    ----------
    html : str
        A page as the theme wrote it.

    Returns
    -------
    str
        The page with ``<svg class="icon …" aria-hidden="true">`` elements.

    Raises
    ------
    KeyError
        If the theme's bundle has no icon of that name.
    """

    def draw(match: re.Match) -> str:
        classes = match[2].split()
        names = [c.removeprefix("fa-") for c in classes if c.startswith("fa-") and c not in _SETS]
        shape = next((shape for shape in map(_shape, names) if shape), None)
        if shape is None:
            raise KeyError(f"the theme uses an icon that its bundle does not have: {match[2]}")
        width, height, path = shape
        return (
            f'<svg class="icon {match[2]}" aria-hidden="true" focusable="false" viewBox="0 0 {width} {height}"'
            f' width="1em" height="1em"{match[3]}><path fill="currentColor" d="{path}"/></svg>'
        )

    return _ICON.sub(draw, html)


def load_on_demand(html: str) -> str:
    """Replace scripts that only serve a reader who acts by a small one that fetches them then.

    Parameters
    ----------
    html : str
        A page as the theme wrote it.

    Returns
    -------
    str
        The page with at most one script in their place, which names them.
    """
    found = list(_ON_DEMAND.finditer(html))
    if not found:
        return html
    way, wanted = found[0]["way"], " ".join(match["file"] for match in found)
    loader = f'<script defer src="{way}on-demand.js" data-scripts="{wanted}"></script>'
    return _PRELOAD.sub("", _ON_DEMAND.sub("", html)).replace("</head>", f"{loader}\n</head>", 1)


def polish_page(html: str, *, is_search: bool) -> str:
    """Return a page without the icon bundle; the search page loads its index on demand, others never."""
    html = _SETTINGS.sub("", _DROP_EVERYWHERE.sub("", html))
    for pattern, settled in _OPEN_THEME:
        html = pattern.sub(settled, html)
    for tag, sign in _NEEDED_BY:
        if sign not in tag.sub("", html):
            html = tag.sub("", html)
    html = search_on_demand(html) if is_search else _DROP_UNLESS_SEARCH.sub("", html)
    return name_parts(inline_icons(load_on_demand(html)))


def polish_site(sphinx_output: Path, site: Path) -> int:
    """Copy Sphinx's output to `site`, every page polished.

    Parameters
    ----------
    sphinx_output, site : Path
        Existing output folder and a folder that does not exist yet.

    Returns
    -------
    int
        Number of pages; those that only lead on to one (``id/``) are not counted.
    """
    shutil.copytree(sphinx_output, site, ignore=shutil.ignore_patterns(*_NOT_PUBLISHED))
    pages = sorted(site.rglob("*.html"))
    for page in pages:
        page.write_text(polish_page(page.read_text("utf-8"), is_search=page.name == "search.html"), "utf-8")
    options = site / "_static" / "documentation_options.js"
    if options.is_file():
        options.write_text(options.read_text("utf-8") + _OPTIONS, "utf-8")
    index = site / "searchindex.js"
    if index.is_file():
        index.write_text(slim_index(index.read_text("utf-8")), "utf-8")
    slim_stylesheets(site)
    return sum(page.parent.name != "id" for page in pages)
