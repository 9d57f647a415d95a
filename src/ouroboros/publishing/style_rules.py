"""The numbered rules of style that a program can check (``book/method/contributing.md``, those marked with a dot).

``python -m ouroboros.publishing.style_rules`` prints one line for each fault and exits with 1 if there is any.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

LONGEST_CELL = 25
#: Parts of a page of evidence, in the order in which such a page reads.
ORDER = ("head", "criteria", "method", "results", "limits", "verdicts", "rerun", "cite")
_FENCE = re.compile(r"^(?P<marks>`{3,}|:{3,})(?P<name>.*)$")
_HEADING = re.compile(r"^(#{1,6}) \S")
_COLOUR = re.compile(r"(?<!\w)#[0-9a-fA-F]{6}\b|(?<!\w)#[0-9a-fA-F]{3}\b(?![0-9a-zA-Z])")
_BROUGHT = re.compile(r"<script\b|<style\b|<[a-z][^>]*\s(?:on[a-z]+|style)\s*=", re.IGNORECASE)
_MOVES = re.compile(
    r"@keyframes|\banimation\s*:|\banimation-name|\bautoplay\b|\bsetInterval\s*\(|<marquee|<blink"
)
#: A size of type, alone or among the parts of ``font``; a margin of a printed page (``@page``) knows no variables.
_SIZE = re.compile(r"(?<![\w-])font(?P<whole>-size)?\s*:\s*(?P<said>[^;}]+)")
_ON_SCALE = re.compile(r"(?:inherit|var\(--o-(?:text|drawn)[\w-]*\))(?:\s*!important)?")
_IN_FONT = re.compile(r"inherit|(?:.*\s)?var\(--o-text-[\w-]+\)(?:/|\s).*")
_PLOT_SIZE = re.compile(r"\bfontsize\s*=\s*[\d.]+")
#: Of the whole figure; panels that stand side by side may each be named.
_PLOT_TITLE = re.compile(r"\.suptitle\(|\bplt\.title\(")


@dataclass
class Page:
    """A Markdown page in parts: what is prose, what is code, where.

    Attributes
    ----------
    prose : list of (int, str)
        Lines outside of fences that hold code, with their numbers.
    cells : list of (int, list of str)
        Code cells: the line on which they begin, and their lines with the options.
    directives : list of (int, str)
        Names of all directives.
    """

    prose: list[tuple[int, str]] = field(default_factory=list)
    cells: list[tuple[int, list[str]]] = field(default_factory=list)
    directives: list[tuple[int, str]] = field(default_factory=list)


def read_page(text: str) -> Page:
    """Split a page."""
    page, closing, cell = Page(), "", None
    lines = text.splitlines()
    start = 0
    if lines[:1] == ["---"] and "---" in lines[1:]:
        start = lines.index("---", 1) + 1
    for number, line in enumerate(lines[start:], start + 1):
        fence = _FENCE.match(line.strip())
        if closing:
            if line.strip() == closing:
                closing, cell = "", None
            elif cell is not None:
                cell.append(line)
        elif fence and fence["marks"].startswith("`"):
            closing, name = fence["marks"], fence["name"].strip()
            if name.startswith("{"):
                page.directives.append((number, name[1:].partition("}")[0]))
            if name.startswith("{code-cell}"):
                cell = []
                page.cells.append((number, cell))
        else:
            page.prose.append((number, line))
    return page


def _split_cell(lines: list[str]) -> tuple[dict, list[str]]:
    """Options and code of a cell."""
    if lines[:1] == ["---"] and "---" in lines[1:]:
        end = lines.index("---", 1)
        return yaml.safe_load("\n".join(lines[1:end])) or {}, lines[end + 1 :]
    code = [line for line in lines if not line.startswith(":")]
    return {}, code


def page_faults(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, rule and what is wrong, for a page of the book."""
    page = read_page(text)
    levels = [(n, len(found[1])) for n, line in page.prose if (found := _HEADING.match(line))]
    firsts = [n for n, level in levels if level == 1]
    if len(firsts) != 1:
        yield (firsts[1] if firsts else 1), 1, f"{len(firsts)} first-level headings (one)"
    for (_, above), (number, level) in itertools.pairwise(levels):
        if level > above + 1:
            yield number, 1, f"a heading of level {level} below one of level {above} (one step at a time)"
    for number, lines in page.cells:
        yield from _cell_faults(number, lines)
    for number, line in page.prose:
        if _BROUGHT.search(re.sub(r"`+[^`]*`+", "", line)):
            yield number, 6, "an inline script, handler or style (a sheet or a script file)"
    parts = [
        (n, name.removeprefix("evidence-")) for n, name in page.directives if name.startswith("evidence-")
    ]
    known = [(n, ORDER.index(name)) for n, name in parts if name in ORDER]
    for (_, before), (number, place) in itertools.pairwise(known):
        if place < before:
            yield (
                number,
                8,
                f"evidence-{ORDER[place]} after evidence-{ORDER[before]} (the order: {', '.join(ORDER)})",
            )


