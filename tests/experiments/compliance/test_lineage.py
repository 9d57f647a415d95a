"""The record, its queries, and what losing part of it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prov.model import ProvDocument

from ouroboros.experiments.compliance import lineage

SOURCES = {"web": {"share": 0.6, "from": 0}, "news": {"share": 0.2, "from": 2}}


@settings(max_examples=15, deadline=None)
@given(generations=st.integers(1, 6), real=st.floats(0.05, 1))
def test_the_query_equals_the_closed_form(generations, real):
    document = lineage.record(generations, real, {"web": {"share": 1, "from": 0}})
    found = lineage.origins(document, f"corpus-{generations}")
    assert sum(found.values()) == pytest.approx(1)
    for (source, depth), share in found.items():
        assert source == "web"
        assert share == pytest.approx(lineage.depth_share(real, depth, generations), abs=1e-12)


def test_a_source_that_joins_late_touches_nothing_before():
    document = lineage.record(3, 0.25, SOURCES)
    late = lineage.derived(document, "news")
    assert late == {"corpus-2", "model-2", "text-3", "corpus-3"}
    assert lineage.derived(document, "web") > late
    # News is a quarter of the fresh quarter in generation 2, passes one model, and joins again.
    share = sum(
        part for (source, _), part in lineage.origins(document, "corpus-3").items() if source == "news"
    )
    assert share == pytest.approx(0.25 * 0.25 + 0.75 * 0.25 * 0.25)


def test_the_record_survives_being_written_and_read():
    document = lineage.record(2, 0.1, SOURCES)
    again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert again == document
    assert lineage.origins(again, "corpus-2") == lineage.origins(document, "corpus-2")
    assert {str(a.identifier) for a in again.get_records() if a.is_element()} >= {
        "o:provider",
        "o:training-0",
    }


def test_a_removed_derivation_is_missed():
    document = lineage.record(2, 0.1, SOURCES)
    cut = ProvDocument(
        [
            r
            for r in document.get_records()
            if not (
                r.is_relation() and "o:model-1" in str(r.args[0]) and "Derivation" in r.get_type().localpart
            )
        ]
    )
    cut.add_namespace("o", lineage.NAMESPACE)
    assert lineage.derived(cut, "web") < lineage.derived(document, "web")
    assert ("web", 2) not in lineage.origins(cut, "corpus-2")


def test_an_unknown_entity_is_named():
    with pytest.raises(ValueError, match="corpus-9: not in the record"):
        lineage.origins(lineage.record(1, 0.5, SOURCES), "corpus-9")


@pytest.mark.parametrize(("r", "omega"), [(0.1, 0.3), (0.5, 0.9), (0.2, 1.0)])
def test_the_traced_share_follows_its_recursion(r, omega):
    value = 1.0
    for generation in range(1, 12):
        value = r + (1 - r) * omega * value
        assert lineage.traceable(r, omega, generation) == pytest.approx(value, rel=1e-12)
    parameters = {"generations": 4, "documents": 400, "chains": 300, "r": r, "omega": omega}
    traced = lineage.follow(parameters, np.random.default_rng(8))
    expected = [lineage.traceable(r, omega, k) for k in range(5)]
    assert traced.mean(axis=1) == pytest.approx(expected, abs=0.01)


def test_faults_are_named():
    good = {"generations": 2, "documents": 10, "chains": 5, "real": {"a": 0.1}, "kept": {"b": 0.5}}
    good |= {"record": {"real": 0.1, "sources": SOURCES}}
    assert len(lineage.jobs(good)) == 2
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        lineage.jobs(good | {"kept": {"b": 0}})
    with pytest.raises(ValueError, match="none is used from generation 0"):
        lineage.jobs(good | {"record": {"real": 0.1, "sources": {"x": {"share": 1, "from": 1}}}})
