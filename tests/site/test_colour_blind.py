"""Chips for readers who see colours differently: pictures for the eye, and words and icons that tell them apart."""

import pytest
from photograph import COLOURED, DEFICIENCIES, PAGES, photograph

pytestmark = pytest.mark.site


def test_pictures_as_colour_blind_readers_see_them(site, server, browser):
    """Written beside the site for whoever looks at a run: ``_build/screenshots``."""
    folder = site.parent / "screenshots"
    folder.mkdir(exist_ok=True)
    written = []
    try:
        for deficiency in DEFICIENCIES:
            browser.execute_cdp_cmd("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
            for name in COLOURED:
                target = folder / f"{name}.{deficiency}.1280.png"
                photograph(browser, f"{server}/{PAGES[name]}", target, 1280, whole=False)
                written.append(target.read_bytes())
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    assert all(picture.startswith(b"\x89PNG") for picture in written)
    assert len(set(written)) == len(DEFICIENCIES) * len(COLOURED)


def test_words_and_icons_tell_chips_apart_without_colour(server, browser):
    browser.get(f"{server}/index.html")
    chips = browser.execute_script(
        "return [...document.querySelectorAll('.dashboard .chip')].map((chip) => "
        "[chip.className, chip.querySelector('svg.glyph path')?.getAttribute('d'), chip.textContent.trim()])"
    )
    assert len(chips) > 8
    assert all(icon and word for _, icon, word in chips)
    by_list = browser.execute_script(
        "return [...document.querySelectorAll('.dashboard-block')].map((block) => "
        "[...block.querySelectorAll('.chip svg.glyph path')].map((path) => path.getAttribute('d')))"
    )
    for icons in by_list:
        assert len(set(icons)) == len(icons)
