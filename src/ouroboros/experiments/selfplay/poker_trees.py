r"""Kuhn and Leduc poker as trees in sequence form: exact payoffs, best responses and equilibria of both at once.

Suits do not matter in either game, so decisions are told apart by rank: 12 in Kuhn, 288 in Leduc poker
[southey2005bayes]_. A *plan* holds, for every sequence of a player's own actions, the product of their
probabilities; expected payoffs are then linear in each player's plan [koller1996efficient]_. Sequence 0 is the
empty one; decision ``i`` and action ``a`` end sequence ``1 + 3 i + a``. Actions are fold, check or call, bet or
raise. Payoffs are the first player's.

References
----------
.. [southey2005bayes] F. Southey et al., Bayes' Bluff: Opponent Modelling in Poker, 2005.
.. [koller1996efficient] D. Koller, N. Megiddo and B. von Stengel, Efficient computation of equilibria, 1996.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FOLD, CALL, RAISE = 0, 1, 2
ACTIONS = 3
RANKS = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """One game: copies of each of three ranks, bet size of each round, raises allowed in a round."""

    copies: int
    bets: tuple[int, ...]
    raises: int


KUHN = Rules(copies=1, bets=(1,), raises=1)
LEDUC = Rules(copies=2, bets=(2, 4), raises=2)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a player sees when it has to act; `public` is -1 before the public card."""

    player: int
    card: int
    public: int
    own_chips: int
    other_chips: int
    raises: int
    history: str


@dataclass(frozen=True, slots=True)
class Tree:
    """One or more games.

    Attributes
    ----------
    decisions : tuple of Decision
        Parents before children.
    game : ndarray of int, shape (decisions,)
        Which game a decision belongs to.
    player : ndarray of int, shape (decisions,)
    legal : ndarray of bool, shape (decisions, 3)
    parent : ndarray of int, shape (decisions,)
        Sequence of the same player that leads to the decision.
    ancestry : ndarray of int, shape (decisions, 3, depth)
        Sequences whose last actions have to be taken for a sequence, itself included, padded with 0.
    levels : tuple of ndarray
        Decisions by how many own decisions precede them.
    ends : ndarray of int, shape (2, terminals)
        Last sequences of both players.
    end_game : ndarray of int, shape (terminals,)
    chance, payoff : ndarray, shape (terminals,)
        Probability of the cards, and the first player's payoff.
    """

    decisions: tuple[Decision, ...]
    game: NDArray[np.intp]
    player: NDArray[np.intp]
    legal: NDArray[np.bool_]
    parent: NDArray[np.intp]
    ancestry: NDArray[np.intp]
    levels: tuple[NDArray[np.intp], ...]
    ends: NDArray[np.intp]
    end_game: NDArray[np.intp]
    chance: Array
    payoff: Array


