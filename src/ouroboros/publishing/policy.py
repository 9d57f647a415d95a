"""A strict Content-Security-Policy: pages without inline handlers and style attributes, and the hashes of the rest.

Hostile text that slipped through every escape could still not run: a page allows the scripts of its own site and the
few inline ones of the theme, by their hash. Style attributes go into a sheet, those of drawings into attributes of
their own. A ``meta`` element carries the policy wherever the page lies; ``_headers`` gives it, with what a ``meta``
element cannot say, to hosts that read such a file (Netlify, Cloudflare Pages and others).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path

SHEET = "_static/attributes.css"
HEADERS = "_headers"
_META = '<meta http-equiv="Content-Security-Policy"'
#: A comment, the whole of a script or a style element, or one tag with its attributes.
_PIECE = re.compile(
    r"<!--.*?-->|<(?P<raw>script|style)\b(?P<how>[^>]*)>(?P<text>.*?)</(?P=raw)\s*>"
    r"""|<(?P<tag>/?[a-zA-Z][^\s/>]*)(?P<given>(?:[^>"']|"[^"]*"|'[^']*')*)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""\s+([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_RUNS = re.compile(r"\btype\s*=", re.IGNORECASE)
#: Properties that an element of a drawing may carry as an attribute of the same name.
_DRAWING = re.compile(
    r"clip-(path|rule)|color|display|dominant-baseline|fill(-opacity|-rule)?|font-(family|size|style|weight)"
    r"|letter-spacing|marker-(end|mid|start)|mask|opacity|overflow|paint-order|(shape|text)-rendering"
    r"|stop-(color|opacity)|stroke(-dash(array|offset)|-line(cap|join)|-miterlimit|-opacity|-width)?"
    r"|text-anchor|visibility"
)
#: Inline handlers of the theme and the class by which ``print-button.js`` finds their elements.
_HANDLERS = {("onclick", "window.print()"): "btn-download-pdf-button"}


def digest_source(text: str) -> str:
    """Name a script or a style by its content, in the words of the policy."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@dataclass
class Inline:
    """What pages have inside themselves: hashes of scripts and styles, and what no hash can allow.

    Attributes
    ----------
    scripts, styles : set of str
        Sources for a policy.
    attributes : int
        Style attributes.
    handlers : list of str
        Inline event handlers, as they stand.
    """

    scripts: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)
    attributes: int = 0
    handlers: list[str] = field(default_factory=list)

    def read(self, html: str) -> None:
        """Take what a page has."""
        for piece in _PIECE.finditer(html):
            if piece["raw"] == "style":
                self.styles.add(digest_source(piece["text"]))
            elif piece["raw"] == "script" and "src=" not in piece["how"] and not _RUNS.search(piece["how"]):
                self.scripts.add(digest_source(piece["text"]))
            for name, value in _ATTRIBUTE.findall(piece["how"] or piece["given"] or ""):
                self.attributes += name.lower() == "style"
                if name.lower().startswith("on") and value:
                    self.handlers.append(f"{name}={value}")

    def policy(self) -> str:
        """Write the policy that lets these pages work and nothing else."""
        styles = ["'unsafe-inline'"] if self.attributes else sorted(self.styles)
        directives = {
            "default-src": ["'none'"],
            "script-src": ["'self'", "'wasm-unsafe-eval'", *sorted(self.scripts)],
            "style-src": ["'self'", *styles],
            "img-src": ["'self'", "data:"],
            "font-src": ["'self'"],
            "connect-src": ["'self'"],
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
        }
        return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def move_styles(html: str, rules: dict[str, str]) -> str:
    """Take style attributes and known handlers out of a page.

    Parameters
    ----------
    html : str
        A page.
    rules : dict of str to str
        Declarations by class; those that this page needs are added.

    Returns
    -------
    str
        The page with classes and, in drawings, presentation attributes instead.
    """
    depth = 0

    def without(piece: re.Match) -> str:
        nonlocal depth
        tag = (piece["tag"] or "").lower()
        depth += (tag == "svg") - (tag == "/svg")
        given = piece["given"] or ""
        if "style" not in given and " on" not in given:
            return piece[0]
        drawn, classes, kept = [], [], []
        for name, quoted in _ATTRIBUTE.findall(given):
            value = quoted[1:-1] if quoted[:1] in ("'", '"') else quoted
            if name == "style":
                moved, left = _sort_declarations(unescape(value), drawing=depth > 0)
                drawn += [f'{prop}="{_quoted(what)}"' for prop, what in moved]
                if left:
                    key = f"s-{sha256(left.encode()).hexdigest()[:8]}"
                    rules[key] = left
                    classes.append(key)
            elif (name, value) in _HANDLERS:
                classes.append(_HANDLERS[name, value])
            elif name == "class":
                classes = [*value.split(), *classes]
            else:
                kept.append(f"{name}={quoted}" if quoted else name)
        if classes:
            kept.insert(0, f'class="{" ".join(dict.fromkeys(classes))}"')
        end = "/" if given.rstrip().endswith("/") else ""
        return f"<{piece['tag']}{''.join(f' {part}' for part in [*kept, *drawn])}{end}>"

    return _PIECE.sub(without, html)


def _sort_declarations(style: str, *, drawing: bool) -> tuple[list[tuple[str, str]], str]:
    """Declarations that a drawing takes as attributes, and the rest as text for a rule."""
    moved, left = [], []
    for part in style.split(";"):
        name, colon, value = (text.strip() for text in part.partition(":"))
        if not (colon and name and value) or re.search(r"[{}<>]", part):
            continue
        if drawing and _DRAWING.fullmatch(name) and "!important" not in value:
            moved.append((name, value))
        else:
            left.append(f"{name}:{value}")
    return moved, ";".join(left)


def _quoted(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "'").replace("<", "&lt;")


def secure_site(site: Path) -> None:
    """Rewrite every page of a new site for the policy and put the policy into it.

    Frozen editions stay as they are; pages that carry a policy already are left alone.
    """
    rules: dict[str, str] = {}
    pages = {}
    for path in own_pages(site):
        html = path.read_text("utf-8")
        if _META not in html:
            found: dict[str, str] = {}
            pages[path] = (move_styles(html, found), bool(found))
            rules |= found
    # Three times the class: an attribute outweighed the rules of the theme, and so must this.
    text = "".join(f".{key}.{key}.{key}{{{rule}}}\n" for key, rule in sorted(rules.items()))
    if rules:
        (site / SHEET).parent.mkdir(exist_ok=True)
        (site / SHEET).write_text(text, "utf-8")
    version = sha256(text.encode()).hexdigest()[:8]
    for path, (html, styled) in pages.items():
        top = "../" * (len(path.relative_to(site).parts) - 1)
        link = f'<link rel="stylesheet" href="{top}{SHEET}?v={version}">\n' if styled else ""
        inline = Inline()
        inline.read(html)
        meta = f'{_META} content="{inline.policy()}">\n'
        html = re.sub(r"(<meta charset=[^>]*>\n?)", lambda m, meta=meta: m[1] + meta, html, count=1)
        path.write_text(html.replace("</head>", f"{link}</head>", 1), "utf-8")


def own_pages(site: Path) -> list[Path]:
    """Pages of the current state, without those of frozen editions."""
    return sorted(page for page in site.rglob("*.html") if page.relative_to(site).parts[0] != "v")


def policy_faults(site: Path) -> list[str]:
    """What in the pages the policy would forbid, one line each."""
    faults = []
    for path in own_pages(site):
        html = path.read_text("utf-8")
        inline, place = Inline(), path.relative_to(site)
        inline.read(html)
        faults += [f"{place}: inline event handler: {handler}" for handler in inline.handlers]
        if inline.attributes:
            faults.append(f"{place}: {inline.attributes} style attributes")
        if _META not in html:
            faults.append(f"{place}: no Content-Security-Policy")
    return faults


def write_headers(site: Path) -> None:
    """Write the file of headers: each part of the site once, because hosts join the headers of all that match."""
    groups: list[tuple[list[str], Iterable[Path]]] = []
    parts = sorted(part for part in site.iterdir() if part.name not in ("v", HEADERS))
    current = ["/", *(f"/{part.name}/*" if part.is_dir() else f"/{part.name}" for part in parts)]
    groups.append((current, own_pages(site)))
    groups += [
        ([f"/v/{edition.name}/*"], sorted(edition.rglob("*.html")))
        for edition in sorted((site / "v").glob("*"))
        if edition.is_dir()
    ]
    lines = ["# Read by static hosts such as Netlify and Cloudflare Pages; elsewhere, set the same headers."]
    for places, pages in groups:
        inline = Inline()
        for page in pages:
            inline.read(page.read_text("utf-8"))
        for place in places:
            lines += [place, f"  Content-Security-Policy: {inline.policy()}; frame-ancestors 'none'"]
            lines += [f"  {header}" for header in _FURTHER]
    (site / HEADERS).write_text("\n".join(lines) + "\n", "utf-8")


_FURTHER = (
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: strict-origin-when-cross-origin",
    "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy: same-origin",
)
