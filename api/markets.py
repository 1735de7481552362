"""Markets on a page: their figures with the bands that authorities draw, and what a reader may choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import HTTPException, Query

from civicgraph.graph.measures.figures import MarketFigure
from civicgraph.graph.scope import Basis, Scope, find_place, find_service
from civicgraph.graph.ties.arrays import Ties


@dataclass(frozen=True, slots=True)
class Bands:
    """How an authority calls a market by its HHI: from each bound on, on the scale to 10,000."""

    source: str
    bounds: tuple[tuple[float, str], ...]

    def name(self, hhi: float) -> str:
        """Return what the authority calls a market.

        >>> BANDS[0].name(1_800), BANDS[0].name(1_801), BANDS[1].name(999)
        ('moderately concentrated', 'highly concentrated', 'unlikely to raise concerns')
        """
        return [name for bound, name in self.bounds if hhi > bound or bound == 0][-1]


BANDS: Final[tuple[Bands, ...]] = (
    Bands(
        "US merger guidelines 2023",
        ((0, "not concentrated"), (1_000, "moderately concentrated"), (1_800, "highly concentrated")),
    ),
    Bands(
        "EC 2004/C 31/03",
        ((0, "unlikely to raise concerns"), (1_000, "in between"), (2_000, "likely to raise concerns")),
    ),
)
"""Both look at mergers: neither says that a market so called is badly run."""


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
        if self.start and self.end and self.start > self.end:
            raise HTTPException(400, f"the period ends ({end}) before it begins ({start})")

    def scope(self, ties: Ties) -> Scope:
        """Return the market that is meant. Raises ScopeError for a service or place that is not in the data."""
        return Scope(
            service=find_service(ties.labels, self.service) if self.service else None,
            place=find_place(ties.labels, self.place) if self.place else None,
            start=self.start,
            end=self.end,
            basis=self.basis,
        )

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


def excluded(figure: MarketFigure) -> Sequence[str]:
    """Return what was left out of a figure, a reason with its count each."""
    return [part for part in figure.excluded.split("; ") if part]
