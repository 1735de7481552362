"""Concentration figures over HTTP: what the command line prints, at an address."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import date
from threading import Lock
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.described import gives
from civicgraph.api.figures.asked import Asked, at_level
from civicgraph.api.figures.selecting import period_of
from civicgraph.api.tables.flat import CONTENT_TYPES, etag_response, table_text
from civicgraph.api.tables.routes import refuse_parameters
from civicgraph.graph.edges.scope import Basis, Level
from civicgraph.graph.edges.selection import select
from civicgraph.graph.measures.figures import By, as_rows, columns
from civicgraph.graph.measures.series import Every

router = APIRouter(tags=["Concentration"])

Service = Annotated[str | None, Query(description="Slug, IRI or name of a service type, with all under it")]
Place = Annotated[str | None, Query(description="Slug, IRI or name of a place, with all in it")]

Form = Literal["json", "csv", "svg", "png"]
_TYPES: Final[Mapping[Form, str]] = {
    "json": CONTENT_TYPES["json"],
    "csv": CONTENT_TYPES["csv"],
    "svg": "image/svg+xml",
    "png": "image/png",
}
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


def _asked(  # noqa: PLR0913 - one argument a query parameter
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
) -> Asked:
    first, last = period_of(start, end, as_of)
    return Asked(by, basis, service, place, first, last, level, every, currency, cap, plans, structure)


_PARAMETERS: Final = (
    *("by", "basis", "service", "place", "from", "to", "as_of", "level", "every", "currency", "cap", "plans"),
    "structure",
)


@router.get("/concentration.{form}", response_class=Response, responses=gives(*_TYPES.values()))
def concentration(
    request: Request, serving: ServingDependency, form: Form, asked: Annotated[Asked, Depends(_asked)]
) -> Response:
    """Return the concentration of markets, suppliers or buyers: as a flat table, or as a picture.

    A picture is a Lorenz curve by market, HHI over time with `every`, else bars of the largest shares.
    """
    refuse_parameters(request, _PARAMETERS)
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            ties = at_level(snapshot.ties, asked, lambda: nullcontext(snapshot))
            whole = select(ties, asked.scope(ties))
            found = asked.figures(ties, whole)
            if form == "json" or form == "csv":  # noqa: PLR1714 - so that the type is known
                return table_text(columns(asked.by), as_rows(found), form).encode()
            from civicgraph.graph.exports.plots import PlotError, draw  # noqa: PLC0415 - the library takes a while

            try:
                return draw(whole, found, f".{form}", over_time=asked.every is not None)
            except PlotError as error:
                raise HTTPException(400, str(error)) from error

        return etag_response(
            request,
            snapshot.version,
            lambda: _REMEMBERED.answer((snapshot.version, form, asked), answer),
            _TYPES[form],
        )
