"""The network as files for Gephi and others, at addresses that end as the files do."""

import io

from fastapi import APIRouter, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.tables import refuse_parameters
from civicgraph.graph.exports.gexf import write_gexf
from civicgraph.graph.exports.graphml import write_graphml
from civicgraph.graph.exports.sheets import edges_csv, nodes_csv

router = APIRouter(prefix="/exports", tags=["Exports"])

TITLE = "civicgraph: who supplies whom, as established"


@router.get("/network.gexf")
def gexf(request: Request, serving: ServingDependency) -> Response:
    """Return the established network as GEXF 1.3, for Gephi and Gephi Lite."""
    refuse_parameters(request, ())
    out = io.BytesIO()
    with serving.snapshot() as snapshot:
        write_gexf(snapshot.network, out, TITLE)
        return _response(out.getvalue(), "application/gexf+xml", snapshot.version)


@router.get("/network.graphml")
def graphml(request: Request, serving: ServingDependency) -> Response:
    """Return the established network as GraphML."""
    refuse_parameters(request, ())
    out = io.BytesIO()
    with serving.snapshot() as snapshot:
        write_graphml(snapshot.network, out)
        return _response(out.getvalue(), "application/graphml+xml", snapshot.version)


@router.get("/network/nodes.csv")
def nodes(request: Request, serving: ServingDependency) -> Response:
    """Return the nodes of the established network for Gephi's spreadsheet import."""
    refuse_parameters(request, ())
    with serving.snapshot() as snapshot:
        return _response(nodes_csv(snapshot.network).encode(), "text/csv; charset=utf-8", snapshot.version)


@router.get("/network/edges.csv")
def edges(request: Request, serving: ServingDependency) -> Response:
    """Return the edges of the established network for Gephi's spreadsheet import."""
    refuse_parameters(request, ())
    with serving.snapshot() as snapshot:
        return _response(edges_csv(snapshot.network).encode(), "text/csv; charset=utf-8", snapshot.version)


def _response(content: bytes, media_type: str, version: str) -> Response:
    return Response(content, media_type=media_type, headers={"ETag": f'W/"{version}"'})
