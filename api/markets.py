"""Markets on a page: their figures with the bands that authorities draw, and what a reader may choose."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import HTTPException, Query

from civicgraph.api.asked import Asked
from civicgraph.api.selecting import period_of
from civicgraph.graph.measures.bands import EC_2004, US_2023, ec_band, us_band
from civicgraph.graph.scope import Basis, Scope
from civicgraph.graph.ties.arrays import Ties

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
    ) -> None:
        self.basis: Basis = basis
        self.service, self.place = service.strip(), place.strip()
        self.start, self.end = _day(start), _day(end)
        period_of(self.start, self.end)

    def scope(self, ties: Ties) -> Scope:
        """Return the market that is meant. Raises ScopeError for a service or place that is not in the data."""
        asked = Asked(
            basis=self.basis,
            service=self.service or None,
            place=self.place or None,
            start=self.start,
            end=self.end,
        )
        return asked.scope(ties)

    def query(self, **others: str) -> str:
        """Return the choice as the query of an address, with other parameters before it."""
        fields = {
            "basis": self.basis,
            "service": self.service,
            "place": self.place,
            "from": str(self.start or ""),
            "to": str(self.end or ""),
        }
        return urlencode({**others, **{name: value for name, value in fields.items() if value}})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise HTTPException(400, f"{text[:40]!r} is no day such as 2014-03-31") from error
