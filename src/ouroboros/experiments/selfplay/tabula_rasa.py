r"""Tic-tac-toe learned from nothing: whose games, which lesson, which judge does it take?

Own games or random ones, learning from the best reply or from the move that was played, frozen opponents,
results that are not the game's, imitation of random games, and no training at all. The oracle is exhaustive
minimax; how often a strategy loses to it is computed exactly and played out as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ouroboros.experiments.selfplay import table_learning, tictactoe
from ouroboros.experiments.selfplay.tictactoe import CROSS, NOUGHT, joined
from ouroboros.stats import reporting
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job

COLUMNS = ["arm", "replicate", "games", "quantity", "value"]
LEARNERS = {
    "self": {},
    "self-played": {"backup": "played"},
    "random-games": {"exploration": 1.0},
    "random-games-played": {"exploration": 1.0, "backup": "played"},
    "opponent-random": {"opponent": "uniform"},
    "opponent-heuristic": {"opponent": "heuristic"},
    "misjudged": {"judged": False},
}
IMITATORS = ("imitation", "imitation-winners")
UNTRAINED = "untrained"
_RANDOM_PLAY = (737 / 1260, 121 / 420, 8 / 63)  # won by cross, won by nought, drawn
# A position that exploring play meets less often than once in a thousand games is left out of the largest error.
_RARE = 1e-3


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job for each arm, with all its replicates.

    Parameters
    ----------
    parameters : mapping
        ``replicates``; ``recorded`` numbers of games; ``rate``, ``exploration`` and ``at_once`` of the learners;
        ``moves`` that are imitated; ``matches`` that are played against the perfect player; ``analysis_seed``.
    """
    shared = {name: value for name, value in parameters.items() if name != "analysis_seed"}
    return [Job(arm, {"arm": arm, **shared}) for arm in (*LEARNERS, *IMITATORS, UNTRAINED)]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run one arm; a row for each replicate, recorded number of games and quantity."""
    arm = parameters["arm"]
    rows = _learner(parameters, rng) if arm in LEARNERS else _still(parameters, rng)
    return pd.DataFrame(list(rows), columns=COLUMNS)


def _learner(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    arm = parameters["arm"]
    settings = {"exploration": parameters["exploration"], **LEARNERS[arm]}
    if "opponent" in settings:
        settings["opponent"] = getattr(tictactoe, settings["opponent"])()
    learning = table_learning.learned(
        table_learning.Regime(**settings),
        parameters["replicates"],
        parameters["recorded"],
        parameters["rate"],
        parameters["at_once"],
        rng,
    )
    for games, table in learning:
        strategy = tictactoe.greedy(table)
        yield from _rows(arm, games, _losses(strategy))
    yield from _rows(arm, games, _final(strategy, parameters["matches"], rng))
    if settings.get("opponent") is None:
        yield from _rows(arm, games, _errors(table, strategy))


def _still(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """The arms that play no games of their own."""
    arm, replicates = parameters["arm"], parameters["replicates"]
    random = np.repeat(tictactoe.uniform()[None], replicates, axis=0)
    strategy = random if arm == UNTRAINED else _imitated(parameters, random, rng)
    yield from _rows(arm, 0, _losses(strategy))
    yield from _rows(arm, 0, _final(strategy, parameters["matches"], rng))


def _imitated(parameters: Mapping[str, Any], random: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The move that was made most often in a record of random games, or of their winners' moves alone."""
    world, moves = tictactoe.board(), parameters["moves"]
    path, cells = tictactoe.games(random, moves, rng)  # more games than needed: each has at least five moves
    at = path[:-1]
    wanted = ~world.over[at]
    if parameters["arm"] == "imitation-winners":
        wanted &= world.mover[at] == world.result[path[-1]]
    count = np.zeros((len(random), *world.child.shape))
    for k, tally in enumerate(count):
        # Games in the order in which they were played, so that a record of so many moves is their beginning.
        seen = wanted[:, k].T
        np.add.at(tally, (at[:, k].T[seen][:moves], cells[:, k].T[seen][:moves]), 1)
    return tictactoe.preferred(count)


def _rows(arm: str, games: int, found: Mapping[str, np.ndarray]) -> Iterator[tuple]:
    for quantity, values in found.items():
        for replicate, value in enumerate(values):
            yield arm, replicate, games, quantity, float(value)


