r"""Does what a network learns from self-play at poker help it with questions of expected value about other decks?

One trunk, nine ways to train it before the probe, one probe: equity, value of a call and the decision to call, in
decks of sizes that no game had. All arms of a replicate share starting weights, questions, and the rows of every
step of the fine-tuning.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ouroboros.experiments.selfplay import (
    card_table,
    poker_trees,
    role_baselines,
    tictactoe,
    transfer_analysis,
    trunk,
)
from ouroboros.experiments.selfplay.poker_trees import KUHN, LEDUC
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job

GAMES = (KUHN, LEDUC)
COLUMNS = ["replicate", "arm", "probe", "labels", "quantity", "value"]
# The feature that gives a pair away is hidden from all arms but those with "flag" in their name.
TRAINED = ("self", "fixed", "equilibrium", "imitation", "shuffled", "other-game", "direct", "self-flag")
ARMS = (*TRAINED, "none", "none-flag")
_LEAGUE = 4096  # questions about three ranks that the positive control is trained on


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """Replicates in blocks, and the side test of role-conditioned baselines.

    Parameters
    ----------
    parameters : mapping
        ``seeds``; ``block`` of replicates in one job; ``width`` of the trunk; ``steps, rate, entropy`` of the
        training; ``iterations`` of the equilibrium; ``copied`` decisions to imitate; ``probe`` with ``labels, test,
        steps, rate, look, batch``; ``roles`` for `role_baselines`; ``analysis_seed``.
    """
    shared = {
        name: value
        for name, value in parameters.items()
        if name not in ("seeds", "block", "roles", "analysis_seed")
    }
    seeds, block = parameters["seeds"], parameters["block"]
    listed = [
        Job(
            f"replicates-{first}",
            {"kind": "transfer", "first": first, "count": min(block, seeds - first), **shared},
        )
        for first in range(0, seeds, block)
    ]
    return [*listed, Job("roles", {"kind": "roles", **parameters["roles"]})]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Run one job; a row for each replicate, arm, probe, number of labels and quantity."""
    if parameters["kind"] == "roles":
        rows = [
            (k, arm, "", 0, name, float(x)) for k, arm, name, x in role_baselines.compared(parameters, rng)
        ]
    else:
        rows = list(_transfer(parameters, rng))
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Every number that checks, criteria and the page use."""
    return transfer_analysis.estimates(table, parameters)


def tree() -> poker_trees.Tree:
    """Both games side by side."""
    return poker_trees.grown(*GAMES)


def _transfer(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    count, arms = parameters["count"], ARMS
    # Replicates within arms: model k belongs to arm k // count and replicate k % count.
    single = trunk.fresh(count, card_table.WIDTH, parameters["width"], rng)
    settings = _settings(parameters, count)
    trained = _trained(parameters, count, single, settings, rng)
    idle = len(arms) - len(TRAINED)
    weights = {name: np.concatenate([trained[name], *[part] * idle]) for name, part in single.items()}
    for arm, replicate, name, value in _skill(parameters, count, weights, settings):
        yield parameters["first"] + replicate, arm, "", 0, name, value
    probe = _Probe(parameters["probe"], count, rng)
    learned = {**weights, "numbers": np.zeros_like(weights["numbers"])}
    inputs = probe.rows(settings.blind)
    hidden = np.asarray(trunk.features(learned, inputs))
    for labels in parameters["probe"]["labels"]:
        found = {"linear": probe.linear(hidden, labels), "tuned": probe.tuned(learned, inputs, labels, rng)}
        for kind, errors in found.items():
            for model, tasks in enumerate(errors):
                for task, error in zip(card_table.TASKS, tasks, strict=True):
                    arm, replicate = arms[model // count], parameters["first"] + model % count
                    yield replicate, arm, kind, labels, task, float(f"{error:.6g}")


def _settings(parameters: Mapping[str, Any], count: int) -> trunk.Arm:
    arms = ARMS
    games = tree()
    solved = poker_trees.equilibrium(GAMES, parameters["iterations"])
    plans = {
        "fixed": poker_trees.plan(games, poker_trees.uniform(games)),
        "equilibrium": poker_trees.plan(games, solved),
    }
    idle = np.zeros(1 + games.legal.size)

    def repeated(values: list) -> np.ndarray:
        return np.repeat(np.array(values, dtype=np.float32), count, axis=0)

    blind = np.ones((len(arms), card_table.WIDTH))
    blind[[not arm.endswith("flag") for arm in arms], card_table.PAIR] = 0
    return trunk.Arm(
        play=repeated(
            [arm.startswith("self") or arm in ("fixed", "equilibrium", "shuffled") for arm in arms]
        ),
        imitate=repeated([arm in ("imitation", "other-game") for arm in arms]),
        regress=repeated([arm == "direct" for arm in arms]),
        frozen=repeated([arm in plans for arm in arms]),
        rival=repeated([plans.get(arm, idle) for arm in arms]),
        blind=repeated(list(blind)),
    )


class _Feed:
    """Rows of every step: placements of the ranks, positions of another game, questions, shuffled payoffs."""

    def __init__(self, parameters: Mapping[str, Any], count: int, rng: np.random.Generator) -> None:
        games, arms = tree(), TRAINED
        self.count, self.rng, self.arms, self.size = count, rng, arms, len(games.decisions)
        self.poker = np.stack(
            [card_table.decisions(games, GAMES, places) for places in card_table.placements()]
        )
        # Both games weigh alike: payoffs in units of the largest of each.
        scale = np.array([1 / np.abs(games.payoff[games.end_game == k]).max() for k in range(len(GAMES))])
        self.stakes, self.end_game, self.chance = (
            games.payoff * scale[games.end_game],
            games.end_game,
            games.chance,
        )
        legal = np.zeros((self.size, trunk.CELLS), dtype=bool)
        legal[:, : poker_trees.ACTIONS] = games.legal
        self.legal = np.repeat(np.repeat(legal[None], len(arms), axis=0), count, axis=0)
        self.actions = np.zeros((len(arms) * count, self.size, trunk.CELLS), dtype=np.float32)
        self.numbers = np.zeros((len(arms) * count, self.size, trunk.NUMBERS), dtype=np.float32)
        solved = poker_trees.equilibrium(GAMES, parameters["iterations"])
        for model in self._models("imitation"):
            copied = poker_trees.sampled_decisions(games, solved, parameters["copied"], rng)
            self.actions[model, :, : poker_trees.ACTIONS] = copied / copied.sum()
        self.board, self.cells, self.best = _other_game()
        self.questions, self.answers = card_table.questions(np.full(_LEAGUE, poker_trees.RANKS), rng)

    def _models(self, arm: str) -> range:
        at = self.arms.index(arm)
        return range(at * self.count, (at + 1) * self.count)

    def batch(self) -> trunk.Batch:
        """Next step; arms of a replicate see the ranks at the same places."""
        places = self.rng.integers(len(self.poker), size=self.count)
        inputs = np.tile(self.poker[places], (len(self.arms), 1, 1))
        stakes = np.repeat((self.chance * self.stakes)[None], len(inputs), axis=0)
        picks = self.rng.integers(len(self.board), size=(self.count, self.size))
        asked = self.rng.integers(_LEAGUE, size=(self.count, self.size))
        for model in self._models("shuffled"):
            stakes[model] = self.chance * self._shuffled()
        for k, model in enumerate(self._models("other-game")):
            inputs[model], self.legal[model] = self.board[picks[k]], self.cells[picks[k]]
            self.actions[model] = self.best[picks[k]] / self.size
        for k, model in enumerate(self._models("direct")):
            inputs[model], self.numbers[model] = self.questions[asked[k]], self.answers[asked[k]]
        # Copies: JAX may read an array of NumPy in place, while the next call already fills it anew.
        kept = (self.legal.copy(), self.actions.copy(), self.numbers.copy())
        return trunk.Batch(inputs, *kept, stakes.astype(np.float32))

    def _shuffled(self) -> np.ndarray:
        paid = self.stakes.copy()
        for game in range(len(GAMES)):
            here = self.end_game == game
            paid[here] = self.rng.permutation(paid[here])
        return paid


def _other_game() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of tic-tac-toe in the width of the card table, allowed cells, and what self-play ends up playing."""
    world = tictactoe.board()
    going = ~world.over
    marks = world.cells[going] * world.mover[going, None]
    rows = np.zeros((going.sum(), card_table.WIDTH), dtype=np.float32)
    rows[:, :9], rows[:, 9:18] = marks > 0, marks < 0
    return rows, world.child[going] >= 0, tictactoe.perfect()[going].astype(np.float32)


