"""Networks as files for Gephi and others, at addresses that end as the files do, and as a stream that Gephi joins."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from civicgraph.api.openapi import gives
from civicgraph.api.parameters import NAMES, OF_ANY_BASIS, SEVERAL, from_query, of_any_basis
from civicgraph.api.serving import Serving, ServingDependency
from civicgraph.api.tables.table_routes import refuse_parameters
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.forms import edges_csv, events, graphml, node_graph, nodes_csv
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.options import Options, View
from civicgraph.graph.exports.views import draw

router = APIRouter(prefix="/exports", tags=["Exports"], default_response_class=Response)

_CSV: Final = "text/csv; charset=utf-8"
_KEPT: Final = 4
_STREAM_WORDS: Final = ("operation", "format")
"""What Gephi's client may add to the address that it is given."""


class Drawings:
    """The drawings last asked for: forms of one are often fetched one after another, and positions take time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, View, Filters, Options], Drawing] = OrderedDict()

    def get(self, serving: Serving, view: View, filters: Filters, wanted: Options) -> Drawing:
        """Return a drawing of the newest snapshot. One is made at a time, so that many requests cannot take every core.

        Raises
        ------
        ScopeError, TooLargeError
            As `civicgraph.graph.exports.views.draw` does.
        """
        with self._lock, serving.snapshot() as snapshot:
            key = (snapshot.version, view, filters, wanted)
            for old in [other for other in self._kept if other[0] != snapshot.version]:
                del self._kept[old]
            if key not in self._kept:
                chosen, by_money = of_any_basis(filters)
                options = replace(wanted, by_money=by_money)
                self._kept[key] = draw(view, snapshot.edges, snapshot.engine, chosen.scope(snapshot.edges), options)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


_drawings: Final = Drawings()
_PARAMETERS: Final = (*NAMES, "around", "depth", "shared")


@dataclass(frozen=True, slots=True)
class Asked:
    """A view as somebody asks for it."""

    view: View
    filters: Annotated[Filters, Depends(from_query(Filters, OF_ANY_BASIS))]
    options: Annotated[Options, Depends(from_query(Options))]


AskedView = Annotated[Asked, Depends()]


Write = Callable[[Drawing], Iterator[bytes]]
_FORMS: Final[Mapping[str, tuple[Write, str, str]]] = {
    "/{view}.gexf": (gexf, "application/gexf+xml", "Return a view as GEXF 1.3, for Gephi and Gephi Lite."),
    "/{view}.graphml": (graphml, "application/graphml+xml", "Return a view as GraphML."),
    "/{view}/nodes.csv": (nodes_csv, _CSV, "Return the nodes of a view for Gephi's spreadsheet import."),
    "/{view}/edges.csv": (edges_csv, _CSV, "Return the edges of a view for Gephi's spreadsheet import."),
    "/{view}/stream": (
        events,
        "application/x-ndjson",
        "Return a view as the events of Gephi's graph streaming, for the client of its Graph Streaming plugin.",
    ),
    "/{view}/node-graph.json": (
        node_graph,
        "application/json",
        "Return the nodes and the edges of a view for Grafana's Node Graph panel.",
    ),
}


def _exporting(write: Write, media_type: str) -> Callable[..., Response]:
    """Return what answers with a view in one form."""
    known = (*_PARAMETERS, *(_STREAM_WORDS if write is events else ()))

    def export(request: Request, serving: ServingDependency, asked: AskedView) -> Response:
        refuse_parameters(request, known, SEVERAL)
        with serving.snapshot() as snapshot:
            headers = {"ETag": f'W/"{snapshot.version}"', "Cache-Control": "no-cache"}
        drawing = _drawings.get(serving, asked.view, asked.filters, asked.options)
        return StreamingResponse(write(drawing), media_type=media_type, headers=headers)

    return export


for _path, (_write, _type, _about) in _FORMS.items():
    router.get(_path, responses=gives(_type.partition(";")[0]), description=_about, name=f"export {_path}")(
        _exporting(_write, _type)
    )
