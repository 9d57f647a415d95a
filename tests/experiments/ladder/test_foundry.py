import json
import operator
import zlib

import numpy as np
import pandas as pd
import pytest
import yaml

from ouroboros.experiments.ladder import arithmetic, foundry, foundry_analysis
from ouroboros.experiments.ladder.foundry_analysis import (
    METRICS,
    STAGES,
    metric_paths,
    replicator,
    total_variation,
)

COMPARISONS = {
    "at-most": operator.le,
    "at-least": operator.ge,
    "within": lambda value, ends: ends[0] <= value <= ends[1],
}


@pytest.fixture(scope="module")
def entry(root):
    entries = yaml.safe_load((root / "ledger" / "experiments.yml").read_text(encoding="utf-8"))["experiments"]
    return next(entry for entry in entries if entry["id"] == "ladder.foundry")


@pytest.fixture(scope="module")
def smoke(entry):
    return entry["tiers"]["smoke"]


def run(parameters, entropy):
    tables = []
    for job in foundry.jobs(parameters):
        words = [entropy, zlib.crc32(job.id.encode())]
        table = foundry.simulate(job.parameters, np.random.default_rng(words))
        table.insert(0, "job", job.id)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def smoke_table(smoke):
    return run(smoke, 907)


@pytest.fixture(scope="module")
def world(smoke):
    job = foundry.jobs(smoke)[0]
    shared = {key: job.parameters[key] for key in sorted(job.parameters) if key != "arm"}
    scene = foundry._prepare(json.dumps(shared))
    return scene, scene.base


# --- resuming ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ["filter", "evolve"])
def test_an_arm_goes_on_after_the_generation_it_was_interrupted_in(trial, smoke, monkeypatch, arm):
    (job,) = [job for job in foundry.jobs(smoke | {"arms": [arm], "generations": 3}) if job.id.endswith(arm)]
    trained = []
    train = foundry._train
    monkeypatch.setattr(foundry, "_train", lambda *given: trained.append(1) or train(*given))
    expected, resumed = trial("ladder.foundry").resumed(job)
    pd.testing.assert_frame_equal(resumed, expected, check_exact=True)
    assert len(trained) == 3 + 1 + 2, "the first generation is not trained again"


# --- the compiled model ------------------------------------------------------------------------------------


def test_sampled_answers_are_right_as_often_as_the_exact_probabilities_say(world):
    scene, state = world
    free = scene.machine.sample(state, 4000, np.random.default_rng(5))
    problems = arithmetic.read(free)
    posed = np.flatnonzero(problems.level > 0)
    assert len(posed) > 1000
    chance = foundry._right_probability(scene.machine, state, problems.take(posed))
    hits = arithmetic.right(free, problems)[posed]
    assert chance.sum() > 30
    z = (hits.sum() - chance.sum()) / np.sqrt((chance * (1 - chance)).sum())
    assert abs(z) < 4
    # Not only in sum: strings that come out right had the better chances.
    assert chance[hits].mean() > 1.3 * chance.mean()


