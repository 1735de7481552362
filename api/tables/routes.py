"""Flat tables for dashboards at /tables: columns that never change their order or meaning."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib.resources import files
from typing import Final, Protocol

import orjson
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.tables.flat import CONTENT_TYPES, Cell, TableFormat, TableRow, etag_response, table_response
from civicgraph.api.tables.headers import Column, StoredQuery, read_query
from civicgraph.api.tables.rows import asked_rows, dependence_rows
from civicgraph.api.tables.store import Layout, Page, TableStore
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.manifest import Manifest
from civicgraph.ontology.terms import SERVICES_NS

router = APIRouter(prefix="/tables", tags=["Tables"])

_PAGING: Final = ("_size", "_next", "_shape")
PERIOD: Final = ("from", "to", "as_of")
SHAPES: Final = ("array", "objects", "arrays")
ROWS: Final = 1000
MOST_ROWS: Final = 100_000


class Source(Protocol):
    """What tables are made from: a snapshot."""

    @property
    def engine(self) -> Engine:
        """The engine that answers over it."""

    @property
    def manifest(self) -> Manifest:
        """What it holds."""

    @property
    def ties(self) -> Ties:
        """Its ties."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what it holds, how it is kept, what it can be filtered by, and how its rows are made."""

    description: str
    layout: Layout
    filters: Mapping[str, tuple[str, ...]]
    rows: Callable[[Source], Iterable[TableRow]]

    @property
    def columns(self) -> Mapping[str, str]:
        """The columns with what each means."""
        return {name: column.description for name, column in self.layout.columns.items()}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the filters."""
        has_period = {"from", "to"} <= set(self.layout.columns)
        return (*self.filters, *(PERIOD if has_period else ()))


@router.get("")
def list_tables() -> list[dict[str, object]]:
    """List the tables with their columns, the type of each, and their filters."""
    return [
        {
            "name": name,
            "description": table.description,
            "columns": dict(table.columns),
            "types": {column: one.type for column, one in table.layout.columns.items()},
            "filters": list(table.parameters),
        }
        for name, table in TABLES.items()
    ]


@router.get("/{name}.{form}", include_in_schema=False)
def read_table(request: Request, serving: ServingDependency, name: str, form: str) -> Response:
    """Return a page of a table as JSON (an array of objects), CSV, or JSON lines.

    `_size` is how many rows, `_next` where the page before ended, `_shape` is array, objects or arrays; every other
    parameter is a filter that /tables lists.
    """
    table = TABLES.get(name)
    if table is None:
        raise HTTPException(404, f"there is no table {name[:80]!r}; there are: {', '.join(TABLES)}")
    known: dict[str, TableFormat] = {"json": "json", "csv": "csv", "ndjson": "ndjson"}
    if form not in known:
        raise HTTPException(404, f"a table ends in .json, .csv or .ndjson, not in .{form[:80]}")
    refuse_parameters(request, (*_PAGING, *table.parameters))
    given = dict(request.query_params)
    size, shape = _size(given.get("_size")), given.get("_shape", "array")
    if shape not in SHAPES or (shape != "array" and form != "json"):
        raise HTTPException(400, f"_shape is array, or for .json also objects or arrays, not {shape[:80]!r}")
    with serving.snapshot() as snapshot:
        store, layout = snapshot.tables, table.layout
        store.fill(layout, lambda: table.rows(snapshot), serving.settings.timeout)
        where, values = _conditions(store, table, given)
        page = store.page(layout, where, values, given.get("_next"), size)
        columns = list(layout.columns)
        following = None if page.next is None else str(request.url.include_query_params(_next=page.next))
        if shape == "array":
            response = table_response(request, snapshot.version, columns, page.rows, known[form])
        else:

            def shaped() -> bytes:
                return _shaped(columns, page, following, shape)

            response = etag_response(request, snapshot.version, shaped, CONTENT_TYPES["json"])
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _shaped(columns: Sequence[str], page: Page, following: str | None, shape: str) -> bytes:
    rows = list(page.rows) if shape == "objects" else [[row[name] for name in columns] for row in page.rows]
    return orjson.dumps({"columns": columns, "rows": rows, "next": page.next, "next_url": following})


def _size(text: str | None) -> int:
    if text is None:
        return ROWS
    if text == "max":
        return MOST_ROWS
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_ROWS)) or not 1 <= int(text) <= MOST_ROWS:
        raise HTTPException(400, f"_size is a number from 1 to {MOST_ROWS}, or max, not {text[:80]!r}")
    return int(text)


def _conditions(store: TableStore, table: Table, given: Mapping[str, str]) -> tuple[str, list[Cell]]:
    """Return the SQL condition of the filters, with its values."""
    wheres: list[str] = []
    values: list[Cell] = []
    for name, columns in table.filters.items():
        if name in given:
            met = store.met(table.layout, columns, _meant(given[name]))
            if not met:
                _refuse_value(store, table, name, given[name])
            # One column and one value in most cases: its index gives the rows in their order.
            wheres.append("(" + (" OR ".join(f'"{column}" = ?' for column, _ in met) or "FALSE") + ")")
            values += [value for _, value in met]
    earliest, latest = (_day(given, name) or _day(given, "as_of") for name in ("from", "to"))
    if earliest is not None:
        wheres.append('("to" IS NULL OR "to" >= ?)')
        values.append(earliest)
    if latest is not None:
        wheres.append('("from" IS NULL OR "from" <= ?)')
        values.append(latest)
    return " AND ".join(wheres), values


def _meant(value: str) -> tuple[str, ...]:
    """Return what a filter's value may stand for: a name, an IRI, or the end of one."""
    return (value, BASE + value, f"{BASE}organisation/{value}", f"{BASE}place/{value}", SERVICES_NS + value)


