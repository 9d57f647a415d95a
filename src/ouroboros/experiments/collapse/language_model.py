r"""A small language model that is trained from scratch on text of its own last generation, again and again.

Model 0 learns from real windows of the King James Bible
(`ouroboros.experiments.collapse.character_windows`), and all arms of a seed share it. Model t + 1 starts from fresh
weights and trains on what its arm makes of the text that model t wrote: ``replace`` takes that text and nothing else,
``ten-per-cent`` puts real windows, the same in every generation, in the place of a tenth of it, ``accumulate`` adds
it to all earlier text, the real windows included, ``accumulate-subsample`` draws as many windows as one generation
has from that pool; ``cool`` and ``greedy`` are ``replace`` with writing at temperature 0.7, or always the most probable
character. Every training, in every arm and generation, takes the same number of steps on batches of the same size, so
that only ``accumulate`` reads more different text, each window less often. ``real``, the control, trains on the
real windows again each time; there nothing may change.

A perplexity is per character unless it says per word.
"""

import functools
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouroboros.experiments.collapse import character_model, character_windows, scripture
from ouroboros.experiments.collapse.character_windows import ALPHABET, SPACE
from ouroboros.experiments.collapse.language_model_analysis import CLASS_STARTS, analyse_language_model
from ouroboros.experiments.ladder.transformer import Learner, State
from ouroboros.stats import wright_fisher
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job

COLUMNS = ["seed", "arm", "generation", "quantity", "level", "value"]

# Per cent of the windows below which a quantile of their perplexity lies.
_QUANTILES = (1, 5, 50, 95, 99)
# Histogram of nats per character, the unit of `losses`.
_BINS = np.round(np.arange(0.0, 6.01, 0.1), 1)


@dataclass(frozen=True, slots=True)
class Arm:
    """What the next model trains on, and how a model writes.

    Attributes
    ----------
    temperature : float
        Of writing; 0 is greedy.
    keep : str
        ``last`` text alone, ``all`` text so far, or a draw from all (``drawn``).
    real : float
        Share of windows that are replaced by real ones, the same in every generation.
    """

    temperature: float = 1.0
    keep: str = "last"
    real: float = 0.0


CONTROL = "real"
ARMS = {
    "replace": Arm(),
    "ten-per-cent": Arm(real=0.1),
    "accumulate": Arm(keep="all"),
    "accumulate-subsample": Arm(keep="drawn"),
    "cool": Arm(temperature=0.7),
    "greedy": Arm(temperature=0.0),
    CONTROL: Arm(real=1.0),
}


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per seed and arm, and one for a source whose entropy is known.

    Generation 0 of a seed follows from ``first_entropy`` and the index of the seed alone, so all arms of a seed share
    it although their jobs are independent. A process keeps the last that it trained, and the jobs of a seed
    stand together.

    Parameters
    ----------
    parameters : mapping
        ``seeds`` number of seeds by arm; ``books`` all if empty; ``model`` sizes as in
        `ouroboros.experiments.collapse.character_model.machine`; ``first_entropy``; ``windows`` of a generation;
        ``epochs`` over them; ``test_windows``; ``generations`` models of an arm, the first included, and
        ``control_generations`` of the control; ``opening`` characters; ``counted_words`` of a text on which variety is
        measured.

    Raises
    ------
    ValueError
        If an arm is unknown, an arm has fewer than two seeds, there are too few generations, or an epoch is no
        whole number of batches.
    """
    seeds = parameters["seeds"]
    if seeds.keys() != ARMS.keys():
        raise ValueError(f"seeds: must name {', '.join(ARMS)}")
    if min(seeds.values()) < 2:
        raise ValueError("seeds: at least 2 in every arm")
    if parameters["generations"] < 4 or parameters["control_generations"] < 2:
        raise ValueError("generations: at least 4, control_generations: at least 2")
    if parameters["windows"] % parameters["model"]["batch"]:
        raise ValueError("windows: must be a multiple of batch")
    shared = {key: value for key, value in parameters.items() if key != "seeds"}
    found = [
        Job(f"seed-{index:02d}-{arm}", {"index": index, "arm": arm, **shared})
        for index in range(max(seeds.values()))
        for arm in ARMS
        if index < seeds[arm]
    ]
    return [*found, Job("known-source", {"arm": "known-source", "index": 0, **shared})]


def simulate(
    parameters: Mapping[str, Any], rng: np.random.Generator, checkpoint: Any | None = None
) -> pd.DataFrame:
    """Run the generations of one arm of one seed, or train one model on a source of known entropy.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of all randomness but that of generation 0.
    checkpoint : optional
        ``save(state)`` keeps what an arm has after a generation and the state of `rng`; ``load()`` gives it back
        and sets `rng`, or None. An arm that is resumed gives the same table.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. By generation: ``loss`` of the model on held-out real text, nats per character; of the
        text it wrote: ``own-loss`` under the model itself, ``first-loss`` under model 0 (mean), its ``quantile`` by
        per cent and ``histogram`` (share of windows by lower end of a bin of nats per character), ``distinct`` n-grams
        of words over all by n, ``hapax`` share of types that occur once, ``unknown`` share of running words that the
        whole real text lacks, ``alive`` share of the types of the real windows by number of occurrences there (0:
        all), and its ``law`` if words were drawn from an urn; ``drift`` of the sampler in standard errors at
        temperature 1, and ``cache-gap``, the largest difference per character of a window's log probability as
        written and as scored. Arm ``data``: the same for real windows. Arm ``known-source``: ``excess`` of the loss
        over that of the source itself and its standard error, and ``source`` in standard errors from the exact entropy.
    """
    if parameters["arm"] == "known-source":
        rows = [(0, "known-source", 0, *found) for found in _known_source(parameters, rng)]
    else:
        rows = list(_run(parameters, rng, checkpoint))
    return pd.DataFrame(rows, columns=COLUMNS)


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and pages use."""
    return analyse_language_model(table, parameters)


