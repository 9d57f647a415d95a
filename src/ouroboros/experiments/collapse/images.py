"""Images of images of images: a variational autoencoder learns, generation after generation, what the last one drew.

The set-up is that of the study that named the effect [shumailov2024collapse]_, on a thirteenth of its images and
with an eighth of its channels. Model 0 learns real handwritten digits. Model t starts from fresh weights and
learns what its arm gives it:

* *replace*: as many images as there were real ones, drawn once from model t−1;
* *tenth*: the same, with a tenth of them replaced by real images, chosen anew in each generation;
* *fresh*: new images from model t−1 for every pass, so that no finite set stands between the two models;
* *real*: the real images again, which closes no loop; the control.

Steps are the same in every arm. The encoder of model 0 reads all images, real and generated, so that generations
are measured with one instrument.

References
----------
.. [shumailov2024collapse] I. Shumailov et al., AI models collapse when trained on recursively generated data, 2024.
"""

import functools
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

from ouroboros.experiments.collapse import handwriting
from ouroboros.experiments.collapse.autoencoder import (
    Autoencoder,
    Shape,
    State,
    autoencoder,
    divergence,
    draw_code,
)
from ouroboros.stats.estimate import Estimate
from ouroboros.stats.few_replicates import student_interval
from ouroboros.stats.job import Job
from ouroboros.stats.latent_gaussian import linear_log_evidence, linear_posterior
from ouroboros.stats.reporting import exact, interval, largest

COLUMNS = ["seed", "arm", "generation", "quantity", "value", "picture"]
ARMS = ("replace", "tenth", "fresh", "real")

