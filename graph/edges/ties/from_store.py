"""Ties out of any store that answers SPARQL, buyer by buyer: no more than one buyer's facts are held at a time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from pyoxigraph import NamedNode

from civicgraph.graph.edges.network import edge_attributes, evidence_of_edges, support
from civicgraph.graph.edges.surroundings import Surroundings, query_text, rows, surroundings, text
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.edges.ties.build import Row, ties_of_rows
from civicgraph.graph.edges.ties.from_network import row_of
from civicgraph.graph.engine.interface import Engine
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS

_TYPE: Final = PREFIXES["rdf"] + "type"
_KINDS: Final = (
    # class, kind, who buys, who supplies
    (CG.Service, "service", "customer", "provider"),
    (CG.Contract, "contract", "buyer", "supplier"),
    (CG.Spend, "spend", "buyer", "supplier"),
)

Facts = Mapping[str, Sequence[str]]
"""What is stated of an edge: values by local name of the property, classes under `type`."""


def ties_from_store(engine: Engine) -> Ties:
    """Return the ties of the established view as columns.

    They are those of `edges.ties.from_network.ties_of`, in another order. Of each contract, service and sum
    of money about ten values travel; what is kept is the columns.
    """
    around = surroundings(engine)
    return ties_of_rows(_all_rows(engine, around), around)


def _all_rows(engine: Engine, around: Surroundings) -> Iterator[Row]:
    evidence = evidence_of_edges(engine, (CG.established,))
    sparql = query_text("edges-of-buyer")
    for buyer in sorted(text(row, "buyer") for row in rows(engine, "buyers")):
        edges: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in engine.select(sparql, bind={"buyer": NamedNode(buyer)}):
            name = text(row, "property")
            edges[text(row, "edge")]["type" if name == _TYPE else name.removeprefix(CG_NS)].append(text(row, "value"))
        for edge, facts in sorted(edges.items()):
            for values in facts.values():
                values.sort()
            yield from _rows_of(edge, facts, buyer, around, support(evidence.get(edge, ())))


def _rows_of(
    edge: str, facts: defaultdict[str, list[str]], asked: str, around: Surroundings, supported: Mapping[str, object]
) -> Iterator[Row]:
    for cls, kind, buys, supplies in _KINDS:
        buyers, suppliers = facts.get(buys, []), facts.get(supplies, [])
        # What several buy together is met with each of them, and taken with the first.
        if cls not in facts["type"] or not buyers or asked != min(buyers):
            continue
        if not suppliers and kind == "service":
            continue
        guard = min(facts.get("guard", ()), default=None) if kind != "service" else None
        for buyer, supplier in product(dict.fromkeys(buyers), dict.fromkeys(suppliers) or (None,)):
            split = 1 / (len(set(buyers)) * len(set(suppliers))) if suppliers else 1.0
            data = edge_attributes(facts, around.areas.get(buyer, ()))
            yield row_of(edge, buyer, supplier, {"kind": kind, "guard": guard, "split": split} | data | dict(supported))