def test_probabilities_of_all_answers_to_one_problem_sum_to_one(world):
    scene, state = world
    # Level 1: every continuation of one or two digits, closed; the rest of the mass lies on longer strings.
    rows = np.full((110, arithmetic.WIDTH), arithmetic.PAD, dtype=np.int8)
    rows[:, :5] = [arithmetic.EDGE, 3, arithmetic.PLUS, 4, arithmetic.EQUALS]
    mask = np.zeros(rows.shape, dtype=bool)
    for number in range(110):
        answer = [number] if number < 10 else [number % 10, (number - 10) // 10 % 10]
        rows[number, 5 : 5 + len(answer)] = answer
        rows[number, 5 + len(answer)] = arithmetic.EDGE
        mask[number, 5 : 6 + len(answer)] = True
    assert len(np.unique(rows, axis=0)) == 110
    total = np.exp(scene.machine.score(state, rows, mask)[0]).sum()
    assert 0.3 < total <= 1 + 1e-5


def test_greedy_flag_agrees_with_decoding_symbol_by_symbol(world):
    scene, state = world
    drawn = arithmetic.draw(np.repeat([1, 2], 20), np.random.default_rng(2))
    target, mask = arithmetic.encode(drawn), arithmetic.answer_mask(drawn)
    rows = np.where(mask, arithmetic.PAD, target).astype(np.int8)
    logits = foundry_logits(scene)
    for place in range(1, arithmetic.WIDTH):
        best = logits(state.weights, rows)[:, place - 1].argmax(axis=-1)
        rows[:, place] = np.where(mask[:, place], best, rows[:, place])
    decoded = (rows == target).all(axis=1)
    flagged = scene.machine.score(state, target, mask)[1]
    assert np.array_equal(decoded, flagged) and 0 < flagged.sum() < len(flagged)


def foundry_logits(scene):
    from ouroboros.experiments.ladder import transformer

    shape = scene.machine.shape
    return lambda weights, rows: np.asarray(transformer._logits(shape, weights, rows.astype(np.int32)))


def test_a_batch_in_two_blocks_gives_the_same_step(world):
    import dataclasses

    from ouroboros.experiments.ladder.transformer import learner

    scene, state = world
    rates = ((0, 0.003),)
    split = learner(dataclasses.replace(scene.machine.shape, short=40), rates)
    rows = scene.real_rows[: scene.machine.shape.batch]
    whole, loss = scene.machine.step(state, rows)
    parts, other = split.step(state, rows)
    assert float(loss) == pytest.approx(float(other), rel=1e-5)
    for name in ("symbols", "places"):
        assert np.allclose(whole.weights[name], parts.weights[name], atol=2e-4)
    assert not np.allclose(whole.weights["symbols"], state.weights["symbols"], atol=1e-4)


# --- data, pools and arms ----------------------------------------------------------------------------------


def test_real_items_repeat_no_test_problem_and_have_the_mix(world, smoke):
    scene, _ = world
    long = scene.real.level > 1
    assert not np.isin(
        arithmetic.identity(scene.real)[long], arithmetic.identity(scene.test)[scene.test.level > 1]
    ).any()
    shares = np.bincount(scene.real.level, minlength=6)[1:] / len(scene.real.level)
    assert shares[:4] == pytest.approx(smoke["real_mix"], abs=0.03)
    assert shares[4] == 0


def test_pools_hold_what_the_arms_say(world):
    scene, state = world
    rng = np.random.default_rng(4)
    free = scene.machine.sample(state, scene.parameters["samples"], rng)
    free[:300] = arithmetic.encode(arithmetic.draw(np.arange(300) % 4 + 1, rng))
    pools = {
        name: foundry._pool(
            foundry.ARMS[name], scene, state, free, foundry.Proposer(5, 0.25), np.random.default_rng(1)
        )
        for name in ("copy", "filter", "filter-leak50", "filter-reweight", "curate", "uniform", "evolve")
    }
    right = {name: arithmetic.right(pool.rows, arithmetic.read(pool.rows)) for name, pool in pools.items()}
    assert np.array_equal(pools["copy"].rows, free) and pools["copy"].verified == 0
    for name in ("filter", "filter-reweight", "curate", "uniform", "evolve"):
        assert right[name].all() and len(right[name]) > 0, name
        assert pools[name].verified == pools[name].samples == len(free)
    wrong = len(free) - right["copy"].sum()
    assert abs((~right["filter-leak50"]).sum() - wrong / 2) < 4 * np.sqrt(wrong / 4)
    weighed = pools["filter-reweight"]
    level = arithmetic.read(weighed.rows).level
    mix = np.bincount(level, weights=weighed.weights, minlength=6)[1:5]
    assert mix / mix.sum() == pytest.approx(scene.parameters["real_mix"])


def test_an_empty_pool_leaves_the_model_as_it_is(world):
    scene, state = world
    empty = foundry._Pool(scene.real_rows[:0], np.zeros(0), 0, 0, [])
    assert foundry._train(scene, state, empty, 0.0, 5, np.random.default_rng(1)) is state
    assert foundry._train(scene, state, empty, 1.0, 1, np.random.default_rng(1)) is not state


def test_first_filter_step_is_the_published_replicator_step():
    after = replicator([0.510, 0.300, 0.144, 0.047], [0.999, 0.985, 0.929, 0.505])
    assert after == pytest.approx([0.529, 0.307, 0.139, 0.025], abs=0.001)


def test_drift_of_known_mixes():
    real = [0.5, 0.3, 0.15, 0.05]
    mixes = np.array([[0, 0.5, 0.3, 0.15, 0.05, 0], [0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]])
    assert total_variation(mixes, real) == pytest.approx([0, 0.5, 1])


# --- the whole ---------------------------------------------------------------------------------------------


def test_jobs_are_unique_and_survive_json(entry):
    for tier in entry["tiers"].values():
        found = foundry.jobs(tier)
        assert (
            len({job.id for job in found}) == len(found) == len(tier["seeds"]) * (len(tier["arms"]) + 1) + 1
        )
        assert foundry.jobs(json.loads(json.dumps(tier))) == found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"arms": ["copy", "paste"]}, "paste"),
        ({"samples": 1001}, "multiple"),
        ({"free_items": 600}, "free_items"),
        ({"real_mix": [0.5, 0.3, 0.2]}, "real_mix"),
    ],
)
def test_a_budget_that_does_not_divide_is_refused(smoke, change, words):
    with pytest.raises(ValueError, match=words):
        foundry.jobs(smoke | change)


