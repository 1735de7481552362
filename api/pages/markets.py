"""Markets on a page: their figures with the bands that authorities draw, and what a reader may choose."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query

from civicgraph.api.own_queries import sql
from civicgraph.api.parameters import optional_day
from civicgraph.graph.edges.filters import Filters, period_of
from civicgraph.graph.edges.scope import Basis, Level
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.bands import EC_2004, US_2023, ec_band, us_band
from civicgraph.graph.measures.market_figures import MarketFigure
from civicgraph.ontology.terms import SERVICES_NS

IT_SERVICES: Final = SERVICES_NS + "it-services"
_KNOWN: Final = """
SELECT kind::VARCHAR, bool_or(b.iri = $it) FROM edge JOIN under u ON u.thing = service JOIN thing b ON b.thing = broader
WHERE guard IS NULL AND NOT planned AND supplier IS NOT NULL AND (kind = 'service' OR amount_e4 IS NOT NULL)
GROUP BY kind
"""
_BASES: Final[Mapping[str, Basis]] = {"spend": "spend", "contract": "value", "service": "customers"}
"""The basis where none is chosen, by the first kind of edge that there is."""

BANDS: Final[Mapping[str, Callable[[float | None], str | None]]] = {US_2023: us_band, EC_2004: ec_band}
"""How authorities call a market by its HHI. Both look at mergers: neither says that a market so called is badly run."""


FLOOR_SUPPLIERS: Final = 3
FLOOR_BUYERS: Final = 2
"""How many a market has at least before it is called concentrated or not: one contract is no market."""


def band_of(figure: MarketFigure, band: Callable[[float | None], str | None]) -> str:
    """Return how an authority calls a market, or why it is too small to be called anything."""
    if figure.hhi is None:
        return ""
    if figure.suppliers < FLOOR_SUPPLIERS or figure.buyers < FLOOR_BUYERS:
        return "too few to say"
    return band(figure.hhi) or ""


class MarketChoice:
    """What a reader chose in the form: empty fields are not chosen."""

    def __init__(
        self,
        basis: Annotated[
            Basis | None, Query(description="What a share is a share of; without it what most is known of")
        ] = None,
        service: Annotated[
            str | None,
            Query(
                max_length=300, description="Slug, IRI or name of a service type; without it and a basis IT services"
            ),
        ] = None,
        place: Annotated[str, Query(max_length=300, description="Slug, IRI or name of a place")] = "",
        start: Annotated[str, Query(alias="from", description="First day of the period")] = "",
        end: Annotated[str, Query(alias="to", description="Last day of the period")] = "",
        level: Annotated[Level, Query(description="Legal entities, or groups")] = "entity",
    ) -> None:
        self.is_default = basis is None and service is None
        self.basis: Basis = basis or "customers"
        self.has_basis = basis is not None
        self.level: Level = level
        self.service, self.place = (service or "").strip(), place.strip()
        self.start, self.end = optional_day("from", start), optional_day("to", end)
        period_of(self.start, self.end)

    def filters(self, table: EdgeTable) -> Filters:
        """Return the market as figures are asked for; what was not chosen is what the edge table knows most of."""
        if not self.has_basis:
            known: dict[str, bool] = dict(table.rows(_KNOWN, {"it": IT_SERVICES}))
            kind = next(
                (kind for kind in _BASES if known.get(kind)), next((kind for kind in _BASES if kind in known), "")
            )
            self.basis = _BASES.get(kind, "customers")
            if self.is_default and known.get(kind):
                self.service = table.label(IT_SERVICES)
        return Filters(
            basis=self.basis,
            service=(self.service,) if self.service else (),
            place=(self.place,) if self.place else (),
            start=self.start,
            end=self.end,
            level=self.level,
        )

    def query(self, **others: str) -> str:
        """Return the choice as the query of an address, with other parameters before it."""
        fields = {
            "basis": self.basis,
            "service": self.service,
            "place": self.place,
            "from": str(self.start or ""),
            "to": str(self.end or ""),
            "level": "" if self.level == "entity" else self.level,
        }
        return urlencode({**others, **{name: value for name, value in fields.items() if value}})


def names_in(table: EdgeTable) -> Mapping[str, Sequence[str]]:
    """Return what the service types and places of edges, and all that they lie under, are called, in order."""
    found: dict[str, list[str]] = {"services": [], "places": []}
    for name, is_place in table.rows(sql("names_in_edges")):
        found["places" if is_place else "services"].append(name)
    return found
