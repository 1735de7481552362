"""Networks as files for Gephi and others, at addresses that end as the files do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from civicgraph.api.openapi import gives
from civicgraph.api.parameters import OF_ANY_BASIS, from_query, of_any_basis
from civicgraph.api.serving import ServingDependency, Snapshot
from civicgraph.api.tables.table_routes import refuse_undeclared
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.forms import edges_csv, graphml, nodes_csv
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.options import Options, View
from civicgraph.graph.exports.views import draw

router = APIRouter(
    prefix="/exports",
    tags=["Exports"],
    default_response_class=Response,
    dependencies=[Depends(refuse_undeclared)],
)

_CSV: Final = "text/csv; charset=utf-8"
_LOCK: Final = Lock()


@lru_cache(maxsize=4)
def _drawing(snapshot: Snapshot, view: View, filters: Filters, options: Options) -> Drawing:
    """Return a drawing, also one of the last: forms of it are often fetched one after another, and positions take time.

    Raises
    ------
    ScopeError
        As `civicgraph.graph.exports.views.draw` does.
    """
    chosen, by_money = of_any_basis(filters)
    scope = chosen.scope(snapshot.edges)
    return draw(view, snapshot.edges, snapshot.engine, scope, replace(options, by_money=by_money))


Write = Callable[[Drawing], Iterator[bytes]]
_FORMS: Final[Mapping[str, tuple[Write, str, str]]] = {
    "/{view}.gexf": (gexf, "application/gexf+xml", "Return a view as GEXF 1.3, for Gephi and Gephi Lite."),
    "/{view}.graphml": (graphml, "application/graphml+xml", "Return a view as GraphML."),
    "/{view}/nodes.csv": (nodes_csv, _CSV, "Return the nodes of a view for Gephi's spreadsheet import."),
    "/{view}/edges.csv": (edges_csv, _CSV, "Return the edges of a view for Gephi's spreadsheet import."),
}


def _exporting(write: Write, media_type: str) -> Callable[..., Response]:
    """Return what answers with a view in one form."""

    def export(
        serving: ServingDependency,
        view: View,
        filters: Annotated[Filters, Depends(from_query(Filters, OF_ANY_BASIS))],
        options: Annotated[Options, Depends(from_query(Options))],
    ) -> Response:
        # One is made at a time, so that many requests cannot take every core.
        with _LOCK, serving.snapshot() as snapshot:
            drawing = _drawing(snapshot, view, filters, options)
            headers = {"ETag": f'W/"{snapshot.version}"', "Cache-Control": "no-cache"}
        return StreamingResponse(write(drawing), media_type=media_type, headers=headers)

    return export


for _path, (_write, _type, _about) in _FORMS.items():
    router.get(_path, responses=gives(_type.partition(";")[0]), description=_about, name=f"export {_path}")(
        _exporting(_write, _type)
    )