# Beyond the radius of that share of the codes of model 0's images lies the tail.
_TAIL = 0.05
_DIGITS = 10
_GREYS = 16


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per seed and arm, one per seed for model 0 itself, and one for the bound in a case that is known.

    Model 0 of a seed, and the weights that each generation starts from, follow from ``base_entropy`` and the seed
    alone, so the arms of a seed are paired although their jobs are independent. A process keeps the last model 0
    that it trained.

    Parameters
    ----------
    parameters : mapping
        ``seeds`` list of indices; ``base_entropy``; ``source`` of the real images, ``images`` of them trained on
        and ``held`` ones kept back; ``channels``, ``latent``, ``batch``, ``rate``, ``decay`` of the autoencoder;
        ``epochs`` passes and ``generations``; ``real_share`` of the arm *tenth*; ``pictures`` kept of each model
        of the first seed; ``points`` and ``draws`` of the known case.

    Raises
    ------
    ValueError
        If there are not as many images, a number of images is no multiple of the batch, or there are fewer than
        two generations.
    """
    batch = parameters["batch"]
    for name in ("images", "held"):
        if parameters[name] % batch:
            raise ValueError(f"{name}: {parameters[name]} (a multiple of the batch, {batch})")
    there = len(handwriting.digits(parameters["source"])[0])
    if parameters["images"] + parameters["held"] > there:
        raise ValueError(f"images and held: {parameters['source']} has no more than {there}")
    if parameters["generations"] < 2:
        raise ValueError(f"generations: {parameters['generations']} (2 or more)")
    apart = ("seeds", "pictures", "points", "draws")
    shared = {key: value for key, value in parameters.items() if key not in apart}
    first = parameters["seeds"][0]
    found = []
    for index in parameters["seeds"]:
        kept = parameters["pictures"] if index == first else 0
        for arm in ("base", *ARMS):
            found.append(
                Job(f"seed-{index:02d}-{arm}", {"index": index, "arm": arm, "pictures": kept, **shared})
            )
    return [*found, Job("known-case", {key: parameters[key] for key in ("points", "draws")})]


def simulate(
    parameters: Mapping[str, Any], rng: np.random.Generator, checkpoint: Any | None = None
) -> pd.DataFrame:
    """Run one arm of one seed from its model 0, measure that model, or estimate the bound in the known case.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of batches, codes and draws of one job.
    checkpoint : optional
        ``save(state)`` keeps what an arm has after a generation and the state of `rng`; ``load()`` gives it back
        and sets `rng`, or None. An arm that is resumed gives the same table.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. By generation, of the images that its model draws: ``spread``, the standard deviation of
        their codes; ``tail``, the share of codes beyond the radius that a twentieth of those of model 0 exceeds;
        ``ink``, the variance over images summed over pixels, real images 1; ``digits``, the effective number of
        digits in them, e to the entropy of a judge's labels. Of the model: ``loss``, the negative bound on the
        log probability of held real images in nats. Of its training: ``steps`` and the share of ``real`` images.
        Model 0 also gives the spread of the real codes (arm ``data``) and ``moment``, the mean of
        μ² + σ² over real images and dimensions. Rows ``drawn`` carry an image: a hexadecimal digit per pixel.
    """
    rows = _known_case(parameters, rng) if "points" in parameters else _run(parameters, rng, checkpoint)
    return pd.DataFrame(rows, columns=COLUMNS)


class _World(NamedTuple):
    """What all arms of a seed share."""

    machine: Autoencoder
    real: NDArray
    held: NDArray
    noise: NDArray
    base: State
    first: NDArray
    radius: float
    judge: Pipeline


def _stream(parameters: Mapping[str, Any], *names: str | int) -> np.random.Generator:
    """Random numbers that all arms of a seed share, by purpose."""
    words = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([parameters["base_entropy"], parameters["index"], *words])


@functools.lru_cache(maxsize=1)
def _prepare(text: str) -> _World:
    """Data, judge and model 0 of a seed, from its parameters as JSON; the last one is kept."""
    parameters = json.loads(text)
    images, labels = handwriting.digits(parameters["source"])
    shape = Shape(
        side=images.shape[1],
        channels=tuple(parameters["channels"]),
        **{key: parameters[key] for key in ("latent", "batch", "rate", "decay")},
    )
    machine = autoencoder(shape)
    order = _stream(parameters, "split").permutation(len(images))
    mine, held = np.split(order[: parameters["images"] + parameters["held"]], [parameters["images"]])
    real = images[mine]
    state = machine.start(_stream(parameters, "weights", 0))
    base = machine.train(state, [real] * parameters["epochs"], _stream(parameters, "batches"))
    first = machine.sample(base, len(real), _stream(parameters, "first"))
    radius = np.quantile(_radii(machine.encode(base, first)[0]), 1 - _TAIL)
    judge = make_pipeline(PCA(20, svd_solver="full"), SVC(C=10.0)).fit(
        real.reshape(len(real), -1), labels[mine]
    )
    noise = _stream(parameters, "noise").standard_normal((len(held), shape.latent), dtype=np.float32)
    return _World(machine, real, images[held], noise, base, first, radius, judge)


def _radii(codes: NDArray) -> NDArray:
    return np.sqrt((codes**2).sum(axis=1))


def _run(parameters: Mapping[str, Any], rng: np.random.Generator, checkpoint: Any | None) -> Iterator[tuple]:
    """Rows of one arm, or of model 0 and the real images; an arm goes on after the generation it has kept."""
    shared = {key: parameters[key] for key in sorted(parameters) if key not in ("arm", "pictures")}
    world = _prepare(json.dumps(shared))
    index, arm = parameters["index"], parameters["arm"]
    block = world.machine.shape.batch, parameters["latent"]
    codes = _stream(parameters, "pictures").standard_normal(block, dtype=np.float32)

    def rows(name: str, generation: int, found: Iterator[tuple[str, float]]) -> Iterator[tuple]:
        for quantity, value in found:
            yield (index, name, generation, quantity, round(float(value), 9), "-")

    def drawn(name: str, generation: int, images: NDArray) -> Iterator[tuple]:
        for number, image in enumerate(images[: parameters["pictures"]]):
            yield (index, name, generation, "drawn", number, picture(image))

    def measured(name: str, model: _Model) -> Iterator[tuple]:
        found = iter([*_image_measures(world, model.images), ("loss", _loss(world, model.state))])
        yield from rows(name, model.generation, found)
        steps = parameters["epochs"] * len(world.real) // parameters["batch"]
        yield from rows(name, model.generation, iter([("steps", steps), ("real", model.real)]))
        if name in ("base", "replace") or model.generation == last:
            yield from drawn(name, model.generation, world.machine.decode(model.state, codes))

    last = parameters["generations"]
    if arm == "base":
        mean, log_variance = world.machine.encode(world.base, world.real)
        moment = (mean**2 + np.exp(log_variance)).mean()
        start = [*_image_measures(world, world.real), ("moment", moment)]
        yield from rows("data", 0, iter(start))
        yield from drawn("data", 0, world.real)
        yield from measured("base", _Model(0, world.base, world.first, 1.0))
        return
    kept = None if checkpoint is None else checkpoint.load()
    done, before = ([], None) if kept is None else kept
    for model in _generations(arm, world, parameters, rng, before):
        done += measured(arm, model)
        if checkpoint is not None and model.generation < last:
            checkpoint.save((done, model._replace(state=jax.device_get(model.state))))
    yield from done


class _Model(NamedTuple):
    """A generation, what its model draws, and the share of real images it was trained on."""

    generation: int
    state: State
    images: NDArray
    real: float


def _generations(
    arm: str, world: _World, parameters: Mapping[str, Any], rng: np.random.Generator, before: _Model | None
) -> Iterator[_Model]:
    """Models of an arm, from generation 1 on or from the one that follows a given model."""
    machine, count, epochs = world.machine, len(world.real), parameters["epochs"]
    if before is None:
        before = _Model(0, world.base, machine.sample(world.base, count, rng), 0.0)
    _, state, images, _ = before
    for generation in range(before.generation + 1, parameters["generations"] + 1):
        # Nothing links the models of the control, so the ends are all that is needed of it.
        if arm == "real" and 1 < generation < parameters["generations"]:
            continue
        share = 0.0
        if arm == "fresh":
            # Each image is seen once; the generator is bound to the model of this generation.
            pools = (machine.sample(source, count, rng) for source in [state] * epochs)
        elif arm == "real":
            pools, share = iter([world.real] * epochs), 1.0
        else:
            pool = images
            if arm == "tenth":
                kept = round(parameters["real_share"] * count)
                chosen = world.real[rng.choice(count, kept, replace=False)]
                pool, share = np.concatenate([images[kept:], chosen]), kept / count
            pools = iter([pool] * epochs)
        fresh = machine.start(_stream(parameters, "weights", generation))
        state = machine.train(fresh, pools, rng)
        images = machine.sample(state, count, rng)
        yield _Model(generation, state, images, share)


def _image_measures(world: _World, images: NDArray) -> Iterator[tuple[str, float]]:
    codes, _ = world.machine.encode(world.base, images)
    yield "spread", codes.std()
    yield "tail", (_radii(codes) > world.radius).mean()
    yield "ink", images.var(axis=0).sum() / world.real.var(axis=0).sum()
    shares = np.bincount(world.judge.predict(images.reshape(len(images), -1)), minlength=_DIGITS) / len(
        images
    )
    seen = shares[shares > 0]
    yield "digits", np.exp(-(seen * np.log(seen)).sum())


def _loss(world: _World, state: State) -> float:
    return world.machine.bound(state, world.held, world.noise).mean()


def picture(image: NDArray) -> str:
    """An image as text, a hexadecimal digit of darkness for each pixel, row by row."""
    levels = np.clip(np.rint(np.asarray(image).ravel() * (_GREYS - 1)), 0, _GREYS - 1).astype(int)
    return "".join(f"{level:x}" for level in levels)


def from_picture(text: str) -> NDArray[np.float64]:
    """Image that `picture` wrote, with values in [0, 1]; shape (side, side)."""
    levels = np.array([int(digit, _GREYS) for digit in text]) / (_GREYS - 1)
    side = math.isqrt(len(levels))
    return levels.reshape(side, side)


def _known_case(parameters: Mapping[str, Any], rng: np.random.Generator) -> Iterator[tuple]:
    """Bound, made of our divergence and our draws, minus evidence, at points of a linear model with its posterior."""
    latent, size, noise = 3, 6, 0.5
    directions, _ = np.linalg.qr(rng.standard_normal((size, latent)))
    weights = directions * np.array([2.0, 1.0, 0.5])
    points = rng.standard_normal((parameters["points"], latent)) @ weights.T
    points += noise * rng.standard_normal(points.shape)
    mean, log_variance = linear_posterior(points, weights, noise)
    truth = linear_log_evidence(points, weights, noise)
    draws = rng.standard_normal((parameters["draws"], *mean.shape))
    residuals = points - np.asarray(draw_code(mean, log_variance, draws), dtype=np.float64) @ weights.T
    fits = -0.5 * (residuals**2 / noise**2 + np.log(2 * np.pi * noise**2)).sum(axis=-1)
    bounds = fits.mean(axis=0) - np.asarray(divergence(mean, log_variance), dtype=np.float64)
    errors = fits.std(axis=0, ddof=1) / np.sqrt(parameters["draws"])
    for number, score in enumerate((bounds - truth) / errors):
        yield (number, "known", 0, "score", round(float(score), 9), "-")


# --------------------------------------------------------------------------------------------------
# Estimates


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn the tables of all jobs into the numbers that checks, criteria and page use."""
    rows = table[table["quantity"] != "drawn"].sort_values("seed")
    found = {key: part["value"].to_numpy() for key, part in rows.groupby(["arm", "quantity", "generation"])}
    return [
        *_checks(found, parameters),
        *_ratios(found, parameters),
        *_levels(found, parameters),
    ]