def _refuse_value(store: TableStore, table: Table, name: str, value: str) -> None:
    known = store.values(table.layout, table.filters[name][0], MOST_ROWS)
    if known:
        near = get_close_matches(value, known, 5, 0.4) or sorted(known)[:10]
        raise HTTPException(400, f"no row has {name}={value[:80]!r}; there are, among others: {'; '.join(near)}")


def _day(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise HTTPException(400, f"{name} is a day such as 2019-04-01, not {text[:80]!r}") from error


def refuse_parameters(request: Request, known: Sequence[str]) -> None:
    """Refuse a request with a parameter that is not known: a misspelt filter must not go unnoticed."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise HTTPException(400, f"unknown parameter {unknown[0]!r}; known are: {', '.join(known) or 'none yet'}")


_DEPENDENCIES: Final = Table(
    description="Who depends on whom: a row for each buyer, supplier, service type and place of a service or "
    "contract that is established. Values are split evenly over the rows of one tie, so that sums hold.",
    layout=Layout(
        "dependencies",
        {
            "buyer": Column("text", "Name of the buyer or customer"),
            "supplier": Column("text", "Name of the supplier or provider"),
            "service": Column("text", "Name of the service type; empty where none is stated"),
            "place": Column("text", "Name of the area served; empty where none is stated or derived"),
            "from": Column("date", "Earliest day on which the tie may have begun; empty where unknown"),
            "to": Column("date", "Latest day on which it may have ended or is to end; empty where unknown"),
            "value": Column("number", "This row's part of the awarded value; empty where none is known"),
            "currency": Column("text", "ISO 4217 code of the value"),
            "certainty": Column("text", "asserted, reported or speculative: of the least certain claim behind the tie"),
            "evidence": Column("text", "IRIs of the claims that the tie rests on, set off by spaces"),
            "kind": Column("text", "service or contract"),
            "tie": Column("iri", "IRI of the service or contract"),
            "buyer_iri": Column("iri", "IRI of the buyer"),
            "supplier_iri": Column("iri", "IRI of the supplier"),
            "service_iri": Column("iri", "IRI of the service type"),
            "place_iri": Column("iri", "IRI of the place"),
        },
        ("buyer", "supplier", "tie", "service_iri", "place_iri"),
        ("buyer", "buyer_iri", "supplier", "supplier_iri", "service", "service_iri", "place", "place_iri", "certainty"),
    ),
    filters={
        "council": ("buyer", "buyer_iri"),
        "buyer": ("buyer", "buyer_iri"),
        "supplier": ("supplier", "supplier_iri"),
        "service": ("service", "service_iri"),
        "place": ("place", "place_iri"),
        "certainty": ("certainty",),
        "kind": ("kind",),
    },
    rows=lambda source: dependence_rows(source.engine, source.ties),
)


def _sources(source: Source) -> Iterator[TableRow]:
    for one in source.manifest.sources:
        yield {"source": one.id, "kind": one.kind, "label": one.label, "latest": one.latest}


_SOURCES: Final = Table(
    description="Sources: what is loaded.",
    layout=Layout(
        "sources",
        {
            "source": Column("text", "Its id, by which it can be unloaded"),
            "kind": Column("text", "What reader it came through"),
            "label": Column("text", "What people call it"),
            "latest": Column("date", "The latest day of award or payment in it; empty where it has none"),
        },
        ("source",),
        ("kind",),
    ),
    filters={"kind": ("kind",)},
    rows=_sources,
)


def _asked(query: StoredQuery) -> Table:
    """Return the table that a query file describes."""

    def rows(source: Source) -> Iterator[TableRow]:
        return asked_rows(source.engine, query.sparql, query.columns)

    looked_up = tuple(dict.fromkeys(column for columns in query.filters.values() for column in columns))
    layout = Layout(query.name, query.columns, query.order, looked_up)
    return Table(query.description, layout, query.filters, rows)


def _tables() -> Mapping[str, Table]:
    folder = files("civicgraph.api").joinpath("tabled")
    texts = {item.name.removesuffix(".rq"): item.read_text(encoding="utf-8") for item in folder.iterdir()}
    asked = {name: _asked(read_query(name, text)) for name, text in texts.items()}
    return dict(sorted({**asked, "dependencies": _DEPENDENCIES, "sources": _SOURCES}.items()))


TABLES: Final = _tables()
