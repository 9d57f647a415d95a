"""Where the number check looks and where it does not; what is a number and what backs it is tested in publishing."""

import pytest

PAGE = "# Page\n\n"


def test_a_clean_page_passes(make_site):
    site = make_site(
        {
            "page": PAGE + "It was USD 351.2 million ({claim}`I001`), or 12 {cite:p}`vendor2024{p. 4}`.\n\n"
            "```{claim-table}\n```\n\n```{claim-cards} 1\n```\n\n```{claim-cards} 2\n```\n",
            "more": "# More\n\n```{statement-cards} thesis\n```\n\n```{statement-cards} background\n```\n\n"
            "```{experiment-table}\n```\n\n```{bibliography}\n```\n",
        }
    )
    assert site.warnings == []


WRONG = [
    ("It was 12 of them.", 3, "12"),
    ("First line,\nsecond line,\nthen 12 of them.", 5, "12"),
    ("- one\n- **12** of them", 4, "12"),
    ("## The 12 of them", 3, "12"),
    ("> It was 12.", 3, "12"),
    (":::{note}\nIt was 12.\n:::", 4, "12"),
    ("It was 12 {cite:p}`vendor2024`.", 3, "12"),
    ("It was 352.2 million ({claim}`I001`).", 3, "352.2 million"),
    ("It was 351.2 million. That is {claim}`I001`.", 3, "351.2 million"),
    ("It was {claim}`all 12 of <I001>` them.", 3, "12"),
    (":::{claim-note} I001\nWe saw 12.\n:::", 4, "12"),
    ("With 99 values it is {evidence}`collapse.toy:x`.", 3, "99"),
    ("| what | how much |\n|---|---|\n| {claim}`I001` | USD 351.2M |\n| another | USD 99M |", 5, "99M"),
]
RIGHT = [
    "It was `12` and $12$ of them.",
    "```python\nx = 12\n```",
    "$$\nx = 12\n$$",
    "% a comment on 12 things",
    "{count}`claims` claims, {count}`confirmed` confirmed.",
    "{name}`Gemini Deep 40` is a name.",
    "With 100 values it is {evidence}`collapse.toy:x`.",
    "The threshold is 0.5 in {experiment}`collapse.toy`.",
]


@pytest.fixture(scope="module")
def told(make_shared_site) -> list[str]:
    texts = {f"wrong{k}": text for k, (text, _, _) in enumerate(WRONG)}
    texts |= {f"right{k}": text for k, text in enumerate(RIGHT)}
    works = {"works": "# Works\n\n```{bibliography}\n```\n"}
    return make_shared_site({name: f"# Page\n\n{text}\n" for name, text in texts.items()} | works).warnings


@pytest.mark.parametrize("k", range(len(WRONG)))
def test_a_typed_number_is_reported_once_with_its_line(told, k):
    _, line, number = WRONG[k]
    (found,) = [warning for warning in told if warning.startswith(f"wrong{k}.md")]
    place, _, text = found.partition(" WARNING: ")
    assert text.startswith(f"'{number}' ")
    assert line <= int(place.split(":")[1]) <= line + 1


@pytest.mark.parametrize("k", range(len(RIGHT)))
def test_what_is_not_typed_prose_or_is_backed_passes(told, k):
    assert [warning for warning in told if warning.startswith(f"right{k}.md")] == []


def test_no_bare_figure_hides_behind_a_name(make_site):
    site = make_site({"page": PAGE + "It was {name}`12 of them`.\n"})
    assert any("a name begins with a letter" in line for line in site.warnings)
