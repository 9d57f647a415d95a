"""Three published ways to find poisoned or mislabelled training examples, on arrays.

`spectral_scores` [tran2018]_ and `activation_clusters` [chen2019]_ look for examples that stand apart within their
class, `confident_mistakes` [northcutt2021]_ for those whose label a model that did not see them disputes.

References
----------
.. [tran2018] B. Tran, J. Li, A. Madry, Spectral Signatures in Backdoor Attacks, NeurIPS 2018.
.. [chen2019] B. Chen et al., Detecting Backdoor Attacks on Deep Neural Networks by Activation Clustering,
   SafeAI workshop 2019.
.. [northcutt2021] C. Northcutt, L. Jiang, I. Chuang, Confident Learning, Journal of Artificial Intelligence
   Research 70, 2021.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

# The share of a class below which a cluster is small, as in the library of the authors.
_SMALL = 0.35
_COMPONENTS = 10


def spectral_scores(features: NDArray, labels: NDArray) -> NDArray:
    """Squared projection of each example on the first singular direction of its class, centred.

    Parameters
    ----------
    features : ndarray
        What a trained model makes of the examples, shape (n, d).
    labels : ndarray
        Their labels, shape (n,).
    """
    scores = np.zeros(len(labels))
    for label in np.unique(labels):
        mine = labels == label
        centred = features[mine] - features[mine].mean(axis=0)
        direction = np.linalg.svd(centred, full_matrices=False)[2][0]
        scores[mine] = (centred @ direction) ** 2
    return scores


def spectral_removal(features: NDArray, labels: NDArray, count: int) -> NDArray[np.bool_]:
    """Mark the ``count`` highest `spectral_scores` of every class."""
    scores, found = spectral_scores(features, labels), np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        found[mine[np.argsort(-scores[mine], kind="stable")[:count]]] = True
    return found


def activation_clusters(features: NDArray, labels: NDArray, silhouette: float = 0.15) -> NDArray[np.bool_]:
    """Mark the smaller of two clusters of a class if it is small and lies well apart.

    Parameters
    ----------
    features, labels : ndarray
        As in `spectral_scores`.
    silhouette : float
        Mean silhouette from which on two clusters count as apart.
    """
    found = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        if len(mine) < 4:
            continue
        parts = min(_COMPONENTS, len(mine) - 1, features.shape[1])
        reduced = PCA(parts, svd_solver="full").fit_transform(features[mine])
        cluster = KMeans(2, n_init=10, random_state=0).fit_predict(reduced)
        small = int(np.sum(cluster == 0) > np.sum(cluster == 1))
        share = np.mean(cluster == small)
        if 0 < share < _SMALL and silhouette_score(reduced, cluster) > silhouette:
            found[mine[cluster == small]] = True
    return found


def confident_mistakes(probabilities: NDArray, labels: NDArray) -> NDArray[np.bool_]:
    """Mark examples that a model, which did not see them, confidently gives another label.

    A label is confident for an example if its probability reaches the mean that the label has among the examples
    which carry it; of several confident labels the most probable counts.

    Parameters
    ----------
    probabilities : ndarray
        Out-of-fold probabilities, shape (n, classes).
    labels : ndarray of int
        Given labels 0 … classes − 1.
    """
    classes = probabilities.shape[1]
    thresholds = np.array(
        [probabilities[labels == c, c].mean() if np.any(labels == c) else np.inf for c in range(classes)]
    )
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    guess = np.argmax(confident, axis=1)
    return (confident.max(axis=1) >= 0) & (guess != labels)


def out_of_fold(model: ClassifierMixin, rows: Any, labels: NDArray, folds: int, seed: int) -> NDArray:
    """Probabilities of every class for each example by a copy of the model that was fitted without it."""
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return cross_val_predict(clone(model), rows, labels, cv=parts, method="predict_proba")
