"""/method: what each figure means and where its formula is from; and how one figure was worked out."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from civicgraph.api.pages.rendering import render
from civicgraph.api.pages.words import measures
from civicgraph.graph.edges.finding import names_of
from civicgraph.graph.edges.table import EdgeTable, Scoped

router = APIRouter(tags=["Pages"])


@router.get("/method", response_class=HTMLResponse)
def method() -> HTMLResponse:
    """Say what each figure means, how it is worked out, and where its formula is from."""
    return HTMLResponse(render("method.html", measures=measures()))


def worked_out(table: EdgeTable, found: Scoped, query: str) -> Mapping[str, Any]:
    """Return what `worked-out.html` says of the figures of a scope.

    Parameters
    ----------
    table, found
        The edge table, and the rows of the scope.
    query
        What asks for the same at `/concentration`, as it stands in an address.
    """
    scope = found.scope
    names = {**table.labels, **names_of(table, (*scope.buyers, *scope.suppliers))}
    return {"scope": scope, "names": names, "account": found.account, "query": query}
