r"""A provenance record of a corpus that is rebuilt from its own model, and what can be asked of it.

Generation 0 is real text. Every later corpus takes a share r of its documents fresh from real sources and writes the
rest with the model trained on the corpus before. The record is W3C PROV: corpora, models and generated texts are
entities, training, writing and mixing are activities, and each derivation carries the share of documents that took it.

From a complete record two questions have exact answers: *what derives from a source* (it is withdrawn, say), and
*where the documents of generation n come from*, by source and by the number of models they passed through. The share
with k models in between is r(1-r)^k for k < n, and (1-r)^n for k = n.

A record that is lost cannot be followed. If each generated document keeps its own with probability ω, a document of
generation n traces to a real source with probability

    T_n = r + (1-r) ω T_{n-1},  T_0 = 1.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from prov.identifier import QualifiedName
from prov.model import PROV_ATTR_GENERATED_ENTITY, PROV_ATTR_USED_ENTITY, ProvDerivation, ProvDocument

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import SUMMARY_COLUMNS, exact, largest, mean, rows, summarise

NAMESPACE = "urn:ouroboros:lineage:"
COLUMNS = ["case", "real", "kept", "quantity", "at", *SUMMARY_COLUMNS]


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job for the record and its queries, and one per real share and chance that a record is kept.

    Parameters
    ----------
    parameters : mapping
        ``generations`` n; ``real`` shares by name; ``kept`` probabilities ω by name; ``documents`` a generation and
        ``chains`` of the simulation; ``record`` with the ``real`` share and the ``sources``, each with its ``share``
        of the real text and the generation ``from`` which it is used.

    Raises
    ------
    ValueError
        If a share is outside (0, 1], or no source is used in generation 0.
    """
    for name, value in {**parameters["real"], **parameters["kept"]}.items():
        if not 0 < value <= 1:
            raise ValueError(f"{name}: {value} (above 0 and at most 1 needed)")
    if not any(source["from"] == 0 for source in parameters["record"]["sources"].values()):
        raise ValueError("sources: none is used from generation 0 on")
    found = [
        Job("record", {"case": "record", "generations": parameters["generations"], **parameters["record"]})
    ]
    common = {name: parameters[name] for name in ("generations", "documents", "chains")}
    for real, r in parameters["real"].items():
        for kept, omega in parameters["kept"].items():
            cell = {"case": "loss", "real": real, "kept": kept, "r": r, "omega": omega}
            found.append(Job(f"loss-{real}-{kept}", cell | common))
    return found


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Query the record, or follow documents whose records get lost.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of parents and losses.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. For the record: shares of the last corpus by number of models (``depth``) and by source,
        and the number of entities that derive from each source. For losses: ``traced`` by generation.
    """
    if parameters["case"] == "record":
        found = list(_queries(parameters))
    else:
        traced = follow(parameters, rng)
        keys = {"case": "loss", "real": parameters["real"], "kept": parameters["kept"], "quantity": "traced"}
        found = rows(keys, "at", [str(k) for k in range(len(traced))], summarise(traced, rng))
    return pd.DataFrame(found, columns=COLUMNS)


def _queries(parameters: Mapping[str, Any]) -> Iterator[dict]:
    document = record(parameters["generations"], parameters["real"], parameters["sources"])
    again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    last = f"corpus-{parameters['generations']}"

    def row(quantity: str, at: str, value: float) -> dict:
        fixed = {"case": "record", "real": "", "kept": "", "quantity": quantity, "at": at, "value": value}
        return fixed | {"se": 0.0, "low": value, "high": value, "replicates": 1}

    by_depth: dict[int, float] = defaultdict(float)
    by_source: dict[str, float] = defaultdict(float)
    for (source, depth), part in origins(again, last).items():
        by_depth[depth] += part
        by_source[source] += part
    for depth, part in sorted(by_depth.items()):
        yield row("depth", str(depth), part)
    for source in parameters["sources"]:
        yield row("source", source, by_source[source])
        yield row("derived", source, float(len(derived(again, source))))
    yield row("entities", "all", float(len(_entities(again))))


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Turn rows into the numbers that checks, criteria and page use."""
    n, found = parameters["generations"], []
    part = table[table["case"] == "record"]
    real = parameters["record"]["real"]
    apart = []
    for row in part.to_dict(orient="records"):
        words, name = _WORDS[row["quantity"]], f"{row['quantity']}-{row['at']}"
        found.append(exact(name, row["value"], 1, words))
        if row["quantity"] == "depth":
            apart.append(row["value"] - depth_share(real, int(row["at"]), n))
    words = "Largest departure of the shares by number of models from their closed form"
    found.append(largest("record-departure", apart, 1, words, unit=""))
    scores = []
    for row in table[table["case"] == "loss"].to_dict(orient="records"):
        r, omega = parameters["real"][row["real"]], parameters["kept"][row["kept"]]
        generation = int(row["at"])
        if row["se"] > 0:
            scores.append((row["value"] - traceable(r, omega, generation)) / row["se"])
        if generation == n:
            name = f"traced-{row['real']}-{row['kept']}"
            found.append(mean(name, row, f"Share of generation {n} that traces to a real source"))
    words = "Largest departure of the traced share from its closed form"
    found.append(largest("max-z-traced", scores, parameters["chains"], words))
    return found


_WORDS = {
    "depth": "Share of the last corpus that passed through so many models since a real source",
    "source": "Share of the last corpus that descends from the source",
    "derived": "Corpora, models and texts that derive from the source",
    "entities": "Corpora, models, texts and sources in the record",
}


