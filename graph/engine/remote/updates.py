"""What changes a server: updates, and triples put into graphs in batches of a bounded size.

All of it may be sent twice: what is there already is not there twice, and what is gone stays gone.
"""

from typing import Final
from urllib.parse import urlencode

from civicgraph.graph.engine.errors import QueryError, RemoteError
from civicgraph.graph.engine.remote.http import Connection

_PATIENCE: Final = 60
"""How often a request is sent again while a server restarts: over some minutes."""
_TIMEOUT: Final = 600.0


class Updates:
    """Changes a server.

    Parameters
    ----------
    connection
        The server, with the secrets that let us write.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._address = connection.address.update or _update_address(connection.address.query)
        self._is_form = True
        self._known = False

    @property
    def batch(self) -> tuple[int, int]:
        """How many triples, and bytes, one batch may have: more where the server takes whole files."""
        return (100_000, 16_000_000) if self._connection.address.graph_store else (5_000, 1_000_000)

    def run(self, sparql: str) -> None:
        """Run an update.

        Raises
        ------
        RemoteError
            The server cannot be reached, lets us not write, or failed.
        QueryError
            The server refuses it.
        """
        if self._known:
            self._send(sparql, is_form=self._is_form)
            return
        try:
            self._send(sparql, is_form=True)
        except (QueryError, RemoteError):
            self._send(sparql, is_form=False)
            self._is_form = False
        self._known = True

    def insert(self, graph: str, triples: bytes) -> None:
        """Add triples, whole lines of N-Triples, to a graph. Raises as `run` does."""
        address = self._connection.address.graph_store
        if address is None:
            self.run(f"INSERT DATA {{ GRAPH <{graph}> {{\n{triples.decode()}}} }}")
            return
        join = "&" if "?" in address else "?"
        url = f"{address}{join}{urlencode({'graph': graph})}"
        headers = {"Content-Type": "application/n-triples"}
        with self._connection.send(
            "POST", url, headers=headers, body=triples, timeout=_TIMEOUT, tries=_PATIENCE
        ) as answer:
            answer.read()

    def delete(self, graph: str, triples: bytes) -> None:
        """Take triples, whole lines of N-Triples, out of a graph. Raises as `run` does."""
        self.run(f"DELETE DATA {{ GRAPH <{graph}> {{\n{triples.decode()}}} }}")

    def drop(self, graph: str) -> None:
        """Take a whole graph away. Raises as `run` does."""
        self.run(f"DROP SILENT GRAPH <{graph}>")

    def _send(self, sparql: str, *, is_form: bool) -> None:
        body = urlencode({"update": sparql}).encode() if is_form else sparql.encode()
        content_type = "application/x-www-form-urlencoded" if is_form else "application/sparql-update"
        with self._connection.send(
            "POST", self._address, headers={"Content-Type": content_type}, body=body, timeout=_TIMEOUT, tries=_PATIENCE
        ) as answer:
            answer.read()


def _update_address(query: str) -> str:
    """Return where a server that answers queries at an address most likely takes updates.

    >>> _update_address("http://localhost:7878/query"), _update_address("http://localhost:8890/sparql")
    ('http://localhost:7878/update', 'http://localhost:8890/sparql')
    """
    path, _, parameters = query.partition("?")
    address = path.removesuffix("/query") + "/update" if path.endswith("/query") else path
    return f"{address}?{parameters}" if parameters else address
