"""What the service and its data are, for programs: SPARQL 1.1 Service Description and VoID."""

from importlib.resources import files
from typing import Final

from jinja2 import Template
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results, serialize
from starlette.responses import Response

from civicgraph.api.serving import Snapshot
from civicgraph.graph.engine.interface import Query
from civicgraph.graph.engine.results import GRAPH_SYNTAXES
from civicgraph.graph.exports.quads import turtle
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import CG, CG_NS

_TEMPLATE: Final = "description.ttl"


async def describe(snapshot: Snapshot, server: str, syntax: str, *, can_be_changed: bool) -> Response:
    """Return the description of a service.

    Parameters
    ----------
    snapshot
        What is served.
    server
        The address of the server, without a slash at its end.
    syntax
        One of the formats of graphs.
    can_be_changed
        Whether updates are answered.
    """
    answer = await snapshot.pool.answer(Query("SELECT ?g { GRAPH ?g {} }"))
    found = parse_query_results(await answer.whole(), QueryResultsFormat.JSON)
    graphs = sorted(row["g"].value for row in found) if isinstance(found, QuerySolutions) else []
    text = Template(files("civicgraph.api.sparql").joinpath(_TEMPLATE).read_text(encoding="utf-8")).render(
        server=server,
        can_be_changed=can_be_changed,
        base=BASE,
        vocabulary=CG_NS,
        quads=snapshot.manifest.quads,
        default=CG.established if CG.established in graphs else f"{server}/sparql#default-graph",
        graphs=graphs,
    )
    triples = {quad.triple for quad in parse(text, RdfFormat.TURTLE)}
    chosen = GRAPH_SYNTAXES[syntax]
    content = turtle(triples) if chosen == RdfFormat.TURTLE else serialize(sorted(triples, key=str), format=chosen)
    media_type = "text/turtle; charset=utf-8" if chosen == RdfFormat.TURTLE else chosen.media_type
    return Response(content, media_type=media_type, headers={"Vary": "Accept", "ETag": f'W/"{snapshot.version}"'})
