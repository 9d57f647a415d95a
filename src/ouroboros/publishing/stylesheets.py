"""Style sheets without the rules that no page of the site can use.

The theme ships all of Bootstrap and a rule for every icon of a font that the site does not have. Whatever asks
for a class or an id that stands in no page and in no script is left out; everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import tinycss2
from tinycss2.ast import AtRule, Declaration, HashToken, LiteralToken, Node, QualifiedRule

_ATTRIBUTE = re.compile(r"""\b(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_NESTING = {"media", "supports", "layer", "container"}
_REFERENCE = re.compile(r"var\(\s*(--[\w-]+)")
_PROPERTY = re.compile(r"--[\w-]+")
#: Bootstrap's script names the classes of all its parts; these are of the two that the theme uses, tooltips and menus.
_CLASSES_OF = {
    "bootstrap.js": "fade show showing hiding tooltip tooltip-inner tooltip-arrow bs-tooltip- bs-tooltip-auto "
    "dropdown dropdown-menu dropdown-toggle dropdown-item dropup dropend dropstart disabled active",
}


@dataclass
class Words:
    """What may stand as a class or an id: those of the pages, and every word of the scripts.

    Attributes
    ----------
    known : set of str
        Names.
    beginnings : set of str
        Words of scripts that end with a hyphen; a script may put anything behind them.
    """

    known: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)

    def read_page(self, html: str) -> None:
        """Take the classes and ids of a page."""
        for match in _ATTRIBUTE.finditer(html):
            self.known.update((match[1] or match[2] or match[3] or "").split())

    def read_script(self, code: str) -> None:
        """Take every word of a script."""
        words = _WORD.findall(code)
        self.known.update(words)
        self.beginnings.update(word for word in words if word.endswith("-"))

    def may_be(self, name: str) -> bool:
        """Whether an element may have this class or id."""
        return name in self.known or any(name.startswith(beginning) for beginning in self.beginnings)


def used_rules(css: str, words: Words) -> str:
    """Return a style sheet without the rules that nothing can match, and without comments.

    Parameters
    ----------
    css : str
        A style sheet.
    words : Words
        Classes and ids that may stand in the site.

    Returns
    -------
    str
        Same rules, same order; a licence notice (``/*! ... */``) stays.
    """
    kept = _kept(tinycss2.parse_stylesheet(css, skip_comments=False, skip_whitespace=True), words)
    return "\n".join(kept) + "\n"


def _kept(rules: Iterable[Node], words: Words) -> Iterable[str]:
    for rule in rules:
        if rule.type == "comment":
            if rule.value.startswith("!"):
                yield rule.serialize()
        elif isinstance(rule, QualifiedRule):
            selectors = [part for part in _split(rule.prelude) if _may_match(part, words)]
            if selectors:
                head = ",".join(tinycss2.serialize(part).strip() for part in selectors)
                yield f"{head}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif isinstance(rule, AtRule) and rule.content is not None and rule.lower_at_keyword in _NESTING:
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, True, True), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif not _names_icon_font(rule):
            yield rule.serialize()


def _names_icon_font(rule: Node) -> bool:
    """Whether a rule loads the icon font, whose files are not published."""
    if not (isinstance(rule, AtRule) and rule.lower_at_keyword == "font-face" and rule.content):
        return False
    declarations = tinycss2.parse_declaration_list(rule.content, True, True)
    return any(
        isinstance(d, Declaration) and d.lower_name == "src" and "fontawesome" in tinycss2.serialize(d.value)
        for d in declarations
    )


def _split(prelude: list[Node]) -> list[list[Node]]:
    """Selectors of a rule; commas inside brackets belong to one selector."""
    parts: list[list[Node]] = [[]]
    for token in prelude:
        if isinstance(token, LiteralToken) and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _may_match(selector: list[Node], words: Words) -> bool:
    """Whether all classes and ids that a selector demands may stand in the site.

    What stands inside ``:not()``, ``:is()`` or an attribute is not demanded of every match, so it decides nothing.
    """
    for before, token in zip([None, *selector], selector, strict=False):
        if isinstance(token, HashToken) and not words.may_be(token.value):
            return False
        is_class = token.type == "ident" and isinstance(before, LiteralToken) and before.value == "."
        if is_class and not words.may_be(token.value):
            return False
    return True


def used_properties(sheets: Iterable[str], others: Iterable[str]) -> set[str]:
    """Custom properties that something can read.

    Parameters
    ----------
    sheets : iterable of str
        All style sheets of a site.
    others : iterable of str
        Names that pages and scripts mention.

    Returns
    -------
    set of str
        Names with their two hyphens: those that a rule or a page reads, and those that their values read in turn.
    """
    reads: dict[str, set[str]] = {}
    used = set(others)
    for css in sheets:
        for declaration in _declarations(tinycss2.parse_stylesheet(css, True, True)):
            found = set(_REFERENCE.findall(tinycss2.serialize(declaration.value)))
            if declaration.name.startswith("--"):
                reads.setdefault(declaration.name, set()).update(found)
            else:
                used |= found
    waiting = list(used)
    while waiting:
        new = reads.get(waiting.pop(), set()) - used
        used |= new
        waiting += new
    return used


def _declarations(rules: Iterable[Node]) -> Iterable[Declaration]:
    for rule in rules:
        if not isinstance(rule, QualifiedRule | AtRule) or rule.content is None:
            continue
        if isinstance(rule, AtRule) and rule.lower_at_keyword in (*_NESTING, "keyframes"):
            yield from _declarations(tinycss2.parse_rule_list(rule.content, True, True))
        else:
            found = tinycss2.parse_declaration_list(rule.content)
            yield from (item for item in found if isinstance(item, Declaration))


def without_properties(css: str, used: set[str]) -> str:
    """Return a style sheet without the custom properties that nothing reads, and without rules left empty."""

    def kept(rules: Iterable[Node]) -> Iterable[str]:
        for rule in rules:
            if isinstance(rule, QualifiedRule):
                inner = tinycss2.serialize(rule.content)
                if "--" in inner:
                    items = tinycss2.parse_declaration_list(rule.content, True, True)
                    if all(isinstance(item, Declaration) for item in items):
                        stay = [d for d in items if not d.name.startswith("--") or d.name in used]
                        inner = ";".join(d.serialize().strip() for d in stay)
                if inner:
                    yield f"{tinycss2.serialize(rule.prelude)}{{{inner}}}"
            elif isinstance(rule, AtRule) and rule.content is not None and rule.lower_at_keyword in _NESTING:
                nested = "".join(kept(tinycss2.parse_rule_list(rule.content, True, True)))
                if nested:
                    yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{nested}}}"
            else:
                yield rule.serialize()

    return "\n".join(kept(tinycss2.parse_stylesheet(css, False, True))) + "\n"


def slim_stylesheets(site: Path) -> None:
    """Rewrite every style sheet of a site with the rules and the properties that its pages and scripts can use."""
    words, named = Words(), set()
    for page in site.rglob("*.html"):
        html = page.read_text("utf-8")
        words.read_page(html)
        named.update(_REFERENCE.findall(html))
    for script in site.rglob("*.js"):
        if script.name != "searchindex.js":
            code = script.read_text("utf-8")
            words.read_script(_CLASSES_OF.get(script.name, code))
            named.update(_PROPERTY.findall(code))
    slim = {path: used_rules(path.read_text("utf-8"), words) for path in site.rglob("*.css")}
    used = used_properties(slim.values(), named)
    for path, css in slim.items():
        path.write_text(without_properties(css, used), "utf-8")
