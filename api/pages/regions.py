"""Places and regions of the map: where they lie, and what is bought there for how much; no boundaries are kept."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.about import PlaceOnMap
from civicgraph.api.pages.recent import recent
from civicgraph.api.pages.values import Node
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable


@dataclass(frozen=True, slots=True)
class Region:
    """A region with the places in it that have coordinates; who buys there, from how many, for how much.

    `hhi` is of its suppliers by pounds, 0 to 10,000; None where no pounds are known.
    """

    region: Node
    places: int
    buyers: int
    suppliers: int
    pounds: float
    hhi: float | None


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

    found = _bought(table, within=False)
    nothing = (0, 0, 0.0, None)
    return [
        Located(replace(place, suppliers=suppliers, pounds=pounds, hhi=index), region(place.place.iri))
        for place in places
        for _, suppliers, pounds, index in [found.get(place.place.iri, nothing)]
    ]


def regions_of(places: Sequence[Located], table: EdgeTable) -> list[Region]:
    """Return the regions that places lie in, those with the most pounds first."""
    members = Counter(one.region for one in places if one.region is not None)
    found = _bought(table, within=True)
    regions = [Region(region, number, *found.get(region.iri, (0, 0, 0.0, None))) for region, number in members.items()]
    return sorted(regions, key=lambda one: (-one.pounds, -one.suppliers, -one.places, one.region.text))


def _bought(table: EdgeTable, *, within: bool) -> Mapping[str | None, tuple[int, int, float, float | None]]:
    """Return by place how many buy there, from how many, for how much, and the HHI of those."""
    found = recent(
        table,
        ("places", within),
        lambda: table.in_scope(Scope(), sql("suppliers_by_place"), {"money": None, "within": within}),
    )
    return {iri: (buyers, suppliers, pounds, index) for iri, buyers, suppliers, pounds, index in found}
