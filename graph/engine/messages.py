"""What server and query workers say to one another: messages of a kind, framed as `multiprocessing.connection` does.

A worker may have been led astray by a query, so nothing that it sends is ever unpickled.
"""

import pickle
from typing import Final, cast

from civicgraph.graph.engine.interface import Query, ResultFormat

QUERY, GRAPH = b"Q", b"G"
"""To a worker: a query; a graph to be written out."""

WHOLE, FORMAT, CHUNK, END, ERROR = b"W", b"F", b"C", b"E", b"X"
"""From a worker: a whole answer; or the format of one, its parts, its end; or why there is none, or no more of it."""

REPLACE_ME: Final = b"replace me"
"""Content of the end that a worker sends which has grown too large to be kept."""


def query_message(query: Query) -> bytes:
    """Return a query as it is sent to a worker."""
    fields = (query.sparql, query.formats, query.default_graphs, query.named_graphs, query.bind, query.base)
    return QUERY + pickle.dumps(fields)


def read_query(content: bytes) -> Query:
    """Return a query as it was sent.

    >>> from pyoxigraph import Literal
    >>> query = Query("ASK {}", default_graphs=("a:b",), bind={"x": Literal("1")})
    >>> read_query(query_message(query)[1:]) == query
    True
    """
    return Query(*pickle.loads(content))  # noqa: S301 - of the server, which the worker is a part of


def graph_message(graph: str | None, chosen: ResultFormat) -> bytes:
    """Return the wish for a whole graph as it is sent to a worker."""
    return GRAPH + pickle.dumps((graph, chosen))


def read_graph(content: bytes) -> tuple[str | None, ResultFormat]:
    """Return the graph that is wished for, and the format."""
    graph, chosen = pickle.loads(content)  # noqa: S301 - as above
    return graph, chosen


def whole_message(chosen: ResultFormat, content: bytes) -> bytes:
    """Return a whole answer as it is sent."""
    return b"%b%b %b" % (WHOLE, chosen.encode(), content)


def read_whole(content: bytes) -> tuple[ResultFormat, bytes]:
    """Return the format of a whole answer, and the answer.

    >>> read_whole(whole_message("json", b"{ }")[1:])
    ('json', b'{ }')
    """
    chosen, _, rest = content.partition(b" ")
    return cast("ResultFormat", chosen.decode()), rest