# --------------------------------------------------------------------------------------------------
# One seed


class World(NamedTuple):
    """What all arms of a seed share."""

    learner: Learner
    real: NDArray[np.int8]
    test: NDArray[np.int8]
    steps: int
    first: State


def _run(parameters: Mapping[str, Any], rng: np.random.Generator, checkpoint: Any | None) -> Iterator[tuple]:
    index, name = parameters["index"], parameters["arm"]
    world = prepare(json.dumps({key: parameters[key] for key in sorted(parameters) if key != "arm"}))
    if name == CONTROL:
        for found in _real_measures(world, parameters):
            yield (index, "data", 0, *found)
    for generation, found in enumerate(_generations(name, world, parameters, rng, checkpoint)):
        for quantity, level, value in found:
            yield (index, name, generation, quantity, level, round(float(value), 9))


@functools.lru_cache(maxsize=1)
def prepare(text: str) -> World:
    """Windows and model 0 of a seed, from its parameters as JSON; the last one is kept."""
    parameters = json.loads(text)

    def stream(name: str) -> np.random.Generator:
        words = [parameters["first_entropy"], parameters["index"], zlib.crc32(name.encode())]
        return np.random.default_rng(words)

    learner = character_model.machine(parameters["model"])
    training, held_out = character_windows.real_windows(parameters["model"]["length"], *parameters["books"])
    count = parameters["windows"]
    real = training[stream("windows").choice(len(training), size=count, replace=False)]
    # The same test for all seeds, spread over all that is held out.
    test = held_out[np.linspace(0, len(held_out) - 1, parameters["test_windows"]).astype(np.int64)]
    steps = parameters["epochs"] * count // parameters["model"]["batch"]
    return World(learner, real, test, steps, character_model.train(learner, real, steps, stream("model")))


def _generations(
    name: str,
    world: World,
    parameters: Mapping[str, Any],
    rng: np.random.Generator,
    checkpoint: Any | None,
) -> list[list[tuple[str, int, float]]]:
    """What is measured in each generation of one arm; one that was interrupted goes on after its last generation."""
    arm = ARMS[name]
    last = parameters["control_generations" if name == CONTROL else "generations"] - 1
    kept = None if checkpoint is None else checkpoint.load()
    measured, texts = ([], [world.real]) if kept is None else kept
    for t in range(len(measured), last + 1):
        state = world.first
        if t:
            pool = training_text(arm, texts, rng)
            state = character_model.train(world.learner, pool, world.steps, rng)
        written = character_model.write(
            world.learner, state, len(world.real), arm.temperature, parameters["opening"], rng
        )
        texts.append(written.windows)
        measured.append(list(_measures(world, state, written, arm, parameters, t)))
        if checkpoint is not None and t < last:
            checkpoint.save((measured, texts))
    return measured


