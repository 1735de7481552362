"""What a view says, sentence by sentence, each with the claims that it rests on."""

from collections.abc import Mapping
from itertools import chain, groupby
from typing import Any

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query
from civicgraph.api.pages.claims import claim_lines
from civicgraph.api.pages.values import node_of, text_of
from civicgraph.api.pages.words import property_label
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.seeds_loader.claims.documents import Documents


def sentences(engine: Engine, documents: Documents, view: str) -> list[Mapping[str, Any]]:
    """Return what a view says of named things, in the order of their names.

    The `rule` of one is empty where claims state it, else it says what derived it from the claims, its `grounds`.
    Left out are the classes that a claims file declares, those above another, and the bounds of inexact dates.

    Parameters
    ----------
    engine, documents
        A snapshot, and the articles at hand.
    view
        The IRI of a view.
    """

    def triple(row: Row) -> tuple[str, ...]:
        return tuple(text_of(row, name) for name in ("subject", "property", "value"))

    found: list[tuple[Row, set[str]]] = []
    for _, rows in groupby(engine.select(query("sentences"), bind={"view": NamedNode(view)}), key=triple):
        # What claims state comes first; of what follows by several rules, the first is told.
        first, *others = rows
        same = [first, *(row for row in others if row["rank"] == first["rank"])]
        found.append((first, {text_of(row, "claim") for row in same}))
    lines = {line["iri"]: line for line in claim_lines(engine, documents, chain(*(claims for _, claims in found)))}
    return [
        {
            "subject": node_of(row, "subject"),
            "property": property_label(text_of(row, "property")),
            "value": node_of(row, "value"),
            "rule": text_of(row, "rule"),
            "grounds": [line for claim, line in lines.items() if claim in claims],
        }
        for row, claims in found
    ]
