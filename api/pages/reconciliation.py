"""/reconcile: OpenRefine and its like ask which things are meant by the names in a table.

The Reconciliation Service API 0.2: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

import time
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from civicgraph.api.name_search import LONGEST_QUERY, Hit, Names
from civicgraph.api.own_queries import own_yaml
from civicgraph.api.pages.rendering import address
from civicgraph.api.serving import ServingDependency
from civicgraph.api.sparql import requests
from civicgraph.api.tables.flat import versioned
from civicgraph.graph.identity.councils import council_key, is_one_council
from civicgraph.graph.identity.names import normalise
from civicgraph.graph.records.iris import key_of
from civicgraph.ontology.read import class_labels
from civicgraph.ontology.terms import CG_NS, SERVICES_NS

router = APIRouter(prefix="/reconcile", tags=["Reconciliation"])

MOST_QUERIES: Final = 50
"""Queries of one batch; clients read it from the manifest."""

MOST_CANDIDATES: Final = 50
_CANDIDATES: Final = 5
_LEAST_COMPARED: Final = 20
"""So many are looked at before the best are taken: who else has the very same name must not be overlooked."""

_KINDS: Final = ("Organisation", "Person", "Place", "Platform", "Sector", "ServiceType")
_SPACE: Final = "https://w3id.org/civicgraph/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One query of a batch: the text that names a thing, the kinds it may be of (none means all), how many to give."""

    text: str
    kinds: tuple[str, ...] = ()
    limit: int = _CANDIDATES


async def _posted(request: Request) -> requests.Fields:
    kind = requests.content_type(request.scope)
    if kind != requests.FORM:
        raise HTTPException(415, f"POST queries as a form ({requests.FORM}), not as {kind or 'nothing'}")
    return requests.fields(await requests.body(request.receive, requests.MAX_QUERY_BYTES, "a batch of queries"))


@router.get("")
def read_queries(
    request: Request,
    serving: ServingDependency,
    queries: Annotated[str | None, Query(description="A batch of queries in JSON")] = None,  # noqa: ARG001 - for OpenAPI
) -> Response:
    """Answer a batch of queries; without one, say what the service is, as the Reconciliation Service API 0.2 has it."""
    found = requests.fields(request.scope["query_string"])
    if found:
        return send_queries(serving, found)
    server = requests.address(request.scope, "").encode()
    manifest = orjson.loads(orjson.dumps(own_yaml("pages/reconciliation.yaml")).replace(b"SERVER", server))
    types = [{"id": CG_NS + kind, "name": class_labels()[CG_NS + kind]} for kind in _KINDS]
    more = {"serviceVersion": version("civicgraph"), "defaultTypes": types, "batchSize": MOST_QUERIES}
    return Response(orjson.dumps({**manifest, **more}), media_type="application/json")


@router.post("")
def send_queries(serving: ServingDependency, found: Annotated[requests.Fields, Depends(_posted)]) -> Response:
    """Answer a batch of queries, which a form brings in its field `queries`."""
    batch = requests.one(found, "queries", "batch of queries")
    if batch is None or len(found) > 1:
        given = ", ".join(repr(name[:80]) for name in list(found)[:5]) or "nothing"
        raise HTTPException(400, f"give queries, a batch of queries in JSON, and nothing else; {given} was given")
    wanted, results = _read_batch(batch), {}
    began, patience = time.monotonic(), serving.settings.timeout
    with serving.snapshot() as snapshot:
        for key, one in wanted.items():
            if time.monotonic() - began > patience:
                raise HTTPException(503, f"the batch was stopped after {patience:g} seconds: send fewer queries")
            results[key] = {"result": candidates(snapshot.names, one)}
        return versioned(snapshot.version, orjson.dumps(results), "application/json")


