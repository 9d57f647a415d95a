import pytest

from ouroboros.publishing.stylesheets import Words, slim_stylesheets, used_rules


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
