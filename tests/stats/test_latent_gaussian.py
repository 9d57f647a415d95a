import numpy as np
import pytest
from scipy import integrate, stats

from ouroboros.stats.latent_gaussian import divergence_from_prior, linear_log_evidence, linear_posterior

WEIGHTS = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 2)))[0] * np.array([1.5, 0.7])


@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (1.3, 0.2), (-0.4, 2.5)])
def test_the_divergence_is_its_integral(mean, variance):
    code, prior = stats.norm(mean, np.sqrt(variance)), stats.norm()
    value, _ = integrate.quad(lambda z: code.pdf(z) * (code.logpdf(z) - prior.logpdf(z)), -12, 12)
    assert divergence_from_prior([mean], [np.log(variance)]) == pytest.approx(value, abs=1e-8)


def test_dimensions_add_up():
    whole = divergence_from_prior([0.5, -1.0], [0.1, -0.3])
    assert whole == pytest.approx(divergence_from_prior([[0.5], [-1.0]], [[0.1], [-0.3]]).sum())


def test_prior_times_likelihood_is_posterior_times_evidence():
    """Bayes' rule, at any z."""
    rng = np.random.default_rng(2)
    x, z, noise = rng.standard_normal((5, 4)), rng.standard_normal((5, 2)), 0.6
    mean, log_variance = linear_posterior(x, WEIGHTS, noise)
    joint = stats.norm.logpdf(x, z @ WEIGHTS.T, noise).sum(axis=1) + stats.norm.logpdf(z).sum(axis=1)
    posterior = stats.norm.logpdf(z, mean, np.exp(log_variance / 2)).sum(axis=1)
    assert joint - posterior == pytest.approx(linear_log_evidence(x, WEIGHTS, noise))


def test_codes_of_data_from_the_model_have_the_moments_of_the_prior():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((200_000, 2)) @ WEIGHTS.T + 0.6 * rng.standard_normal((200_000, 4))
    mean, log_variance = linear_posterior(x, WEIGHTS, 0.6)
    assert (mean**2 + np.exp(log_variance)).mean(axis=0) == pytest.approx([1, 1], abs=0.01)


def test_a_posterior_that_is_not_diagonal_is_refused():
    with pytest.raises(ValueError, match="not orthogonal"):
        linear_posterior(np.zeros((1, 2)), [[1.0, 1.0], [0.0, 1.0]], 1.0)
