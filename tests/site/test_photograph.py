"""Pictures for the README stay light and keep what they show."""

import io

import numpy as np
import pytest
from photograph import PAGES, README, lighter
from PIL import Image


def png(pixels: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels.astype("uint8")).save(written, "PNG")
    return written.getvalue()


def test_a_picture_fits_and_keeps_its_size_and_its_colours():
    across = np.linspace(0, 255, 300)
    pixels = np.stack(np.broadcast_arrays(across, across[::-1], across[:, None]), axis=-1)
    light = lighter(png(pixels), 40_000)
    assert len(light) <= 40_000
    again = np.asarray(Image.open(io.BytesIO(light)).convert("RGB"), dtype=float)
    assert again.shape == pixels.shape
    assert abs(again - pixels).mean() < 20


def test_what_cannot_fit_is_refused():
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3))
    with pytest.raises(ValueError, match="does not fit into 1000 bytes"):
        lighter(png(noise), 1000)


def test_every_picture_of_the_readme_is_of_a_page_that_is_photographed():
    assert {page for page, _, _ in README.values()} <= set(PAGES)
