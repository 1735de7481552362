"""What a query asks for beyond its pattern: its own dataset, or another server.

The embedded engine takes a default graph from its caller in place of the query's `FROM`, and follows `SERVICE`
to the network. Whether a query has either is read from its parse, never guessed from its text: the words also
stand in comments, strings and IRIs. Most queries hold neither word, and those are not parsed twice.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from civicgraph.graph.store.engine import QueryError


@dataclass(frozen=True, slots=True)
class QueryTraits:
    """Whether a query names its own dataset (`FROM`), and whether it calls another server (`SERVICE`)."""

    names_dataset: bool
    calls_service: bool


@lru_cache(maxsize=256)
def query_traits(sparql: str) -> QueryTraits:
    """Return what a query asks for beyond its pattern.

    Raises
    ------
    QueryError
        The query holds one of the two words and cannot be parsed.

    Examples
    --------
    >>> query_traits("SELECT * FROM <http://example.org/g> { ?s ?p ?o }")
    QueryTraits(names_dataset=True, calls_service=False)
    >>> query_traits("SELECT * { ?from ?service 'from service' }")
    QueryTraits(names_dataset=False, calls_service=False)
    """
    text = sparql.casefold()
    # SPARQL reads \uXXXX anywhere, in a keyword too: such a query is parsed whatever words it shows.
    if not any(sign in text for sign in ("from", "service", "\\u")):
        return QueryTraits(names_dataset=False, calls_service=False)
    # The parser keeps exceptions, and they the frames above it with all that is in them: a store and its lock, or
    # results that only the thread that made them may let go. Above it in a thread of its own there is nothing.
    found: list[QueryTraits | str] = []
    thread = threading.Thread(target=lambda: found.append(_parsed(sparql)))
    thread.start()
    thread.join()
    traits = found[0]
    if isinstance(traits, str):
        msg = f"this is no SPARQL 1.1 query: {traits}"
        raise QueryError(msg)
    return traits


def _parsed(sparql: str) -> QueryTraits | str:
    """Return what a query asks for, or why it cannot be parsed."""
    from pyparsing.exceptions import ParseException  # noqa: PLC0415 - only queries with either word need a parser
    from rdflib.plugins.sparql.parser import parseQuery  # noqa: PLC0415

    try:
        parsed = parseQuery(sparql)
    except (ParseException, RecursionError) as error:
        return str(error)
    finally:
        forget_frames()
    names = {getattr(node, "name", "") for node in _nodes(parsed)}
    return QueryTraits("DatasetClause" in names, "ServiceGraphPattern" in names)


def forget_frames() -> None:
    """Empty the cache of rdflib's parser in the thread that filled it.

    The cache keeps exceptions, and they the frames above the parser with all that is in them. The engine's results may
    only be let go by the thread that made them, and the next parse, in any thread, would let these go.
    """
    from pyparsing import ParserElement  # noqa: PLC0415

    ParserElement.reset_cache()


def _nodes(root: object) -> Iterator[object]:
    from pyparsing import ParseResults  # noqa: PLC0415

    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list | tuple | ParseResults):
            waiting.extend(node)
