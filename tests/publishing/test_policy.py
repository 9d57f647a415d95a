import re

from hypothesis import given
from hypothesis import strategies as st

from ouroboros.publishing.policy import (
    Inline,
    digest_source,
    move_styles,
    policy_faults,
    secure_site,
    write_headers,
)

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>x</title>
<script>theme()</script><script src="a.js"></script><script type="application/ld+json">{"a": 1}</script>
<noscript><style>.js{display:none}</style></noscript></head>
<body><p style="color:red; width: 3px" class="a">x</p><button onclick="window.print()" class="b">Print</button>
<svg><path style="fill: none; stroke: currentColor; mix-blend-mode: screen" d="M0 0"/></svg>
<p title="a > b" style='text-align:left'>y</p></body></html>
"""


def test_styles_move_and_drawings_keep_theirs_as_attributes():
    rules = {}
    html = move_styles(PAGE, rules)
    assert "style=" not in html.replace("<noscript><style>", "")
    assert "onclick" not in html
    assert '<button class="b btn-download-pdf-button">' in html
    assert re.search(r'<p class="a s-\w+">x</p>', html)
    assert re.search(r'<path class="s-\w+" d="M0 0" fill="none" stroke="currentColor"/>', html)
    assert re.search(r'<p class="s-\w+" title="a > b">y</p>', html)
    assert sorted(rules.values()) == ["color:red;width:3px", "mix-blend-mode:screen", "text-align:left"]


def test_scripts_and_comments_are_not_read_as_tags():
    text = '<script>const a = "<p style=\'x:y\'>";</script><!-- <p style="x:y"> -->'
    assert move_styles(text, {}) == text


@given(st.text(alphabet="abc <>\"'=/style;:&é\n", max_size=60))
def test_a_page_without_styles_stays_as_it_is(text):
    if "style" not in text and " on" not in text:
        assert move_styles(text, {}) == text


def test_a_policy_names_the_hashes_of_what_is_left_and_nothing_unsafe(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c.html").write_text(PAGE.replace("theme()", "other()"))
    secure_site(tmp_path)
    first = (tmp_path / "a.html").read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', first)[1]
    assert digest_source("theme()") in policy
    assert digest_source("other()") not in policy
    assert digest_source(".js{display:none}") in policy
    assert digest_source('{"a": 1}') not in policy
    assert "unsafe-inline" not in policy
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in policy
    assert 'href="_static/attributes.css?v=' in first
    assert 'href="../_static/attributes.css?v=' in (tmp_path / "b/c.html").read_text()
    assert "{color:red;width:3px}" in (tmp_path / "_static/attributes.css").read_text()
    assert policy_faults(tmp_path) == []
    secure_site(tmp_path)
    assert (tmp_path / "a.html").read_text() == first


def test_what_the_policy_forbids_is_a_fault(tmp_path):
    (tmp_path / "a.html").write_text('<p style="x:y" onclick="evil()">x</p>')
    told = policy_faults(tmp_path)
    assert any("onclick" in fault for fault in told)
    assert any("1 style attributes" in fault for fault in told)
    assert any("no Content-Security-Policy" in fault for fault in told)


def test_headers_name_each_part_once_and_leave_an_old_edition_its_styles(tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "book").mkdir()
    (tmp_path / "v/2026.02").mkdir(parents=True)
    (tmp_path / "v/2026.02/index.html").write_text(PAGE)
    secure_site(tmp_path)
    write_headers(tmp_path)
    lines = (tmp_path / "_headers").read_text().splitlines()
    places = [line for line in lines if line.startswith("/")]
    assert sorted(set(places)) == sorted(places)
    assert {"/", "/index.html", "/book/*", "/v/2026.02/*"} <= set(places)
    assert "/*" not in places
    policies = {lines[k]: lines[k + 1] for k, line in enumerate(lines) if line.startswith("/")}
    assert "unsafe-inline" not in policies["/"]
    assert "frame-ancestors 'none'" in policies["/"]
    assert "style-src 'self' 'unsafe-inline'" in policies["/v/2026.02/*"]
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in policies["/v/2026.02/*"]


def test_hashes_depend_on_every_letter():
    inline = Inline()
    inline.read("<script>a</script><script>a </script>")
    assert len(inline.scripts) == 2
