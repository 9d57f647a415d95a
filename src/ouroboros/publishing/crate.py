"""The research object of an edition: ``ro-crate-metadata.json`` (RO-Crate, written by rocrate).

It says of every file of an edition what it is, and of every experiment which run made its evidence, when,
on what and how long it took.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from ouroboros.ledger import Ledger
from ouroboros.publishing.citables import AUTHOR, PROJECT

METADATA = "ro-crate-metadata.json"
CONTENT_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
CODE_LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
_AUTHOR = "#project"
_PROGRAM = "#ouroboros"
_WHAT = {
    "site.zip": "The whole site of the edition, to be read offline.",
    "edition.json": "Number, title, day and commit of the edition.",
    "state.json": "What comparisons between editions read.",
    "anchors.txt": "Every address that the edition published.",
    "provenance.json": "W3C PROV: the trace from claim to figure.",
    "requirements.txt": "The locked environment in which the evidence was computed.",
    "references.bib": "The bibliography.",
}


def crate_of(folder: Path, meta: Mapping[str, Any], ledger: Ledger) -> str:
    """Describe the files of an edition.

    Parameters
    ----------
    folder : Path
        The edition, with every file but the checksums.
    meta : mapping
        Content of ``edition.json``.
    ledger : Ledger
        Titles and questions of experiments.

    Returns
    -------
    str
        JSON-LD; the same files always give the same text.
    """
    crate = ROCrate()
    crate.name = f"{PROJECT}, edition {meta['id']}"
    crate.description = f"Edition {meta['id']}: {meta['title']}."
    crate.datePublished = meta["date"]
    author = _entity(crate, _AUTHOR, "Organization", name=AUTHOR)
    crate.root_dataset["author"] = author
    crate.root_dataset["version"] = meta["id"]
    crate.root_dataset["license"] = _entity(
        crate, CONTENT_LICENCE, "CreativeWork", name="Creative Commons Attribution 4.0 International"
    )
    _entity(crate, CODE_LICENCE, "CreativeWork", name="Apache License 2.0")
    program = _entity(
        crate,
        _PROGRAM,
        "SoftwareApplication",
        name="ouroboros",
        version=meta.get("commit") or meta["id"],
        license={"@id": CODE_LICENCE},
    )
    paths = [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file()]
    files = {
        path: crate.add_file(str(folder / path), path, properties=_file(folder / path, path, ledger))
        for path in paths
        if path not in (METADATA, "SHA256SUMS")
    }
    for name, run in sorted(_runs(folder).items()):
        made = [files[f"evidence/{name}{ending}"] for ending in (".json", ".csv")]
        notebook = ledger.experiments[name].notebook if name in ledger.experiments else ""
        used = [
            files[path] for path in ("requirements.txt", "ledger/experiments.yml", notebook) if path in files
        ]
        end = datetime.fromisoformat(run["date"])
        start = end - timedelta(seconds=round(run["seconds"]["wall"]))
        _entity(
            crate,
            f"#run-{name}",
            "CreateAction",
            name=f"Publish run of {name}",
            instrument=program,
            agent=author,
            object=used,
            result=made,
            startTime=start.isoformat(),
            endTime=end.isoformat(),
            description=(
                f"{run['jobs']['total']} jobs, {run['seconds']['jobs']:.0f} s of computing, "
                f"{run['seconds']['wall']:.0f} s in all, "
                f"Python {run['python']} on {run['system']} {run['machine']}, {run['cpus']} processors"
            ),
        )
    for mention in [e for e in crate.contextual_entities if e.type == "CreateAction"]:
        crate.root_dataset.append_to("mentions", mention)
    return json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False) + "\n"


def _entity(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> ContextEntity:
    made = crate.add(ContextEntity(crate, identifier, properties={"@type": kind}))
    for name, value in properties.items():
        made[name] = value
    return made


def _file(path: Path, place: str, ledger: Ledger) -> dict[str, Any]:
    content = path.read_bytes()
    properties: dict[str, Any] = {
        "name": place,
        "contentSize": str(len(content)),
        "sha256": sha256(content).hexdigest(),
        "encodingFormat": mimetypes.guess_type(place)[0] or "text/plain",
        "license": {"@id": CONTENT_LICENCE},
        "author": {"@id": _AUTHOR},
    }
    if place in _WHAT:
        properties["description"] = _WHAT[place]
    elif place.startswith("evidence/"):
        name = (
            place.removeprefix("evidence/")
            .removesuffix(".run.json")
            .removesuffix(".json")
            .removesuffix(".csv")
        )
        if name in ledger.experiments:
            properties["description"] = f"Evidence: {ledger.experiments[name].title}"
    elif place.startswith("notebooks/"):
        properties["@type"] = ["File", "SoftwareSourceCode"]
        properties["description"] = "A notebook of the book, as MyST Markdown."
    return properties


def _runs(folder: Path) -> dict[str, dict[str, Any]]:
    """Records of runs by experiment."""
    return {
        path.name.removesuffix(".run.json"): json.loads(path.read_text("utf-8"))
        for path in (folder / "evidence").glob("*.run.json")
    }
