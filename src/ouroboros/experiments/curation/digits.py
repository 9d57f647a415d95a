"""Handwritten digits, a generator that is refitted to its own output, and judges trained on real images.

The data are the 1,797 images of 8 × 8 grey values that scikit-learn carries [alpaydin1998optical]_.

References
----------
.. [alpaydin1998optical] E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.svm import SVC

CLASSES = 10
TEST_IMAGES = 597


class Labelled(NamedTuple):
    """Feature rows and their labels 0 to 9."""

    rows: NDArray
    labels: NDArray

    def take(self, which: NDArray) -> "Labelled":
        """Items at the given places or where the mask holds."""
        return Labelled(self.rows[which], self.labels[which])


class Split(NamedTuple):
    """Real images for the first generator, for judges, and for tests; no image is in two of them."""

    first: Labelled
    judge: Labelled
    test: Labelled


class Generator(NamedTuple):
    """A Gaussian per class: means (classes, features) and factors of the covariances; NaN for a lost class."""

    means: NDArray
    factors: NDArray


@functools.cache
def _images(features: int) -> Labelled:
    """All images as their leading principal components."""
    pixels, labels = load_digits(return_X_y=True)
    rows = PCA(features, svd_solver="full").fit_transform(pixels / 16)
    return Labelled(rows, labels)


def split(features: int, first: int, rng: np.random.Generator) -> Split:
    """Shuffle the images and part them: tests, ``first`` for the generator, the rest for judges."""
    images = _images(features)
    order = rng.permutation(len(images.labels))
    test, mine, rest = np.split(order, [TEST_IMAGES, TEST_IMAGES + first])
    return Split(images.take(mine), images.take(rest), images.take(test))


def fit(data: Labelled, widening: float) -> Generator:
    """Gaussian of each class with ``widening`` added to the variances, as every density estimate smooths.

    A class with fewer than three items is lost and stays lost.
    """
    features = data.rows.shape[1]
    means = np.full((CLASSES, features), np.nan)
    factors = np.full((CLASSES, features, features), np.nan)
    for label in range(CLASSES):
        rows = data.rows[data.labels == label]
        if len(rows) >= 3:
            means[label] = rows.mean(axis=0)
            covariance = np.cov(rows, rowvar=False, ddof=0) + widening * np.eye(features)
            factors[label] = np.linalg.cholesky(covariance)
    return Generator(means, factors)


def generate(generator: Generator, each: int, rng: np.random.Generator) -> Labelled:
    """``each`` items of every class that is not lost, labelled as they were asked for."""
    alive = np.flatnonzero(~np.isnan(generator.means[:, 0]))
    noise = rng.standard_normal((len(alive), each, generator.means.shape[1]))
    rows = generator.means[alive][:, None] + noise @ generator.factors[alive].transpose(0, 2, 1)
    return Labelled(rows.reshape(-1, rows.shape[-1]), np.repeat(alive, each))


def train(data: Labelled) -> SVC:
    """Support vector classifier with the library's radial kernel; used for judges and for students."""
    return SVC(C=10.0).fit(data.rows, data.labels)


def accuracy(data: Labelled, test: Labelled) -> float:
    """Accuracy on real images of a student that saw only ``data``."""
    return float((train(data).predict(test.rows) == test.labels).mean())