def _cell_faults(number: int, lines: list[str]) -> Iterator[tuple[int, int, str]]:
    options, code = _split_cell(lines)
    if sized := _PLOT_SIZE.search("\n".join(code)):
        yield number, 16, f"{sized[0]} (a name such as 'small', relative to the size of all figures)"
    written = [line for line in code if line.strip()]
    if len(written) > LONGEST_CELL:
        yield (
            number,
            4,
            f"a cell of {len(written)} lines (at most {LONGEST_CELL}: move the rest into the package)",
        )
    text = "\n".join(code)
    if _PLOT_TITLE.search(text):
        yield number, 3, "a title inside a plot (the caption is the title)"
    if _COLOUR.search(text):
        yield number, 5, f"colour {_COLOUR.search(text)[0]} (take it from ouroboros.plotting)"
    drawing = options.get("mystnb") or {}
    figure = drawing.get("figure")
    if figure is None:
        return
    caption = " ".join(str(figure.get("caption", "")).split())
    if not str(figure.get("name", "")).startswith("fig-"):
        yield number, 2, "a figure whose name does not begin with fig-"
    if not caption.endswith((".", "!", "?", ")", "`")):
        yield number, 2, "a figure whose caption is no sentence"
    if not (drawing.get("image") or {}).get("alt"):
        yield number, 2, "a figure without an alternative text"


def sheet_faults(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, rule and what is wrong, for a style sheet or a script of the site."""
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r"/\*.*?\*/", "", line)
        if _COLOUR.search(code) and not re.match(r"\s*--[\w-]+:", code) and "url(" not in code:
            yield number, 5, f"colour {_COLOUR.search(code)[0]} (a variable of the palette)"
        for size in _SIZE.finditer(code):
            said, known = size["said"].strip(), _ON_SCALE if size["whole"] else _IN_FONT
            if "@page" not in code and not known.fullmatch(said):
                yield number, 16, f"size of type {said} (a variable of the scale)"
        if _MOVES.search(code):
            yield number, 7, "something that moves by itself"


def faults(root: Path) -> list[str]:
    """Everything in a checkout that breaks a rule, as ``file:line: rule: what is wrong``."""
    told = []
    pages = [
        root / "index.md",
        *sorted((root / "book").rglob("*.md")),
        *sorted((root / "notebooks").rglob("*.md")),
    ]
    ours = root / "src/ouroboros"
    static = ours / "sphinxext"
    folders = (static / "static", ours / "publishing/static")
    sheets = [p for folder in folders for p in sorted(folder.iterdir()) if p.suffix in (".css", ".js")]
    for path, check in [
        *((page, page_faults) for page in pages),
        *((sheet, sheet_faults) for sheet in sheets),
    ]:
        for number, rule, what in check(path.read_text("utf-8")):
            told.append(f"{path.relative_to(root)}:{number}: style rule {rule}: {what}")
    for template in sorted((static / "templates").iterdir()):
        for number, line in enumerate(template.read_text("utf-8").splitlines(), 1):
            if _BROUGHT.search(line):
                told.append(
                    f"{template.relative_to(root)}:{number}: style rule 6: inline script, handler or style"
                )
    return told


def main() -> int:
    """Check the checkout in the working folder."""
    told = faults(Path.cwd())
    print("\n".join(told) or "style: nothing to say", file=sys.stderr if told else sys.stdout)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
