import json
import operator

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ouroboros.experiments.collapse import gaussian_chain
from ouroboros.stats import gaussian_recursion

SMALL = {
    "n": [5, 100],
    "chains": {arm: [60, 40] for arm in gaussian_chain.ARMS},
    "generations": 12,
    "recorded": [1, 2, 10, 12],
    "checked": [1, 2, 10],
    "reported": [12],
    "thresholds": [0.5, 1.0],
}
COMPARISONS = {
    "at-most": operator.le,
    "at-least": operator.ge,
    "within": lambda value, ends: ends[0] <= value <= ends[1],
    "outside": lambda value, ends: not ends[0] <= value <= ends[1],
}


def run(parameters, entropy):
    jobs = gaussian_chain.jobs(parameters)
    tables = []
    for job, seed in zip(jobs, np.random.SeedSequence(entropy).spawn(len(jobs)), strict=True):
        table = gaussian_chain.simulate(job.parameters, np.random.default_rng(seed))
        table.insert(0, "job", job.id)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def estimates(parameters, table):
    return {estimate.name: estimate for estimate in gaussian_chain.analyse(table, parameters)}


def missed(checks, found):
    """Ids of the checks that do not hold."""
    return {
        check["id"]
        for check in checks
        if not COMPARISONS[check["comparison"]](
            getattr(found[check["estimate"]], check.get("field", "value")), check["threshold"]
        )
    }


@pytest.fixture(scope="module")
def entry(root):
    entries = yaml.safe_load((root / "ledger" / "experiments.yml").read_text(encoding="utf-8"))["experiments"]
    return next(entry for entry in entries if entry["id"] == "collapse.gaussian-chain")


@pytest.fixture(scope="module")
def smoke(entry):
    return entry["tiers"]["smoke"]


@pytest.fixture(scope="module")
def checks(entry):
    return [check for check in entry["checks"] if "smoke" in check.get("tiers", ["smoke", "publish"])]


@pytest.fixture(scope="module")
def smoke_table(smoke):
    return run(smoke, 907)


# --- jobs --------------------------------------------------------------------------------------------------


def test_jobs_are_unique_and_survive_json(entry):
    for tier in entry["tiers"].values():
        jobs = gaussian_chain.jobs(tier)
        assert len({job.id for job in jobs}) == len(jobs) == 3 * 2 * len(tier["n"])
        assert gaussian_chain.jobs(json.loads(json.dumps(tier))) == jobs
        assert all(json.loads(json.dumps(job.parameters)) == job.parameters for job in jobs)


def test_the_judged_arm_has_the_chains_the_protocol_asks_for(entry):
    publish = entry["tiers"]["publish"]
    assert publish["n"] == [10, 32, 100, 316]
    assert min(map(min, publish["chains"].values())) >= 4000
    assert publish["generations"] == 100
    assert publish["checked"] == [1, 2, 5, 10, 20, 50, 100]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recorded": [1, 2, 12]}, "recorded"),
        ({"recorded": [0, 1, 2, 10, 12]}, "recorded"),
        ({"checked": [1, 3]}, "recorded"),
        ({"plateau": {"n": 5, "t": 11}}, "recorded"),
        ({"chains": {arm: [60] for arm in gaussian_chain.ARMS}}, "chains"),
        ({"n": [5, 10]}, "at least 100"),
        ({"n": [100, 100]}, "different"),
        ({"n": [2, 100]}, "at least 3"),
    ],
)
def test_a_grid_that_cannot_carry_the_criteria_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        gaussian_chain.jobs(SMALL | change)


# --- determinism and invariance ----------------------------------------------------------------------------