@router.get("/view", status_code=303, response_class=RedirectResponse)
def view(id: Annotated[str, Query(description="The IRI of a thing")]) -> Response:  # noqa: A002 - the standard's word
    """Lead to the page of a thing."""
    to = address(id) if key_of(id) or id.startswith(SERVICES_NS) else None
    if to is None:
        raise HTTPException(404, f"{id[:80]!r} is the IRI of no thing here")
    return RedirectResponse(to, 303)


def _read_batch(text: str) -> dict[str, Wanted]:
    try:
        batch = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"queries is not JSON: {error}") from error
    if not isinstance(batch, dict):
        raise HTTPException(400, 'queries is an object such as {"q0": {"query": "Capita"}}')
    if len(batch) > MOST_QUERIES:
        raise HTTPException(413, f"a batch may have {MOST_QUERIES} queries, and this one has {len(batch)}")
    return {key: _wanted(key, asked) for key, asked in batch.items()}


def candidates(names: Names, wanted: Wanted) -> list[dict[str, object]]:
    """Return the things that a query may mean, the likeliest first.

    One is a match where loading would take it for the same: its name, or another of its names, has the same normal
    name, or it is a council that is spelt otherwise ("LB Hackney"), and no other thing is so.
    """
    is_iri = wanted.text.startswith(_SPACE)
    if is_iri:
        hit = names.of(wanted.text)
        hits = [hit] if hit is not None and (not wanted.kinds or hit.kind in wanted.kinds) else []
    else:
        hits = names.find(wanted.text, max(wanted.limit, _LEAST_COMPARED), wanted.kinds)
    meant = normalise(wanted.text) if len(wanted.text) <= LONGEST_QUERY else None
    same = [hit for hit in hits if meant is not None and normalise(hit.name) == meant]
    if meant is not None and not same:
        same = [hit for hit in hits if hit.kind == "Organisation" and _is_council(meant, hit)]
    hits = [replace(hit, score=100.0) if hit in same else hit for hit in hits]
    hits.sort(key=lambda hit: -hit.score)
    only = wanted.text if is_iri else same[0].iri if len(same) == 1 else None
    # Where it is not by its label that a thing was found, by which name is said beside it.
    return [
        {
            "id": hit.iri,
            "name": hit.label,
            "type": [{"id": CG_NS + hit.kind, "name": class_labels()[CG_NS + hit.kind]}],
            **({} if hit.name == hit.label else {"description": f"also called {hit.name}"}),
            "score": hit.score,
            "match": hit.iri == only,
        }
        for hit in hits[: wanted.limit]
    ]


def _is_council(meant: str, hit: Hit) -> bool:
    """Tell whether a normal name is that of a council that was found, by its label or by its place alone."""
    label, name = normalise(hit.label), normalise(hit.name)
    key = council_key(label)
    return key is not None and key[2] and (is_one_council(meant, label) or is_one_council(meant, name))


def _wanted(key: str, asked: object) -> Wanted:
    if not isinstance(asked, dict):
        raise HTTPException(400, f"the query {key[:80]!r} is not an object")
    text, limit = asked.get("query", ""), asked.get("limit", _CANDIDATES)
    if not isinstance(text, str) or not (text or asked.get("properties")):
        raise HTTPException(400, f"the query {key[:80]!r} has no text to look for as its 'query'")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1 or limit != int(limit):
        raise HTTPException(400, f"the limit of the query {key[:80]!r} is not a whole number from 1 on")
    return Wanted(text, _kinds(key, asked.get("type")), min(int(limit), MOST_CANDIDATES))


def _kinds(key: str, given: object) -> tuple[str, ...]:
    known = ", ".join(CG_NS + kind for kind in _KINDS)
    given = [] if given is None else given if isinstance(given, list) else [given]
    kinds = tuple(kind.removeprefix(CG_NS) for kind in given if isinstance(kind, str))
    if len(kinds) < len(given):
        raise HTTPException(400, f"the type of the query {key[:80]!r} is one of, or a list of: {known}")
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        raise HTTPException(400, f"there is no type {unknown[0][:80]!r}; there are: {known}")
    return kinds
