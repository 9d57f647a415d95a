"""The form above the table of claims: what it offers, in which order, and that hostile text stays text."""

import re

import pytest
from lxml import html

from ouroboros.sphinxext.claim_filter import FACETS, filter_form, works_of


@pytest.mark.parametrize(
    ("cited", "works"),
    [
        ("Shumailov et al. (2024)", ["Shumailov et al. (2024)"]),
        (
            "Shumailov et al. (2024), Kazdan\n et al. (2025)",
            ["Shumailov et al. (2024)", "Kazdan et al. (2025)"],
        ),
        ("Smith, Jones, and Lee (2024)", ["Smith, Jones, and Lee (2024)"]),
        ("", []),
    ],
)
def test_a_cell_of_sources_is_split_into_works(cited, works):
    assert works_of(cited) == works


def _choices(form: str, name: str) -> list[str]:
    return [
        option.text_content()
        for option in html.fromstring(form).xpath(f"//select[@id='ledger-{name}']/option")
    ]


def test_choices_are_counted_once_a_claim_and_sorted_for_readers():
    claims = [
        {"dimension": ["10 Last"], "source": ["\u00c9mile (2024)", "Zed (2020)"]},
        {"dimension": ["2 First"], "source": ["\u00c9mile (2024)", "\u00c9mile (2024)", "epoch (2023)"]},
        {"dimension": ["2 First"], "source": []},
    ]
    form = filter_form(claims)
    assert _choices(form, "dimension") == ["any", "2 First (2)", "10 Last (1)"]
    assert _choices(form, "source") == ["any", "\u00c9mile (2024) (2)", "epoch (2023) (1)", "Zed (2020) (1)"]
    assert html.fromstring(form).xpath("string(//output)") == "3 of 3 claims"


def test_every_control_has_a_label_and_the_form_is_for_readers_with_scripts():
    form = html.fromstring(filter_form([{"kind": ["quote"]}]))
    assert [" ".join(label.text.split()) for label in form.iter("label")] == ["Search", *FACETS.values()]
    assert all(len(label.xpath("./select|./input")) == 1 for label in form.iter("label"))
    assert "pst-js-only" in form.get("class").split()


def test_hostile_values_are_text():
    value = '"><script>alert(1)</script>'
    form = filter_form([{"source": [value]}])
    assert "<script" not in form
    (option,) = html.fromstring(form).xpath("//select[@id='ledger-source']/option[@value!='']")
    assert option.get("value") == value
    assert option.text == f"{value} (1)"


def test_the_page_brings_the_form_along(make_shared_site):
    site = make_shared_site(
        {"ledger": "# Ledger\n\n```{claim-table}\n```\n", "w": "# W\n\n```{bibliography}\n:all:\n```\n"}
    )
    assert site.warnings == []
    page = html.fromstring(site.page("ledger"))
    (form,) = page.xpath("//form[contains(@class, 'ledger-filter')]")
    assert "scroll-x" in form.getnext().get("class")
    rows = page.xpath("//table[contains(@class, 'claims')]/tbody/tr")
    assert form.xpath("string(.//output)") == f"{len(rows)} of {len(rows)} claims"
    works = [
        re.sub(r" \(\d+\)$", "", choice)
        for choice in _choices(html.tostring(form, encoding="unicode"), "source")[1:]
    ]
    cells = " ".join(" ".join(row.xpath("string(td[7])").split()) for row in rows)
    assert works
    assert all(work in cells for work in works)