# --- closed forms ------------------------------------------------------------------------------------------


def depth_share(real: float, models: int, generation: int) -> float:
    """Share of a corpus whose documents passed through that many models, with r fresh real text a generation."""
    rest = (1 - real) ** models
    return rest if models == generation else real * rest


def traceable(real: float, kept: float, generation: int) -> float:
    """Share of a corpus that traces to a real source if generated documents keep their records with a probability."""
    step = (1 - real) * kept
    return sum(real * step**k for k in range(generation)) + step**generation


def follow(parameters: Mapping[str, Any], rng: np.random.Generator) -> NDArray:
    """Follow documents through the generations; traced share, shape (generations + 1, chains)."""
    chains, documents = parameters["chains"], parameters["documents"]
    traced = np.ones((chains, documents), dtype=bool)
    shares = [traced.mean(axis=1)]
    for _ in range(parameters["generations"]):
        parents = rng.integers(documents, size=traced.shape)
        inherited = np.take_along_axis(traced, parents, axis=1) & (
            rng.random(traced.shape) < parameters["omega"]
        )
        traced = (rng.random(traced.shape) < parameters["r"]) | inherited
        shares.append(traced.mean(axis=1))
    return np.array(shares)


# --- the record --------------------------------------------------------------------------------------------


def record(generations: int, real: float, sources: Mapping[str, Mapping[str, float]]) -> ProvDocument:
    """Provenance of all generations, as W3C PROV [moreau2013provdm]_.

    Parameters
    ----------
    generations : int
        Generations after the real one.
    real : float
        Share of each later corpus that is fresh real text.
    sources : mapping
        By name: ``share`` of the real text, scaled to one within a generation, and the generation ``from`` which the
        source is used.
    """
    document = ProvDocument()
    document.add_namespace("o", NAMESPACE)
    document.agent("o:provider", {"prov:type": "prov:Organization"})
    for source in sources:
        document.entity(f"o:{source}", {"o:kind": "real source"})
    for generation in range(generations + 1):
        corpus, mixing = f"o:corpus-{generation}", f"o:mixing-{generation}"
        document.entity(corpus, {"o:kind": "corpus", "o:generation": generation})
        document.activity(mixing)
        document.wasAssociatedWith(mixing, "o:provider")
        document.wasGeneratedBy(corpus, mixing)
        parts = _mix(generation, real, sources)
        for origin, share in parts.items():
            document.used(mixing, f"o:{origin}")
            document.wasDerivedFrom(corpus, f"o:{origin}", mixing, other_attributes={"o:share": share})
        if generation < generations:
            _train_and_write(document, generation)
    return document


def _mix(generation: int, real: float, sources: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    used = {name: source["share"] for name, source in sources.items() if source["from"] <= generation}
    fresh = real if generation else 1.0
    parts = {name: fresh * share / sum(used.values()) for name, share in used.items()}
    return parts | ({f"text-{generation}": 1 - fresh} if generation else {})


def _train_and_write(document: ProvDocument, generation: int) -> None:
    corpus, model, text = f"o:corpus-{generation}", f"o:model-{generation}", f"o:text-{generation + 1}"
    for made, kind, how, of in (
        (model, "model", f"o:training-{generation}", corpus),
        (text, "generated text", f"o:writing-{generation + 1}", model),
    ):
        document.entity(made, {"o:kind": kind})
        document.activity(how)
        document.wasAssociatedWith(how, "o:provider")
        document.used(how, of)
        document.wasGeneratedBy(made, how)
        document.wasDerivedFrom(made, of, how, other_attributes={"o:share": 1.0})


def derived(document: ProvDocument, source: str) -> set[str]:
    """Names of everything that derives from an entity, directly or not."""
    children = defaultdict(set)
    for child, parent, _ in _derivations(document):
        children[parent].add(child)
    found: set[str] = set()
    ahead = [source]
    while ahead:
        new = children[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def origins(document: ProvDocument, entity: str) -> dict[tuple[str, int], float]:
    """Shares of an entity by real source and number of models in between.

    Raises
    ------
    ValueError
        If the record knows no such entity.
    """
    kinds = _entities(document)
    if entity not in kinds:
        raise ValueError(f"{entity}: not in the record")
    parents = defaultdict(list)
    for child, parent, share in _derivations(document):
        parents[child].append((parent, share))
    known: dict[str, dict[tuple[str, int], float]] = {}

    def look(name: str) -> dict[tuple[str, int], float]:
        if name not in known:
            parts: dict[tuple[str, int], float] = defaultdict(float)
            for parent, share in parents[name]:
                for (source, depth), part in look(parent).items():
                    parts[source, depth + (kinds[name] == "model")] += share * part
            known[name] = dict(parts) if parents[name] else {(name, 0): 1.0}
        return known[name]

    return look(entity)


def _entities(document: ProvDocument) -> dict[str, str]:
    kind = QualifiedName(document.valid_qualified_name("o:kind").namespace, "kind")
    return {
        r.identifier.localpart: next(iter(r.get_attribute(kind)), "")
        for r in document.get_records()
        if r.is_element() and r.get_type().localpart == "Entity"
    }


def _derivations(document: ProvDocument) -> Iterator[tuple[str, str, float]]:
    share = document.valid_qualified_name("o:share")
    for relation in document.get_records(ProvDerivation):
        (child,) = relation.get_attribute(PROV_ATTR_GENERATED_ENTITY)
        (parent,) = relation.get_attribute(PROV_ATTR_USED_ENTITY)
        (part,) = relation.get_attribute(share)
        yield child.localpart, parent.localpart, float(part)