@pytest.mark.parametrize("arm", gaussian_chain.ARMS)
def test_same_seed_same_bytes(arm):
    job = next(job for job in gaussian_chain.jobs(SMALL) if job.parameters["arm"] == arm)
    first, second, other = (
        gaussian_chain.simulate(job.parameters, np.random.default_rng(seed)).to_csv().encode()
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_table_is_tidy():
    table = run(SMALL, 1)
    assert list(table.columns) == ["job", *gaussian_chain.COLUMNS]
    assert not table.duplicated(["arm", "n", "ddof", "t", "quantity"]).any()
    assert table["value"].notna().all()


def test_order_of_jobs_does_not_matter(smoke, smoke_table):
    shuffled = smoke_table.sample(frac=1, random_state=1)
    assert gaussian_chain.analyse(shuffled, smoke) == gaussian_chain.analyse(smoke_table, smoke)


def test_names_are_unique_and_what_a_build_shows_live_is_also_recorded(entry, smoke, smoke_table):
    few = entry["tiers"]["publish"] | {"chains": {arm: [20] * 4 for arm in gaussian_chain.ARMS}}
    published = [estimate.name for estimate in gaussian_chain.analyse(run(few, 1), few)]
    assert len(set(published)) == len(published) < 80
    live = estimates(smoke, smoke_table)
    shown = {f"replace-log-variance-ddof{ddof}-n{n}-t50" for ddof in (0, 1) for n in smoke["n"]}
    shown |= {f"{arm}-variance-ddof0-n{n}-t50" for arm in ("accumulate", "subsample") for n in smoke["n"]}
    assert shown <= live.keys() & set(published)
    wanted = {item["estimate"] for item in [*entry["checks"], *entry["criteria"]]}
    assert wanted <= set(published)


@settings(max_examples=15, deadline=None)
@given(
    exponent=st.integers(-40, 40),
    arm=st.sampled_from(gaussian_chain.ARMS),
    ddof=st.sampled_from(gaussian_chain.DDOFS),
    seed=st.integers(0, 2**32),
)
def test_the_scale_of_the_truth_drops_out(exponent, arm, ddof, seed):
    # A power of two scales floating-point numbers exactly, so not even a bit may change.
    parameters = {
        "arm": arm,
        "n": 6,
        "ddof": ddof,
        "chains": 50,
        "generations": 8,
        "recorded": [1, 4, 8],
        "thresholds": [0.5],
    }
    plain, scaled = (
        gaussian_chain.simulate(parameters | {"sigma": sigma}, np.random.default_rng(seed))
        for sigma in (1.0, 2.0**exponent)
    )
    pd.testing.assert_frame_equal(plain, scaled, check_exact=True)


def test_the_first_fit_is_the_same_business_in_every_arm():
    # All arms see n real values in generation 1; the number of chains of a batch is all that differs.
    job = {
        "n": 20,
        "ddof": 1,
        "chains": 300,
        "sigma": 1.0,
        "generations": 1,
        "recorded": [1],
        "thresholds": [],
    }
    tables = [
        gaussian_chain.simulate(job | {"arm": arm}, np.random.default_rng(3)).query("t == 1 and se == se")
        for arm in gaussian_chain.ARMS
    ]
    for table in tables[1:]:
        assert np.allclose(table["value"], tables[0]["value"], rtol=1e-12)


def test_accumulated_fit_equals_the_fit_of_all_data(monkeypatch):
    drawn, original = [], gaussian_chain._draw

    def spy(*arguments):
        sample = original(*arguments)
        drawn.append(sample.copy())
        return sample

    monkeypatch.setattr(gaussian_chain, "_draw", spy)
    for ddof in gaussian_chain.DDOFS:
        drawn.clear()
        fits = gaussian_chain._accumulate(7, ddof, 2.0, 5, np.random.default_rng(4))
        for _ in range(6):
            mean, variance = next(fits)
            pool = np.vstack(drawn)
            assert np.allclose(mean, pool.mean(axis=0)) and np.allclose(variance, pool.var(axis=0, ddof=ddof))


def test_subsample_is_drawn_without_replacement_and_evenly(monkeypatch):
    seen, kept = [], []
    n, chains, generations = 4, 3000, 3

    def label(mean, variance, out, rng):
        out[:] = np.arange(len(seen), len(seen) + len(out))[:, None]
        seen.extend(range(len(out)))
        return out

    def fit(sample, ddof):
        kept.append(sample.copy())
        return sample.mean(axis=0), np.ones(sample.shape[1])

    monkeypatch.setattr(gaussian_chain, "_draw", label)
    monkeypatch.setattr(gaussian_chain, "_fit", fit)
    fits = gaussian_chain._accumulate_subsample(n, 0, 1.0, chains, np.random.default_rng(5))
    for _ in range(generations):
        next(fits)
    for generation, sample in enumerate(kept, start=1):
        assert np.all(np.diff(np.sort(sample, axis=0), axis=0) > 0)
        counts = np.bincount(sample.astype(int).ravel(), minlength=n * generation)
        share = n / (n * generation)
        assert len(counts) == n * generation
        assert np.all(np.abs(counts / chains - share) <= 4.5 * np.sqrt(share * (1 - share) / chains))


# --- checks ------------------------------------------------------------------------------------------------


def test_a_smoke_run_passes_every_check(smoke, smoke_table, checks):
    found = estimates(smoke, smoke_table)
    assert len(checks) == 11
    assert missed(checks, found) == set()


def test_a_smoke_run_gives_what_every_criterion_needs(entry, smoke, smoke_table):
    found = estimates(smoke, smoke_table)
    assert {criterion["estimate"] for criterion in entry["criteria"]} <= found.keys()


def test_standard_errors_are_of_the_right_size(smoke):
    # Squared distances average to 1 over independent runs if the exact standard errors are right.
    small = smoke | {"chains": {arm: [100, 100] for arm in gaussian_chain.ARMS}, "generations": 10}
    small |= {"recorded": [1, 2, 5, 10], "checked": [1], "reported": [10]}
    for t, quantity, law in (
        (5, "log-variance", gaussian_chain.expected_log_variance),
        (2, "variance", gaussian_chain.expected_variance),
        (2, "mean-error", gaussian_chain.expected_mean_error),
        (2, "wasserstein", gaussian_chain.expected_wasserstein),
    ):
        scores = []
        for run_number in range(60):
            job = gaussian_chain.jobs(small)[run_number % 4].parameters | {"generations": t, "recorded": [t]}
            table = gaussian_chain.simulate(job, np.random.default_rng([run_number, t]))
            value = table.set_index("quantity").loc[quantity, "value"]
            expectation, deviation = law(job["n"], job["ddof"], t)
            scores.append((value - expectation) / deviation * 10)
        assert 0.6 < np.mean(np.square(scores)) < 1.6


def wrong_divisor(sample, ddof):
    mean = sample.mean(axis=0)
    return mean, sample.var(axis=0, ddof=1 - ddof)


def test_a_wrong_divisor_is_caught(monkeypatch, smoke, checks):
    monkeypatch.setattr(gaussian_chain, "_fit", wrong_divisor)
    assert missed(checks, estimates(smoke, run(smoke, 907))) >= {
        "E01-check-log-variance",
        "E01-check-variance-step",
        "E01-check-accumulate-variance",
        "E01-check-subsample-variance",
    }


def test_a_mean_that_hardly_moves_is_caught(monkeypatch, smoke, checks):
    def recentred(sample, ddof):
        return 0.5 * sample.mean(axis=0), sample.var(axis=0, ddof=ddof)

    monkeypatch.setattr(gaussian_chain, "_fit", recentred)
    assert missed(checks, estimates(smoke, run(smoke, 907))) >= {
        "E01-check-mean-error",
        "E01-check-mean-step",
        "E01-check-wasserstein",
        "E01-check-accumulate-mean-error",
    }


def test_samples_two_per_cent_too_wide_are_caught(monkeypatch, smoke, checks):
    def draw(mean, variance, out, rng):
        return original(mean, 1.04 * variance, out, rng)

    original = gaussian_chain._draw
    monkeypatch.setattr(gaussian_chain, "_draw", draw)
    assert missed(checks, estimates(smoke, run(smoke, 907))) >= {
        "E01-check-variance-step",
        "E01-check-log-variance",
    }


def test_real_data_seen_anew_breaks_the_tail_bound(monkeypatch, smoke, checks):
    original = gaussian_chain._draw

    def fresh(mean, variance, out, rng):
        return original(np.zeros_like(mean), np.ones_like(variance), out, rng)

    monkeypatch.setattr(gaussian_chain, "_draw", fresh)
    assert "E01-check-tail-bound" in missed(checks, estimates(smoke, run(smoke, 907)))


@pytest.mark.parametrize(
    ("law", "check"),
    [
        ("expected_log_variance", "E01-check-log-variance"),
        ("expected_variance", "E01-check-variance"),
        ("expected_mean_error", "E01-check-mean-error"),
        ("expected_wasserstein", "E01-check-wasserstein"),
        ("accumulated_variance", "E01-check-accumulate-variance"),
        ("subsampled_variance", "E01-check-subsample-variance"),
    ],
)
def test_a_wrong_formula_is_caught(monkeypatch, smoke, smoke_table, checks, law, check):
    right = getattr(gaussian_recursion, law)

    def wrong(n, ddof, t):
        # Where the divisors differ by less than the noise of 400 chains, the sample size is wrong instead.
        late = law in ("accumulated_variance", "expected_mean_error", "expected_wasserstein")
        return right(n // 2, ddof, t) if late else right(n, 1 - ddof, t)

    for name, (quantity, closed_form, words) in list(gaussian_chain._REPLACE_LAWS.items()):
        if closed_form is right:
            monkeypatch.setitem(gaussian_chain._REPLACE_LAWS, name, (quantity, wrong, words))
    monkeypatch.setattr(gaussian_chain, law, wrong)
    assert check in missed(checks, estimates(smoke, smoke_table))


# --- criteria ----------------------------------------------------------------------------------------------


def test_criteria_can_fall_either_way(monkeypatch, entry, smoke, smoke_table):
    found = estimates(smoke, smoke_table)
    lost = {criterion["id"] for criterion in entry["criteria"]} - missed(entry["criteria"], found)
    assert {"gaussian-chain-variance-lost", "gaussian-chain-variance-retained"} <= lost
    # A world that always sees real data loses nothing; one that forgets while "accumulating" keeps nothing.
    still = smoke_table.copy()
    still.loc[still["quantity"] == "log-variance", "value"] = 0.0
    still.loc[still["quantity"] == "variance", "value"] = 0.5
    still.loc[still["quantity"] == "wasserstein", "value"] = 0.0
    still.loc[still["quantity"] == "variance-q50", ["value", "low", "high"]] = 0.1
    reversed_world = missed(entry["criteria"], estimates(smoke, still))
    assert reversed_world == {
        "gaussian-chain-variance-lost",
        "gaussian-chain-loss-ordered-by-n",
        "gaussian-chain-variance-retained",
        "gaussian-chain-variance-retained-on-a-budget",
    }


def test_the_estimate_of_the_worst_cell_is_the_worst(smoke, smoke_table):
    found = estimates(smoke, smoke_table)
    cells = [found[f"replace-log-variance-ddof{ddof}-n{n}-t50"] for ddof in (0, 1) for n in smoke["n"]]
    worst = found["replace-log-variance-worst"]
    assert worst.high == max(cell.high for cell in cells)
    assert worst.high < 0
    kept = [found[f"accumulate-variance-ddof{ddof}-n100-t50"] for ddof in (0, 1)]
    assert found["accumulate-variance-lowest"].low == min(cell.low for cell in kept)


def test_half_life_is_where_the_median_crosses_one_half():
    # Theory for many values: the median of log V falls by about 1/n (ddof 1) or 2/n (ddof 0) per generation.
    variance = np.repeat(np.exp(-np.arange(1, 101) * 0.02)[:, None], 50, axis=1)
    assert next(gaussian_chain._half_life(variance))["value"] == 35
    assert list(gaussian_chain._half_life(variance[:30])) == []
