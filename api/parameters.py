"""What may be asked, as options of commands and as parameters of addresses: the fields of one dataclass make both.

`civicgraph.graph.edges.filters.Filters` is such a dataclass. Of each, the fields that have a help are asked for.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import wraps
from typing import Annotated, Any, Final, NamedTuple, TypeVar, get_type_hints

import typer

from civicgraph.api import completing
from civicgraph.graph.edges.filters import FILTERS, Filters, Names, day
from civicgraph.graph.edges.scope import Basis

_M = TypeVar("_M")
_R = TypeVar("_R")
SEVERAL: Final = frozenset(name for name, one in FILTERS.items() if one.type == Names)
"""Filters of which several mean any of them."""
OF_ANY_BASIS: Final = Filters(basis=None)  # type: ignore[arg-type]  # until `of_any_basis` has seen it
"""The filters of what need not be of one basis, such as an export."""
_NOT_OF_TYPER: Final = ("help", "name")


class _Field(NamedTuple):
    name: str
    public: str
    type: Any
    default: object
    told: Mapping[str, Any]


def from_query(model: type[_M], usual: _M | None = None, names: Sequence[str] = ()) -> Callable[..., _M]:
    """Return what FastAPI may depend on to read a dataclass from a query string; a repeated name means either.

    Parameters
    ----------
    model
        The dataclass.
    usual
        What its fields are where nothing is said; if None, their own defaults.
    names
        The only parameters to read, by their public names and in their order; none for all.
    """
    known = _fields(model)
    if names:
        known = tuple(sorted((one for one in known if one.public in names), key=lambda one: names.index(one.public)))

    def read(**given: object) -> _M:
        return model(**_values(known, given))

    return _with_signature(read, [_parameter(one, _query(one), usual) for one in known])


def with_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Return a command with an option for each field of the dataclasses that it takes.

    The defaults are those of the parameter, where it has one. What is given before the command, under the same name,
    is taken where nothing is given after it.
    """
    signature = inspect.signature(command, eval_str=True)
    models: dict[str, Any] = {
        name: one.annotation for name, one in signature.parameters.items() if is_dataclass(one.annotation)
    }
    known = {name: _fields(model) for name, model in models.items()}

    @wraps(command)
    def run(context: typer.Context, **given: Any) -> _R:  # noqa: ANN401 - whatever the options of the command are
        before = context.find_root().params
        for name, model in models.items():
            values = {one.name: given.pop(one.name) for one in known[name]}
            for option in values.keys() & before.keys():
                source = context.get_parameter_source(option)
                if before[option] is not None and (source is None or source.name != "COMMANDLINE"):
                    values[option] = before[option]
            given[name] = model(**_values(known[name], values))
        return command(**given)

    return _with_signature(run, list(_expanded(signature)))


def optional_day(name: str, text: str) -> date | None:
    """Return the day of a field that may be empty, as forms send it. Raises ScopeError where it is not a day."""
    return day(name, text) if text else None


def of_any_basis(filters: Filters) -> tuple[Filters, bool]:
    """Return filters whose basis may have been left out (`OF_ANY_BASIS`) as of every kind, and if it was."""
    basis: Basis | None = filters.basis
    return (replace(filters, basis="customers"), True) if basis is None else (filters, False)


def _fields(model: Any) -> tuple[_Field, ...]:  # noqa: ANN401 - a dataclass
    types = get_type_hints(model)
    return tuple(
        _Field(one.name, one.metadata.get("name") or one.name, types[one.name], one.default, one.metadata)
        for one in fields(model)
        if "help" in one.metadata
    )


def _values(known: Iterable[_Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of fields as their dataclass has them, from those of a query string or options."""
    values = dict(given)
    for one in known:
        if one.type == Names:
            values[one.name] = tuple(given[one.name] or ())
        elif one.type == date | None:
            values[one.name] = optional_day(one.public, given[one.name] or "")
    return values


def _expanded(signature: inspect.Signature) -> Iterator[inspect.Parameter]:
    """Yield the parameters that typer shall see."""
    yield inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    for one in signature.parameters.values():
        if is_dataclass(one.annotation):
            usual = None if one.default is one.empty else one.default
            yield from (_parameter(field, _option(field), usual) for field in _fields(one.annotation))
        else:
            yield one.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _parameter(one: _Field, annotation: object, usual: object) -> inspect.Parameter:
    default = one.default if usual is None else getattr(usual, one.name)
    return inspect.Parameter(
        one.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None if default == () else default,
        annotation=annotation,
    )


def _query(one: _Field) -> object:
    from fastapi import Query  # noqa: PLC0415 - commands need no web framework

    limits: dict[str, Any] = {"max_length": 3} if one.name == "currency" else {}
    if one.type == date | None:
        limits["json_schema_extra"] = {"format": "date"}
    limits |= {"ge": one.told.get("min"), "le": one.told.get("max")}
    kind = {Names: list[str] | None, date | None: str | None}.get(one.type, one.type)
    return Annotated[kind, Query(alias=one.public, description=one.told["help"], **limits)]


def _option(one: _Field) -> object:
    more = {name: value for name, value in one.told.items() if name not in _NOT_OF_TYPER}
    kind = one.type
    if kind == Names:
        kind = list[str] | None
        more |= {"show_default": False, "autocompletion": completing.names_of(one.public)}
    elif kind == date | None:
        kind = str | None
        more |= {"metavar": "DAY"}
    flag = f"--{one.public.replace('_', '-')}"
    return Annotated[kind, typer.Option(flag, help=f"{one.told['help']}.", **more)]


def _with_signature(function: Callable[..., _R], parameters: list[inspect.Parameter]) -> Callable[..., _R]:
    """Give a function the parameters that typer and FastAPI shall see."""
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect looks for
    function.__annotations__ = {one.name: one.annotation for one in parameters}
    return function