def _mean(name: str, values: NDArray, words: str, *, unit: str = "") -> Estimate:
    """Mean over seeds with Student's interval, as a handful of seeds is too few for a bootstrap."""
    ends = student_interval(values)
    return interval(name, values.mean(), *ends, len(values), words, unit=unit, method="student-t")


def _checks(found: Mapping[tuple, NDArray], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    scores = found["known", "score", 0]
    words = "Largest departure of the bound from the evidence of a linear model"
    yield largest("bound-max-z", scores, parameters["draws"], words)
    words = "Mean of μ² + σ² over real images and dimensions of the code"
    yield _mean("code-moment", found["data", "moment", 0], words)
    values = {value for (_, quantity, _), part in found.items() if quantity == "steps" for value in part}
    words = "Largest minus smallest number of training steps of any model"
    yield exact("steps-differ", max(values) - min(values), len(values), words)
    last = parameters["generations"]
    words = f"Spread of codes in generation {last} over generation 1, trained on real images each time"
    yield _mean("ratio-real", found["real", "spread", last] / found["real", "spread", 1], words)


_ARM_WORDS = {
    "replace": "own images only",
    "tenth": "a tenth of real images",
    "fresh": "own images drawn anew for each pass",
}


def _ratios(found: Mapping[tuple, NDArray], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    last = parameters["generations"]
    ratios = {arm: found[arm, "spread", last] / found[arm, "spread", 1] for arm in _ARM_WORDS}
    for arm, words in _ARM_WORDS.items():
        text = f"Spread of codes in generation {last} over generation 1, {words}"
        yield _mean(f"ratio-{arm}", ratios[arm], text)
    for arm in ("tenth", "fresh"):
        text = f"Ratio of the last to the first spread, {_ARM_WORDS[arm]} minus own images only"
        yield _mean(f"ratio-{arm}-over-replace", ratios[arm] - ratios["replace"], text)
    kept = {q: found["replace", q, 1] / found["base", q, 0] for q in ("tail", "spread")}
    text = (
        "What the first copy of a copy keeps of the tail minus what it keeps of the spread, own images only"
    )
    yield _mean("tail-kept-minus-spread-kept", kept["tail"] - kept["spread"], text)
    for arm, words in _ARM_WORDS.items():
        rise = found[arm, "loss", last] - found["base", "loss", 0]
        text = f"Rise of the loss on held real images from model 0 to generation {last}, {words}"
        yield _mean(f"loss-rise-{arm}", rise, text, unit="nats")
    saved = found["replace", "loss", last] - found["tenth", "loss", last]
    text = f"Loss on held real images in generation {last}, own images only minus a tenth of real images"
    yield _mean("loss-saved-by-tenth", saved, text, unit="nats")


_QUANTITY_WORDS = {
    "spread": "Spread of codes",
    "tail": "Share of codes beyond the radius of the outer twentieth of model 0's",
    "ink": "Variance of the images, real ones 1",
    "digits": "Effective number of digits",
    "loss": "Loss on held real images",
}


def _levels(found: Mapping[tuple, NDArray], parameters: Mapping[str, Any]) -> Iterator[Estimate]:
    arms = [("data", 0), ("base", 0)]
    arms += [(arm, t) for arm in _ARM_WORDS for t in range(1, parameters["generations"] + 1)]
    for arm, t in arms:
        for quantity, words in _QUANTITY_WORDS.items():
            if (arm, quantity, t) in found:
                where = {"data": "real images", "base": "model 0"}.get(
                    arm
                ) or f"{_ARM_WORDS[arm]}, generation {t}"
                unit = "nats" if quantity == "loss" else ""
                name = f"{quantity}-{arm}" if arm in ("data", "base") else f"{quantity}-{arm}-t{t}"
                yield _mean(name, found[arm, quantity, t], f"{words}, {where}", unit=unit)