def _trained(
    parameters: Mapping[str, Any],
    count: int,
    start: trunk.Weights,
    settings: trunk.Arm,
    rng: np.random.Generator,
) -> trunk.Weights:
    learner = trunk.trainer(tree, parameters["rate"], parameters["entropy"])
    feed = _Feed(parameters, count, rng)
    models = count * len(TRAINED)
    settings = trunk.Arm(*(part[:models] for part in settings))
    state = learner.start({name: np.concatenate([part] * len(TRAINED)) for name, part in start.items()})
    for _ in range(parameters["steps"]):
        state = learner.step(state, settings, feed.batch())
    return {name: np.asarray(part) for name, part in state[0].items()}


def _skill(
    parameters: Mapping[str, Any], count: int, weights: trunk.Weights, settings: trunk.Arm
) -> Iterator[tuple[str, int, str, float]]:
    """Exploitability in both games, mean over a few placements of the ranks."""
    games, arms = tree(), ARMS
    learner = trunk.trainer(tree, parameters["rate"], parameters["entropy"])
    legal = np.zeros((len(games.decisions), trunk.CELLS), dtype=bool)
    legal[:, : poker_trees.ACTIONS] = games.legal
    shown = card_table.placements()[:: len(card_table.placements()) // 4]
    found = np.zeros((len(shown), len(settings.play), len(GAMES)))
    for k, places in enumerate(shown):
        rows = card_table.decisions(games, GAMES, places) * settings.blind[:, None]
        policies = np.asarray(learner.policy(weights, rows, legal), dtype=float)[..., : poker_trees.ACTIONS]
        for model, policy in enumerate(policies):
            found[k, model] = [poker_trees.exploitability(games, policy, game) for game in range(len(GAMES))]
    for model, gains in enumerate(found.mean(axis=0)):
        for name, gain in zip(("kuhn", "leduc"), gains, strict=True):
            yield arms[model // count], model % count, f"exploitability-{name}", float(gain)


class _Probe:
    """The questions of each replicate, and what is made of them by two kinds of learning."""

    def __init__(self, settings: Mapping[str, Any], count: int, rng: np.random.Generator) -> None:
        self.settings, self.count = settings, count
        self.most = max(settings["labels"])
        made = [
            card_table.questions(
                rng.integers(4, card_table.PLACES + 1, size=self.most + settings["test"]), rng
            )
            for _ in range(count)
        ]
        self.inputs, self.answers = (np.stack(part) for part in zip(*made, strict=True))
        # Errors are in units of the variance of the answer, so that 1 is what its mean would earn.
        self.spread = self.answers[:, self.most :].astype(float).var(axis=1)

    def rows(self, blind: np.ndarray) -> np.ndarray:
        """Questions as each model sees them, shape (models, rows, inputs)."""
        return np.tile(self.inputs, (len(blind) // self.count, 1, 1)) * blind[:, None]

    def _errors(self, guesses: np.ndarray) -> np.ndarray:
        """Mean squared error of each task over its variance, shape (models, 3)."""
        repeats = len(guesses) // self.count
        truth = np.tile(self.answers[:, self.most :], (repeats, 1, 1))
        return ((guesses - truth) ** 2).mean(axis=1) / np.tile(self.spread, (repeats, 1))

    def linear(self, hidden: np.ndarray, labels: int) -> np.ndarray:
        """Ridge regression on the frozen last layer; its penalty is chosen on the validation part."""
        kept = labels - labels // 5
        guesses = [
            _ridge(rows, self.answers[model % self.count], kept, labels, self.most)
            for model, rows in enumerate(hidden)
        ]
        return self._errors(np.stack(guesses))

    def tuned(
        self, weights: trunk.Weights, inputs: np.ndarray, labels: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Trunk and a new head trained together; the best step is chosen on the validation part."""
        settings, repeats = self.settings, len(inputs) // self.count
        tune = trunk.tuner(settings["rate"], settings["steps"], settings["look"])
        kept, room = labels - labels // 5, self.most // 5
        picks = rng.integers(kept, size=(self.count, settings["steps"], settings["batch"]))
        held = np.minimum(np.arange(kept, kept + room), self.most - 1)
        weight = (np.arange(room) < labels - kept).astype(np.float32)
        answers = np.tile(self.answers, (repeats, 1, 1))
        best = tune(
            weights,
            inputs[:, : self.most],
            answers[:, : self.most],
            np.tile(picks, (repeats, 1, 1)),
            inputs[:, held],
            answers[:, held],
            np.tile(weight, (len(inputs), 1)),
        )
        return self._errors(np.asarray(trunk.predictions(best, inputs[:, self.most :]), dtype=float))


_PENALTIES = 10.0 ** np.arange(-6, 3)


def _ridge(hidden: np.ndarray, answers: np.ndarray, kept: int, labels: int, most: int) -> np.ndarray:
    """Guesses on the test rows with the penalty that does best on rows `kept` to `labels`; chances are clipped."""
    # One scale for all features: its own would blow up a unit that is silent on the few labelled rows only.
    mean, scale = hidden[:kept].mean(axis=0), np.sqrt(hidden[:kept].var(axis=0).mean()) + 1e-12
    rows, level = ((hidden[:kept] - mean) / scale).astype(float), answers[:kept].mean(axis=0)
    moment = rows.T @ (answers[:kept] - level) / kept
    system = rows.T @ rows / kept + _PENALTIES[:, None, None] * np.eye(rows.shape[1])
    slopes = np.linalg.solve(system, np.broadcast_to(moment, (len(system), *moment.shape)))
    low, high = np.array([0, -np.inf, 0]), np.array([1, np.inf, 1])

    def guessed(part: np.ndarray, slope: np.ndarray) -> np.ndarray:
        return np.clip(((part - mean) / scale) @ slope + level, low, high)

    held = hidden[kept:labels]
    losses = [((guessed(held, slope) - answers[kept:labels]) ** 2).mean() for slope in slopes]
    return guessed(hidden[most:], slopes[int(np.argmin(losses))])
