"""Regions of the map: where their places lie, and what is bought there; no boundaries are kept, so they are hulls."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from civicgraph.api.pages.about import PlaceOnMap
from civicgraph.api.pages.values import Node
from civicgraph.graph.edges.ties.arrays import NOBODY, Bools, Ties
from civicgraph.graph.edges.ties.codes import distinct, joined


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


def located(places: Sequence[PlaceOnMap], ties: Ties) -> list[Located]:
    """Return places with their suppliers as the ties have them, and the region that each lies in.

    A region is a place without coordinates, within a country where the country has such.
    """
    mapped = {place.place.iri for place in places}
    above = {
        place.place.iri: [iri for iri in ties.broader.get(place.place.iri or "", ()) if iri not in mapped]
        for place in places
    }
    members = Counter(iri for regions in above.values() for iri in regions)

    def region(iri: str | None) -> Node | None:
        # Not the country, where it has regions; not a county or a combined authority, which only some places are in.
        chosen = max(above[iri], key=lambda one: (one in ties.broader, members[one], one), default=None)
        return None if chosen is None else Node(ties.label(chosen), chosen)

    suppliers = _suppliers(ties)
    return [
        Located(replace(place, suppliers=suppliers.get(place.place.iri or "", 0)), region(place.place.iri))
        for place in places
    ]


def _suppliers(ties: Ties) -> dict[str, int]:
    """Return how many suppliers those who buy in each place have."""
    rows = ties.places.rows()
    counts = _counting(ties)[rows]
    pairs = distinct(joined(ties.places.codes[counts], ties.supplier[rows[counts]]))
    found = np.bincount(pairs >> 32, minlength=len(ties.things)).tolist()
    return dict(zip(ties.things, found, strict=True))


def _counting(ties: Ties) -> Bools:
    found: Bools = (ties.guard < 0) & (ties.supplier != NOBODY) & ~ties.planned
    return found


def regions_of(places: Sequence[Located], ties: Ties) -> list[Region]:
    """Return the regions that places lie in, those with the most suppliers first."""
    members: dict[Node, int] = defaultdict(int)
    for one in places:
        if one.region is not None:
            members[one.region] += 1
    counts = _counting(ties)
    found = []
    for region, number in members.items():
        here = counts & (ties.places.among(ties.under(region.iri or "")) > 0)
        buyers, suppliers = (len(np.unique(side[here])) for side in (ties.buyer, ties.supplier))
        found.append(Region(region, number, buyers, suppliers))
    return sorted(found, key=lambda one: (-one.suppliers, -one.places, one.region.text))