def test_same_seed_same_bytes_and_an_arm_more_changes_no_other(smoke, smoke_table):
    again = run(smoke | {"arms": ["filter"]}, 907)
    recorded = smoke_table[
        smoke_table["arm"].isin(["base", "filter", "data"]) | (smoke_table["job"] == "proposer")
    ]
    assert again.to_csv(index=False) == recorded.to_csv(index=False)


def test_table_is_tidy_and_budgets_are_equal(smoke, smoke_table):
    assert list(smoke_table.columns) == ["job", *foundry.COLUMNS]
    assert not smoke_table.duplicated(["job", "seed", "arm", "generation", "quantity", "level"]).any()
    assert smoke_table["value"].notna().all()
    for what, expected in (("used-steps", 40), ("used-samples", 2000)):
        used = smoke_table[(smoke_table["quantity"] == what) & (smoke_table["arm"] != "base")]["value"]
        assert (used == expected).all() and len(used) == len(smoke["arms"])


def test_checks_hold_on_the_smoke_grid(entry, smoke, smoke_table):
    found = {estimate.name: estimate for estimate in foundry.analyse(smoke_table, smoke)}
    for check in entry["checks"]:
        if "smoke" in check.get("tiers", ["smoke"]):
            observed = getattr(found[check["estimate"]], check.get("field", "value"))
            assert COMPARISONS[check["comparison"]](observed, check["threshold"]), check["id"]


# --- the decision rule on made-up results ------------------------------------------------------------------


def made_up(parameters, levels, noise=0.01, shift=None):
    """A table in which each stage has given accuracies (four levels) and mixes."""
    rng = np.random.default_rng(8)
    rows = []
    shift = shift or {}
    mixes = {stage: np.array([0.0, *parameters["real_mix"], 0.0]) for stage in ("base", "data", *STAGES)}
    for stage, amount in shift.items():
        mixes[stage] += amount * np.array([0, -1, 0, 0, 1, 0])
    for seed in parameters["seeds"]:
        for arm in ("base", "data", *parameters["arms"]):
            accuracy = np.append(levels.get(arm, levels["base"]), 0.0) + noise * rng.standard_normal(5)
            times = [0] if arm in ("base", "data") else range(1, parameters["generations"] + 1)
            for t in times:
                rows += [(seed, arm, t, "accuracy", k + 1, accuracy[k]) for k in range(5)]
                mix = mixes.get(arm, mixes["base"]) + 0.002 * rng.standard_normal(6)
                rows += [(seed, arm, t, "mix", k, mix[k]) for k in range(6)]
                names = ["right", "distinct", "distinct-long", "solved", "beyond"]
                names += ["used-steps", "used-samples", "used-verifier", "used-real"]
                rows += [(seed, arm, t, name, 0, 0.5) for name in names]
            if arm == "filter":
                for k in range(1, 6):
                    counts = {"posed": 100.0, "passed": 50.0, "expected": 50.0, "variance": 25.0}
                    rows += [(seed, arm, 1, name, k, value) for name, value in counts.items()]
    table = pd.DataFrame(rows, columns=foundry.COLUMNS)
    table.insert(
        0, "job", [f"seed-{s:02d}-{arm}" for s, arm in zip(table["seed"], table["arm"], strict=True)]
    )
    alone = [
        ("proposer", c, f"proposer-{name}", 200, "solved", 0, 0.4 + c / 100)
        for c in range(3)
        for name in ("ssr", "rzero")
    ]
    return pd.concat([table, pd.DataFrame(alone, columns=table.columns)], ignore_index=True)


def decide(entry, levels, **options):
    publish = entry["tiers"]["publish"]
    found = foundry_analysis.analyse_foundry(made_up(publish, levels, **options), publish)
    return {estimate.name: estimate.value for estimate in found}


BASE = [0.99, 0.95, 0.9, 0.3]
CLIMBING = {
    "base": BASE,
    "copy": [0.9, 0.85, 0.6, 0.1],
    "filter": [0.95, 0.9, 0.75, 0.2],
    "curate": [0.98, 0.94, 0.88, 0.5],
    "evolve": [1.0, 0.99, 0.97, 0.8],
}


