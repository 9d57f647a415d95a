"""What describes an edition is read back by the libraries of its formats."""

import json
import shutil
from collections import defaultdict

import pytest
from prov.model import ProvDerivation, ProvDocument
from rocrate.rocrate import ROCrate

from ouroboros.publishing.crate import METADATA, crate_of
from ouroboros.publishing.trace import trace_of, trace_text

META = {"id": "2026.11", "title": "a test", "date": "2026-11-26", "commit": "0" * 40, "original": False}


@pytest.fixture(scope="module")
def edition(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition")
    for part in ("ledger", "evidence", "notebooks"):
        shutil.copytree(root / part, folder / part)
    shutil.copy(root / "requirements.txt", folder)
    return folder


@pytest.fixture(scope="module")
def site(ledger, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    for experiment in ledger.experiments.values():
        page = folder / experiment.notebook.replace(".md", ".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f'<figure class="align-default" id="fig-{page.stem}"></figure>')
    return folder


def test_the_crate_names_notebooks_evidence_lock_file_runs_author_and_licence(edition, ledger):
    (edition / METADATA).write_text(crate_of(edition, META, ledger))
    crate = ROCrate(str(edition))
    assert crate.root_dataset["author"]["name"] == "The Ouroboros project"
    assert "creativecommons.org/licenses/by/4.0" in crate.root_dataset["license"].id
    there = {e.id for e in crate.data_entities}
    assert "requirements.txt" in there and any(i.startswith("notebooks/") for i in there)
    runs = [e for e in crate.contextual_entities if e.type == "CreateAction"]
    recorded = list((edition / "evidence").glob("*.run.json"))
    assert len(runs) == len(recorded) > 0
    for run in runs:
        assert run["startTime"] < run["endTime"]
        assert {e.id for e in run["result"]} <= there


def test_the_crate_is_the_same_for_the_same_files(edition, ledger):
    (edition / METADATA).unlink(missing_ok=True)
    assert crate_of(edition, META, ledger) == crate_of(edition, META, ledger)


def test_every_figure_with_evidence_leads_back_to_a_claim_of_the_original(edition, site, ledger):
    text = trace_text(trace_of(ledger, edition, site, META, original=False))
    document = ProvDocument.deserialize(content=text)
    derived = defaultdict(set)
    for relation in document.get_records(ProvDerivation):
        (_, made), (_, source) = relation.formal_attributes[:2]
        derived[str(made)].add(str(source))

    def sources(name, seen):
        for source in derived[name] - seen:
            seen.add(source)
            sources(source, seen)
        return seen

    figures = [name for name in list(derived) if "#fig-" in name]
    assert figures
    for figure in figures:
        back = sources(figure, set())
        assert "rec:INS008" in back and any(f"rec:{claim}" in back for claim in ledger.claims), figure


def test_the_original_s_trace_ends_at_its_pages(root):
    held = json.loads((root / "editions/2026.02/provenance.json").read_text())
    assert not held.get("activity") and len(held["wasDerivedFrom"]) > 100