class _Builder:
    """Walks all deals and bets of a game and collects decisions and ends."""

    def __init__(self) -> None:
        self.numbers: dict[tuple, int] = {}
        self.decisions: list[Decision] = []
        self.game: list[int] = []
        self.legal: list[list[bool]] = []
        self.parent: list[int] = []
        self.ends: dict[tuple, float] = {}

    def add(self, game: int, rules: Rules) -> None:
        cards = range(RANKS)
        for deal in [
            (a, b, c) for a in cards for b in cards for c in (cards if len(rules.bets) > 1 else (-1,))
        ]:
            left, chance = [rules.copies] * RANKS, 1.0
            for drawn, card in enumerate(card for card in deal if card >= 0):
                chance *= max(left[card], 0) / (rules.copies * RANKS - drawn)
                left[card] -= 1
            if chance > 0:
                self._walk(game, rules, deal, chance, 0, (1, 1), 0, "", 0, (0, 0))

    def _walk(self, game, rules, deal, chance, stage, chips, raises, history, player, sequences) -> None:
        facing = chips[1 - player] > chips[player]
        legal = [facing, True, raises < rules.raises]
        number = self._decision(game, deal, stage, chips, raises, history, player, sequences, legal)
        for action in (a for a in range(ACTIONS) if legal[a]):
            after = list(sequences)
            after[player] = 1 + ACTIONS * number + action
            told = history + "fcr"[action]
            paid = list(chips)
            if action == FOLD:
                self._end(game, chance, after, -chips[0] if player == 0 else chips[1])
                continue
            paid[player] = max(chips) + (rules.bets[stage] if action == RAISE else 0)
            # A round ends with a call, or when the second player checks as well.
            if action == RAISE or (player == 0 and not facing):
                raised = raises + (action == RAISE)
                self._walk(
                    game, rules, deal, chance, stage, tuple(paid), raised, told, 1 - player, tuple(after)
                )
            elif stage + 1 < len(rules.bets):
                self._walk(game, rules, deal, chance, stage + 1, tuple(paid), 0, told + "/", 0, tuple(after))
            else:
                self._end(game, chance, after, paid[0] * _shown(*deal))

    def _decision(self, game, deal, stage, chips, raises, history, player, sequences, legal) -> int:
        public = deal[2] if stage else -1
        key = (game, player, deal[player], public, history)
        if key not in self.numbers:
            self.numbers[key] = len(self.decisions)
            own, other = chips[player], chips[1 - player]
            self.decisions.append(Decision(player, deal[player], public, own, other, raises, history))
            self.game.append(game)
            self.legal.append(legal)
            self.parent.append(sequences[player])
        return self.numbers[key]

    def _end(self, game: int, chance: float, sequences: list[int], payoff: int) -> None:
        key = (game, *sequences, payoff)
        self.ends[key] = self.ends.get(key, 0.0) + chance

    def built(self) -> Tree:
        parent = np.array(self.parent)
        depth, ancestry = np.zeros(len(parent), dtype=int), []
        for number, above in enumerate(self.parent):
            chain = [] if above == 0 else [above, *ancestry[(above - 1) // ACTIONS]]
            depth[number] = len(chain)
            ancestry.append(chain)
        deepest = max(depth) + 1
        padded = np.zeros((len(parent), ACTIONS, deepest), dtype=int)
        for number, chain in enumerate(ancestry):
            for action in range(ACTIONS):
                padded[number, action, : len(chain) + 1] = [1 + ACTIONS * number + action, *chain]
        keys = np.array(list(self.ends))
        return Tree(
            decisions=tuple(self.decisions),
            game=np.array(self.game),
            player=np.array([d.player for d in self.decisions]),
            legal=np.array(self.legal),
            parent=parent,
            ancestry=padded,
            levels=tuple(np.flatnonzero(depth == d) for d in range(deepest)),
            ends=keys[:, 1:3].T.copy(),
            end_game=keys[:, 0],
            chance=np.array(list(self.ends.values())),
            payoff=keys[:, 3].astype(float),
        )


def _shown(first: int, second: int, public: int) -> int:
    """Sign of the first player's result at showdown: a pair with the public card wins, else the higher rank."""
    one, two = (RANKS if card == public else card for card in (first, second))
    return (one > two) - (one < two)


@functools.cache
def grown(*games: Rules) -> Tree:
    """Tree of the given games, side by side."""
    builder = _Builder()
    for number, rules in enumerate(games):
        builder.add(number, rules)
    return builder.built()


def uniform(tree: Tree) -> Array:
    """Policy that takes every legal action with the same probability, shape (decisions, 3)."""
    return tree.legal / tree.legal.sum(axis=1, keepdims=True)


def plan(tree: Tree, policy: Array) -> Array:
    """Product of a player's own probabilities along every sequence, both players side by side.

    Parameters
    ----------
    tree : Tree
    policy : ndarray, shape (decisions, 3)

    Returns
    -------
    ndarray, shape (1 + 3 decisions,)
    """
    steps = np.concatenate([[1.0], policy.ravel()])
    return np.concatenate([[1.0], steps[tree.ancestry].prod(axis=-1).ravel()])


def values(tree: Tree, policy: Array, game: int = 0) -> float:
    """Expected payoff of the first player in one of the games."""
    weight = plan(tree, policy)
    ends = tree.end_game == game
    reached = weight[tree.ends[0]] * weight[tree.ends[1]]
    return float((tree.chance * tree.payoff * reached)[ends].sum())


def counterfactual(tree: Tree, policy: Array, respond: bool = False) -> tuple[Array, Array]:
    """Value of every action and decision for its player, weighted with chance and the other's plan.

    Parameters
    ----------
    tree : Tree
    policy : ndarray, shape (decisions, 3)
    respond : bool
        Let a player continue with its best response instead of with the policy.

    Returns
    -------
    (ndarray, ndarray)
        Actions, shape (decisions, 3), and decisions, shape (decisions,).
    """
    weight = plan(tree, policy)
    sequence = np.zeros(len(weight))
    stake = tree.chance * tree.payoff
    for player, sign in ((0, 1.0), (1, -1.0)):
        np.add.at(sequence, tree.ends[player], sign * stake * weight[tree.ends[1 - player]])
    action = sequence[1:].reshape(-1, ACTIONS)
    decision = np.zeros(len(action))
    for level in reversed(tree.levels):
        here = action[level]
        if respond:
            decision[level] = np.where(tree.legal[level], here, -np.inf).max(axis=1)
        else:
            decision[level] = (policy[level] * here).sum(axis=1)
        inner = level[tree.parent[level] > 0]
        np.add.at(action.reshape(-1), tree.parent[inner] - 1, decision[inner])
    return action, decision


def exploitability(tree: Tree, policy: Array, game: int = 0) -> float:
    """Mean gain of a best response over both players, 0 at an equilibrium."""
    _, decision = counterfactual(tree, policy, respond=True)
    first = (tree.parent == 0) & (tree.game == game)
    # The payoffs of both players to the same policy cancel, so the sum of best responses is the sum of gains.
    return float(decision[first].sum() / 2)


@functools.cache
def equilibrium(tree_games: tuple[Rules, ...], iterations: int) -> Array:
    """Average policy of CFR+ with alternating updates and linear averaging [tammelin2014cfrplus]_.

    Parameters
    ----------
    tree_games : tuple of Rules
        Games whose tree is solved.
    iterations : int

    References
    ----------
    .. [tammelin2014cfrplus] O. Tammelin, Solving Large Imperfect Information Games Using CFR+, 2014.
    """
    tree = grown(*tree_games)
    regret = np.zeros(tree.legal.shape)
    total = np.zeros(tree.legal.shape)
    policy = uniform(tree)
    for step in range(1, iterations + 1):
        for player in (0, 1):
            mine = tree.player == player
            action, decision = counterfactual(tree, policy)
            gain = np.where(tree.legal, action - decision[:, None], 0)
            regret[mine] = np.maximum(regret + gain, 0)[mine]
            positive = regret.sum(axis=1, keepdims=True)
            matched = np.where(positive > 0, regret / np.where(positive > 0, positive, 1), uniform(tree))
            policy = np.where(mine[:, None], matched, policy)
        # The own plan up to the decision weighs its average.
        reach = plan(tree, policy)[tree.parent]
        total += step * reach[:, None] * policy
    weight = total.sum(axis=1, keepdims=True)
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1), uniform(tree))


