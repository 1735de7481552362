"""Markets on a page: their figures with the bands that authorities draw, and what a reader may choose."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query

from civicgraph.api.filters import optional_day
from civicgraph.api.own_queries import sql
from civicgraph.graph.edges.filters import Filters, period_of
from civicgraph.graph.edges.scope import Basis, Level
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.bands import EC_2004, US_2023, ec_band, us_band

BANDS: Final[Mapping[str, Callable[[float | None], str | None]]] = {US_2023: us_band, EC_2004: ec_band}
"""How authorities call a market by its HHI. Both look at mergers: neither says that a market so called is badly run."""


class MarketChoice:
    """What a reader chose in the form: empty fields are not chosen."""

    def __init__(
        self,
        basis: Annotated[Basis, Query(description="What a share is a share of")] = "customers",
        service: Annotated[str, Query(max_length=300, description="Slug, IRI or name of a service type")] = "",
        place: Annotated[str, Query(max_length=300, description="Slug, IRI or name of a place")] = "",
        start: Annotated[str, Query(alias="from", description="First day of the period")] = "",
        end: Annotated[str, Query(alias="to", description="Last day of the period")] = "",
        level: Annotated[Level, Query(description="Legal entities, or groups")] = "entity",
    ) -> None:
        self.basis: Basis = basis
        self.level: Level = level
        self.service, self.place = service.strip(), place.strip()
        self.start, self.end = day_of(start, "from"), day_of(end, "to")
        period_of(self.start, self.end)

    def filters(self) -> Filters:
        """Return the market as figures are asked for."""
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


def day_of(text: str, name: str = "on") -> date | None:
    """Return the day of a form's field, None for an empty one. Raises ScopeError for what is not a day."""
    return optional_day(name, text)
