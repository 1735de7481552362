"""Concentration figures over HTTP: what the command line prints, at an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.described import gives
from civicgraph.api.filters import NAMES, SEVERAL, http_filters
from civicgraph.api.tables.flat import CONTENT_TYPES, etag_response, table_bytes
from civicgraph.api.tables.routes import refuse_parameters
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.figure_columns import By, Figure, as_rows, columns
from civicgraph.graph.measures.figures import figures_of, figures_over_time, party_csv
from civicgraph.graph.measures.periods import Every

router = APIRouter(tags=["Concentration"])

Form = Literal["json", "csv", "xlsx", "svg", "png"]
_TYPES: Final[Mapping[Form, str]] = {
    "json": CONTENT_TYPES["json"],
    "csv": CONTENT_TYPES["csv"],
    "xlsx": CONTENT_TYPES["xlsx"],
    "svg": "image/svg+xml",
    "png": "image/png",
}


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """What figures are asked for beside the filters."""

    by: Annotated[By, Query(description="Whose figures")] = "market"
    every: Annotated[Every | None, Query(description="A figure for each such period")] = None
    cap: Annotated[float | None, Query(ge=0, description="The most that an unknown value may be")] = None
    structure: Annotated[bool, Query(description="Betweenness and cores too, however long it takes")] = False

    def of(self, table: EdgeTable, found: Scoped) -> Sequence[Figure]:
        """Return the figures of the rows of a scope.

        Raises
        ------
        ScopeError
            They would be of too many periods.
        """
        if self.every is None:
            return figures_of(table, found, self.by, cap=self.cap, structure=self.structure)
        return figures_over_time(table, found.scope, self.by, self.every, cap=self.cap, structure=self.structure)


_PARAMETERS: Final = (*(field.name for field in fields(FigureOptions)), *NAMES)


@router.get("/concentration.{form}", response_class=Response, responses=gives(*_TYPES.values()))
def concentration(
    request: Request,
    serving: ServingDependency,
    form: Form,
    filters: Annotated[Filters, Depends(http_filters())],
    options: Annotated[FigureOptions, Depends()],
) -> Response:
    """Return the concentration of markets, suppliers or buyers: as a flat table, or as a picture.

    A picture is a Lorenz curve by market, HHI over time with `every`, else bars of the largest shares.
    """
    refuse_parameters(request, _PARAMETERS, SEVERAL)
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            table = snapshot.edges
            with table.scoped(filters.scope(table)) as found:
                if form == "csv" and options.by != "market" and options.every is None:
                    return party_csv(table, found, options.by, structure=options.structure).encode()
                figures = options.of(table, found)
                if form == "json" or form == "csv" or form == "xlsx":  # noqa: PLR1714 - so that the type is known
                    return table_bytes(columns(options.by), as_rows(figures), form)
                from civicgraph.graph.exports.plots import PlotError, draw  # noqa: PLC0415 - the library takes a while

                try:
                    return draw(found, figures, f".{form}", over_time=options.every is not None)
                except PlotError as error:
                    raise HTTPException(400, str(error)) from error

        return etag_response(request, snapshot.version, answer, _TYPES[form])
