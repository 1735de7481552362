"""The places of the map and the regions they lie in: what is bought there for how much; no boundaries are kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.recent import records_in
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Row

Place = Mapping[str, Any]
"""A place or region as a line of its table; the names are those of `bought_by_place.sql`, and `places`, `region`."""
_NOTHING: Final = {"buyers": 0, "suppliers": 0, "paid": None, "awarded": None, "hhi": None}


def places_on_map(rows: Iterable[Row], table: EdgeTable) -> list[Place]:
    """Return the places that have coordinates, as the query `map` finds them: those with most money first.

    Each has the region that it lies in, if it lies in one: a place without coordinates, within a country where the
    country has such.
    """
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(text_of(row, "place"), row)
    regions = {place: Node(name, iri) for place, iri, name in table.rows(sql("regions_of"), {"places": list(found)})}
    bought = _bought(table, within=False)
    places = [
        {
            "place": node_of(row, "place", "label"),
            "latitude": float(text_of(row, "latitude")),
            "longitude": float(text_of(row, "longitude")),
            "bodies": int(text_of(row, "bodies")),
            "region": regions.get(iri),
            **bought.get(iri, _NOTHING),
        }
        for iri, row in found.items()
    ]
    return sorted(places, key=_largest_first)


def regions_of(places: Iterable[Place], table: EdgeTable) -> list[Place]:
    """Return the regions that places lie in, those with the most money first."""
    bought = _bought(table, within=True)
    members = Counter(one["region"] for one in places if one["region"] is not None)
    regions = [
        {"region": region, "places": number, **bought.get(region.iri, _NOTHING)} for region, number in members.items()
    ]
    return sorted(regions, key=_largest_first)


def _largest_first(one: Place) -> tuple[float, int, int]:
    return -max(one["paid"] or 0, one["awarded"] or 0), -one["suppliers"], -one.get("places", 0)


def _bought(table: EdgeTable, *, within: bool) -> dict[str, Place]:
    """Return by place what is bought there, or in all places within it."""
    return {one["iri"]: one for one in records_in(table, Scope(), "bought_by_place", within=within)}
