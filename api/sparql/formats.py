"""What answers of SPARQL queries are written in, and what their headers say."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, get_args

from pyoxigraph import RdfFormat, Triple, serialize
from starlette.exceptions import HTTPException
from starlette.responses import Response

from civicgraph.api.sparql import requests
from civicgraph.graph.engine.interface import (
    DATASET_SYNTAXES,
    GRAPH_SYNTAXES,
    SOLUTION_SYNTAXES,
    ResultFormat,
    ResultKind,
)
from civicgraph.graph.exports.quads import turtle

Headers = list[tuple[bytes, bytes]]

_TYPES: Final[Mapping[ResultFormat, str]] = {
    **{name: (SOLUTION_SYNTAXES.get(name) or DATASET_SYNTAXES[name]).media_type for name in get_args(ResultFormat)},
    "turtle": "text/turtle; charset=utf-8",
}
_NAMED: Final = {content.partition(";")[0]: name for name, content in _TYPES.items()}
_SOLUTIONS: Final[Mapping[str, ResultFormat]] = {
    **{content: name for content, name in _NAMED.items() if name in SOLUTION_SYNTAXES},
    "application/json": "json",
    "application/xml": "xml",
}
GRAPHS: Final[Mapping[str, ResultFormat]] = {
    **{content: name for content, name in _NAMED.items() if name not in SOLUTION_SYNTAXES},
    "application/xml": "rdfxml",
    "application/json": "jsonld",
}
"""The formats of graphs by media type, the one that the server prefers first."""
RDF: Final = {
    _TYPES[form].partition(";")[0]: GRAPH_SYNTAXES[form] for form in ("turtle", "jsonld", "rdfxml", "ntriples")
}
"""The forms of triples by media type, the one that the server prefers first."""
# Too many of these are found rather than too few: such an answer is only not kept.
_VARIES: Final = re.compile(r"\b(?:now|rand|uuid|struuid|bnode)\b|\\u", re.IGNORECASE)


def rdf_response(triples: Iterable[Triple] | bytes, form: RdfFormat, version: str | None = None) -> Response:
    """Return triples as a response: the same triples give the same bytes; they may be written already."""
    content = triples if isinstance(triples, bytes) else written(triples, form)
    tag = {} if version is None else {"ETag": f'W/"{version}"'}
    media_type = f"{form.media_type}; charset=utf-8" if form == RdfFormat.TURTLE else form.media_type
    return Response(content, media_type=media_type, headers={"Vary": "Accept", **tag})


def written(triples: Iterable[Triple], form: RdfFormat) -> bytes:
    """Return triples as RDF."""
    return turtle(triples) if form == RdfFormat.TURTLE else serialize(sorted(triples, key=str), format=form) or b""


def varies(sparql: str) -> bool:
    """Return whether a query's answer may be another each time, whatever the data is."""
    return _VARIES.search(sparql) is not None


def headers_of(version: str | None, form: ResultFormat) -> Headers:
    """Return the headers of an answer: its format, and how it may be kept.

    Parameters
    ----------
    version
        That of the data that the answer follows from; None where it may be another each time.
    form
        The format.
    """
    kept = [] if version is None else [(b"etag", b'W/"%s"' % version.encode()), (b"cache-control", b"no-cache")]
    return [(b"content-type", _TYPES[form].encode()), *kept, (b"vary", b"Accept")]


@lru_cache(maxsize=256)
def formats(accept: str) -> Mapping[ResultKind, ResultFormat]:
    """Return the formats that an Accept header asks for, by kind of results.

    Raises
    ------
    HTTPException
        It accepts none that results of any kind are given in.
    """
    solutions = requests.negotiate(accept, _SOLUTIONS)
    graph = requests.negotiate(accept, GRAPHS)
    if solutions is None and graph is None:
        raise HTTPException(406, f"results are given as {', '.join(dict.fromkeys([*_SOLUTIONS, *GRAPHS]))}")
    boolean: ResultFormat = "xml" if solutions == "xml" else "json"
    return {"solutions": solutions or "json", "boolean": boolean, "graph": graph or "turtle"}
