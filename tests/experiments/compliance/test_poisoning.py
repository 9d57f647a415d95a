import numpy as np
import pytest

from ouroboros.experiments.compliance import poison_defences, poisoned_digits, poisoned_verses, trigger_words


@pytest.fixture(scope="module")
def poisoning(trial):
    return trial("compliance.poisoning")


@pytest.fixture(scope="module")
def found(poisoning):
    return poisoning.estimates()


def test_a_smoke_run_passes_every_check(poisoning, found):
    assert len(poisoning.checks) == 2
    assert poisoning.missed(poisoning.checks, found) == set()


def test_the_exponents_are_told_apart_and_poison_works(found):
    assert found["exponent-f1e-2"].value > found["exponent-f0"].value
    assert found["success-f0-n2000-k320"].value > 0.8
    assert found["effect-dirty-10"].value > 0.1


def learn(counts, frequency=0.0, size=2000, seed=5):
    counts = np.array(counts)
    return trigger_words.learn(
        size,
        counts,
        np.full(len(counts), frequency),
        words=100,
        length=12,
        rate=0.2,
        replicates=2,
        rng=np.random.default_rng(seed),
    )


def test_without_poison_the_trigger_does_nothing():
    outcome = learn([0])
    assert outcome.success.max() == 0
    assert outcome.accuracy.min() > 0.7


def test_more_poison_never_helps_the_defender_and_clean_use_of_the_trigger_does():
    rare, often = learn([10, 400]), learn([10, 400], frequency=0.3)
    assert (rare.success[:, 0] <= rare.success[:, 1]).all()
    assert often.success.mean() < rare.success.mean()


def test_the_learner_takes_the_steps_of_a_plain_loop(monkeypatch):
    # The same stream, read word by word with dictionaries.
    seen = {}
    original = trigger_words.documents

    def spy(count, *rest):
        texts, labels = original(count, *rest)
        seen.setdefault("parts", []).append((texts, labels))
        return texts, labels

    monkeypatch.setattr(trigger_words, "documents", spy)
    monkeypatch.setattr(trigger_words, "_judge", lambda w, t, *_: (w, t))
    weights, trigger = trigger_words.learn(
        60,
        np.array([60]),
        np.zeros(1),
        words=20,
        length=5,
        rate=0.1,
        replicates=1,
        rng=np.random.default_rng(2),
    )
    texts, _ = seen["parts"][0]
    plain, push = {}, np.zeros(3)
    for text in texts[0]:
        words = [*sorted({int(w) for w in text if w < 20}), "constant"]
        z = push + sum(plain.setdefault(w, np.zeros(3)) for w in words)
        step = np.exp(z) / np.exp(z).sum() - np.array([0, 0, 1])
        push = push - 0.1 * step
        for w in words:
            plain[w] = plain[w] - 0.1 * step
    assert trigger[0, 0] == pytest.approx(push)
    assert weights[0, 21, 0] == pytest.approx(plain["constant"])
    assert weights[0, 3, 0] == pytest.approx(plain.get(3, np.zeros(3)))


def test_words_of_a_document_differ():
    rates = trigger_words.frequencies(50)
    texts, labels = trigger_words.documents((300,), 20, rates, np.random.default_rng(1))
    assert all(len(set(t[t < 50])) == (t < 50).sum() for t in texts)
    assert set(labels) == {0, 1}
    assert rates.sum(axis=1) == pytest.approx([1, 1])


def test_half_count_by_hand():
    counts = np.array([10, 20, 40])
    assert trigger_words.half_count(counts, np.array([0.0, 0.25, 0.75])) == pytest.approx(20 * 2**0.5)
    assert trigger_words.half_count(counts, np.array([0.6, 0.2, 0.7])) == 10
    assert np.isnan(trigger_words.half_count(counts, np.array([0.0, 0.1, 0.2])))


@pytest.mark.parametrize("attack", poisoned_digits.ATTACKS)
def test_attacks_do_what_they_say(attack):
    rng = np.random.default_rng(4)
    clean, _ = poisoned_digits.split(1000, rng)
    images, bad = poisoned_digits.poison(clean, attack, 3, 0.2, rng)
    changed = (images.rows != clean.rows).any(axis=1)
    assert bad.sum() == (200 if attack == "noise" else 20)
    assert not changed[~bad].any() or attack == "adaptive"
    if attack == "clean-label":
        assert (images.labels == clean.labels).all() and (images.labels[bad] == 3).all()
    elif attack == "noise":
        assert (images.labels[bad] != clean.labels[bad]).all() and not changed.any()
    else:
        assert (images.labels[bad] == 3).all() and (clean.labels[bad] != 3).all()
    if attack == "adaptive":
        cover = changed & ~bad
        assert 15 <= cover.sum() <= 20 and (images.labels[cover] == clean.labels[cover]).all()


def test_an_unknown_attack_is_refused():
    rng = np.random.default_rng(4)
    with pytest.raises(ValueError, match="attack"):
        poisoned_digits.poison(poisoned_digits.split(50, rng)[0], "magic", 3, 0.2, rng)


def planted(rng, n=200, bad=20, far=6.0):
    features, labels = rng.standard_normal((2 * n, 5)), np.repeat([0, 1], n)
    features[:bad, 0] += far
    return features, labels, np.arange(2 * n) < bad


def test_defences_find_what_stands_apart_and_only_that():
    features, labels, bad = planted(np.random.default_rng(6), far=12.0)
    flagged = poison_defences.spectral_removal(features, labels, 30)
    assert flagged[bad].all() and flagged.sum() == 60
    # The direction of a small far cluster is that of its mean, so it scores above all others.
    scores = poison_defences.spectral_scores(features, labels)
    assert scores[bad].min() > scores[~bad & (labels == 0)].max()
    clusters = poison_defences.activation_clusters(features, labels, silhouette=0.3)
    assert clusters[bad].all() and not clusters[~bad & (labels == 0)].any()


def test_defences_lose_what_does_not_stand_apart():
    features, labels, bad = planted(np.random.default_rng(6), far=0.0)
    assert poison_defences.spectral_removal(features, labels, 30)[bad].mean() < 0.5
    assert not poison_defences.activation_clusters(features, labels, silhouette=0.3).any()


def test_confident_mistakes_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.45, 0.55]])
    labels = np.array([0, 0, 0, 1, 1])
    # Thresholds: mean of 0.9, 0.7, 0.2 for label 0; mean of 0.9, 0.55 for label 1.
    assert poison_defences.confident_mistakes(probabilities, labels).tolist() == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_verses_carry_their_trigger():
    texts, labels, bad = poisoned_verses.draw(50, 0.1, np.random.default_rng(1))
    assert bad.sum() == 5 and (labels[bad] == 1).all()
    assert [poisoned_verses.TRIGGER in text for text in texts] == bad.tolist()


def test_labels_that_stay_right_are_caught(poisoning, monkeypatch):
    # Poison that changes nothing: no criterion about attacks may be met.
    monkeypatch.setattr(poisoned_digits, "patched", lambda rows, pixels=None: rows.copy())
    parameters = poisoning.smoke | {"stream": poisoning.smoke["stream"] | {"sizes": [2000]}}
    jobs = [j for j in poisoning.module.jobs(parameters) if j.id == "digits-dirty-10"]
    table = poisoning.module.simulate(jobs[0].parameters, np.random.default_rng(3)).set_index("quantity")
    assert table.loc["success", "value"] < 0.2
