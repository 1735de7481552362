"""Regions of the map: where their places lie, and what is bought there; no boundaries are kept, so they are hulls."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.about import PlaceOnMap
from civicgraph.api.pages.values import Node
from civicgraph.graph.edges.table import EdgeTable


@dataclass(frozen=True, slots=True)
class Region:
    """A region with the places in it that have coordinates; how many bodies of it buy, and from how many suppliers."""

    region: Node
    places: int
    buyers: int
    suppliers: int


@dataclass(frozen=True, slots=True)
class Located:
    """A place on the map, and the region that it lies in, if it lies in one."""

    place: PlaceOnMap
    region: Node | None


def located(places: Sequence[PlaceOnMap], table: EdgeTable) -> list[Located]:
    """Return places with how many suppliers are in edges there, and the region that each lies in.

    A region is a place without coordinates, within a country where the country has such.
    """
    mapped = {place.place.iri for place in places}
    broader: dict[str | None, list[str]] = defaultdict(list)
    for narrow, broad in table.rows(sql("places_above")):
        broader[narrow].append(broad)
    above = {place.place.iri: [iri for iri in broader[place.place.iri] if iri not in mapped] for place in places}
    members = Counter(iri for regions in above.values() for iri in regions)

    def region(iri: str | None) -> Node | None:
        # Not the country, where it has regions; not a county or a combined authority, which only some places are in.
        chosen = max(above[iri], key=lambda one: (one in broader, members[one], one), default=None)
        return None if chosen is None else Node(table.label(chosen), chosen)

    suppliers = {iri: number for iri, _, number in table.rows(sql("suppliers_by_place"), {"within": False})}
    return [
        Located(replace(place, suppliers=suppliers.get(place.place.iri, 0)), region(place.place.iri))
        for place in places
    ]


def regions_of(places: Sequence[Located], table: EdgeTable) -> list[Region]:
    """Return the regions that places lie in, those with the most suppliers first."""
    members = Counter(one.region for one in places if one.region is not None)
    found = {iri: counts for iri, *counts in table.rows(sql("suppliers_by_place"), {"within": True})}
    regions = [Region(region, number, *found.get(region.iri, (0, 0))) for region, number in members.items()]
    return sorted(regions, key=lambda one: (-one.suppliers, -one.places, one.region.text))
