"""What an organisation has with each other: what for, run from where, until when, for how much; IT first."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import HTTPException, Query
from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, sql
from civicgraph.api.pages.listing import Address, Column, Listing, Row, Value, arranged
from civicgraph.api.pages.markets import day_of
from civicgraph.api.pages.recent import recent
from civicgraph.api.pages.ties import ROLES, Side
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.graph.edges.finding import find_service, names_of
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.records.iris import key_of
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
_COMPANY: Final = "GB-COH-"


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
        self.sort, self.skip, self.on = sort, skip, day_of(on)

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
    whole = _Lines(engine, table, iri, side, choice)
    everything = whole.rows(())
    if not everything and not years:
        return None
    under = set(table.rows(_UNDER, {"iris": list(IT)}))
    known = [row for row in everything if row.cells["services"]]
    has_it = any((node.iri,) in under for row in known for node in _nodes(row))
    in_it = _of_all(whole.rows(IT), everything) if has_it else []
    rows: dict[View, Sequence[Row]] = {
        "it": in_it,
        "other": [row for row in known if not any((node.iri,) in under for node in _nodes(row))],
        "unknown": [row for row in everything if not row.cells["services"]],
        "all": everything,
    }
    view = choice.view or ("it" if in_it else "all")
    chosen = rows[view]
    if choice.service:
        chosen = _of_all(whole.rows((find_service(table, choice.service),)), everything)
    lines = arranged(_columns(side), _grouped(chosen, table, whole.on), choice)
    ending = sorted((row for row in lines if row.cells["ends_next"]), key=lambda row: str(row.cells["ends_next"]))
    return Dealings(
        side=side,
        view=view,
        columns=_columns(side),
        rows=lines,
        counts={name: (len(some), added(some, "paid") or 0.0) for name, some in rows.items()},
        years=_years(years),
        services=sorted({node for row in everything for node in _nodes(row)}, key=lambda node: node.text),
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


class _Lines:
    """Makes the lines of one party."""

    def __init__(self, engine: Engine, table: EdgeTable, iri: str, side: Side, choice: DealingsChoice) -> None:
        self._table, self._iri, self._side = table, iri, side
        self._start, self._end = choice.period()
        self.on = table.as_of
        self._run_from: dict[str, list[Node]] = defaultdict(list)
        _, buyer, supplier = ROLES["service"]
        mine, theirs = (buyer, supplier) if side == "buyer" else (supplier, buyer)
        bind = {"party": NamedNode(iri), "mine": NamedNode(mine), "theirs": NamedNode(theirs)}
        for row in engine.select(query("delivered-from"), bind=bind):
            self._run_from[text_of(row, "other")].append(node_of(row, "place"))

    def rows(self, services: tuple[str, ...]) -> list[Row]:
        """Return a line for each other party, those with the most money first; of some service types, or of all."""
        key = ("dealings", self._iri, self._side, self._start, self._end, services)
        return recent(self._table, key, lambda: self._worked_out(services))

    def _worked_out(self, services: tuple[str, ...]) -> list[Row]:
        buys = self._side == "buyer"
        buyers, suppliers = ((self._iri,), ()) if buys else ((), (self._iri,))
        scope = Scope(services=services, buyers=buyers, suppliers=suppliers, start=self._start, end=self._end)
        asked = {"money": None, "is_buyer": buys, "on": self.on}
        found = self._table.in_scope(scope, sql("dealings"), asked)
        whole = sum(max(row[8] or 0, 0) for row in found) or 1
        companies = self._companies([row[0] for row in found])
        led = self._table.groups(self.on)
        led = {row[0]: led[row[0]] for row in found if row[0] in led}
        names = names_of(self._table, led.values())
        groups = {iri: names.get(group, group) for iri, group in led.items()}
        return [self._row(row, whole, companies, groups) for row in found]

    def _row(
        self, found: tuple[Any, ...], whole: float, companies: Mapping[str, str], groups: Mapping[str, str]
    ) -> Row:
        (
            iri,
            name,
            services,
            places,
            since,
            until,
            ends_next,
            is_open,
            paid,
            awarded,
            *counts,
            last_paid,
            departments,
        ) = found
        payments, months = counts
        has_ended = until is not None and not is_open and ends_next is None and self.on is not None
        has_ended = has_ended and (last_paid is None or last_paid <= until)
        cells: dict[str, Value] = {
            "supplier" if self._side == "buyer" else "customer": Node(name, iri),
            "services": tuple(Node(self._table.label(one), one) for one in services),
            "run_from": tuple(self._run_from.get(iri, ())),
            "since": since,
            "until": until,
            "ends_next": ends_next,
            "paid": paid,
            "paid_in_all": None,
            "share": paid / whole if paid and paid > 0 else None,
            "awarded": awarded,
            "departments": tuple(map(Node, departments)),
            "last_paid": last_paid,
            "months": months or None,
            "evidence": self._evidence(iri),
            "payments": payments,
            "ended": "yes" if has_ended else "",
            "company_number": companies.get(iri, ""),
            "group": groups.get(iri, ""),
            "places": tuple(Node(self._table.label(one), one) for one in places or ()),
            "iri": iri,
        }
        number = companies.get(iri)
        return Row(cells, mark="ended" if has_ended else "", note=f"company {number}" if number else "")

    def _evidence(self, other: str) -> str:
        # A key needs no quoting, and there may be thousands of lines.
        both = (self._iri, other) if self._side == "buyer" else (other, self._iri)
        return "/ties?buyer={}&supplier={}".format(*(key_of(one) or quote(one) for one in both))

    def _companies(self, iris: Sequence[str]) -> dict[str, str]:
        found = self._table.rows(
            "SELECT iri, min(name) FROM called "
            "WHERE starts_with(name, $prefix) AND list_contains($iris, iri) GROUP BY iri",
            {"prefix": _COMPANY, "iris": list(iris)},
        )
        return {iri: name.removeprefix(_COMPANY) for iri, name in found}


def _of_all(some: Sequence[Row], everything: Sequence[Row]) -> list[Row]:
    """Return lines of some service types with what is known of their parties beyond: most payments say no type."""
    known = {row.cells["iri"]: row for row in everything}
    found = []
    for row in some:
        beyond = known[row.cells["iri"]].cells
        last, until = beyond["last_paid"], row.cells["until"]
        goes_on = isinstance(last, date) and isinstance(until, date) and last > until
        cells = {
            **row.cells,
            **{name: beyond[name] for name in ("departments", "last_paid", "months", "payments")},
            "paid_in_all": beyond["paid"],
            "ended": "" if goes_on else row.cells["ended"],
        }
        found.append(Row(cells, mark="" if goes_on else row.mark, note=row.note))
    return found


def _years(found: Sequence[tuple[int, int]]) -> list[str]:
    """Return the years to choose from: those from January, then those from April."""
    from_april = sorted({year for _, year in found}, reverse=True)
    return [*dict.fromkeys(str(year) for year, _ in found), *(f"{year}-{(year + 1) % 100:02}" for year in from_april)]


def _grouped(rows: Sequence[Row], table: EdgeTable, on: date | None) -> list[Row]:
    """Return rows with those of one group in one line, where the first of them stood."""
    led: dict[str, list[Row]] = defaultdict(list)
    groups = table.groups(on)
    for row in rows:
        led[groups.get(str(row.cells["iri"]), str(row.cells["iri"]))].append(row)
    names = names_of(table, [leader for leader, members in led.items() if len(members) > 1])
    return [
        members[0]
        if len(members) == 1
        else _sum_of(Node(f"{names.get(leader, leader)} and its group", leader), members)
        for leader, members in led.items()
    ]


def _sum_of(group: Node, members: Sequence[Row]) -> Row:
    first = members[0].cells
    name = next(iter(first))
    many = {one: tuple(dict.fromkeys(node for row in members for node in _nodes(row, one))) for one in _MANY}
    days = {one: [day for row in members if isinstance(day := row.cells[one], date)] for one in _DAYS}
    cells: dict[str, Value] = {
        **dict.fromkeys(first),
        name: group,
        **many,
        **{one: added(members, one) for one in ("paid", "paid_in_all", "awarded", "share")},
        **{one: (min if one in ("since", "ends_next") else max)(some) for one, some in days.items() if some},
        "evidence": "",
    }
    return Row(cells, members, "ended" if all(row.mark for row in members) else "")


_MANY: Final = ("services", "run_from", "departments", "places")
_DAYS: Final = ("since", "until", "ends_next", "last_paid")


def added(rows: Sequence[Row], name: str) -> float | None:
    """Return the sum of a column; None where no row has a number in it."""
    known = [number for row in rows if isinstance(number := row.cells[name], int | float)]
    return round(sum(known), 6) if known else None


def _nodes(row: Row, name: str = "services") -> Sequence[Node]:
    nodes = row.cells[name]
    return nodes if isinstance(nodes, tuple) else ()