def sampled_decisions(tree: Tree, policy: Array, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How often each action is chosen in so many decisions that occur in play, shape (decisions, 3).

    Half of the decisions come from each game of the tree if it has two.
    """
    weight = plan(tree, policy)
    counts = np.zeros(tree.legal.shape, dtype=np.int64)
    games = np.unique(tree.game)
    reach = _reach(tree, weight)
    for game in games:
        share = np.where(tree.game[:, None] == game, reach[:, None] * policy, 0)
        counts += rng.multinomial(count // len(games), (share / share.sum()).ravel()).reshape(share.shape)
    return counts


def passed(tree: Tree) -> NDArray[np.intp]:
    """Decisions of both players on the way to every end, shape (2, ends, depth), padded with their number."""
    count, depth = len(tree.decisions), tree.ancestry.shape[2]
    sequences = np.concatenate([np.zeros((1, depth), dtype=int), tree.ancestry.reshape(-1, depth)])
    on_the_way = sequences[tree.ends]
    return np.where(on_the_way > 0, (on_the_way - 1) // ACTIONS, count)


def _reach(tree: Tree, weight: Array) -> Array:
    """Probability that play reaches each decision."""
    reached = tree.chance * weight[tree.ends[0]] * weight[tree.ends[1]]
    through = np.zeros(len(tree.decisions) + 1)
    np.add.at(through, passed(tree), reached[None, :, None])
    return through[:-1]
