import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal, special

from ouroboros.experiments.collapse import autoencoder as vae
from ouroboros.stats.latent_gaussian import divergence_from_prior

SHAPE = vae.Shape(side=8, channels=(3, 5), latent=4, batch=10, rate=0.01, decay=1e-5)


@pytest.fixture(scope="module")
def machine():
    return vae.autoencoder(SHAPE)


@pytest.fixture(scope="module")
def state(machine):
    return machine.start(np.random.default_rng(1))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(2).random((20, 8, 8), dtype=np.float32)


def test_layers_have_the_shapes_of_the_study(state):
    sizes = {name: value.shape for name, value in state.weights.items() if not name.endswith("_bias")}
    assert sizes == {
        "down1": (4, 4, 1, 3),
        "down2": (4, 4, 3, 5),
        "code": (20, 8),
        "spread": (4, 20),
        "up2": (4, 4, 5, 3),
        "up1": (4, 4, 3, 1),
    }


def test_the_published_sizes_give_the_published_number_of_weights():
    shape = vae.Shape(side=28, channels=(64, 128), latent=20, batch=256, rate=1e-3, decay=1e-5)
    weights = vae._fresh_weights(shape, np.random.default_rng(0))
    assert sum(value.size for value in weights.values()) == 647_081


def test_codes_and_images_have_their_shapes(machine, state, images):
    mean, log_variance = machine.encode(state, images)
    assert mean.shape == log_variance.shape == (20, 4)
    drawn = machine.sample(state, 30, np.random.default_rng(3))
    assert drawn.shape == (30, 8, 8)
    assert drawn.min() > 0 and drawn.max() < 1


def test_the_first_layer_is_a_correlation_with_stride_two(state, images):
    kernel = np.asarray(state.weights["down1"])[:, :, 0, 1]
    expected = signal.correlate2d(np.pad(images[0], 1), kernel, mode="valid")[::2, ::2]
    found = jax.lax.conv_general_dilated(
        images[:1, ..., None], state.weights["down1"], (2, 2), ((1, 1), (1, 1)), dimension_numbers=vae._LAYOUT
    )
    assert found.shape == (1, 4, 4, 3)
    assert np.asarray(found)[0, :, :, 1] == pytest.approx(expected, abs=1e-5)


def test_the_divergence_is_the_closed_form():
    rng = np.random.default_rng(4)
    mean, log_variance = rng.standard_normal((6, 4)), rng.standard_normal((6, 4))
    expected = divergence_from_prior(mean, log_variance)
    assert np.asarray(vae.divergence(mean, log_variance)) == pytest.approx(expected, rel=1e-5)


def test_draws_of_the_code_have_its_moments_and_pass_the_gradient_on():
    noise = np.random.default_rng(5).standard_normal(200_000)
    drawn = np.asarray(vae.draw_code(0.7, np.log(0.25), noise))
    assert drawn.mean() == pytest.approx(0.7, abs=0.006)
    assert drawn.std() == pytest.approx(0.5, abs=0.006)
    assert jax.grad(vae.draw_code)(0.7, 0.0, 1.3) == pytest.approx(1)
    assert jax.grad(vae.draw_code, argnums=1)(0.7, 0.0, 1.3) == pytest.approx(0.65)


def test_the_bound_is_cross_entropy_plus_divergence(machine, state, images):
    noise = np.random.default_rng(6).standard_normal((20, 4), dtype=np.float32)
    mean, log_variance = machine.encode(state, images)
    ink = machine.decode(state, (mean + np.exp(log_variance / 2) * noise).astype(np.float32)).astype(float)
    fit = -(special.xlogy(images, ink) + special.xlog1py(1 - images, -ink)).sum(axis=(1, 2))
    expected = fit + divergence_from_prior(mean, log_variance)
    assert machine.bound(state, images, noise) == pytest.approx(expected, rel=1e-4)


def test_training_lowers_the_loss_and_the_same_seed_gives_the_same_weights(machine, images):
    noise = np.zeros((20, 4), dtype=np.float32)
    images = np.where(np.arange(20)[:, None, None] % 2, images > 0.9, images > 0.1).astype(np.float32)

    def run():
        start = machine.start(np.random.default_rng(7))
        return start, machine.train(start, [images] * 30, np.random.default_rng(8))

    (start, one), (_, two) = run(), run()
    assert machine.bound(one, images, noise).mean() < machine.bound(start, images, noise).mean() - 5
    assert all(jnp.array_equal(one.weights[name], two.weights[name]) for name in one.weights)


def test_images_left_over_from_whole_batches_are_refused(machine, state, images):
    with pytest.raises(ValueError, match="15 images: not a multiple of the 10"):
        machine.encode(state, images[:15])


def test_a_side_that_cannot_be_halved_twice_is_named():
    with pytest.raises(ValueError, match="side: 10"):
        vae.autoencoder(vae.Shape(10, (3, 5), 4, 10, 0.01, 1e-5))
