"""Two bodies, or one body in two years, side by side: the sums of each, and what each has with every supplier."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.own_queries import sql
from civicgraph.api.pages.dealings import DealingsChoice, dealings_in
from civicgraph.api.pages.listing import Address, Listing, columns_of, flat, known, listed
from civicgraph.api.pages.rendering import render
from civicgraph.api.serving import Snapshot, SnapshotDependency
from civicgraph.api.tables import catalog
from civicgraph.api.tables.browse import Browsing, browsed_page, view_of
from civicgraph.api.tables.catalog import Table
from civicgraph.api.tables.flat import CONTENT_TYPES, form_of, table_response
from civicgraph.api.tables.table_filters import iri_or_name
from civicgraph.graph.edges.finding import find_party, names_of
from civicgraph.graph.edges.table import Scoped
from civicgraph.graph.measures.concentration import effective_number, hhi

router = APIRouter(tags=["Pages"])

SIZE: Final = 100
_ALL: Final = 2**31
_SUPPLIERS: Final = "SELECT name AS supplier, iri, services, paid, awarded, until, share FROM dealings"
_FORM: Final = """
[{"iri": "VARCHAR", "supplier": "VARCHAR", "services": [{"text": "VARCHAR", "iri": "VARCHAR"}],
  "paid": "DOUBLE", "awarded": "DOUBLE", "until": "DATE"}]
"""


Side = Mapping[str, Any]
"""One of the two: who (`name`, `iri`), with the year as `title`; its suppliers (`rows`); `figures`, sums in pounds."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a reader compares: `a` with `b`, each in a year of its own if it has one."""

    choice: Annotated[DealingsChoice, Depends()]
    a: Annotated[str, Query(max_length=300, description="A body by key, slug, name or IRI")] = ""
    b: Annotated[str, Query(max_length=300, description="The other; the same one, where it is left out")] = ""
    other_year: Annotated[str, Query(max_length=7, description="The year of `b`; that of `a` without it")] = ""

    @property
    def order(self) -> Browsing:
        """The order of its lines, and the words that they have."""
        return Browsing(self.choice.sort, self.choice.search)

    @contextmanager
    def lines(self, snapshot: Snapshot) -> Iterator[tuple[tuple[Side, Side], Scoped]]:
        """Select the suppliers of either, a line each, as `selected`; give the two sides."""
        with self._side(snapshot, self.a, self.choice.year) as (first, _):
            pass
        with self._side(snapshot, self.b or self.a, self.other_year or self.choice.year) as (second, found):
            listed(
                found, _table(), sql("compare"), self.order, {"a": orjson.dumps(first["rows"]).decode(), "form": _FORM}
            )
            yield (first, second), found

    @contextmanager
    def _side(self, snapshot: Snapshot, name: str, year: str) -> Iterator[tuple[Side, Scoped]]:
        edges = snapshot.edges
        iri = find_party(edges, iri_or_name(name.strip()), "buyer")
        called = names_of(edges, (iri,)).get(iri, name)
        choice = DealingsChoice(year=year, view=self.choice.view or "all", service=self.choice.service)
        with dealings_in(snapshot, (iri, "buyer"), choice) as (found, _):
            rows = list(found.records(_SUPPLIERS))
            paid, awarded, shares = (
                [row[of] for row in rows if row[of] is not None] for of in ("paid", "awarded", "share")
            )
            figures = {
                "Suppliers": len(rows),
                "Paid": sum(paid) if paid else None,
                "Awarded": sum(awarded) if awarded else None,
                "HHI by what was paid": hhi(shares),
                "As good as so many equal suppliers": effective_number(shares),
                "Part of the largest supplier": max(shares, default=None),
            }
            title = f"{called}, {year}" if year else called
            yield {"name": called, "iri": iri, "title": title, "rows": rows, "figures": figures}, found


@cache
def _table() -> Table:
    head = catalog.StoredQuery.read("compare.sql", sql("compare"))
    columns = {**head.columns, "words": catalog.Column("text", "What a search looks through")}
    return Table("comparison", "", head.description, columns, sums=head.sums)


@router.get("/compare.{form}", response_class=Response, responses=gives(*CONTENT_TYPES.values()))
def compare_file(snapshot: SnapshotDependency, form: str, asked: Annotated[Comparison, Depends()]) -> Response:
    """Return the suppliers of two bodies side by side, as the page shows them, as a file."""
    wanted = form_of(form, "a comparison")
    if not asked.a:
        raise HTTPException(400, "name a body: a=Leeds City Council, and with it b=another or other_year=another")
    with asked.lines(snapshot) as (_, found):
        rows = flat(browsed_page(found, _table(), asked.order, 0, _ALL)[0])
        columns = [name for name in _table().columns if name != "words"]
        return table_response(snapshot.version, columns, rows, wanted)


@router.get("/compare", response_class=HTMLResponse)
def compare(request: Request, snapshot: SnapshotDependency, asked: Annotated[Comparison, Depends()]) -> HTMLResponse:
    """Show two bodies, or one body in two years, side by side."""
    if not asked.a:
        return HTMLResponse(render("compare.html", asked=asked, sides=None))
    address, skip = Address.of(request), asked.choice.skip
    with asked.lines(snapshot) as (sides, found):
        titles = {"supplier": "Supplier", "services": "What for", "difference": "Difference"}
        for side, letter in zip(sides, "ab", strict=True):
            titles |= {
                f"{name}_{letter}": f"{name.capitalize()}: {side['title']}" for name in ("paid", "awarded", "until")
            }
        columns = columns_of(_table(), titles)
        # Where something is known of one side, the other has its column too.
        shown = {column.name.removesuffix("_a").removesuffix("_b") for column in known(columns, found)}
        columns = [column for column in columns if column.name.removesuffix("_a").removesuffix("_b") in shown]
        view = view_of(found, _table(), asked.order, skip, SIZE)
    listing = Listing(columns, view, address, asked.choice.sort, skip, SIZE, fragment="suppliers")
    files = {form: address.ending(form).changed(row=None) for form in ("csv", "xlsx")}
    page = render("compare.html", asked=asked, sides=sides, listing=listing, files=files)
    return HTMLResponse(page, headers={"ETag": f'W/"{snapshot.version}"'})
