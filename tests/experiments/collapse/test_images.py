import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.collapse import autoencoder, images
from ouroboros.stats.latent_gaussian import divergence_from_prior


@pytest.fixture(scope="module")
def loop(trial):
    return trial("collapse.images")


@pytest.fixture(scope="module")
def smoke_table(loop):
    return loop.table()


def value(table, arm, generation, quantity, seed=0):
    rows = table.query(
        "seed == @seed and arm == @arm and generation == @generation and quantity == @quantity"
    )
    return rows["value"].item()


def test_a_smoke_run_passes_every_check(loop, smoke_table):
    assert loop.missed(loop.checks, loop.estimates(table=smoke_table)) == set()


def test_model_zero_sets_the_scale(smoke_table):
    """Its own tail is a twentieth, real images vary as real images do, and show ten digits."""
    assert value(smoke_table, "base", 0, "tail") == pytest.approx(0.05, abs=0.001)
    assert value(smoke_table, "data", 0, "ink") == pytest.approx(1)
    assert value(smoke_table, "data", 0, "digits") > 9.9


def test_arms_differ_in_their_data_only(smoke_table):
    shares = {arm: value(smoke_table, arm, 1, "real") for arm in images.ARMS}
    assert shares == {"replace": 0, "tenth": 0.1, "fresh": 0, "real": 1}
    assert smoke_table.query("quantity == 'steps'")["value"].unique().tolist() == [240]


def test_the_loop_takes_more_than_training_anew_does(smoke_table):
    for seed in (0, 1):
        looped, control = (value(smoke_table, arm, 2, "ink", seed) for arm in ("replace", "real"))
        assert looped < 0.5 * control


def test_pictures_survive_as_text(smoke_table):
    drawn = smoke_table.query("quantity == 'drawn'")
    assert set(drawn["seed"]) == {0}
    assert drawn["picture"].str.fullmatch("[0-9a-f]{64}").all()
    image = np.random.default_rng(1).random((8, 8))
    assert images.from_picture(images.picture(image)) == pytest.approx(image, abs=1 / 30 + 1e-9)


def test_the_same_seed_gives_the_same_bytes(loop):
    job = next(job for job in loop.module.jobs(loop.smoke) if job.id == "seed-01-tenth")
    assert loop.same_bytes(job)


@pytest.mark.parametrize("arm", ["tenth", "fresh"])
def test_an_arm_goes_on_after_the_generation_it_was_interrupted_in(loop, monkeypatch, arm):
    job = next(job for job in loop.module.jobs(loop.smoke) if job.id == f"seed-00-{arm}")
    drawn = []
    stream = images._stream
    monkeypatch.setattr(images, "_stream", lambda *given: drawn.append(given[1:]) or stream(*given))
    expected, resumed = loop.resumed(job)
    pd.testing.assert_frame_equal(resumed, expected, check_exact=True)
    started = [name[1] for name in drawn if name[0] == "weights" and name[1]]
    assert started == [1, 2, 1, 2], "the first generation is not trained again"


def test_paired_arms_start_from_the_same_model(loop):
    jobs = [job for job in loop.module.jobs(loop.smoke) if job.id.startswith("seed-00")]
    shared = [{k: v for k, v in job.parameters.items() if k != "arm"} for job in jobs]
    assert all(one == shared[0] for one in shared)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("divergence", lambda mean, log_variance: 2 * divergence_from_prior(mean, log_variance)),
        ("draw_code", lambda mean, log_variance, noise: mean + np.exp(log_variance) * noise),
    ],
)
def test_a_wrong_bound_is_found_out(loop, smoke_table, monkeypatch, name, wrong):
    monkeypatch.setattr(images, name, wrong)
    job = loop.module.jobs(loop.smoke)[-1]
    known = loop.module.simulate(job.parameters, np.random.default_rng(2))
    assert known["value"].abs().max() > 10


def test_a_code_of_the_wrong_scale_is_found_out(loop, monkeypatch):
    """A divergence that counts the logarithm twice ends where the moment is 2."""
    monkeypatch.setattr(
        autoencoder,
        "divergence",
        lambda mean, log_variance: 0.5 * (mean**2 + jnp.exp(log_variance) - 2 * log_variance).sum(axis=-1),
    )
    autoencoder.autoencoder.cache_clear()
    images._prepare.cache_clear()
    try:
        base = next(job for job in loop.module.jobs(loop.smoke) if job.id == "seed-00-base")
        table = loop.module.simulate(base.parameters, np.random.default_rng(3))
    finally:
        autoencoder.autoencoder.cache_clear()
        images._prepare.cache_clear()
    assert not 0.8 <= value(table, "data", 0, "moment") <= 1.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": 1490}, "images: 1490"),
        ({"images": 1750}, "images and held: optical has no more than 1797"),
        ({"generations": 1}, "generations: 1"),
        ({"source": "letters"}, "source: 'letters'"),
    ],
)
def test_impossible_parameters_are_named(loop, change, message):
    with pytest.raises(ValueError, match=message):
        images.jobs(loop.smoke | change)
