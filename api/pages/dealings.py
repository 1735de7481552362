"""What an organisation has with each other: what for, run from where, until when, for how much; IT first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from fastapi import HTTPException, Query

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.dealing_lines import Lines, added, grouped, nodes_of, of_all
from civicgraph.api.pages.listing import Address, Column, Listing, Row, arranged
from civicgraph.api.pages.ties import Side
from civicgraph.api.pages.values import Node
from civicgraph.api.parameters import optional_day
from civicgraph.graph.edges.finding import find_service
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.ontology.terms import SERVICES_NS

View = Literal["it", "other", "unknown", "all"]

IT: Final = tuple(SERVICES_NS + name for name in ("it-services", "back-office", "bpo"))
"""The service types of IT and back office, with all under them."""
VIEWS: Final[Mapping[View, str]] = {
    "it": "IT and back office",
    "other": "Other services",
    "unknown": "Not known what for",
    "all": "All",
}
SIZE: Final = 50
_YEAR: Final = re.compile(r"(\d{4})(-\d\d)?")


class DealingsChoice:
    """What a reader chose above the table: empty fields are not chosen."""

    def __init__(
        self,
        year: Annotated[str, Query(max_length=7, description="A year (2019), or one from April (2019-20)")] = "",
        view: Annotated[View | Literal[""], Query(alias="for", description="What for: `it`, or `all`")] = "",
        service: Annotated[str, Query(max_length=300, description="A service type by slug, IRI or name")] = "",
        search: Annotated[str, Query(alias="q", max_length=200, description="Words that a line has")] = "",
        sort: Annotated[str, Query(max_length=20, description="A column; `-` before it: the largest first")] = "",
        skip: Annotated[int, Query(alias="row", ge=0, le=10_000_000, description="Lines on the pages before")] = 0,
        on: Annotated[str, Query(max_length=10, description="The day on which its group is shown")] = "",
    ) -> None:
        self.year, self.service, self.search = year, service.strip(), search
        self.view: View | Literal[""] = view
        self.sort, self.skip, self.on = sort, skip, optional_day("on", on)

    def period(self) -> tuple[date | None, date | None]:
        """Return the first and the last day of the year that was chosen."""
        if not self.year:
            return None, None
        found = _YEAR.fullmatch(self.year)
        year, following = (int(found[1]), found[2]) if found else (0, None)
        if not 1 <= year < date.max.year or (following and int(following[1:]) != (year + 1) % 100):
            raise HTTPException(400, f"{self.year!r} is not a year such as 2019, or 2019-20 for one from April")
        return (date(year, 4, 1), date(year + 1, 3, 31)) if following else (date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Dealings:
    """The others of a party in a role: `rows` is of the chosen view and search, `counts` of each view with its pounds.

    `next_ends` are the lines of which something ends next; `services` are those that there are to choose from.
    """

    side: Side
    view: View
    columns: Sequence[Column]
    rows: Sequence[Row]
    counts: Mapping[View, tuple[int, float]]
    years: Sequence[str]
    services: Sequence[Node]
    next_ends: Sequence[Row]
    choice: DealingsChoice
    on: date | None

    @property
    def titles(self) -> Mapping[View, str]:
        """What the views are called."""
        return VIEWS

    def listing(self, address: Address) -> Listing:
        """Return one page of the rows."""
        skip = self.choice.skip
        sums = {name: added(self.rows, name) for name in ("paid", "paid_in_all", "awarded")}
        return Listing(
            # What is known of no line would be a column of dashes.
            columns=[one for one in self.columns if any(row.cells[one.name] not in _NOTHING for row in self.rows)],
            rows=self.rows[skip : skip + SIZE],
            total=len(self.rows),
            address=address,
            sort=self.choice.sort,
            skip=skip,
            size=SIZE,
            sums={name: number for name, number in sums.items() if number},
            names=("sort", "row"),
            fragment=f"as-{self.side}",
        )

    def file_address(self, address: Address, form: str) -> str:
        """Return where what is shown is given as a file."""
        path = f"{address.path}/{'suppliers' if self.side == 'buyer' else 'customers'}.{form}"
        return Address(path, address.pairs).changed(row=None, **{"for": self.view})


def _columns(side: Side) -> tuple[Column, ...]:
    other = "supplier" if side == "buyer" else "customer"
    return (
        Column(other, other.capitalize(), "node"),
        Column("services", "What for", "nodes"),
        Column("paid", "Paid", "money"),
        Column("paid_in_all", "Paid for anything", "money"),
        Column("awarded", "Awarded", "money"),
        Column("since", "Since", "day"),
        Column("until", "Until", "day"),
        Column("ends_next", "Ends next", "day"),
        Column("run_from", "Run from", "nodes"),
        Column("departments", "Departments", "nodes"),
        Column("share", "Part of all paid", "share"),
        Column("last_paid", "Last paid", "day"),
        Column("months", "Months paid in", "number"),
        Column("evidence", "Rests on", "evidence"),
        *(
            Column(name, name, shown=False)
            for name in ("payments", "ended", "company_number", "group", "places", "iri")
        ),
    )


def dealings_of(engine: Engine, table: EdgeTable, iri: str, side: Side, choice: DealingsChoice) -> Dealings | None:
    """Return what a party has with each other as buyer or as supplier; None where it plays no such role.

    Raises
    ------
    ScopeError
        No service type is called as was chosen.
    """
    years = table.rows(sql("years_of"), {"party": iri, "is_buyer": side == "buyer"})
    whole = Lines(engine, table, (iri, side), choice.period())
    everything = whole.rows(())
    if not everything and not years:
        return None
    under = set(table.rows(_UNDER, {"iris": list(IT)}))
    known = [row for row in everything if row.cells["services"]]
    has_it = any((node.iri,) in under for row in known for node in nodes_of(row.cells["services"]))
    in_it = of_all(whole.rows(IT), everything) if has_it else []
    rows: dict[View, Sequence[Row]] = {
        "it": in_it,
        "other": [row for row in known if not any((node.iri,) in under for node in nodes_of(row.cells["services"]))],
        "unknown": [row for row in everything if not row.cells["services"]],
        "all": everything,
    }
    view = choice.view or ("it" if in_it else "all")
    chosen = rows[view]
    if choice.service:
        chosen = of_all(whole.rows((find_service(table, choice.service),)), everything)
    lines = arranged(_columns(side), grouped(chosen, table, whole.on), choice)
    ending = sorted((row for row in lines if row.cells["ends_next"]), key=lambda row: str(row.cells["ends_next"]))
    return Dealings(
        side=side,
        view=view,
        columns=_columns(side),
        rows=lines,
        counts={name: (len(some), added(some, "paid") or 0.0) for name, some in rows.items()},
        years=_years(years),
        services=sorted(
            {node for row in everything for node in nodes_of(row.cells["services"])}, key=lambda node: node.text
        ),
        next_ends=ending[:_NEXT],
        choice=choice,
        on=whole.on,
    )


_NOTHING: Final = (None, "", (), 0)
_NEXT: Final = 4
"""How many of what ends next a sentence names."""
_UNDER: Final = """
SELECT t.iri FROM under JOIN thing t USING (thing) JOIN thing b ON b.thing = broader WHERE list_contains($iris, b.iri)
"""


def _years(found: Sequence[tuple[int, int]]) -> list[str]:
    """Return the years to choose from: those from January, then those from April."""
    from_april = sorted({year for _, year in found}, reverse=True)
    return [*dict.fromkeys(str(year) for year, _ in found), *(f"{year}-{(year + 1) % 100:02}" for year in from_april)]
