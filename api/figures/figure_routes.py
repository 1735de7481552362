"""Concentration figures over HTTP: what the command line prints, at an address."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import Response

from civicgraph.api.figures.figure_options import FigureOptions
from civicgraph.api.openapi import gives
from civicgraph.api.parameters import from_query
from civicgraph.api.serving import ServingDependency
from civicgraph.api.tables.flat import CONTENT_TYPES, table_bytes, versioned
from civicgraph.api.tables.table_routes import refuse_undeclared
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.measures.figure_columns import columns

router = APIRouter(tags=["Concentration"])

Form = Literal["json", "csv", "xlsx", "svg", "png"]
_TYPES: Final[Mapping[Form, str]] = {
    "json": CONTENT_TYPES["json"],
    "csv": CONTENT_TYPES["csv"],
    "xlsx": CONTENT_TYPES["xlsx"],
    "svg": "image/svg+xml",
    "png": "image/png",
}


@router.get(
    "/concentration.{form}",
    response_class=Response,
    responses=gives(*_TYPES.values()),
    dependencies=[Depends(refuse_undeclared)],
)
def concentration(
    serving: ServingDependency,
    form: Form,
    options: Annotated[FigureOptions, Depends(from_query(FigureOptions))],
    filters: Annotated[Filters, Depends(from_query(Filters))],
) -> Response:
    """Return the concentration of markets, suppliers or buyers: as a flat table, or as a picture.

    A picture is a Lorenz curve by market, HHI over time with `every`, else bars of the largest shares.
    """
    with serving.snapshot() as snapshot, snapshot.edges.scoped(filters.scope(snapshot.edges)) as found:
        if form == "csv":
            content = options.csv(snapshot.edges, found).encode()
        elif form == "json" or form == "xlsx":  # noqa: PLR1714 - so that the type is known
            content = table_bytes(columns(options.by), options.of(snapshot.edges, found), form)
        else:
            from civicgraph.graph.exports.plots import PlotError, draw  # noqa: PLC0415 - the library takes a while

            figures = options.of(snapshot.edges, found)
            try:
                content = draw(found, figures, f".{form}", over_time=options.every is not None)
            except PlotError as error:
                raise HTTPException(400, str(error)) from error
        return versioned(snapshot.version, content, _TYPES[form])