def training_text(arm: Arm, texts: Sequence[NDArray], rng: np.random.Generator) -> NDArray[np.int8]:
    """Windows that the next model trains on.

    Parameters
    ----------
    arm : Arm
        What is kept.
    texts : sequence of numpy.ndarray
        The real windows, then what each model wrote, all of one size.
    rng : numpy.random.Generator
        Source of the draw from the pool.
    """
    real, last = texts[0], texts[-1]
    if arm.keep == "all":
        return np.concatenate(texts)
    if arm.keep == "drawn":
        pool = np.concatenate(texts)
        return pool[rng.choice(len(pool), size=len(real), replace=False)]
    kept = round(arm.real * len(real))
    return np.concatenate([real[:kept], last[: len(real) - kept]])


# --------------------------------------------------------------------------------------------------
# Measurements


def _measures(
    world: World,
    state: State,
    written: character_model.Writing,
    arm: Arm,
    parameters: Mapping[str, Any],
    t: int,
) -> Iterator[tuple[str, int, float]]:
    yield "loss", 0, character_model.losses(world.learner, state, world.test).mean()
    own = character_model.losses(world.learner, state, written.windows)
    length = world.real.shape[1] - 1
    yield "own-loss", 0, own.mean()
    yield "cache-gap", 0, np.abs(own + written.log_probability / length).max()
    if arm.temperature == 1:
        sample = written.surprise
        yield "drift", 0, sample.mean() / (sample.std(ddof=1) / math.sqrt(len(sample)))
    yield from _first_losses(world, written.windows)
    yield from variety(written.windows, parameters["counted_words"])
    yield from survival(world.real, written.windows, t + 1)


def _real_measures(world: World, parameters: Mapping[str, Any]) -> Iterator[tuple[str, int, float]]:
    """The same for real text: model 0 on what it has not seen, and the variety of what it has learned from."""
    yield from _first_losses(world, world.test)
    yield from variety(world.real, parameters["counted_words"])
    texts = [len(text) for text in character_windows.words(world.test)]
    # A word and its space; cut words do not count, and neither do their letters.
    letters = sum(len(word) + 1 for text in character_windows.words(world.test) for word in text)
    yield "letters-per-word", 0, letters / sum(texts)


def _first_losses(world: World, windows: NDArray) -> Iterator[tuple[str, int, float]]:
    """How model 0 takes a text: mean loss, quantiles and histogram over windows."""
    found = character_model.losses(world.learner, world.first, windows)
    yield "first-loss", 0, found.mean()
    for per_cent, value in zip(_QUANTILES, np.percentile(found, _QUANTILES), strict=True):
        yield "quantile", per_cent, value
    counts, _ = np.histogram(np.clip(found, _BINS[0], _BINS[-1] - 1e-9), _BINS)
    # The level of a bin is its lower end in tenths of a nat, a whole number.
    yield from (("histogram", k, count / len(found)) for k, count in enumerate(counts) if count)


def variety(windows: NDArray, counted: int) -> Iterator[tuple[str, int, float]]:
    """Share of different n-grams of words, of words that occur once, and of words that the real text lacks.

    Parameters
    ----------
    windows : numpy.ndarray of int8
        Text; an n-gram lies within one window.
    counted : int
        Running words looked at, the first ones, so that texts are compared at one length.
    """
    texts, total = [], 0
    for text in character_windows.words(windows):
        texts.append(text[: counted - total])
        total += len(texts[-1])
    if not total:
        raise ValueError("text: holds no whole word")
    for n in (1, 2, 3):
        grams = [gram for text in texts for gram in zip(*(text[k:] for k in range(n)), strict=False)]
        yield "distinct", n, len(set(grams)) / max(1, len(grams))
    counts = Counter(word for text in texts for word in text)
    yield "hapax", 0, sum(count == 1 for count in counts.values()) / len(counts)
    yield "unknown", 0, 1 - sum(count for word, count in counts.items() if word in _vocabulary()) / total


