"""The network around one organisation: its neighbours and what ties it to each, added up, in every view."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import about, query
from civicgraph.api.pages.search import unknown
from civicgraph.api.pages.things import narrowest
from civicgraph.api.pages.ties import SIDES, Side, labels_of
from civicgraph.api.pages.values import text_of
from civicgraph.api.serving import Snapshot
from civicgraph.graph.edges.scope import CERTAINTIES, Scope, slug_of
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.graph.records.iris import BASE, key_of
from civicgraph.ontology.terms import CG

DOUBTFUL: Final[Mapping[str, str]] = {"plans": CG.plans, "rumours": CG.rumours}
"""The views beside the established one that ties are drawn from, by what they are called."""


Edge = Mapping[str, Any]
"""What ties a buyer to a supplier, by their keys, in one `view`: all services, all contracts, or all money, added up.

`value` is in pounds, 0 where none is known; `start` and `end` are ISO dates, empty where nothing is said.
"""


def neighbourhood(snapshot: Snapshot, key: str, limit: int) -> Mapping[str, Any]:
    """Return a party's neighbours, the `limit` largest by value and number of ties.

    `centre` and `vertices` are the parties, `edges` what ties them; `names` are of service types and places; `total`
    counts all neighbours, and `rest` is the pounds that were paid to and by those that are not there.

    Parameters
    ----------
    snapshot
        What is served.
    key
        The organisation or sector, as `kind/slug`.
    limit
        How many neighbours to return at most.

    Raises
    ------
    UnknownError
        It is not a party.
    """
    iri, engine, table = BASE + key, snapshot.engine, snapshot.edges
    found = [*_established(snapshot, iri), *_others(engine, iri)]
    weight: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for other, edge in found:
        value, ties = weight[other]
        weight[other] = value + edge["value"], ties + edge["ties"]
    largest = sorted(weight, key=lambda other: (-weight[other][0], -weight[other][1], other))[:limit]
    rank = {other: place for place, other in enumerate(largest)}
    near = sorted((pair for pair in found if pair[0] in rank), key=lambda pair: rank[pair[0]])
    edges = [edge for _, edge in near]
    vertices = _vertices(engine, [iri, *largest])
    if iri not in vertices:
        raise unknown(snapshot, key)
    labels = table.labels
    marks = {mark for edge in edges for mark in (*edge["services"], *edge["places"])}
    names = {mark: labels[mark] for mark in marks if mark in labels}
    if unnamed := marks - names.keys():
        names |= labels_of(engine, unnamed)
    return {
        "centre": vertices[iri],
        "vertices": [vertices[other] for other in largest if other in vertices],
        "edges": [edge for edge in edges if edge["buyer"] != edge["supplier"]],
        "names": dict(sorted(names.items())),
        "total": len(weight),
        "rest": round(sum(edge["value"] for other, edge in found if other not in rank and edge["kind"] == "spend"), 2),
    }


def _established(snapshot: Snapshot, iri: str) -> Iterator[tuple[str, Edge]]:
    for side in SIDES:
        scope = Scope(buyers=(iri,)) if side == "buyer" else Scope(suppliers=(iri,))
        for row in snapshot.records(scope, "neighbours", is_buyer=side == "buyer"):
            sums = {name: value for name, value in row.items() if name != "other"}
            yield row["other"], {**_parties(iri, row["other"], side), "view": "established", **sums}


def _others(engine: Engine, iri: str) -> Iterator[tuple[str, Edge]]:
    """Yield the ties in the views that no figure rests on."""
    found: dict[tuple[str, str, Side, str], list[Row]] = defaultdict(list)
    for view, graph in DOUBTFUL.items():
        # A view that is named is small; over all views the engine would look through what is established first.
        for row in engine.select(query("edges-of"), bind={"thing": NamedNode(iri), "view": NamedNode(graph)}):
            side: Side = "buyer" if text_of(row, "side") == "buyer" else "supplier"
            found[view, text_of(row, "kind"), side, text_of(row, "other")].append(row)
    for (view, kind, side, other), rows in found.items():
        said = {name: sorted({text_of(row, name) for row in rows} - {""}) for name in rows[0]}
        worth = {text_of(row, "tie"): float(text_of(row, "value") or 0) for row in rows}
        yield (
            other,
            {
                **_parties(iri, other, side),
                "kind": kind,
                "view": view,
                "ties": len(worth),
                "value": sum(worth.values()),
                "start": min(said["opening"], default=""),
                "end": max(said["closing"], default=""),
                "services": said["type"],
                "places": said["place"],
                "certainty": max(map(slug_of, said["certainty"]), key=CERTAINTIES.index, default="asserted"),
            },
        )


def _parties(iri: str, other: str, side: Side) -> Edge:
    mine, theirs = key_of(iri) or iri, key_of(other) or other
    return {"buyer": mine, "supplier": theirs} if side == "buyer" else {"buyer": theirs, "supplier": mine}


def _vertices(engine: Engine, things: Iterable[str]) -> dict[str, Mapping[str, str]]:
    labels: dict[str, str] = {}
    classes: dict[str, set[str]] = defaultdict(set)
    for row in about(engine, "things", things):
        labels[text_of(row, "thing")] = text_of(row, "label")
        classes[text_of(row, "thing")].add(text_of(row, "class"))
    return {
        iri: {"key": key_of(iri) or iri, "label": label, "kind": slug_of(min(narrowest(classes[iri])))}
        for iri, label in labels.items()
    }
