"""The tables as pages: facets, sums, a search within, an order by any column, and the same as files."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.pages.listing import Address, Listing, columns_of
from civicgraph.api.pages.rendering import render
from civicgraph.api.serving import ServingDependency, SnapshotDependency
from civicgraph.api.sparql.requests import negotiate
from civicgraph.api.tables.browse import Browsing, selected, view_of
from civicgraph.api.tables.catalog import COUNCIL, TABLES
from civicgraph.api.tables.flat import CONTENT_TYPES
from civicgraph.api.tables.table_filters import KINDS, options_of
from civicgraph.api.tables.table_routes import refuse_parameters, table_called, table_file
from civicgraph.graph.edges.filters import FILTERS, Names

router = APIRouter(prefix="/tables", tags=["Tables"])

ROWS: Final = 100
_OWN: Final = ("_sort", "_search", "_skip")
_SELDOM: Final = ("minimum", "sector", "size", "lot", "vat", "as_of", "level", "certainty", "currency")
"""The filters that the form keeps folded."""
_OFFERED: Final = {"application/json": False, "text/html": True}


@router.get("", response_class=Response, responses=gives(*_OFFERED))
def tables(request: Request) -> Response:
    """List the tables with their columns, the type of each, and their filters; as a page to a browser."""
    if negotiate(request.headers.get("accept", ""), _OFFERED):
        return HTMLResponse(render("tables.html", tables=TABLES, forms=CONTENT_TYPES), headers={"Vary": "Accept"})
    listed = [
        {
            "name": name,
            "description": table.description,
            "columns": {column: one.description for column, one in table.columns.items()},
            "types": {column: one.type for column, one in table.columns.items()},
            "filters": list(table.parameters),
        }
        for name, table in TABLES.items()
    ]
    return JSONResponse(listed, headers={"Vary": "Accept"})


@router.get("/{name}", response_class=Response, responses=gives(*_OFFERED))
def table(
    request: Request,
    serving: ServingDependency,
    snapshot: SnapshotDependency,
    name: str,
    sort: Annotated[str, Query(alias="_sort", description="A column; `-` before it: the largest first")] = "",
    search: Annotated[str, Query(alias="_search", max_length=200, description="Words that rows have")] = "",
    skip: Annotated[int, Query(alias="_skip", ge=0, le=10_000_000, description="Rows on the pages before")] = 0,
) -> Response:
    """Show a table to a browser: facets, sums, filters, an order, and the same as files; to others as JSON."""
    chosen = table_called(name)
    if not negotiate(request.headers.get("accept", ""), _OFFERED):
        response = table_file(request, serving, chosen, "json")
        response.headers["Vary"] = "Accept"
        return response
    refuse_parameters(request, (*_OWN, *chosen.parameters))
    address = Address.of(request)
    # A field of the form that is left empty is not a filter.
    given = {one: values for one in chosen.parameters if (values := [v for n, v in address.pairs if n == one])}
    asked = Browsing(sort, search)
    with selected(snapshot, chosen, given, asked, serving.settings.timeout) as found:
        view = view_of(found, chosen, asked, skip, ROWS)
        version = snapshot.version
    fields = [one for one in chosen.parameters if one != COUNCIL]
    page = render(
        "table.html",
        table=chosen,
        listing=Listing(columns_of(chosen), view, address, sort, skip, ROWS, ("_sort", "_skip")),
        view=view,
        given=given,
        search=search,
        fields=fields,
        seldom=[one for one in fields if one in _SELDOM],
        several=[one for one in fields if one not in FILTERS or FILTERS[one].type == Names],
        options={one: options_of(one) if one in FILTERS else KINDS if one == "kind" else () for one in fields},
        files=[(form, address.ending(form).changed(_skip=None)) for form in CONTENT_TYPES],
        help={one: FILTERS[one].metadata["help"] if one in FILTERS else "" for one in chosen.parameters},
        own=_OWN,
    )
    return HTMLResponse(page, headers={"ETag": f'W/"{version}"', "Vary": "Accept"})
