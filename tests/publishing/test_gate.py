"""Each kind of fault the gate must see, one small site each."""

import pytest

from ouroboros.publishing.gate import faults_of

GOOD = '<html><head><title>t</title></head><body><h1 id="top">x</h1>{}</body></html>'


def _site(tmp_path, body, name="index.html"):
    (tmp_path / name).write_text(GOOD.format(body), "utf-8")
    (tmp_path / "other.html").write_text(GOOD.format('<a href="index.html#top">back</a>'), "utf-8")
    return faults_of(tmp_path)


def test_a_sound_site_has_no_fault(tmp_path):
    assert _site(tmp_path, '<a href="other.html#top">x</a> <a href="https://example.org/">out</a>') == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (
            '<script src="https://cdn.example/x.js"></script>',
            "asks another host for https://cdn.example/x.js",
        ),
        ('<script src="//cdn.example/x.js"></script>', "asks another host for //cdn.example/x.js"),
        (
            '<link rel="stylesheet" href="https://f.example/f.css">',
            "asks another host for https://f.example/f.css",
        ),
        ('<link rel="preconnect" href="https://f.example">', "asks another host for https://f.example"),
        ('<img src="http://i.example/i.png" alt="">', "asks another host for http://i.example/i.png"),
        (
            '<p style="background:url(https://b.example/b.png)">x</p>',
            "asks another host for https://b.example/b.png",
        ),
        ('<img src="gone.png" alt="">', "loads a file that is not there: gone.png"),
        ('<a href="gone.html">x</a>', "link to a page that is not there: gone.html"),
        ('<a href="other.html#gone">x</a>', "link to an anchor that is not there: other.html#gone"),
        ('<a href="#gone">x</a>', "link to an anchor that is not there: #gone"),
        ('<a href="../outside.html">x</a>', "link leaves the site: ../outside.html"),
        ('<a href="javascript:alert(1)">x</a>', "link with a scheme that runs code"),
        ('<p id="twice"></p><p id="twice"></p>', "id 'twice' is given twice"),
        ('<img src="data:image/png;base64,AA==">', "image without alternative text"),
    ],
)
def test_faults_are_named(tmp_path, body, fault):
    found = _site(tmp_path, body)
    assert len(found) == 1
    assert found[0].startswith("index.html: ")
    assert fault in found[0]


def test_foreign_hosts_in_style_sheets_are_found(tmp_path):
    (tmp_path / "s.css").write_text("@import 'https://f.example/f.css'; p{background:url(//x.example/y.png)}")
    assert [f.split(": ", 1)[0] for f in _site(tmp_path, "")] == ["s.css", "s.css"]


def test_a_site_with_too_few_pages_does_not_pass(tmp_path):
    (tmp_path / "index.html").write_text(GOOD.format(""), "utf-8")
    assert faults_of(tmp_path, expected_pages=3) == [
        f"{tmp_path.name}: 1 pages, but the table of contents has 3"
    ]


def test_page_without_title(tmp_path):
    (tmp_path / "index.html").write_text("<html><body>x</body></html>", "utf-8")
    assert faults_of(tmp_path) == ["index.html: page without a title"]
