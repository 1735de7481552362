"""What changes a server: updates, and triples put into graphs in batches of a bounded size.

All of it may be sent twice: what is there already is not there twice, and what is gone stays gone.
"""

from typing import Final
from urllib.parse import urlencode

from civicgraph.graph.engine.errors import QueryError, RemoteError, RemoteRefusedError
from civicgraph.graph.engine.remote.http import FORM, Connection

_TIMEOUT: Final = 600.0
"""Seconds that one change may take."""
_LINES: Final = 2_000
"""Triples of one update at first: Virtuoso's compiler runs out of memory at some 5,000."""


class Updates:
    """Changes a server.

    Parameters
    ----------
    connection
        The server, with the secrets that let us write.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._address = connection.address.update or _update_address(connection.address.query)

    @property
    def batch(self) -> int:
        """How many bytes of triples are sent at once: more where the server takes whole files."""
        return 16_000_000 if self.connection.address.graph_store else 1_000_000

    def run(self, sparql: str) -> None:
        """Run an update.

        Raises
        ------
        RemoteError
            The server cannot be reached, does not let us write, or failed.
        QueryError
            The server refuses it.
        """
        self._post(self._address, FORM, urlencode({"update": sparql}).encode())

    def insert(self, graph: str, triples: bytes) -> None:
        """Add triples, whole lines of N-Triples, to a graph. Raises as `run` does."""
        address = self.connection.address.graph_store
        if address is None:
            self._in_parts(graph, triples.splitlines(keepends=True))
            return
        try:
            url = f"{address}{'&' if '?' in address else '?'}{urlencode({'graph': graph})}"
            self._post(url, "application/n-triples", triples)
        except (QueryError, RemoteRefusedError) as refusal:
            # Virtuoso takes a file of which one line is long for another kind of text, and says so with a 500.
            try:
                self._in_parts(graph, triples.splitlines(keepends=True))
            except (QueryError, RemoteError):
                raise refusal from None

    def drop(self, graph: str) -> None:
        """Take a whole graph away. Raises as `run` does."""
        self.run(f"DROP SILENT GRAPH <{graph}>")

    def _in_parts(self, graph: str, lines: list[bytes]) -> None:
        """Send lines in one update, or where the server refuses that in two: each has its own limit of length."""
        if len(lines) <= _LINES:
            try:
                self.run(f"INSERT DATA {{ GRAPH <{graph}> {{\n{b''.join(lines).decode()}}} }}")
            except (QueryError, RemoteRefusedError):
                if len(lines) == 1:
                    raise
            else:
                return
        half = len(lines) // 2
        self._in_parts(graph, lines[:half])
        self._in_parts(graph, lines[half:])

    def _post(self, url: str, content_type: str, body: bytes) -> None:
        with self.connection.send(url, {"Content-Type": content_type}, body, _TIMEOUT) as answer:
            answer.read()


def _update_address(query: str) -> str:
    """Return where a server that answers queries at an address most likely takes updates.

    >>> _update_address("http://localhost:7878/query"), _update_address("http://localhost:8890/sparql")
    ('http://localhost:7878/update', 'http://localhost:8890/sparql')
    """
    path, _, parameters = query.partition("?")
    address = path.removesuffix("/query") + "/update" if path.endswith("/query") else path
    return f"{address}?{parameters}" if parameters else address