@functools.lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    return frozenset(scripture.words()[1])


def survival(real: NDArray, windows: NDArray, draws: int) -> Iterator[tuple[str, int, float]]:
    """Share of the types of real windows that occur in a text, by their number of occurrences, beside the urn's law.

    Parameters
    ----------
    real, windows : numpy.ndarray of int8
        Real windows and text.
    draws : int
        How often the text has been drawn from its predecessor, 1 for the first copy.
    """
    counts = Counter(word for text in character_windows.words(real) for word in text)
    written = {word for text in character_windows.words(windows) for word in text}
    times = np.array(list(counts.values()))
    alive = np.array([word in written for word in counts])
    law = wright_fisher.survival("replace", times, int(times.sum()), 0, draws)
    yield from (("alive", 0, alive.mean()), ("law", 0, law.mean()))
    ends = [*CLASS_STARTS[1:], math.inf]
    for start, end in zip(CLASS_STARTS, ends, strict=True):
        members = (times >= start) & (times < end)
        if members.any():
            yield "alive", start, alive[members].mean()
            yield "law", start, law[members].mean()


# --------------------------------------------------------------------------------------------------
# A source whose entropy is known


def letter_chain(rows: NDArray) -> NDArray[np.float64]:
    """Transition matrix of characters in windows, shape (27, 27); a character without successor leads to the space."""
    symbols = len(ALPHABET)
    pairs = rows[:, :-1].astype(np.int64) * symbols + rows[:, 1:]
    counts = np.bincount(pairs.ravel(), minlength=symbols**2).reshape(symbols, symbols).astype(np.float64)
    counts[counts.sum(axis=1) == 0, SPACE] = 1
    return counts / counts.sum(axis=1, keepdims=True)


def chain_windows(
    chain: NDArray, count: int, length: int, rng: np.random.Generator
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Windows of a Markov chain that starts at the space, and their exact loss under the chain itself.

    Returns
    -------
    (numpy.ndarray of int8, numpy.ndarray)
        Windows, shape (count, length + 1), and nats per character of each.
    """
    below = np.cumsum(chain, axis=1)
    rows = np.zeros((count, length + 1), dtype=np.int64)
    loss = np.zeros(count)
    for place in range(1, length + 1):
        last = rows[:, place - 1]
        # The last sum may miss 1 by rounding.
        drawn = (below[last] < (rng.random(count) * below[last, -1])[:, None]).sum(axis=1)
        rows[:, place] = drawn
        loss -= np.log(chain[last, drawn])
    return rows.astype(np.int8), loss / length


def chain_entropy(chain: NDArray, length: int) -> float:
    """Expected loss of a window under the chain itself: nats per character over places 1 to ``length``."""
    logs = np.log(chain, where=chain > 0, out=np.zeros_like(chain))
    by_state = -(chain * logs).sum(axis=1)
    law, total = np.eye(len(chain))[SPACE], 0.0
    for _ in range(length):
        total += float(law @ by_state)
        law = law @ chain
    return total / length


def _known_source(
    parameters: Mapping[str, Any], rng: np.random.Generator
) -> Iterable[tuple[str, int, float]]:
    """Train on a Markov chain of letters and hold the loss against that of the chain, on text it has not seen."""
    learner = character_model.machine(parameters["model"])
    length, count = parameters["model"]["length"], parameters["windows"]
    training, _ = character_windows.real_windows(length, *parameters["books"])
    chain = letter_chain(training)
    windows, _ = chain_windows(chain, count, length, rng)
    test, exact = chain_windows(chain, parameters["test_windows"], length, rng)
    steps = parameters["epochs"] * count // parameters["model"]["batch"]
    state = character_model.train(learner, windows, steps, rng)
    excess = character_model.losses(learner, state, test) - exact
    entropy = chain_entropy(chain, length)
    root = math.sqrt(len(test))
    found = {
        "excess": excess.mean(),
        "excess-error": excess.std(ddof=1) / root,
        "entropy": entropy,
        "source": (exact.mean() - entropy) / (exact.std(ddof=1) / root),
    }
    return [(quantity, 0, round(float(value), 9)) for quantity, value in found.items()]
