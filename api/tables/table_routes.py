"""Flat tables for dashboards at /tables: columns that never change their order or meaning."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import orjson
from fastapi import APIRouter, HTTPException, Request
from fastapi.dependencies.models import Dependant
from starlette.responses import Response

from civicgraph.api.parameters import SEVERAL
from civicgraph.api.serving import Serving, ServingDependency
from civicgraph.api.tables.browse import Browsing, browsed_page, edge_page, selected
from civicgraph.api.tables.catalog import TABLES, Table
from civicgraph.api.tables.flat import CONTENT_TYPES, TableFormat, form_of, table_response, versioned

router = APIRouter(prefix="/tables", tags=["Tables"])

PAGING: Final = ("_size", "_next", "_shape", "_sort", "_search")
SHAPES: Final = ("array", "objects", "arrays")
ROWS: Final = 1000
MOST_ROWS: Final = 100_000
_LAST: Final = 2**62
_ADDED: Final = re.compile(r"utm_\w+|\w*clid")
"""Parameters by which social networks and newsletters follow a link."""


@router.get("/{name}.{form}", include_in_schema=False)
def read_table(request: Request, serving: ServingDependency, name: str, form: str) -> Response:
    """Return a page of a table as JSON (an array of objects), CSV, JSON lines, or a workbook.

    `_size` is how many rows, `_next` where the page before ended, `_shape` is array, objects or arrays; `_sort` is a
    column, with `-` before it the largest first, `_search` words that rows have; every other parameter is a filter that
    /tables lists.
    """
    return table_file(request, serving, table_called(name), form_of(form, "a table"))


def table_called(name: str) -> Table:
    """Return a table by its name. Raises HTTPException where there is none."""
    if name not in TABLES:
        raise HTTPException(404, f"there is no table {name[:80]!r}; there are: {', '.join(TABLES)}")
    return TABLES[name]


def table_file(request: Request, serving: Serving, table: Table, form: TableFormat) -> Response:
    """Return a page of a table as a file."""
    refuse_parameters(request, (*PAGING, *table.parameters))
    given = {name: request.query_params.getlist(name) for name in request.query_params}
    paging = {name: _once(given, name) for name in PAGING}
    browsing = Browsing(paging["_sort"] or "", paging["_search"] or "")
    size, shape = _size(paging["_size"]), paging["_shape"] or "array"
    if shape not in SHAPES or (shape != "array" and form != "json"):
        raise HTTPException(400, f"_shape is array, or for .json also objects or arrays, not {shape[:80]!r}")
    with serving.snapshot() as snapshot:
        after = _after(paging["_next"], snapshot.version)
        if table.origin == "edges" and not (browsing.sort or browsing.search):
            page, last = edge_page(snapshot.edges, table, given, after, size)
        else:
            with selected(snapshot, table, given, browsing, serving.settings.timeout) as found:
                page, last = browsed_page(found, table, browsing, after + 1, size)
        key = None if last is None else f"{snapshot.version}~{last}"
        following = None if key is None else str(request.url.include_query_params(_next=key))
        columns = list(table.columns)
        if shape == "array":
            response = table_response(snapshot.version, columns, page, form)
        else:
            rows = page if shape == "objects" else [[row[name] for name in columns] for row in page]
            shaped = orjson.dumps({"columns": columns, "rows": rows, "next": key, "next_url": following})
            response = versioned(snapshot.version, shaped, CONTENT_TYPES["json"])
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _once(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = given.get(name, ())
    if len(values) > 1:
        raise HTTPException(400, f"{name} was given twice; give one of them")
    return values[0] if values else None


def _size(text: str | None) -> int:
    if text is None:
        return ROWS
    if text == "max":
        return MOST_ROWS
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_ROWS)) or not 1 <= int(text) <= MOST_ROWS:
        raise HTTPException(400, f"_size is a number from 1 to {MOST_ROWS}, or max, not {text[:80]!r}")
    return int(text)


def _after(text: str | None, version: str) -> int:
    """Return the place that a page begins after: rows have another place in another version of the data."""
    if text is None:
        return -1
    of, _, place = text.rpartition("~")
    if not place.isascii() or not place.isdigit() or len(place) > len(str(_LAST)) or int(place) > _LAST:
        raise HTTPException(400, f"_next is what a page gave, not {text[:80]!r}; leave it out to begin")
    if of != version:
        raise HTTPException(400, "the data has changed since that page was given; leave _next out to begin again")
    return int(place)


def refuse_unmeant(request: Request) -> None:
    """Refuse what a page does not take, and twice what means one; what a network adds to a link that is shared stays.

    For routes whose parameters are all declared, as a dependency.
    """
    added = [name for name in request.query_params if _ADDED.fullmatch(name)]
    refuse_parameters(request, [*_taken(request.scope["route"].dependant), *added], added)


def refuse_undeclared(request: Request) -> None:
    """Refuse what data does not take, and twice what means one; for routes whose parameters are all declared."""
    refuse_parameters(request, list(_taken(request.scope["route"].dependant)), SEVERAL)


def _taken(dependant: Dependant) -> Iterator[str]:
    yield from (one.alias for one in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _taken(inner)


def refuse_parameters(request: Request, known: Sequence[str], several: Collection[str] | None = None) -> None:
    """Refuse a request with a parameter that is not known, or twice where it means one: neither must go unnoticed.

    Parameters
    ----------
    request
        The request.
    known, several
        The parameters that there are, and those of them that may be given more than once; None for all.
    """
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise HTTPException(400, f"unknown parameter {unknown[0]!r}; known are: {', '.join(known) or 'none yet'}")
    for name in request.query_params:
        if several is not None and name not in several:
            _once({name: request.query_params.getlist(name)}, name)
