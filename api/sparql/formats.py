"""What answers of SPARQL queries are written in, and what their headers say."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Scope

from civicgraph.api.sparql import requests
from civicgraph.api.sparql.negotiation import negotiate
from civicgraph.graph.engine.interface import ResultFormat, ResultKind

_SOLUTIONS: Final[Mapping[str, ResultFormat]] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/xml": "xml",
}
GRAPHS: Final[Mapping[str, ResultFormat]] = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/trig": "trig",
    "application/n-quads": "nquads",
    "application/xml": "rdfxml",
    "application/json": "jsonld",
}
CONTENT_TYPES: Final[Mapping[ResultFormat, bytes]] = {
    "json": b"application/sparql-results+json",
    "xml": b"application/sparql-results+xml",
    "csv": b"text/csv; charset=utf-8",
    "tsv": b"text/tab-separated-values; charset=utf-8",
    "turtle": b"text/turtle; charset=utf-8",
    "ntriples": b"application/n-triples",
    "rdfxml": b"application/rdf+xml",
    "jsonld": b"application/ld+json",
    "trig": b"application/trig",
    "nquads": b"application/n-quads",
}
# Too many of these are found rather than too few: such an answer is only not kept.
_VARIES: Final = re.compile(r"\b(?:now|rand|uuid|struuid|bnode)\b|\\u", re.IGNORECASE)


def varies(sparql: str) -> bool:
    """Return whether a query's answer may be another each time, whatever the data is."""
    return _VARIES.search(sparql) is not None


def answer_headers(chosen: ResultFormat, version: str | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer in a format; `version` is that of the data, where the answer follows from it."""
    return [(b"content-type", CONTENT_TYPES[chosen]), *caching_headers(version)]


def caching_headers(version: str | None) -> list[tuple[bytes, bytes]]:
    """Return the headers that say how an answer may be kept."""
    kept = [] if version is None else [(b"etag", b'W/"%s"' % version.encode()), (b"cache-control", b"no-cache")]
    return [*kept, (b"vary", b"Accept")]


def is_known(scope: Scope, version: str) -> bool:
    """Return whether a request says that its client has an answer of a version."""
    return f'W/"{version}"' in requests.header(scope, b"if-none-match")


@lru_cache(maxsize=256)
def formats(accept: str) -> Mapping[ResultKind, ResultFormat]:
    """Return the formats that an Accept header asks for, by kind of results.

    Raises
    ------
    HTTPException
        It accepts none that results of any kind are given in.
    """
    solutions = negotiate(accept, _SOLUTIONS)
    graph = negotiate(accept, GRAPHS)
    if solutions is None and graph is None:
        raise HTTPException(406, f"results are given as {', '.join(dict.fromkeys([*_SOLUTIONS, *GRAPHS]))}")
    boolean: ResultFormat = "xml" if solutions == "xml" else "json"
    return {"solutions": solutions or "json", "boolean": boolean, "graph": graph or "turtle"}
