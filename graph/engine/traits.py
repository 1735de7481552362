"""What a query asks for beyond its pattern: its own dataset, or another server.

The embedded engine takes a default graph from its caller in place of the query's `FROM`, and follows `SERVICE` to the
network. Whether a query has either is read from its words, told from what stands in comments, strings, IRIs and names.
"""

from dataclasses import dataclass
from functools import lru_cache

from civicgraph.graph.engine.tokens import tokens, unescaped


@dataclass(frozen=True, slots=True)
class QueryTraits:
    """Whether a query names its own dataset (`FROM`), and whether it calls another server (`SERVICE`)."""

    names_dataset: bool
    calls_service: bool


@lru_cache(maxsize=256)
def query_traits(sparql: str) -> QueryTraits:
    """Return what a query asks for beyond its pattern. A text that is no query may seem to ask for either.

    Examples
    --------
    >>> query_traits("SELECT * FROM <http://example.org/g> { ?s ?p ?o }")
    QueryTraits(names_dataset=True, calls_service=False)
    >>> query_traits("SELECT * { ?from ?service 'from service' }")
    QueryTraits(names_dataset=False, calls_service=False)
    """
    text = sparql.casefold()
    # SPARQL reads \\uXXXX anywhere, in a keyword too: such a query is looked at whatever words it shows.
    if not any(sign in text for sign in ("from", "service", "\\u")):
        return QueryTraits(names_dataset=False, calls_service=False)
    # No other keyword holds these; but the engine lets keywords stand without a space between them (SERVICESILENT).
    words = [token.text.upper() for token in tokens(unescaped(sparql)) if token.kind == "word"]
    return QueryTraits(any("FROM" in word for word in words), any("SERVICE" in word for word in words))
