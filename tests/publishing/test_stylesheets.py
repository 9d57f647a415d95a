import pytest

from ouroboros.publishing.stylesheets import (
    Words,
    slim_stylesheets,
    used_properties,
    used_rules,
    without_properties,
)


@pytest.fixture
def words() -> Words:
    words = Words()
    words.read_page('<main class="card  wide" id=top><p class=\'lead\'>class="typed" .unseen</p></main>')
    words.read_script('element.classList.add("is-open"); tip.className = "tip-" + side;')
    return words


@pytest.mark.parametrize(
    "css",
    [
        "p{color:red}",
        ".card{color:red}",
        "#top .lead:hover{color:red}",
        ".is-open>p{color:red}",
        ".tip-left{color:red}",
        ".card:not(.absent){color:red}",
        "[class*=absent]{color:red}",
        ":root{--x:1}",
        "@media print{.card{color:red}}",
        "@keyframes spin{to{top:0}}",
    ],
)
def test_what_can_match_stays_as_it_is(css, words):
    assert used_rules(css, words) == css + "\n"


@pytest.mark.parametrize(
    "css",
    [
        ".absent{color:red}",
        ".card .absent{color:red}",
        ".unseen{color:red}",
        "p.lead#elsewhere{color:red}",
        "@media print{.absent{color:red}}",
        "@media print{@supports (top:0){.absent{color:red}}}",
        "/* a remark */",
        "@font-face{font-family:x;src:url(../vendor/fontawesome/x.woff2)}",
    ],
)
def test_what_cannot_match_goes(css, words):
    assert used_rules(css, words).strip() == ""


def test_one_selector_of_several_goes_and_licences_stay(words):
    css = "/*! Licence */.card,.absent,.lead{color:red}"
    assert used_rules(css, words) == "/*! Licence */\n.card,.lead{color:red}\n"


def test_a_site_keeps_what_its_pages_and_scripts_use(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "index.html").write_text('<p class="a">x</p>')
    (tmp_path / "static/x.js").write_text("add('b')")
    (tmp_path / "static/x.css").write_text(".a{top:0}.b{top:0}.c{top:0}")
    slim_stylesheets(tmp_path)
    assert (tmp_path / "static/x.css").read_text() == ".a{top:0}\n.b{top:0}\n"


def test_a_property_stays_if_a_rule_a_page_or_another_that_stays_reads_it():
    css = [
        ":root{--a:1px;--b:var(--c);--c:2px;--d:var(--e);--e:3px;--f:4px}",
        "@media print{p{top:var(--b)}}@keyframes x{to{left:calc(1px + var( --a ))}}",
    ]
    used = used_properties(css, {"--f"})
    assert used == {"--a", "--b", "--c", "--f"}
    assert without_properties(css[0], used) == ":root{--a:1px;--b:var(--c);--c:2px;--f:4px}\n"
    assert without_properties(css[1], used).replace("\n", "") == css[1]


def test_a_rule_of_nothing_but_unread_properties_goes_with_them():
    drawn = '.c{background:url("data:image/svg+xml;--x:1")}'
    css = "@media print{.a{--x:1}}.b{--x:2;color:red}" + drawn
    assert without_properties(css, set()) == ".b{color:red}\n" + drawn + "\n"


def test_a_property_that_a_script_or_a_page_names_stays(tmp_path):
    (tmp_path / "index.html").write_text('<p style="color: var(--of-page)">x</p>')
    (tmp_path / "x.js").write_text("element.style.setProperty('--of-script', 1)")
    (tmp_path / "x.css").write_text("p{--of-page:1;--of-script:2;--of-none:3}")
    slim_stylesheets(tmp_path)
    assert (tmp_path / "x.css").read_text() == "p{--of-page:1;--of-script:2}\n"


def test_of_bootstrap_only_tooltips_and_menus_stay(tmp_path):
    (tmp_path / "index.html").write_text('<p class="dropdown">x</p>')
    (tmp_path / "bootstrap.js").write_text("show('carousel', 'tooltip', 'modal')")
    (tmp_path / "x.css").write_text(
        ".carousel{top:0}.tooltip{top:0}.bs-tooltip-top{top:0}.modal{top:0}.dropdown{top:0}"
    )
    slim_stylesheets(tmp_path)
    assert (tmp_path / "x.css").read_text() == ".tooltip{top:0}\n.bs-tooltip-top{top:0}\n.dropdown{top:0}\n"
