"""/search: organisations, people, places and services by name, for people and, as JSON, for the search field."""

from collections.abc import Mapping
from math import log10
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response

from civicgraph.api.name_search import LONGEST_QUERY, Hit
from civicgraph.api.openapi import gives
from civicgraph.api.own_queries import sql
from civicgraph.api.pages.rendering import address, render
from civicgraph.api.problems import UnknownError
from civicgraph.api.serving import Snapshot, SnapshotDependency
from civicgraph.api.sparql.requests import negotiate
from civicgraph.ontology.read import class_labels
from civicgraph.ontology.terms import CG_NS

router = APIRouter(tags=["Pages"])

MOST: Final = 100
_OFFERED: Final = 5
_BY_POUNDS: Final = 1.5
"""What ten times the pounds are worth beside how like a name is, 0 to 100: a whole name stays before a part of one."""

Kind = Literal["organisation", "person", "place", "service", "sector", "platform"]
KINDS: Final = {kind: "ServiceType" if kind == "service" else kind.capitalize() for kind in get_args(Kind)}
"""What may be looked for alone, with the class of each."""


def unknown(snapshot: Snapshot, key: str) -> UnknownError:
    """Return the refusal of an address that names a thing of which nothing is known, with the things of like name.

    Parameters
    ----------
    snapshot
        What is served.
    key
        ``kind/slug``, as it was asked for.
    """
    kind, _, slug = key.partition("/")
    words = slug.replace("-", " ")[:LONGEST_QUERY]
    hits = snapshot.names.find(words, _OFFERED)
    near = [{"name": hit.label, "address": address(hit.iri) or "/"} for hit in hits]
    detail = f"nothing is known of the {kind[:40]} {words[:80]!r}; the search finds things by their names"
    return UnknownError(detail, near)


@router.get("/search", response_class=Response, responses=gives("text/html", "application/json"))
def search(
    request: Request,
    snapshot: SnapshotDependency,
    q: Annotated[str, Query(description="Words of a name, an alias or an identifier, in any order and spelling")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many to give at most")] = 50,
    kind: Annotated[Kind | None, Query(description="The only kind of things to look for")] = None,
) -> Response:
    """Find organisations, people, places and service types by name; as HTML or JSON, as the Accept header asks."""
    as_json = negotiate(request.headers.get("accept", ""), {"text/html": False, "application/json": True})
    hits = snapshot.names.find(q, MOST, () if kind is None else (KINDS[kind],))
    parties = {
        one["iri"]: one for one in snapshot.edges.records(sql("search_hits"), {"iris": [hit.iri for hit in hits]})
    }
    headers = {"ETag": f'W/"{snapshot.version}"', "Vary": "Accept"}

    def rank(hit: Hit) -> float:
        party = parties.get(hit.iri, {})
        pounds = max(party.get("paid") or 0, 0) + max(party.get("received") or 0, 0)
        return -hit.score - _BY_POUNDS * log10(1 + pounds)

    hits.sort(key=rank)
    found = [_shown(hit, parties.get(hit.iri, {})) for hit in hits[:limit]]
    if as_json:
        return JSONResponse(found, headers=headers)
    page = render("search.html", q=q[:LONGEST_QUERY], hits=found, full=len(found) == limit, kind=kind, kinds=KINDS)
    return HTMLResponse(page, headers=headers)


def _shown(hit: Hit, party: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is found as people and programs see it: its narrowest kind, and pounds of payments that count."""
    sums = {name: party.get(name) for name in ("paid", "suppliers", "received", "customers")}
    narrowest = party.get("class")
    name = hit.kind if narrowest in (None, "Agent") else narrowest
    of_class = class_labels().get(f"{CG_NS}{name}", hit.kind)
    if of_class == "organisation" and (sums["received"] or sums["paid"]):
        of_class = "supplier" if (sums["received"] or 0) >= (sums["paid"] or 0) else "buyer"
    return {
        "label": hit.label,
        "kind": of_class,
        "name": hit.name,
        "iri": hit.iri,
        "address": address(hit.iri),
        **sums,
    }
