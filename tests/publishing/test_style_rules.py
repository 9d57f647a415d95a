import pytest

from ouroboros.publishing.style_rules import faults, page_faults, sheet_faults

FIGURE = """# A page

```{{code-cell}} ipython3
---
mystnb:
  figure:
    name: {name}
    caption: {caption}
  image:
    alt: {alt}
---
{code}
```
"""


def rules(text: str) -> list[int]:
    return [rule for _, rule, _ in page_faults(text)]


def figure(name="fig-a", caption="It rises.", alt="A line that rises.", code="draw()") -> str:
    return FIGURE.format(name=name, caption=caption, alt=alt, code=code)


def test_this_checkout_follows_them(root):
    assert faults(root) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("No heading", 1),
        ("# One\n\n# Two", 1),
        ("# One\n\n### Three", 1),
        (figure(name="a"), 2),
        (figure(caption="Rising"), 2),
        (figure(alt='""'), 2),
        (figure(code="figure.suptitle('x')"), 3),
        (figure(code="\n".join(f"a{k} = {k}" for k in range(26))), 4),
        (figure(code="plot(color='#ff0000')"), 5),
        (figure(code="plot(fontsize=8)"), 16),
        ("# A\n\n<p style='color:red'>x</p>", 6),
        ("# A\n\n<script>x()</script>", 6),
        ("# A\n\n```{evidence-method} x\n```\n\n```{evidence-head} x\n```", 8),
    ],
)
def test_each_rule_finds_what_it_is_for(text, rule):
    assert rules(text) == [rule]


def test_what_is_right_is_left_alone():
    assert rules(figure()) == []
    assert (
        rules("# A\n\n## B\n\n### C\n\n## D\n\n```python\n# not a heading\n```\n\n`<p style='x'>` is code")
        == []
    )
    assert rules("---\nmyst: {}\n---\n\n# A") == []


def test_sheets_take_colours_from_the_palette_and_move_nothing():
    assert [
        rule for _, rule, _ in sheet_faults(":root {\n  --o-good: #00684f;\n}\na { color: var(--o-good); }")
    ] == []
    assert [rule for _, rule, _ in sheet_faults("a { color: #00684f; }")] == [5]
    assert [rule for _, rule, _ in sheet_faults("@keyframes x {}\nsetInterval(f, 10);")] == [7, 7]
    assert [rule for _, rule, _ in sheet_faults("a#b12 { color: inherit; } /* see issue #123 */")] == []


@pytest.mark.parametrize(
    "css",
    [
        "a { font-size: 0.9rem; }",
        "a { font-size: 12px }",
        "a { font-size: calc(var(--o-text-note) * 2); }",
        "a { font: 1rem/1.5 sans-serif; }",
        "a { font: bold 14px serif; }",
    ],
)
def test_a_size_of_type_beside_the_scale_is_found(css):
    assert [rule for _, rule, _ in sheet_faults(css)] == [16]


@pytest.mark.parametrize(
    "css",
    [
        ":root { --o-text-note: 0.8rem; }",
        "a { font-size: var(--o-text-note); font-weight: 600; font-family: serif }",
        "a { font: var(--o-text-body)/1.6 system-ui; }",
        "a { font: italic var(--o-text-body) serif; }",
        "a { font: inherit; font-size: inherit; }",
        "text { font-size: var(--o-drawn) !important; }",
        "@page { @bottom-center { font: 9pt serif; } }",
    ],
)
def test_sizes_of_the_scale_are_left_alone(css):
    assert list(sheet_faults(css)) == []