def test_rule_supports_a_ladder_that_climbs_on_every_metric(entry):
    found = decide(entry, CLIMBING, shift={"copy": 0.3, "filter": 0.2, "curate": 0.1})
    assert found["ladder-supported"] == 1 and found["ladder-capability-only"] == 0
    assert all(found[f"follows-{metric}"] == 1 and found[f"trend-only-{metric}"] == 0 for metric in METRICS)
    assert all(found[f"page-p-reverse-{metric}"] > 0.5 for metric in METRICS)
    assert found["curriculum-claim"] == 1


def test_rule_sees_capability_bought_with_coverage(entry):
    found = decide(entry, CLIMBING, shift={"filter": 0.1, "curate": 0.2, "evolve": 0.3})
    assert found["ladder-supported"] == 0 and found["ladder-capability-only"] == 1
    assert found["page-p-reverse-drift"] < 0.01 and found["follows-drift"] == 0


def test_rule_calls_a_ladder_with_a_level_rung_a_trend_only(entry):
    levels = CLIMBING | {"filter": CLIMBING["copy"]}
    found = decide(entry, levels, noise=0.03)
    assert found["trend-only-rare"] == 1 and found["follows-rare"] == 0
    assert found["ladder-supported"] == found["ladder-capability-only"] == 0


def test_rule_finds_nothing_where_nothing_is(entry):
    found = decide(entry, dict.fromkeys(["base", *STAGES], BASE))
    assert not any(found[f"follows-{metric}"] for metric in METRICS)
    assert found["curriculum-claim"] == 0


def test_every_check_and_criterion_names_an_estimate_of_the_full_grid(entry):
    found = decide(entry, CLIMBING)
    for judged in [*entry["checks"], *entry["criteria"]]:
        names = judged["estimate"] if isinstance(judged["estimate"], list) else [judged["estimate"]]
        assert set(names) <= found.keys(), judged["id"]


def test_factorial_takes_effects_apart(entry):
    plain = [0.5] * 4
    levels = {"base": plain, "copy": plain, "filter": [0.6] * 4, "copy-real": [0.7] * 4}
    levels |= {"filter-real": [0.75] * 4, "uniform": [0.65] * 4, "evolve": [0.68] * 4}
    found = decide(entry, levels, noise=0.001)
    # Columns: 0.1 and 0.05 for the verifier, 0.2 and 0.15 for real data.
    assert found["factorial-selection-accuracy"] == pytest.approx(0.075, abs=0.002)
    assert found["factorial-real-accuracy"] == pytest.approx(0.175, abs=0.002)
    assert found["factorial-interaction-accuracy"] == pytest.approx(-0.05, abs=0.003)
    assert found["factorial-learned-over-own-accuracy"] == pytest.approx(0.08, abs=0.002)
    assert found["factorial-learned-over-uniform-rare"] == pytest.approx(0.03, abs=0.003)


def test_a_mix_that_is_only_sampled_moves_as_far_as_sampling_moves_it(entry):
    publish = entry["tiers"]["publish"]
    table = made_up(publish | {"seeds": list(range(150))}, CLIMBING)
    rng = np.random.default_rng(12)
    free, mix = publish["free_items"], np.array([0.0, *publish["real_mix"], 0.0])
    for arm, generation in (("base", 0), ("copy", publish["generations"])):
        rows = (table["arm"] == arm) & (table["generation"] == generation) & (table["quantity"] == "mix")
        true = np.tile(mix, (150, 1))
        for _ in range(generation):
            true = rng.multinomial(publish["samples"], true) / publish["samples"]
        table.loc[rows, "value"] = (rng.multinomial(free, true) / free).ravel()
    found = foundry_analysis.analyse_foundry(table, publish | {"seeds": list(range(150))})
    moved = next(estimate for estimate in found if estimate.name == "copy-move-over-sampling")
    assert moved.value == pytest.approx(1, abs=0.25)


def test_paths_end_at_the_metrics_and_begin_at_the_base(entry):
    publish = entry["tiers"]["publish"]
    table = made_up(publish, CLIMBING, shift={"evolve": 0.2})
    found = decide(entry, CLIMBING, shift={"evolve": 0.2})
    for metric in METRICS:
        paths = metric_paths(table, "evolve", metric, publish["real_mix"])
        assert paths.shape == (publish["generations"] + 1, len(publish["seeds"]))
        assert paths.iloc[-1].mean() == pytest.approx(found[f"evolve-{metric}"])
    assert (metric_paths(table, "evolve", "forgetting", publish["real_mix"]).iloc[0] == 0).all()
