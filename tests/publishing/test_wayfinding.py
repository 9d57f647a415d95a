from ouroboros.publishing.gate import faults_of
from ouroboros.publishing.policy import secure_site
from ouroboros.publishing.wayfinding import write_wayfinding


def _site(folder):
    for name in ("index.html", "search.html"):
        (folder / name).write_text("<html><head><title>x</title></head><body>x</body></html>")
    return folder


def test_without_an_address_links_start_at_the_host_and_no_sitemap_is_named(tmp_path):
    write_wayfinding(_site(tmp_path), "")
    page = (tmp_path / "404.html").read_text()
    assert '<a href="/index.html">' in page
    assert 'action="/search.html"' in page
    assert "editions.html" not in page  # not there, so not offered
    assert (tmp_path / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"
    assert faults_of(tmp_path) == []


def test_with_an_address_links_are_whole(tmp_path):
    (tmp_path / "sitemap.xml").write_text("<urlset/>")
    write_wayfinding(_site(tmp_path), "https://example.org/report/")
    assert '<a href="https://example.org/report/index.html">' in (tmp_path / "404.html").read_text()
    assert "Sitemap: https://example.org/report/sitemap.xml\n" in (tmp_path / "robots.txt").read_text()


def test_the_page_passes_the_policy(tmp_path):
    write_wayfinding(_site(tmp_path), "")
    secure_site(tmp_path)
    page = (tmp_path / "404.html").read_text()
    assert "style-src 'self' 'sha256-" in page
    assert "unsafe-inline" not in page
