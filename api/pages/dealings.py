"""What an organisation has with each other: what for, run from where, until when, for how much; IT first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import HTTPException, Query
from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, sql
from civicgraph.api.pages.listing import NOT_IN_FILES, Address, Listing, columns_of, known, listed
from civicgraph.api.pages.ties import Side
from civicgraph.api.pages.values import text_of
from civicgraph.api.pages.words import words
from civicgraph.api.serving import Snapshot
from civicgraph.api.tables.browse import Browsing, view_of
from civicgraph.api.tables.catalog import Column, StoredQuery, Table
from civicgraph.graph.edges.finding import find_thing, names_of
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.records.iris import BASE, key_of
from civicgraph.ontology.terms import CG, SERVICES_NS

View = Literal["it", "other", "unknown", "all"]

IT: Final = tuple(SERVICES_NS + name for name in ("it-services", "back-office", "bpo"))
"""The service types of IT and back office, with all under them."""
SIZE: Final = 50
_NEXT: Final = 4
"""How many of what ends next a sentence names."""
_YEAR: Final = re.compile(r"(\d{4})(-\d\d)?")


@dataclass(frozen=True, slots=True)
class DealingsChoice:
    """What a reader chose above the table: empty fields are not chosen."""

    year: Annotated[str, Query(max_length=7, description="A year (2019), or one from April (2019-20)")] = ""
    view: Annotated[View | Literal[""], Query(alias="for", description="What for: `it`, or `all`")] = ""
    service: Annotated[str, Query(max_length=300, description="A service type by slug, IRI or name")] = ""
    search: Annotated[str, Query(alias="q", max_length=200, description="Words that a line has")] = ""
    sort: Annotated[str, Query(max_length=20, description="A column; `-` before it: the largest first")] = ""
    skip: Annotated[int, Query(alias="row", ge=0, le=10_000_000, description="Lines on the pages before")] = 0
    on: Annotated[str, Query(max_length=10, description="The day on which its group is shown")] = ""

    def period(self) -> tuple[date | None, date | None]:
        """Return the first and the last day of the year that was chosen."""
        if not self.year:
            return None, None
        found = _YEAR.fullmatch(self.year)
        year, following = (int(found[1]), found[2]) if found else (0, None)
        if not 1 <= year < date.max.year or (following and int(following[1:]) != (year + 1) % 100):
            raise HTTPException(400, f"{self.year!r} is not a year such as 2019, or 2019-20 for one from April")
        return (date(year, 4, 1), date(year + 1, 3, 31)) if following else (date(year, 1, 1), date(year, 12, 31))


def dealings_of(
    snapshot: Snapshot, who: tuple[str, Side], choice: DealingsChoice, address: Address
) -> Mapping[str, Any] | None:
    """Return what a party has with each other as buyer or as supplier; None where it plays no such role.

    What was chosen stands in the address, so a page that was shown lately is known by that. `on` is the day of *ended*.

    Raises
    ------
    ScopeError
        No service type, or no column, is called as was chosen.
    """
    iri, side = who

    def work_out() -> Mapping[str, Any] | None:
        years = years_of(snapshot.edges, iri, side)
        with chosen(snapshot, who, choice) as (found, order, told):
            if not told["counts"]["all"][0] and not years:
                return None
            other = next(iter(_table(side).columns))
            ending = (
                f"SELECT {other}, iri, ends_next FROM selected WHERE ends_next IS NOT NULL ORDER BY ends_next, position"  # noqa: S608 - own names
            )
            page = view_of(found, _table(side), order, choice.skip, SIZE)
            columns = known(columns_of(_table(side), words("headings")), found)
            file = Address(f"{address.path}/{_table(side).name}", address.pairs)
            return {
                "side": side,
                "years": years,
                **told,
                "listing": Listing(columns, page, address, choice.sort, choice.skip, SIZE, fragment=f"as-{side}"),
                "next_ends": found.rows(f"{ending} LIMIT {_NEXT}"),
                "choice": choice,
                "on": snapshot.edges.as_of,
                "files": {
                    form: file.ending(form).changed(row=None, **{"for": told["view"]}) for form in ("csv", "xlsx")
                },
            }

    return snapshot.recent(("dealings", who, address), work_out)


def file_of(found: Scoped, side: Side, order: Browsing) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the columns of a file, and all parties one by one, in the order of the lines that they stand in."""
    other, *columns = (name for name in _table(side).columns if name not in NOT_IN_FILES)
    names = ", ".join(f'd."{name}"' for name in columns)
    nth = f"SELECT leader AS line, row_number() OVER (ORDER BY {order.order()}) AS nth FROM selected"  # noqa: S608 - own names
    query = f"SELECT d.name, {names} FROM dealings d JOIN ({nth}) ON line = d.leader ORDER BY nth, d.position"  # noqa: S608
    return [other, *columns], [dict(zip((other, *columns), row, strict=True)) for row in found.rows(query)]


