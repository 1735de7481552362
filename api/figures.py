"""Concentration figures over HTTP: what the command line prints, at an address."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.flat import CONTENT_TYPES, TableFormat, etag_response, table_text
from civicgraph.api.problems import Problem
from civicgraph.api.serving import Snapshot
from civicgraph.api.tables import refuse_parameters
from civicgraph.graph.identity.ownership import groups
from civicgraph.graph.level import rolled_up
from civicgraph.graph.measures.figures import By, as_rows, columns, figures, figures_over_time
from civicgraph.graph.measures.series import Every
from civicgraph.graph.scope import Basis, Level, Scope, find_place, find_service
from civicgraph.graph.surroundings import surroundings
from civicgraph.graph.ties.arrays import Ties

router = APIRouter(tags=["Concentration"], responses={400: {"model": Problem}})

Day = Annotated[date | None, Query()]
Service = Annotated[str | None, Query(description="Slug, IRI or name of a service type, with all under it")]
Place = Annotated[str | None, Query(description="Slug, IRI or name of a place, with all in it")]

_KEPT_BYTES: Final = 64 << 20


class Remembered:
    """Answers by what was asked, the least used let go first once they take too much room."""

    def __init__(self, most: int = _KEPT_BYTES) -> None:
        self._most = most
        self._size = 0
        self._lock = Lock()
        self._answers: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

    def answer(self, asked: tuple[object, ...], work_out: Callable[[], bytes]) -> bytes:
        """Return the answer to what was asked, worked out if it is not remembered."""
        with self._lock:
            found = self._answers.get(asked)
            if found is not None:
                self._answers.move_to_end(asked)
                return found
        made = work_out()
        with self._lock:
            if asked not in self._answers and len(made) <= self._most:
                self._answers[asked] = made
                self._size += len(made)
            while self._size > self._most:
                self._size -= len(self._answers.popitem(last=False)[1])
        return made


_REMEMBERED: Final = Remembered()


def at_level(snapshot: Snapshot, level: Level, day: date | None) -> Ties:
    """Return the ties of a snapshot between legal entities, or between groups as they were on a day."""
    ties = snapshot.ties
    if level == "entity":
        return ties
    at = day or ties.as_of
    led = {} if at is None else groups(snapshot.engine, at)
    return rolled_up(ties, led, surroundings(snapshot.engine).named)


def scope_of(  # noqa: PLR0913 - one argument a field
    ties: Ties,
    *,
    service: str | None,
    place: str | None,
    start: date | None,
    end: date | None,
    basis: Basis,
    level: Level = "entity",
    currency: str = "GBP",
    cap: float | None = None,
    plans: bool = False,
) -> Scope:
    """Return a scope from the names that a request gives.

    Raises
    ------
    ScopeError
        A service type or place is unknown.
    HTTPException
        The period ends before it begins.
    """
    if start is not None and end is not None and start > end:
        raise HTTPException(400, f"the period ends ({end}) before it begins ({start})")
    return Scope(
        service=None if service is None else find_service(ties.labels, service),
        place=None if place is None else find_place(ties.labels, place),
        start=start,
        end=end,
        basis=basis,
        level=level,
        currency=currency.upper(),
        cap=cap,
        plans=plans,
    )


@router.get("/concentration.{form}")
def concentration(  # noqa: PLR0913 - one argument a query parameter
    request: Request,
    serving: ServingDependency,
    form: Literal["json", "csv"],
    *,
    by: By = "market",
    basis: Basis = "customers",
    service: Service = None,
    place: Place = None,
    start: Annotated[date | None, Query(alias="from", description="First day of the period")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day of the period")] = None,
    as_of: Annotated[date | None, Query(description="One day, in place of a period")] = None,
    level: Annotated[Level, Query(description="Legal entities, or groups")] = "entity",
    every: Annotated[Every | None, Query(description="A figure for each such period")] = None,
    currency: Annotated[str, Query(description="What money counts", max_length=3)] = "GBP",
    cap: Annotated[float | None, Query(ge=0, description="The most that an unknown value may be")] = None,
    plans: Annotated[bool, Query(description="Take in what is planned")] = False,
    structure: Annotated[bool, Query(description="PageRank, betweenness and cores too")] = False,
) -> Response:
    """Return the concentration of markets, suppliers or buyers as a flat table."""
    known = [
        "by",
        "basis",
        "service",
        "place",
        "from",
        "to",
        "as_of",
        "level",
        "every",
        "currency",
        "cap",
        "plans",
        "structure",
    ]
    refuse_parameters(request, known)
    if as_of is not None and (start or end):
        raise HTTPException(400, "as_of names one day, from and to a period: give one or the other")
    first, last = as_of or start, as_of or end
    with serving.snapshot() as snapshot:

        def rows() -> bytes:
            ties = at_level(snapshot, level, last)
            scope = scope_of(
                ties,
                service=service,
                place=place,
                start=first,
                end=last,
                basis=basis,
                level=level,
                currency=currency,
                cap=cap,
                plans=plans,
            )
            if every is None:
                found = figures(ties, scope, by, structure=structure)
            else:
                found = figures_over_time(ties, scope, by, every, structure=structure)
            chosen: TableFormat = form
            return table_text(columns(by), as_rows(found), chosen).encode()

        asked = (snapshot.version, form, by, basis, service, place, first, last, level, every, currency, cap, plans)
        return etag_response(
            request,
            snapshot.version,
            lambda: _REMEMBERED.answer((*asked, structure), rows),
            CONTENT_TYPES[form],
        )
