import re

from ouroboros import plotting
from ouroboros.sphinxext import STATIC
from ouroboros.sphinxext.figures import INK_OF, inline_svg
from ouroboros.sphinxext.identity import preview_tags

PAGES = {
    "index": "# Cover\n\nWhat happens when models grow by eating their own output? This report says what it found.",
    "page": "# A page\n\nShort.\n\n" + "Words that a reader may want to read. " * 12,
}


def test_every_page_has_a_description_an_icon_and_previews(make_site):
    site = make_site(PAGES)
    cover, page = site.page("index"), site.page("page")
    assert '<meta name="description" content="What happens when models grow' in cover
    told = re.search(r'<meta name="description" content="([^"]*)"', page)[1]
    assert told.startswith("Words that")
    assert told.endswith("…")
    assert len(told) <= 202
    assert '<meta property="og:type" content="website">' in cover
    assert '<meta property="og:type" content="article">' in page
    assert 'href="_static/favicon.svg"' in page
    for name in ("favicon.svg", "favicon.ico", "social-card.png"):
        assert (site.root / "out/_static" / name).is_file()


def test_without_an_address_no_tag_names_one(make_site):
    page = make_site(PAGES).page("page")
    assert "og:url" not in page
    assert "og:image" not in page
    assert '<meta name="twitter:card" content="summary">' in page


def test_with_an_address_card_and_page_are_whole():
    tags = preview_tags("T", "S", "https://example.org/a.html", "https://example.org/c.png", cover=False)
    assert '<meta property="og:url" content="https://example.org/a.html">' in tags
    assert '<meta property="og:image" content="https://example.org/c.png">' in tags
    assert '<meta name="twitter:card" content="summary_large_image">' in tags
    quoted = preview_tags('"><script>', "", "", "", cover=False)
    assert all("<script>" not in tag for tag in quoted)


def test_a_meaning_has_one_ink_in_chips_and_figures():
    sheet = (STATIC / "ouroboros.css").read_text("utf-8")
    rules = {}
    for selectors, ink in re.findall(r"((?:\.is-[\w-]+,?\s*)+)\{\s*--ink: var\(--o-(\w+)\)", sheet):
        rules |= dict.fromkeys(re.findall(r"\.is-([\w-]+)", selectors), ink)
    assert set(INK_OF) == set(plotting.MEANING)
    assert {word: rules[word] for word in INK_OF} == INK_OF


def _inks(sheet: str) -> list[dict[str, str]]:
    """Variables with a colour, block by block: light first, then dark."""
    blocks = re.findall(r"(?:--[\w-]+:[^;{}]*;\s*(?:/\*.*?\*/\s*)?)+", sheet, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    return [block for block in found if block]


def test_every_ink_can_be_read_on_its_ground_in_both_themes():
    light, dark = _inks((STATIC / "ouroboros.css").read_text("utf-8"))
    assert set(light) == set(dark)
    for theme in (light, dark):
        for name in (name for name in theme if f"{name}-ground" in theme):
            assert _contrast(theme[name], theme[f"{name}-ground"]) >= 4.5, name


def _contrast(one: str, other: str) -> float:
    """Ratio of luminances as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_pages_without_the_theme_wear_the_same_inks():
    ours = _inks((STATIC / "ouroboros.css").read_text("utf-8"))
    plain = _inks((STATIC / "cite.css").read_text("utf-8"))
    assert len(plain) == len(ours) == 2
    for there, here in zip(ours, plain, strict=True):
        shared = {name for name in here if name in there}
        assert shared >= {"o-good", "o-near", "o-rule"}
        assert {name: here[name] for name in shared} == {name: there[name] for name in shared}
        assert _contrast(here["o-near"], here["o-ground"]) >= 4.5
        assert _contrast(here["o-ink"], here["o-ground"]) >= 4.5


def test_a_figure_wears_the_inks_of_chips_and_keeps_its_line_joins_to_itself():
    svg = (
        '<?xml version="1.0"?><svg width="10pt" height="10pt"><defs><style type="text/css">'
        "*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>"
        f'<path style="fill: {plotting.MEANING["discrepant"]}"/></svg>'
    )
    drawn = inline_svg(svg, "f-", "x")
    assert "<style" not in drawn
    assert 'stroke-linejoin="round" stroke-linecap="butt"' in drawn
    assert f"fill: var(--o-bad, {plotting.MEANING['discrepant']})" in drawn
