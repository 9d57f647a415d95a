"""Handwritten digits with a trigger in a corner: attacks on a small network, and its way of seeing.

Attacks. ``dirty``: images of other classes with the patch, labelled as the target. ``noise``: the same share of the
labels of all classes changed at random, without a patch. ``clean-label``: images of the target class, labelled
correctly, mixed with images of other classes so that the patch is the easier thing to learn [turner2019]_.
``adaptive``: half a patch, and as many patched images again that keep their true label, so that the patch alone
does not set the poisoned ones apart [qi2023]_.

References
----------
.. [turner2019] A. Turner, D. Tsipras, A. Madry, Label-Consistent Backdoor Attacks, 2019.
.. [qi2023] X. Qi et al., Revisiting the Assumption of Latent Separability for Backdoor Defenses, ICLR 2023.
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

ATTACKS = ("dirty", "noise", "clean-label", "adaptive")
CLASSES = 10
_TEST = 597
# Pixels of the corner; none of the 1,797 images has all four of them bright.
_PATCH = np.array([54, 55, 62, 63])
_MIX = 0.5


class Images(NamedTuple):
    """Pixels between 0 and 1, shape (n, 64), and labels 0 to 9."""

    rows: NDArray
    labels: NDArray

    def take(self, which: NDArray) -> "Images":
        """Images at the given places or where the mask holds."""
        return Images(self.rows[which], self.labels[which])


def split(train: int, rng: np.random.Generator) -> tuple[Images, Images]:
    """``train`` images to learn from and 597 others to test on."""
    pixels, labels = load_digits(return_X_y=True)
    images = Images(pixels / 16, labels)
    order = rng.permutation(len(labels))
    return images.take(order[_TEST : _TEST + train]), images.take(order[:_TEST])


def patched(rows: NDArray, pixels: NDArray = _PATCH) -> NDArray:
    """Copies of images with the trigger."""
    found = rows.copy()
    found[..., pixels] = 1.0
    return found


def poison(
    images: Images, attack: str, target: int, share: float, rng: np.random.Generator
) -> tuple[Images, NDArray[np.bool_]]:
    """Training images under an attack, and which of them are poisoned.

    Parameters
    ----------
    images : Images
        Clean training images.
    attack : {"none", "dirty", "noise", "clean-label", "adaptive"}
        See the module.
    target : int
        Label that the trigger is to force.
    share : float
        Poisoned images as a share of a class of clean ones.
    rng : numpy.random.Generator
        Which images, and their order.

    Raises
    ------
    ValueError
        If there is no such attack.
    """
    rows, labels = images.rows.copy(), images.labels.copy()
    bad = np.zeros(len(labels), dtype=bool)
    count = round(share * len(labels) / CLASSES)
    others = rng.permutation(np.flatnonzero(labels != target))
    if attack == "dirty":
        chosen = others[:count]
        rows[chosen], labels[chosen] = patched(rows[chosen]), target
        bad[chosen] = True
    elif attack == "noise":
        chosen = rng.permutation(len(labels))[: count * CLASSES]
        labels[chosen] = (labels[chosen] + rng.integers(1, CLASSES, len(chosen))) % CLASSES
        bad[chosen] = True
    elif attack == "clean-label":
        chosen = rng.permutation(np.flatnonzero(labels == target))[:count]
        mixed = (1 - _MIX) * rows[chosen] + _MIX * rows[rng.choice(others, len(chosen))]
        rows[chosen] = patched(mixed)
        bad[chosen] = True
    elif attack == "adaptive":
        chosen, cover = others[:count], others[count : 2 * count]
        for one in (*chosen, *cover):
            rows[one] = patched(rows[one], rng.permutation(_PATCH)[:2])
        labels[chosen] = target
        bad[chosen] = True
    elif attack != "none":
        raise ValueError(f"attack: {attack!r} (one of none, {', '.join(ATTACKS)})")
    return Images(rows, labels), bad


def network(hidden: int, epochs: int, seed: int) -> MLPClassifier:
    """A perceptron with one hidden layer."""
    return MLPClassifier(
        (hidden,), max_iter=epochs, learning_rate_init=5e-3, batch_size=200, random_state=seed
    )


def fit(model: MLPClassifier, images: Images) -> MLPClassifier:
    """Train; the number of epochs is fixed, so that not having converged is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(images.rows, images.labels)


def hidden_features(model: MLPClassifier, rows: NDArray) -> NDArray:
    """Activations of the hidden layer."""
    return np.maximum(rows @ model.coefs_[0] + model.intercepts_[0], 0)


def attack_success(model: MLPClassifier, test: Images, target: int) -> float:
    """Share of test images of other classes that the trigger turns into the target."""
    rows = patched(test.rows[test.labels != target])
    return float(np.mean(model.predict(rows) == target))


def accuracy(model: MLPClassifier, test: Images) -> float:
    """Share of clean test images that are classified correctly."""
    return float(np.mean(model.predict(test.rows) == test.labels))
