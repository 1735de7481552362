"""The lines of a table of suppliers or customers: one for each other party, and one for those of a group."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, sql
from civicgraph.api.pages.listing import Row, Value
from civicgraph.api.pages.recent import recent
from civicgraph.api.pages.ties import ROLES, Side
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.graph.edges.finding import names_of
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.records.iris import key_of

_COMPANY: Final = "GB-COH-"


class Lines:
    """Makes the lines of one party in a role, within a period; what has ended has by the day `on`."""

    def __init__(
        self, engine: Engine, table: EdgeTable, who: tuple[str, Side], period: tuple[date | None, date | None]
    ) -> None:
        iri, side = self._iri, self._side = who
        self._table, (self._start, self._end) = table, period
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


def of_all(some: Sequence[Row], everything: Sequence[Row]) -> list[Row]:
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


def grouped(rows: Sequence[Row], table: EdgeTable, on: date | None) -> list[Row]:
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
    many = {one: tuple(dict.fromkeys(node for row in members for node in nodes_of(row.cells[one]))) for one in _MANY}
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


def nodes_of(value: Value) -> Sequence[Node]:
    """Return the things in a cell of a line; none where it holds something else."""
    return value if isinstance(value, tuple) else ()
