"""Updates over HTTP: SPARQL 1.1 Update at /update, the Graph Store Protocol at /graph-store, both behind a token."""

import asyncio
import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal
from uuid import uuid4

from pyoxigraph import NamedNode, RdfFormat
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from civicgraph.api.server.rate_limit import client_of
from civicgraph.api.serving import Serving
from civicgraph.api.sparql import requests
from civicgraph.api.sparql.formats import GRAPHS, headers_of
from civicgraph.api.sparql.streaming import cancel_on_disconnect, send_answer
from civicgraph.graph.engine.errors import PoolBusyError, QueryError
from civicgraph.graph.engine.interface import ALL_GRAPHS
from civicgraph.graph.engine.updates import Change, Done, GraphChange, GraphName, Update

_UPDATE: Final = "application/sparql-update"
_RDF_XML: Final = "application/rdf+xml"
_WAITING: Final = 32
"""Changes that may wait for one another."""

_DATASETS: Final = ("application/trig", "application/n-quads")
_WRITES: Final[dict[str, Literal["put", "post", "delete", "patch"]]] = {
    name.upper(): name for name in ("put", "post", "delete", "patch")
}


class UpdateEndpoints:
    """Answers /update and /graph-store.

    Parameters
    ----------
    serving
        What is served and changed.
    """

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="changes")
        self._waiting = 0

    async def respond(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """Make a change, or read a graph, for those who have the token."""
        self._refuse_strangers(scope)
        if scope["path"].rstrip("/") == "/update":
            if scope["method"] != "POST":
                raise HTTPException(405, "an update is sent by POST", {"Allow": "POST, OPTIONS"})
            sparql, found = await requests.sparql_of(scope, receive, "update", requests.MAX_UPDATE_BYTES)
            using, named = (tuple(found.get(f"using-{kind}graph-uri", ())) for kind in ("", "named-"))
            await self._make(Update(sparql, using, named, requests.address(scope, "/update")))
            return Response(status_code=204)
        graph, is_new = _graph_of(scope)
        if scope["method"] == "GET":
            await self._read(graph, scope, receive, send)
            return None
        return await self._write(graph, scope, receive, is_new=is_new)

    def close(self) -> None:
        """Wait for the change that is being made."""
        self._thread.shutdown()

    async def _make(self, change: Change) -> Done:
        """Make one change at a time, and let no more than a few wait."""
        if self._waiting >= _WAITING:
            msg = f"{self._waiting} changes are waiting already"
            raise PoolBusyError(msg)
        self._waiting += 1
        try:
            # It is made to its end even if its sender has gone: whole, as if they had waited.
            made = asyncio.get_running_loop().run_in_executor(self._thread, self.serving.change, change)
            return await asyncio.shield(made)
        finally:
            self._waiting -= 1

    def _refuse_strangers(self, scope: Scope) -> None:
        token = self.serving.settings.token
        if token is None:
            raise HTTPException(403, "writing is off; it is on where the server is started with CIVICGRAPH_TOKEN set")
        scheme, _, given = requests.header(scope, b"authorization").partition(" ")
        # Both sides are digested by the comparison at the same speed, whatever they hold.
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), token.encode()):
            detail = "writing needs the server's token: send it as Authorization: Bearer TOKEN"
            raise HTTPException(401, detail, {"WWW-Authenticate": 'Bearer realm="civicgraph"'})
        if scope["method"] != "GET" and not self.serving.can_be_changed:
            detail = "the data is on a SPARQL server, and changes with its sources: load them, civicgraph load"
            raise HTTPException(501, detail)

    async def _read(self, graph: GraphName, scope: Scope, receive: Receive, send: Send) -> None:
        is_all = not scope["query_string"] and scope["path"].rstrip("/") == "/graph-store"
        graph = ALL_GRAPHS if is_all else graph
        offered = {name: form for name, form in GRAPHS.items() if not is_all or name in _DATASETS}
        what = "all graphs are" if is_all else "a graph is"
        chosen = requests.negotiated(requests.header(scope, b"accept"), offered, what)
        try:
            async with self.serving.held() as snapshot, cancel_on_disconnect(receive):
                answer = await snapshot.pool.graph(graph, chosen, client_of(scope))
                await send_answer(send, answer, headers_of(snapshot.version, answer.format))
        except QueryError as error:
            raise HTTPException(404, str(error)) from error

    async def _write(self, graph: GraphName, scope: Scope, receive: Receive, *, is_new: bool) -> Response:
        how = _WRITES.get(scope["method"])
        if how is None:
            raise HTTPException(405, "Method Not Allowed", {"Allow": "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS"})
        if is_new and how == "put" and requests.content_type(scope) in _DATASETS:
            graph = ALL_GRAPHS
        elif is_new and how in ("put", "delete"):
            raise HTTPException(400, "which graph? say ?graph=IRI or ?default")
        parts = () if how == "delete" else await _parts(how, scope, receive)
        base = requests.address(scope, scope["path"]) if graph in (None, ALL_GRAPHS) else graph
        done = await self._make(GraphChange(how, graph, parts, base if how in ("put", "post") else None))
        if how == "delete" and not done.existed:
            raise HTTPException(404, f"there is no graph <{graph}>")
        is_made = is_new and graph is not None and graph != ALL_GRAPHS
        return Response(
            status_code=204 if done.existed and not is_made else 201,
            headers={"Location": str(graph)} if is_made else None,
        )


def _graph_of(scope: Scope) -> tuple[GraphName, bool]:
    """Return the graph that a request is about, and whether it names none, so that one is made up for it."""
    found = requests.fields(scope["query_string"])
    unknown = [name for name in found if name not in ("graph", "default")]
    if unknown:
        raise HTTPException(400, f"unknown parameter {unknown[0][:80]!r}; known are: graph, default")
    if "default" in found and "graph" in found:
        raise HTTPException(400, "one graph at a time: the request says both ?graph= and ?default")
    if "default" in found:
        return None, False
    named = requests.one(found, "graph", "graph")
    path = scope["path"]
    if named is None and path.rstrip("/") == "/graph-store":
        return f"urn:uuid:{uuid4()}", True
    iri = requests.address(scope, path) if named is None else named
    try:
        NamedNode(iri)
    except ValueError as error:
        raise HTTPException(400, f"a graph's name is an absolute IRI, and this is none: {iri[:200]}") from error
    return iri, False


async def _parts(how: str, scope: Scope, receive: Receive) -> tuple[tuple[str, bytes], ...]:
    """Return what a request brings, each with its media type."""
    kind = requests.content_type(scope)
    if how == "patch" and kind != _UPDATE:
        raise HTTPException(415, f"a graph is patched by {_UPDATE}, not by {kind or 'nothing'}")
    content = await requests.body(receive, requests.MAX_UPDATE_BYTES, "an update" if how == "patch" else "a graph")
    if how == "patch":
        requests.text(content, "update")
        return ((kind, content),)
    parts = [(kind or _RDF_XML, content)]
    if kind == "multipart/form-data":

        async def again() -> dict[str, object]:
            return {"type": "http.request", "body": content, "more_body": False}

        async with Request(scope, again).form() as form:
            files = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
            parts = [(re.split(r"\s*;", one.content_type or "", maxsplit=1)[0], await one.read()) for one in files]
        if not parts:
            raise HTTPException(400, "the form has no file")
    for one, _ in parts:
        if RdfFormat.from_media_type(one) is None:
            known = ", ".join(name for name in GRAPHS if name not in ("application/xml", "application/json"))
            raise HTTPException(415, f"a graph is sent as {known}, not as {one or 'nothing'}")
    return tuple(parts)
