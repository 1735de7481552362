"""Concentration figures over HTTP: what the command line prints, at an address."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields
from threading import Lock
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from civicgraph.api.figures.figure_options import FigureOptions
from civicgraph.api.openapi import gives
from civicgraph.api.parameters import NAMES, SEVERAL, from_query
from civicgraph.api.serving import ServingDependency
from civicgraph.api.tables.flat import CONTENT_TYPES, etag_response, table_bytes
from civicgraph.api.tables.routes import refuse_parameters
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.measures.figures import as_rows, columns

router = APIRouter(tags=["Concentration"])

Form = Literal["json", "csv", "xlsx", "svg", "png"]
_TYPES: Final[Mapping[Form, str]] = {
    "json": CONTENT_TYPES["json"],
    "csv": CONTENT_TYPES["csv"],
    "xlsx": CONTENT_TYPES["xlsx"],
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


_PARAMETERS: Final = (*(field.name for field in fields(FigureOptions)), *NAMES)


@router.get("/concentration.{form}", response_class=Response, responses=gives(*_TYPES.values()))
def concentration(
    request: Request,
    serving: ServingDependency,
    form: Form,
    filters: Annotated[Filters, Depends(from_query(Filters))],
    options: Annotated[FigureOptions, Depends(from_query(FigureOptions))],
) -> Response:
    """Return the concentration of markets, suppliers or buyers: as a flat table, or as a picture.

    A picture is a Lorenz curve by market, HHI over time with `every`, else bars of the largest shares.
    """
    refuse_parameters(request, _PARAMETERS, SEVERAL)
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            table = snapshot.edges
            with table.scoped(filters.scope(table)) as found:
                figures = options.of(table, found)
                if form == "json" or form == "csv" or form == "xlsx":  # noqa: PLR1714 - so that the type is known
                    return table_bytes(columns(options.by), as_rows(figures), form)
                from civicgraph.graph.exports.plots import PlotError, draw  # noqa: PLC0415 - the library takes a while

                try:
                    return draw(found, figures, f".{form}", over_time=options.every is not None)
                except PlotError as error:
                    raise HTTPException(400, str(error)) from error

        return etag_response(
            request,
            snapshot.version,
            lambda: _REMEMBERED.answer((snapshot.version, form, filters, options), answer),
            _TYPES[form],
        )
