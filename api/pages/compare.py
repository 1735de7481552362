"""Two bodies, or one body in two years, side by side: the sums of each, and what each has with every supplier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.pages.dealing_lines import added, nodes_of
from civicgraph.api.pages.dealings import Dealings, DealingsChoice, dealings_of
from civicgraph.api.pages.listing import Address, Column, Listing, Row, Value, arranged, flat
from civicgraph.api.pages.rendering import render
from civicgraph.api.serving import ServingDependency, Snapshot
from civicgraph.api.tables.flat import CONTENT_TYPES, form_of, table_response
from civicgraph.graph.edges.finding import find_party
from civicgraph.graph.measures.concentration import effective_number, hhi
from civicgraph.graph.records.iris import BASE

router = APIRouter(tags=["Pages"])

SIZE: Final = 100
_SUMS: Final = ("paid_a", "paid_b", "awarded_a", "awarded_b")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: who, in which year, and its suppliers."""

    name: str
    iri: str
    year: str
    found: Dealings | None

    @property
    def title(self) -> str:
        """What it is called above its column."""
        return f"{self.name}, {self.year}" if self.year else self.name

    @property
    def rows(self) -> Sequence[Row]:
        """Its suppliers, a line each."""
        return [] if self.found is None else [one for row in self.found.rows for one in (row.members or (row,))]

    @property
    def figures(self) -> Mapping[str, float | None]:
        """What is said of it: sums in pounds, HHI by what was paid from 0 to 10,000."""
        rows = self.rows
        shares = [share for row in rows if isinstance(share := row.cells["share"], float)]
        return {
            "Suppliers": len(rows),
            "Paid": added(rows, "paid"),
            "Awarded": added(rows, "awarded"),
            "HHI by what was paid": hhi(shares),
            "As good as so many equal suppliers": effective_number(shares),
            "Part of the largest supplier": max(shares, default=None),
        }


class Comparison:
    """What a reader compares: `a` with `b`, each in a year of its own if it has one."""

    def __init__(
        self,
        chosen: Annotated[DealingsChoice, Depends()],
        a: Annotated[str, Query(max_length=300, description="A body by key, slug, name or IRI")] = "",
        b: Annotated[str, Query(max_length=300, description="The other; the same one, where it is left out")] = "",
        other_year: Annotated[str, Query(max_length=7, description="The year of `b`; that of `a` without it")] = "",
    ) -> None:
        self.a, self.b, self.chosen = a.strip(), b.strip(), chosen
        self.year, self.other_year = chosen.year, other_year

    def sides(self, snapshot: Snapshot) -> tuple[Side, Side] | None:
        """Return the two; None where nobody is named yet."""
        if not self.a:
            return None
        first = self._side(snapshot, self.a, self.year)
        return first, self._side(snapshot, self.b or self.a, self.other_year or self.year)

    def _side(self, snapshot: Snapshot, name: str, year: str) -> Side:
        edges = snapshot.edges
        iri = BASE + name if BASE + name in edges.parties else find_party(edges, name, "buyer")
        choice = DealingsChoice(year=year, view=self.chosen.view or "all", service=self.chosen.service)
        found = dealings_of(snapshot.engine, edges, iri, "buyer", choice)
        return Side(edges.parties[iri].name if iri in edges.parties else name, iri, year, found)


def columns_of(one: Side, other: Side) -> Sequence[Column]:
    """Return the columns of a comparison."""
    return (
        Column("supplier", "Supplier", "node"),
        Column("services", "What for", "nodes"),
        Column("paid_a", f"Paid: {one.title}", "money"),
        Column("paid_b", f"Paid: {other.title}", "money"),
        Column("difference", "Difference", "money"),
        Column("awarded_a", f"Awarded: {one.title}", "money"),
        Column("awarded_b", f"Awarded: {other.title}", "money"),
        Column("until_a", f"Until: {one.title}", "day"),
        Column("until_b", f"Until: {other.title}", "day"),
        Column("iri", "iri", shown=False),
    )


def compared(one: Side, other: Side) -> list[Row]:
    """Return a line for each supplier of either, those with the most money of both first."""
    left, right = ({str(row.cells["iri"]): row.cells for row in side.rows} for side in (one, other))
    rows = [_line(left.get(iri, {}), right.get(iri, {})) for iri in {**left, **right}]
    return sorted(rows, key=lambda row: (-sum(_number(row.cells[name]) for name in _SUMS), str(row.cells["iri"])))


def _line(left: Mapping[str, Value], right: Mapping[str, Value]) -> Row:
    known = left or right
    paid_a, paid_b = left.get("paid"), right.get("paid")
    services = [node for of in (left, right) for node in nodes_of(of.get("services"))]
    both = [paid for paid in (paid_a, paid_b) if isinstance(paid, int | float)]
    difference = round(_number(paid_b) - _number(paid_a), 6) if both else None
    return Row(
        {
            "supplier": known["supplier"],
            "services": tuple(dict.fromkeys(services)),
            "paid_a": paid_a,
            "paid_b": paid_b,
            "difference": difference,
            "awarded_a": left.get("awarded"),
            "awarded_b": right.get("awarded"),
            "until_a": left.get("until"),
            "until_b": right.get("until"),
            "iri": known["iri"],
        }
    )


def _number(value: Value) -> float:
    return value if isinstance(value, int | float) else 0.0


@router.get("/compare.{form}", response_class=Response, responses=gives(*CONTENT_TYPES.values()))
def compare_file(
    request: Request, serving: ServingDependency, form: str, asked: Annotated[Comparison, Depends()]
) -> Response:
    """Return the suppliers of two bodies side by side, as the page shows them, as a file."""
    wanted = form_of(form, "a comparison")
    with serving.snapshot() as snapshot:
        sides = asked.sides(snapshot)
        if sides is None:
            raise HTTPException(400, "name a body: a=Leeds City Council, and with it b=another or other_year=another")
        columns = columns_of(*sides)
        rows = flat(columns, arranged(columns, compared(*sides), asked.chosen))
        return table_response(request, snapshot.version, [one.name for one in columns], rows, wanted)


@router.get("/compare", response_class=HTMLResponse)
def compare(request: Request, serving: ServingDependency, asked: Annotated[Comparison, Depends()]) -> HTMLResponse:
    """Show two bodies, or one body in two years, side by side."""
    address = Address.of(request)
    with serving.snapshot() as snapshot:
        sides = asked.sides(snapshot)
        if sides is None:
            return HTMLResponse(render("compare.html", asked=asked, sides=None))
        rows = arranged(columns_of(*sides), compared(*sides), asked.chosen)
    sums = {name: number for name in (*_SUMS, "difference") if (number := added(rows, name)) is not None}
    columns = [one for one in columns_of(*sides) if any(row.cells[one.name] not in (None, "", ()) for row in rows)]
    skip = asked.chosen.skip
    listing = Listing(
        columns=columns,
        rows=rows[skip : skip + SIZE],
        total=len(rows),
        address=address,
        sort=asked.chosen.sort,
        skip=skip,
        size=SIZE,
        sums=sums,
        names=("sort", "row"),
        fragment="suppliers",
    )
    files = {form: Address(f"/compare.{form}", address.pairs).changed(row=None) for form in ("csv", "xlsx")}
    return HTMLResponse(render("compare.html", asked=asked, sides=sides, listing=listing, files=files))
