import numpy as np
import pytest

from ouroboros.experiments.compliance import watermark_filter


@pytest.fixture(scope="module")
def filtering(trial):
    return trial("compliance.watermark-filter")


@pytest.fixture(scope="module")
def found(filtering):
    return filtering.estimates()


def test_a_smoke_run_passes_every_check(filtering, found):
    assert len(filtering.checks) == 4
    assert filtering.missed(filtering.checks, found) == set()


def test_a_smoke_run_gives_what_every_criterion_needs(filtering, found):
    assert {name for c in filtering.criteria for name in c.estimate} <= found.keys()


def test_same_seed_same_bytes(filtering):
    job = filtering.module.jobs(filtering.smoke)[1]
    small = {**job.parameters, "chains": 5, "generations": 22}
    assert filtering.same_bytes(type(job)("x", small))


def test_residual_share_by_counting():
    # 900 generated documents of which 827 are flagged, 100 real ones of which none is.
    assert watermark_filter.residual_share(0.9, 827 / 900, 0.0) == pytest.approx(73 / 173)
    assert watermark_filter.residual_share(0.9, 0.0, 0.0) == pytest.approx(0.9)
    assert watermark_filter.residual_share(0.9, 1.0, 0.5) == 0.0


def test_no_detector_gets_below_the_share_of_those_who_do_not_mark():
    for adoption in (0.3, 0.7):
        left = watermark_filter.residual_share(0.9, adoption, 0.0)
        assert left >= 0.9 * (1 - adoption)


def test_closed_forms_at_many_tokens():
    # a²/(1 − a²) where real text is kept, 1/(1 − a²) where it is drawn anew (pooled sampling).
    a = 0.6
    assert watermark_filter.closed_form("whole", 10**7, 0.01, a, 1.0) == pytest.approx(
        a**2 / (1 - a**2), rel=1e-5
    )
    assert watermark_filter.closed_form("fresh", 10**7, 0.01, a, 1.0) == pytest.approx(
        1 / (1 - a**2), rel=1e-5
    )
    assert watermark_filter.closed_form("shrunk", 10**7, 0.01, a, 0.1) == pytest.approx(
        a**2 / (1 - a**2) / 0.1, rel=1e-4
    )


def test_a_better_detector_and_more_adoption_never_hurt(found, filtering):
    for arm in watermark_filter.ARMS:
        assert found[f"drift-{arm}-t200-all"].value < found[f"drift-{arm}-t50-all"].value
        assert found[f"drift-{arm}-t200-all"].value < found[f"drift-{arm}-t200-some"].value


def test_text_that_is_not_resampled_is_caught(filtering, monkeypatch):
    original = watermark_filter._next

    def halved(arm, model, truth, a, passed, n, rng):
        return original(arm, model, truth, a, passed, n // 2, rng)

    monkeypatch.setattr(watermark_filter, "_next", halved)
    assert filtering.missed(filtering.checks, filtering.estimates()) == {
        "E17-check-whole",
        "E17-check-shrunk",
        "E17-check-fresh",
    }


def test_a_filter_that_forgets_the_real_documents_is_caught(filtering, monkeypatch):
    monkeypatch.setattr(watermark_filter, "residual_share", lambda s, caught, wrong: s * (1 - caught))
    assert "E17-check-table" in filtering.missed(filtering.checks, filtering.estimates())


def test_criteria_can_fall_either_way(filtering):
    sharp = filtering.smoke | {"adoption": {"all": 1.0, "some": 0.98}}
    assert filtering.missed(filtering.criteria, filtering.estimates(sharp)) >= {"watermark-adoption-limits"}
    blind = filtering.smoke | {"detectors": {"t50": 0.01, "t200": 0.02}, "published": {}}
    assert filtering.missed(filtering.criteria, filtering.estimates(blind)) >= {
        "watermark-filter-half",
        "watermark-filter-half-some",
        "watermark-adoption-before-quality",
    }


def test_chains_that_remember_their_start_are_refused(filtering):
    with pytest.raises(ValueError, match="burn-in"):
        filtering.module.jobs(filtering.smoke | {"burn-in": 5})


def test_frequencies_are_a_zipf_law():
    p = watermark_filter.frequencies(4, 1.0)
    assert p == pytest.approx(np.array([12, 6, 4, 3]) / 25)
