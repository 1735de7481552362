"""The filters of tables: what a value may stand for, which rows have it, and the nearest where none has.

A filter given twice means either. Names match whatever their case. Tables over the edge table take the filters that
figures take; those that are kept are filtered by the values of their columns.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast, get_args

from civicgraph.api.tables.catalog import COUNCIL, EDGE_FILTERS, Table
from civicgraph.graph.edges.filters import FILTERS, Filters, Names, day, period_of
from civicgraph.graph.edges.finding import nearest_names
from civicgraph.graph.edges.scope import KIND_OF_BASIS, Scope, ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import SERVICES_NS

Given = Mapping[str, Sequence[str]]
"""The values of each filter that was given."""

KINDS: Final = ("service", "contract", "spend")
_AMONG: Final = 10

_KEY: Final = re.compile(r"[a-z]+/[a-z0-9-]+")
"""The end of an IRI of the project's own."""

_NUMBERS: Final = {
    "buyer": "SELECT buyer AS party FROM edge",
    "supplier": "SELECT supplier AS party FROM edge",
    "service": "SELECT broader AS thing FROM under JOIN edge ON service = thing",
    "place": "SELECT broader AS thing FROM under JOIN edge ON place = thing",
}
_NAMED: Final = {"buyer": "party", "supplier": "party", "service": "thing", "place": "thing"}


def scope_of(edges: EdgeTable, table: Table, given: Given) -> tuple[Scope, dict[str, object]]:
    """Return the scope that filters of a table over the edge table mean, with the parameters that only tables have.

    Raises
    ------
    ScopeError
        A value is not that of any row, or the period is none.
    """
    values: dict[str, Any] = {"basis": table.basis}
    for name in EDGE_FILTERS:
        if name in given:
            values[FILTERS[name].name] = _value(name, given[name])
    if COUNCIL in given:
        values["buyer"] = (*values.get("buyer", ()), *cast("Names", _value("buyer", given[COUNCIL])))
    filters = Filters(**values)
    scope = filters.scope(edges)
    for name in _NAMED:
        # Parties that another filter stands for come after those that are named.
        _refuse_absent(edges, scope, name, dict(zip(getattr(scope, f"{name}s"), getattr(filters, name), strict=False)))
    kinds = [_one_of(KINDS, "kind", value) for value in given.get("kind", ())]
    return scope, {"money": None, "kinds": kinds or None}


def iri_or_name(text: str) -> str:
    """Return the IRI where a text is the end of one, such as `organisation/leeds`; else the text, which is a name."""
    return BASE + text if _KEY.fullmatch(text) else text


def meanings(value: str) -> list[str]:
    """Return what a filter's value may stand for, in lower case: a name, an IRI, or the end of one."""
    ends = (value, BASE + value, f"{BASE}organisation/{value}", f"{BASE}place/{value}", SERVICES_NS + value)
    return [text.lower() for text in ends]


def days_of(given: Given) -> tuple[date | None, date | None]:
    """Return the first and the last day that are asked for, by a period or by one day.

    Raises
    ------
    ScopeError
        One is not a day, or they do not go together.
    """
    days = {name: cast("date | None", _value(name, given[name])) for name in ("from", "to", "as_of") if name in given}
    return period_of(days.get("from"), days.get("to"), days.get("as_of"))


def refuse_value(name: str, value: str, known: Iterable[str]) -> None:
    """Refuse a value that no row has, with the nearest that there are; where there are none, every value will do.

    Raises
    ------
    ScopeError
        There are others.
    """
    ordered = sorted({text for text in known if text})
    if ordered:
        near = nearest_names({text.casefold(): text for text in ordered}, value) or ordered[:_AMONG]
        msg = f"no row has {name}={value[:80]!r}; there are, among others: {'; '.join(near)}"
        raise ScopeError(msg, value, near)


def _refuse_absent(edges: EdgeTable, scope: Scope, name: str, asked: Mapping[str, str]) -> None:
    """Refuse what is known by its name and is in no row: an empty table would look like an answer."""
    if not asked:
        return
    parameters = {"kind": KIND_OF_BASIS[scope.basis], "iris": list(asked)}
    column = _NAMED[name]
    of = f"FROM {column} WHERE {column} IN ({_NUMBERS[name]} WHERE NOT planned AND ($kind IS NULL OR kind = $kind))"
    there = {iri for (iri,) in edges.rows(f"SELECT iri {of} AND list_contains($iris, iri)", parameters)}
    for iri, value in asked.items():
        if iri not in there:
            known = edges.rows(f"SELECT DISTINCT name {of} AND NOT list_contains($iris, iri)", parameters)
            refuse_value(name, value, (label for (label,) in known))


def _value(name: str, texts: Sequence[str]) -> object:
    """Return the value of a filter of the edge table from texts of a query string."""
    kind = FILTERS[name].type
    if kind == Names:
        return tuple(map(iri_or_name, texts))
    if len(texts) > 1:
        msg = f"{name} was given twice; give one of them"
        raise ScopeError(msg)
    if kind == date | None:
        return day(name, texts[0])
    options = options_of(name)
    return _one_of(options, name, texts[0]) if options else texts[0]


def options_of(name: str) -> tuple[str, ...]:
    """Return the only values that a filter of the edge table takes; none where it takes any."""
    kinds = (FILTERS[name].type, *get_args(FILTERS[name].type))
    return tuple(one for kind in kinds for one in get_args(kind) if isinstance(one, str))


def _one_of(options: Sequence[str], name: str, value: str) -> str:
    if value.lower() not in options:
        msg = f"no row has {name}={value[:80]!r}; there are, among others: {'; '.join(options)}"
        raise ScopeError(msg, value, options)
    return value.lower()
