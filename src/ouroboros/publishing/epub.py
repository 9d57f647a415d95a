"""The book as EPUB 3: a zip of XHTML pages, made from the built site alone; the same pages give the same bytes."""

from __future__ import annotations

import mimetypes
import posixpath
import zipfile
from html import escape
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from ouroboros.publishing.chapters import Article, Chapter, resolve
from ouroboros.publishing.citables import AUTHOR, PROJECT

_DAY = (2026, 2, 19, 0, 0, 0)  # zip cannot say "no date"
_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_STYLE = """body { font-family: sans-serif; line-height: 1.5; } table { border-collapse: collapse; font-size: 0.85em; }
th, td { border-bottom: 1px solid #999; padding: 0.2em 0.4em; text-align: left; vertical-align: top; }
pre { white-space: pre-wrap; font-size: 0.8em; } svg, img { max-width: 100%; height: auto; }
"""


def write_epub(target: Path, read: list[tuple[Chapter, Article]], site: Path, name: str) -> None:
    """Write the book.

    Parameters
    ----------
    target : Path
        The file.
    read : list of (Chapter, Article)
        All pages, freshly read: their links are changed.
    site : Path
        Where images lie.
    name : str
        Edition.
    """
    resolve(read, _address, "")
    images = _images(read, site)
    members = {"META-INF/container.xml": _CONTAINER.encode(), "OEBPS/style.css": _STYLE.encode()}
    flags = {}
    for _, article in read:
        text = _xhtml(article.title, article.text(xml=True))
        flags[article.prefix] = " ".join(p for p in ("svg", "mathml") if f"<{p.removesuffix('ml')}" in text)
        members[f"OEBPS/{article.prefix}.xhtml"] = text.encode()
    members["OEBPS/nav.xhtml"] = _navigation(read).encode()
    members |= {f"OEBPS/{place}": (site / place).read_bytes() for place in images}
    members["OEBPS/content.opf"] = _package(read, flags, images, name).encode()
    for place, content in members.items():
        if place.endswith((".xhtml", ".opf")):
            etree.fromstring(content)  # readers refuse a page that is not well-formed
    with zipfile.ZipFile(target, "w") as archive:
        # The type comes first and uncompressed, so that it can be read at a fixed place.
        archive.writestr(_info("mimetype", zipfile.ZIP_STORED), b"application/epub+zip")
        for place in sorted(members):
            archive.writestr(_info(place, zipfile.ZIP_DEFLATED), members[place])


def _address(page: str, anchor: str) -> str:
    from ouroboros.publishing.chapters import prefix_of

    prefix = prefix_of(page)
    return f"{prefix}.xhtml" if anchor == prefix else f"{prefix}.xhtml#{anchor}"


def _images(read: list[tuple[Chapter, Article]], site: Path) -> list[str]:
    """Images that pages show; links to files that are not in the book lose their target."""
    found: dict[str, None] = {}
    for _, article in read:
        for image in article.tree.iter("img"):
            source = posixpath.normpath(image.get("src", ""))
            if (site / source).is_file():
                found[source] = None
        for link in article.tree.iter("a"):
            address = link.get("href", "")
            if (
                address
                and "://" not in address
                and not address.startswith("mailto:")
                and ".xhtml" not in address
            ):
                del link.attrib["href"]
    return list(found)


def _xhtml(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" '
        'xml:lang="en">\n'
        f'<head><title>{escape(title)}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _navigation(read: list[tuple[Chapter, Article]]) -> str:
    items, part = [], ""
    for chapter, article in read:
        if chapter.part != part:
            items += ["</ol></li>"] if part else []
            items.append(f"<li><span>{escape(chapter.part)}</span><ol>")
            part = chapter.part
        items.append(f'<li><a href="{article.prefix}.xhtml">{escape(article.title)}</a></li>')
    items += ["</ol></li>"] if part else []
    listed = "\n".join(items)
    return _xhtml("Contents", f'<nav epub:type="toc" id="toc"><h1>Contents</h1>\n<ol>\n{listed}\n</ol></nav>')


def _package(read: list[tuple[Chapter, Article]], flags: dict[str, str], images: list[str], name: str) -> str:
    manifest = ['<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>']
    manifest.append('<item id="style" href="style.css" media-type="text/css"/>')
    for _, article in read:
        properties = f' properties="{flags[article.prefix]}"' if flags[article.prefix] else ""
        manifest.append(
            f'<item id="p-{article.prefix}" href="{article.prefix}.xhtml" '
            f'media-type="application/xhtml+xml"{properties}/>'
        )
    for number, place in enumerate(images):
        kind = mimetypes.guess_type(place)[0] or "application/octet-stream"
        manifest.append(f'<item id="image-{number}" href="{escape(place, quote=True)}" media-type="{kind}"/>')
    spine = "\n".join(f'<itemref idref="p-{article.prefix}"/>' for _, article in read)
    identifier = uuid5(NAMESPACE_URL, f"urn:ouroboros:edition:{name}")
    listed = "\n".join(manifest)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>\n'
        f"<dc:title>{escape(PROJECT)}, edition {escape(name)}</dc:title>\n<dc:creator>{escape(AUTHOR)}</dc:creator>\n"
        "<dc:language>en</dc:language>\n<dc:rights>CC BY 4.0</dc:rights>\n"
        '<meta property="dcterms:modified">2026-02-19T00:00:00Z</meta>\n</metadata>\n'
        f"<manifest>\n{listed}\n</manifest>\n<spine>\n{spine}\n</spine>\n</package>\n"
    )


def _info(name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DAY)
    info.external_attr = 0o644 << 16
    info.compress_type = compression
    return info
