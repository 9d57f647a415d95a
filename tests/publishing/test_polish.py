from importlib.resources import files

from ouroboros.publishing.polish import inline_icons, load_on_demand, polish_page


def test_icon_font_elements_become_svg_with_the_same_classes():
    html = inline_icons('<button><i class="fa-solid fa-bars fa-lg"></i></button>')
    assert "<i " not in html
    assert 'class="icon fa-solid fa-bars fa-lg"' in html
    assert 'aria-hidden="true"' in html
    assert 'viewBox="0 0 448 512"' in html


def test_unknown_icon_is_an_error():
    import pytest

    with pytest.raises(KeyError, match="fa-no-such-icon"):
        inline_icons('<i class="fa-solid fa-no-such-icon"></i>')


def test_icon_bundle_is_dropped_everywhere_and_search_index_except_on_search_page():
    page = (
        '<head><script src="_static/scripts/fontawesome.js?d=1"></script>'
        '<link rel="preload" href="_static/vendor/fontawesome/webfonts/fa-solid-900.woff2"/>'
        '<script src="searchindex.js" defer="defer"></script><script src="_static/doctools.js"></script></head>'
    )
    plain = polish_page(page, is_search=False)
    assert "fontawesome" not in plain
    assert "searchindex" not in plain
    assert "doctools" in plain
    searching = polish_page(page + "<body></body>", is_search=True)
    assert "searchindex" not in searching
    assert "_static/site-search.js" in searching


def test_scripts_for_code_and_tabs_go_with_pages_that_have_neither():
    scripts = (
        '<script src="_static/clipboard.min.js?v=1"></script><script src="_static/copybutton.js"></script>'
        '<link rel="stylesheet" type="text/css" href="_static/copybutton.css?v=1" />'
        '<script data-sd-tabs-storage-prefix="sphinx-design-tab-id-" src="_static/design-tabs.js"></script>'
    )
    assert polish_page(f"<head>{scripts}</head><p>x</p>", is_search=False) == "<head></head><p>x</p>"
    code = polish_page(f'<head>{scripts}</head><div class="highlight"><pre>x</pre></div>', is_search=False)
    assert code.count("<script") == 1
    assert 'data-scripts="clipboard.min.js?v=1 copybutton.js"' in code
    assert "copybutton.css" in code
    assert "design-tabs.js" in polish_page(f'{scripts}<label class="sd-tab-label">x</label>', is_search=False)


def test_what_serves_only_who_acts_is_named_and_not_loaded():
    page = (
        '<head><link rel="preload" as="script" href="../_static/scripts/bootstrap.js?d=1" />\n'
        '<script src="../_static/clipboard.min.js?v=2"></script><script src="../_static/doctools.js"></script></head>'
        '<body><script defer src="../_static/scripts/bootstrap.js?d=1"></script></body>'
    )
    told = load_on_demand(page)
    assert "preload" not in told
    assert "<body></body>" in told
    assert 'src="../_static/doctools.js"' in told
    assert (
        '<script defer src="../_static/on-demand.js"'
        ' data-scripts="clipboard.min.js?v=2 scripts/bootstrap.js?d=1"></script>' in told
    )
    plain = '<head><script src="_static/doctools.js"></script></head>'
    assert load_on_demand(plain) == plain


def test_the_theme_is_settled_before_anything_is_painted():
    theme = files("pydata_sphinx_theme") / "theme/pydata_sphinx_theme/layout.html"
    told = polish_page(theme.read_text("utf-8").replace("{{ default_mode }}", "auto"), is_search=False)
    assert 'getItem("mode")' in told
    assert 'getItem("theme")' not in told, (
        "the theme settles its colours in other words than polish.py looks for"
    )
    assert 'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"' in told
    assert (
        polish_page('<html lang="en" data-theme="auto">', is_search=False)
        == '<html lang="en" data-theme="light">'
    )