@contextmanager
def dealings_in(snapshot: Snapshot, who: tuple[str, Side], choice: DealingsChoice) -> Iterator[tuple[Scoped, View]]:
    """Select what a party has with each other as buyer or as supplier, as `dealings`; its cells are `selected`."""
    iri, side = who
    table = snapshot.edges
    start, end = choice.period()
    buys = {"is_buyer": side == "buyer"}
    scope = (
        Scope(buyers=(iri,), start=start, end=end) if side == "buyer" else Scope(suppliers=(iri,), start=start, end=end)
    )
    in_it = _under(table, IT)
    mine, theirs = (CG.customer, CG.provider) if side == "buyer" else (CG.provider, CG.customer)
    bind = {"party": NamedNode(iri), "mine": NamedNode(mine), "theirs": NamedNode(theirs)}
    delivered = list(snapshot.engine.select(query("delivered-from"), bind=bind))
    with table.selected(scope, sql("dealing_cells"), {"money": None, "it": in_it, **buys}) as found:
        view = choice.view or ("it" if found.rows("SELECT 1 FROM selected WHERE is_it LIMIT 1") else "all")
        kind = find_thing(table.services, service, "service type") if (service := choice.service.strip()) else None
        wanted = None if kind is None else _under(table, (kind,))
        parameters = {
            **buys,
            "run_by": [text_of(row, "other") for row in delivered],
            "run_from": [text_of(row, "placeLabel") for row in delivered],
            "run_from_iris": [text_of(row, "place") for row in delivered],
            **_groups(table, found),
            "wanted": wanted or (in_it if view == "it" else None),
            "view": "all" if wanted else view,
            "on": table.as_of,
            "key": key_of(iri) or quote(iri),
            "base": BASE,
        }
        found.rows(sql("dealings"), parameters)
        yield found, view


@contextmanager
def chosen(
    snapshot: Snapshot, who: tuple[str, Side], choice: DealingsChoice
) -> Iterator[tuple[Scoped, Browsing, Mapping[str, Any]]]:
    """Select the lines of a party's suppliers or customers, as they were chosen, as `selected`; in which order.

    `counts` are by `view`: how many others there are and the pounds that were paid; `services` are all that there are.
    """
    with dealings_in(snapshot, who, choice) as (found, view):
        services = found.rows("SELECT DISTINCT name FROM selected JOIN thing ON thing = service ORDER BY name")
        counts = {name: (number, pounds) for name, number, pounds in found.rows(sql("dealing_counts"))}
        of, column = _table(who[1]), choice.sort.removeprefix("-")
        # A page may have both tables, and one order.
        sort = choice.sort.replace(column, next(iter(of.columns))) if column in _OTHERS else choice.sort
        order = Browsing(sort, choice.search)
        given = {"is_buyer": who[1] == "buyer", "search": bool(choice.search.strip())}
        listed(found, of, sql("dealing_lines"), order, given)
        yield found, order, {"view": view, "counts": counts, "services": [name for (name,) in services]}


_OTHERS: Final = ("supplier", "customer")


@cache
def _table(side: Side) -> Table:
    head = StoredQuery.read("dealings.sql", sql("dealings"))
    other = _OTHERS[side == "supplier"]
    columns = {other: Column("text", "Who"), **head.columns, "members": Column("iri", ""), "words": Column("text", "")}
    return Table(f"{other}s", "", head.description, columns, sums=head.sums)


def _under(table: EdgeTable, services: Sequence[str]) -> list[int]:
    query = "SELECT DISTINCT under.thing FROM under JOIN thing b ON b.thing = broader WHERE list_contains($iris, b.iri)"
    return [thing for (thing,) in table.rows(query, {"iris": list(services)})] or [-1]


def _groups(table: EdgeTable, found: Scoped) -> dict[str, list[str]]:
    """Return who of the others is in a group, and what that is called."""
    led = table.groups(table.as_of)
    others = found.rows("SELECT DISTINCT iri FROM selected JOIN party ON party = other") if led else []
    members = sorted(iri for (iri,) in others if iri in led)
    names = names_of(table, {led[iri] for iri in members})
    leaders = [led[iri] for iri in members]
    return {"members": members, "leaders": leaders, "groups": [names.get(iri, iri) for iri in leaders]}


def years_of(table: EdgeTable, iri: str, side: Side) -> list[str]:
    """Return the years in which a party has something in a role: those from January, then those from April."""
    found = table.rows(sql("years_of"), {"party": iri, "is_buyer": side == "buyer"})
    from_april = sorted({year for _, year in found}, reverse=True)
    return [*dict.fromkeys(str(year) for year, _ in found), *(f"{year}-{(year + 1) % 100:02}" for year in from_april)]
