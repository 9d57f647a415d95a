"""How useful a synthetic table is, and how well membership in its training data can be told from it.

The attacker holds the synthetic table, a *shadow* table (made by the same kind of generator from other real records)
and a record, and wonders whether the record was trained on. Two attacks compare the two tables at the record: how much
closer the nearest row lies, and how much higher the density is [vanbreugel2023domias]_, here of a normal law with
shrunken covariance. The *joint* attack adds the ranks of both. Each is scored by the area under its ROC curve between
members and outsiders; one half is chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ouroboros.stats.privacy import area_under_curve, closest

ATTACKS = ("distance", "density", "joint")
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Scale:
    """Centre and spread of each column, so that columns count alike; constant columns are left out."""

    centre: NDArray
    spread: NDArray

    @classmethod
    def of(cls, table: NDArray) -> "Scale":
        """Those of a table."""
        return cls(table.mean(axis=0), table.std(axis=0))

    def __call__(self, table: NDArray) -> NDArray:
        """Standardise a table."""
        kept = self.spread > 0
        return (table[:, kept] - self.centre[kept]) / self.spread[kept]


def attack_scores(records: NDArray, synthetic: NDArray, shadow: NDArray, scale: Scale) -> dict[str, NDArray]:
    """Scores of both attacks at each record; the higher, the more the record looks trained on."""
    points, made, other = scale(records), scale(synthetic), scale(shadow)
    near, far = closest(points, made)[:, 0], closest(points, other)[:, 0]
    found = {"distance": np.log(far + _TINY) - np.log(near + _TINY)}
    found["density"] = _log_density(points, made) - _log_density(points, other)
    return found


def _log_density(points: NDArray, table: NDArray) -> NDArray:
    law = LedoitWolf().fit(table)
    apart = points - law.location_
    _, size = np.linalg.slogdet(law.covariance_)
    return -0.5 * (np.einsum("ij,jk,ik->i", apart, law.precision_, apart) + size)


def attack(
    members: NDArray, outsiders: NDArray, synthetic: NDArray, shadow: NDArray, scale: Scale
) -> dict[str, float]:
    """Area under the ROC curve of each attack in `ATTACKS`."""
    both = np.concatenate([members, outsiders])
    scores = attack_scores(both, synthetic, shadow, scale)
    scores["joint"] = sum(stats.rankdata(score) for score in scores.values())
    n = len(members)
    return {name: area_under_curve(score[:n], score[n:]) for name, score in scores.items()}


def distances(members: NDArray, outsiders: NDArray, synthetic: NDArray, scale: Scale) -> dict[str, float]:
    """Measures by distance that are usual in practice.

    Returns
    -------
    dict
        ``closer``: share of synthetic rows nearer to a member than to an outsider, one half if nothing was memorised
        and both are equally many; ``dcr``: median distance to the closest member over that of outsiders to the
        closest member; ``nndr``: median ratio of the distances to the nearest and the second nearest member;
        ``copies``: share of synthetic rows that equal a member.
    """
    made, inside, outside = scale(synthetic), scale(members), scale(outsiders)
    to_inside = closest(made, inside, 2)
    to_outside = closest(made, outside)[:, 0]
    usual = np.median(closest(outside, inside)[:, 0])
    nearer = (to_inside[:, 0] < to_outside) + 0.5 * (to_inside[:, 0] == to_outside)
    return {
        "closer": float(np.mean(nearer)),
        "dcr": float(np.median(to_inside[:, 0]) / max(usual, _TINY)),
        "nndr": float(np.median(to_inside[:, 0] / np.maximum(to_inside[:, 1], _TINY))),
        "copies": float(np.mean(to_inside[:, 0] < _TINY)),
    }


def utility(train: NDArray, test: NDArray) -> float:
    """Area under the ROC curve of logistic regression trained on one table and tested on another, label last.

    One half if the training table has one label only; the mean over labels against the rest if there are several.
    """
    if len(np.unique(train[:, -1])) < 2 or len(np.unique(test[:, -1])) < 2:
        return 0.5
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(train[:, :-1], train[:, -1].astype(int))
    chances = model.predict_proba(test[:, :-1])
    truth = test[:, -1].astype(int)
    areas = [
        area_under_curve(chances[truth == label, k], chances[truth != label, k])
        for k, label in enumerate(model.classes_)
        if 0 < np.sum(truth == label) < len(truth)
    ]
    return float(np.mean(areas)) if areas else 0.5
