"""Refusals as pages: whoever asks for a page gets one, with what was asked kept, and the nearest names as links."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.types import Scope

from civicgraph.api.pages.rendering import render
from civicgraph.api.pages.views import sparql_form
from civicgraph.api.problems import PROBLEM_TYPE
from civicgraph.api.sparql.requests import header, negotiate
from civicgraph.api.tables.table_filters import options_of
from civicgraph.graph.edges.filters import FILTERS

_OFFERED: Final = {PROBLEM_TYPE: False, "application/json": False, "text/html": True}
_WIDEST: Final = 60


def error_page(queries: Path | None, scope: Scope, problem: Mapping[str, Any]) -> str | None:
    """Return the page that refuses a request; None for whoever would rather have JSON.

    Parameters
    ----------
    queries
        A folder of stored queries of the user's own.
    scope
        The request.
    problem
        The refusal.
    """
    if not negotiate(header(scope, b"accept"), _OFFERED):
        return None
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    asked = dict(given).get("query")
    if scope["path"] == "/sparql" and asked is not None:
        return sparql_form(queries, asked, problem["detail"])
    path = f"/{scope['path'].lstrip('/')}"  # never the address of another server
    # The only values that a filter may have, where there are only some.
    fields = [(name, value, options_of(name) if name in FILTERS else ()) for name, value in given]
    return render("error.html", problem=problem, path=path, fields=fields, widest=_WIDEST)
