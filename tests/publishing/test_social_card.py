import re
from io import BytesIO
from xml.etree import ElementTree

from PIL import Image

from ouroboros.publishing import mark, social_card

COUNTS = [("confirmed", 7), ("nuanced", 22), ("discrepant", 10), ("superseded", 0)]


def _card(counts=COUNTS) -> bytes:
    return social_card.card("Ouroboros", ["One", "Two"], counts, "Edition 2026.11", "46 claims")


def test_a_card_has_the_size_that_networks_ask_for_and_the_same_bytes_each_time():
    first = _card()
    assert Image.open(BytesIO(first)).size == (1200, 630)
    assert len(first) < 300_000
    assert _card() == first
    assert _card([("confirmed", 1), ("discrepant", 99)]) != first


def test_an_icon_has_three_sizes():
    icon = Image.open(BytesIO(social_card.icon()))
    assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    # The middle is empty and the ring is not.
    alpha = icon.convert("RGBA").split()[3]
    assert alpha.getpixel((24, 24)) == 0
    assert alpha.getpixel((24, 41)) > 200


def test_the_mark_is_one_outline_within_its_square():
    root = ElementTree.fromstring(mark.svg())
    (path,) = list(root)
    assert path.get("fill") == "currentColor"
    assert len(mark.svg()) < 2000
    corners = mark.outline(50)
    assert all(0 <= v <= mark.SIZE for corner in corners for v in corner)
    icon = mark.favicon()
    ElementTree.fromstring(icon)
    assert "prefers-color-scheme:dark" in icon
    assert not re.search(r"https?://(?!www\.w3\.org)", icon)