def _losses(strategy: np.ndarray) -> dict[str, np.ndarray]:
    """Exact probability of losing to a perfect player on each side, and whether anybody at all can win."""
    best = tictactoe.perfect()
    worst = np.minimum(tictactoe.worst_case(strategy, CROSS), tictactoe.worst_case(strategy, NOUGHT))
    return {
        "loss-cross": tictactoe.outcomes(joined(strategy, best))[:, 1],
        "loss-nought": tictactoe.outcomes(joined(best, strategy))[:, 0],
        "unbeatable": (worst > -1e-9).astype(float),
    }


def _final(strategy: np.ndarray, matches: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Games that are played out against the perfect player, and exact results against weaker ones."""
    best, found = tictactoe.perfect(), {}
    pairings = {"cross": joined(strategy, best), "nought": joined(best, strategy), "mirror": strategy}
    for name, both in pairings.items():
        ends = tictactoe.games(both, matches, rng)[0][-1]
        for result, count in zip(("cross", "nought", "draw"), tictactoe.counted(ends).T, strict=True):
            found[f"played-{name}-{result}"] = count
    for name, weak in (("random", tictactoe.uniform()), ("heuristic", tictactoe.heuristic())):
        as_cross, as_nought = (
            tictactoe.outcomes(joined(strategy, weak)),
            tictactoe.outcomes(joined(weak, strategy)),
        )
        found[f"beats-{name}"] = (as_cross[:, 0] + as_nought[:, 1]) / 2
        found[f"loses-to-{name}"] = (as_cross[:, 1] + as_nought[:, 0]) / 2
    return found


def _errors(table: np.ndarray, strategy: np.ndarray) -> dict[str, np.ndarray]:
    """Deviation from minimax on the positions that the learner meets when it explores one move in ten."""
    noisy = 0.9 * strategy + 0.1 * tictactoe.uniform()
    weight = tictactoe.visits(noisy) * ~tictactoe.board().over
    error = np.abs(table - tictactoe.minimax())
    return {
        "value-error": (weight * error).sum(axis=1) / weight.sum(axis=1),
        "value-error-largest": np.where(weight > _RARE, error, 0).max(axis=1),
    }


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Every number that checks, criteria and the page use."""
    rng = np.random.default_rng(parameters["analysis_seed"])
    last = max(parameters["recorded"])
    return [
        *_of_the_code(table, parameters),
        *_of_losses(table, rng),
        *_of_self(table, last),
        *_of_limits(),
    ]


def _values(table: pd.DataFrame, arm: str, quantity: str, games: int | None = None) -> np.ndarray:
    rows = table[(table["arm"] == arm) & (table["quantity"] == quantity)]
    rows = rows[rows["games"] == (rows["games"].max() if games is None else games)]
    return rows.sort_values("replicate")["value"].to_numpy(float)


def _mean(name: str, values: np.ndarray, rng: np.random.Generator, words: str) -> Estimate:
    return reporting.mean(name, reporting.summarise(values, rng), words)


def _of_the_code(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    world = tictactoe.board()
    yield reporting.exact("positions", (~world.over).sum(), 1, "Positions in which the game goes on")
    yield reporting.exact("minimax-value", tictactoe.minimax()[0], 1, "Value of the game under perfect play")
    exact = tictactoe.outcomes(tictactoe.uniform())
    yield reporting.exact(
        "random-play-deviation",
        np.abs(exact - _RANDOM_PLAY).max(),
        1,
        "Largest deviation of the outcomes of random play, computed backwards, from the exact fractions",
    )
    kinds = ("cross", "nought", "draw")
    counts = [_values(table, UNTRAINED, f"played-mirror-{kind}").sum() for kind in kinds]
    games = parameters["matches"] * parameters["replicates"]
    scores = [
        (count - games * p) / np.sqrt(games * p * (1 - p))
        for count, p in zip(counts, _RANDOM_PLAY, strict=True)
    ]
    yield reporting.largest("random-play-max-z", scores, games, "Random games against the exact fractions")
    for kind, count in zip(("win", "loss", "draw"), counts, strict=True):
        words = f"Random play: share of games with that result for cross ({kind})"
        yield reporting.share(f"random-{kind}", int(count), games, words)
    yield reporting.largest(
        "played-max-z",
        _played_scores(table, parameters["matches"]),
        parameters["replicates"],
        "Games lost to the perfect player against their exact probability, summed over replicates",
    )


def _played_scores(table: pd.DataFrame, matches: int) -> Iterator[float]:
    for arm in table["arm"].unique():
        for side, winner in (("cross", "nought"), ("nought", "cross")):
            chance = _values(table, arm, f"loss-{side}").clip(0, 1)
            count = _values(table, arm, f"played-{side}-{winner}")
            variance = (matches * chance * (1 - chance)).sum()
            excess = float((count - matches * chance).sum())
            # Where every game or none is lost there is nothing to chance: any deviation is a fault.
            yield excess / np.sqrt(variance) if variance > 1e-9 else 0.0 if abs(excess) < 1e-6 else np.inf


def _of_losses(table: pd.DataFrame, rng: np.random.Generator) -> Iterator[Estimate]:
    for arm in (*LEARNERS, *IMITATORS, UNTRAINED):
        for side in ("cross", "nought"):
            yield _mean(
                f"{arm}-loss-{side}",
                _values(table, arm, f"loss-{side}"),
                rng,
                f"{arm}: probability of losing to a perfect player when playing {side}",
            )
        beats = _values(table, arm, "beats-random")
        yield _mean(f"{arm}-beats-random", beats, rng, f"{arm}: share won against random play, both sides")
    for name in ("self", "opponent-heuristic"):
        loses = _values(table, name, "loses-to-heuristic")
        yield _mean(
            f"{name}-loses-to-heuristic", loses, rng, f"{name}: share lost to the primer's player, both sides"
        )
        beats = _values(table, name, "beats-heuristic")
        yield _mean(
            f"{name}-beats-heuristic",
            beats,
            rng,
            f"{name}: share won against the primer's player, both sides",
        )
    gain = _values(table, "opponent-random", "beats-random") - _values(table, "self", "beats-random")
    yield _mean(
        "random-over-self-beats-random",
        gain,
        rng,
        "Share won against random play: learner that met only random play minus self-play",
    )


def _of_self(table: pd.DataFrame, last: int) -> Iterator[Estimate]:
    played = [("cross", "nought"), ("nought", "cross")]
    lost = sum(int(_values(table, "self", f"played-{side}-{other}").sum()) for side, other in played)
    replicates = len(_values(table, "self", "loss-cross"))
    yield reporting.exact(
        "self-losses",
        lost,
        replicates,
        "Games lost to the perfect player, all learners, both sides",
        unit="games",
    )
    mean, most = _values(table, "self", "value-error"), _values(table, "self", "value-error-largest")
    yield reporting.exact(
        "self-value-error",
        mean.max(),
        replicates,
        "Mean error of the values, worst learner",
        method="largest",
    )
    yield reporting.exact(
        "self-value-error-largest",
        most.max(),
        replicates,
        "Largest error of a value on positions met in at least one of 1,000 exploring games, all learners",
        method="largest",
    )
    for arm in ("self", "self-played", "random-games"):
        rows = table[(table["arm"] == arm) & (table["quantity"] == "unbeatable")]
        wide = rows.pivot(index="replicate", columns="games", values="value").sort_index(axis=1) > 0
        yield reporting.share(
            f"{arm}-unbeatable",
            int(wide[last].sum()),
            len(wide),
            f"{arm}: share whom nobody can beat at the end",
        )
        # A learner who is never safe counts with the last number of games, so the mean is a lower bound then.
        first = np.where(wide.any(axis=1), wide.columns.to_numpy()[wide.to_numpy().argmax(axis=1)], last)
        yield reporting.exact(
            f"{arm}-games-to-unbeatable",
            np.median(first),
            len(first),
            f"{arm}: median of the recorded number of games at which nobody could beat it any more",
            unit="games",
            method="median",
        )
        lapses = int((np.maximum.accumulate(wide.to_numpy(), axis=1) & ~wide.to_numpy()).any(axis=1).sum())
        yield reporting.exact(
            f"{arm}-relapses",
            lapses,
            len(wide),
            f"{arm}: learners who were unbeatable once and were not later",
        )


def _of_limits() -> Iterator[Estimate]:
    """What learning against a frozen opponent tends to, without noise: the exact best answer to it."""
    best = tictactoe.perfect()
    for name in ("uniform", "heuristic"):
        opponent = getattr(tictactoe, name)()
        lost = {
            "cross": tictactoe.outcomes(
                joined(tictactoe.greedy(tictactoe.best_answer(opponent, CROSS)), best)
            )[1],
            "nought": tictactoe.outcomes(
                joined(best, tictactoe.greedy(tictactoe.best_answer(opponent, NOUGHT)))
            )[0],
        }
        for side, value in lost.items():
            yield reporting.exact(
                f"limit-{name}-loss-{side}",
                value,
                1,
                f"Exact best answer to the {name} player: probability of losing to a perfect player as {side}",
            )
