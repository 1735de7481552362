"""The filters of `civicgraph.graph.edges.filters` as options of commands and as parameters of addresses."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Annotated, Any, Final, TypeVar

import typer

from civicgraph.api import completing
from civicgraph.graph.edges.filters import FILTERS, Filter, Filters, Names, day
from civicgraph.graph.edges.scope import Basis

_R = TypeVar("_R")
NAMES: Final = tuple(FILTERS)
"""The filters as a query string names them."""


def http_filters(*names: str, **defaults: object) -> Callable[..., Filters]:
    """Return what FastAPI may depend on to read the filters of a query string; a repeated one means either.

    Parameters
    ----------
    *names
        The filters to read; all of them without.
    **defaults
        Other defaults than those of `Filters`, by field.
    """

    def read(**given: object) -> Filters:
        return _filters(given)

    parameters = [_parameter(one, _query(one), defaults) for one in (FILTERS[name] for name in names or FILTERS)]
    return _with_signature(read, parameters)


def with_filters(**defaults: object) -> Callable[[Callable[..., _R]], Callable[..., _R]]:
    """Return a decorator that gives a command an option for each filter; the command takes them as `filters`.

    Parameters
    ----------
    **defaults
        Other defaults than those of `Filters`, by field.
    """

    def decorate(command: Callable[..., _R]) -> Callable[..., _R]:
        @wraps(command)
        def run(**given: object) -> _R:
            own = {one.field: given.pop(one.field) for one in FILTERS.values()}
            return command(filters=_filters(own), **given)

        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.name != "filters"]
        options = [_parameter(one, _option(one), defaults) for one in FILTERS.values()]
        at = next((place for place, one in enumerate(own) if one.kind is one.KEYWORD_ONLY), len(own))
        return _with_signature(run, [*own[:at], *options, *own[at:]])

    return decorate


def optional_day(name: str, text: str) -> date | None:
    """Return the day of a field that may be empty, as forms send it. Raises ScopeError where it is not a day."""
    return day(name, text) if text else None


def of_any_basis(filters: Filters) -> tuple[Filters, bool]:
    """Return filters whose basis may have been left out (`basis=None` as default) as of every kind, and if it was."""
    basis: Basis | None = filters.basis
    return (replace(filters, basis="customers"), True) if basis is None else (filters, False)


def _filters(given: Mapping[str, object]) -> Filters:
    values: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):
            values[name] = tuple(value)
        elif name in _DAYS:
            values[name] = optional_day(_DAYS[name], str(value or ""))
        else:
            values[name] = () if value is None and name in SEVERAL else value
    return Filters(**values)


def _parameter(one: Filter, annotation: object, defaults: Mapping[str, object]) -> inspect.Parameter:
    default = defaults.get(one.field, one.default)
    return inspect.Parameter(
        one.field,
        inspect.Parameter.KEYWORD_ONLY,
        default=None if default == () else default,
        annotation=annotation,
    )


def _query(one: Filter) -> object:
    from fastapi import Query  # noqa: PLC0415 - commands need no web framework

    limits: dict[str, Any] = {"max_length": 3} if one.field == "currency" else {}
    if one.field in _DAYS:
        return Annotated[str | None, Query(alias=one.name, description=one.help, json_schema_extra={"format": "date"})]
    kind = list[str] | None if one.type == Names else one.type
    return Annotated[kind, Query(alias=one.name, description=one.help, **limits)]


def _option(one: Filter) -> object:
    flag = f"--{one.name.replace('_', '-')}"
    told = f"{one.help}."
    if one.type == Names:
        complete = completing.names_of(one.name)
        return Annotated[list[str] | None, typer.Option(flag, help=told, show_default=False, autocompletion=complete)]
    if one.field in _DAYS:
        return Annotated[str | None, typer.Option(flag, metavar="DAY", help=told)]
    return Annotated[one.type, typer.Option(flag, help=told)]


def _with_signature(function: Callable[..., _R], parameters: list[inspect.Parameter]) -> Callable[..., _R]:
    """Give a function the parameters that typer and FastAPI shall see."""
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect looks for
    function.__annotations__ = {one.name: one.annotation for one in parameters}
    return function


SEVERAL: Final = frozenset(one.name for one in FILTERS.values() if one.type == Names)
"""Filters of which several mean any of them."""
_DAYS: Final = {one.field: name for name, one in FILTERS.items() if one.type == date | None}
"""The public names of the filters that are days, by field."""
