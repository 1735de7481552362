"""What a server holds of ours: the catalogue, one graph that says what each slot holds, and which slot is current.

A slot is a set of graphs, one for each graph of the data, whose names end in the slot's sign. A version of the data
is written into a slot that nobody reads; then one update moves the pointer. Undoing a load moves it back.

There is no lock that a writer who dies could leave behind. Each load fills a slot of its own, and moves the pointer
only from where it stood when the load began.

Servers differ where the standard leaves room, and where they err: what one can do is found by questions whose answer is
known. What cannot work at all is an error that says so; what can be done another way is done that way.
"""

import json
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, parse_query_results

from civicgraph.graph.engine.errors import QueryError, RemoteError
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.engine.remote.http import JSON, Connection
from civicgraph.graph.engine.remote.query import DURATION, Prepared, Slot
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.manifest import Manifest

CATALOGUE: Final = "https://w3id.org/civicgraph/catalogue"
_POINTER, _SLOT, _MANIFEST = (f"<{CATALOGUE}#{name}>" for name in ("pointer", "slot", "manifest"))
_YEARS: Final = f'"P13Y"^^<{DURATION}>'
_EXPONENT: Final = 5
"""The probe asks for ten to the power of so many rows and one: usual limits are 1,000, 10,000 and 65,536."""


@dataclass(frozen=True, slots=True)
class State:
    """The catalogue at one moment: its slots, and the signs of the current one and of the one before it.

    A slot whose version has no name is being written, or was left half written.
    """

    slots: tuple[Slot, ...]
    pointer: str

    @property
    def current(self) -> Slot | None:
        """The slot that is read."""
        return self._pointed(0)

    @property
    def previous(self) -> Slot | None:
        """The slot that was read before."""
        return self._pointed(1)

    def _pointed(self, place: int) -> Slot | None:
        signs = self.pointer.split()[place : place + 1]
        return next((slot for slot in self.slots if slot.sign in signs), None)


class Catalogue:
    """Reads and writes the catalogue of one set of data on a server.

    Parameters
    ----------
    connection
        The server.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.graph = f"{CATALOGUE}/{connection.address.name}"

    @cached_property
    def keeps_durations(self) -> bool:
        """Whether the server gives thirteen years back as such; asked once, as whether it can be worked with.

        Raises
        ------
        RemoteError
            The server cannot be reached, or does not mind datasets.
        """
        nothing, said = f"{self.graph}-nothing", f"<{self.graph}> ?p ?o"
        asked = f'SELECT DISTINCT ?g WHERE {{ {{ {said} BIND ("default" AS ?g) }} UNION {{ GRAPH ?g {{ {said} }} }} }}'
        datasets = ((self.graph,), (nothing,)), ((nothing,), (self.graph,))
        try:
            found = [[graph.value for (graph,) in self.table(asked, *one) if graph] for one in datasets]
        except QueryError:
            found = []
        if found != [["default"], [self.graph]]:
            raise RemoteError(
                f"{self.connection.where} does not mind the dataset of a request (default-graph-uri, named-graph-uri)",
                "versions of the data cannot be told apart on it: use another engine, or its setting for datasets",
            )
        ((years,),) = self.table(f"SELECT ?x WHERE {{ VALUES ?x {{ {_YEARS} }} }}")
        return str(years) == _YEARS

    @cached_property
    def row_limit(self) -> int | None:
        """At how many rows the server cuts a result without a word, if it does; asked once. Raises as `table` does."""
        values = " ".join(f"VALUES ?v{number} {{ 0 1 2 3 4 5 6 7 8 9 }}" for number in range(_EXPONENT))
        asked = f"SELECT ?v0 WHERE {{ {{ {values} }} UNION {{ BIND (0 AS ?v0) }} }}"
        found = len(self.table(asked))
        return None if found == 10**_EXPONENT + 1 else found

    def read(self) -> State | None:
        """Return the catalogue, or None where the server has none of this name, or no longer.

        Raises
        ------
        RemoteError
            Another version of the program wrote it, or the server cannot be asked.
        """
        pointed, slots = f"<{self.graph}> {_POINTER} ?pointer", f"?node {_SLOT} ?slot"
        found = self.table(
            f"SELECT ?pointer ?slot WHERE {{ GRAPH <{self.graph}> {{ {{ {pointed} }} UNION {{ {slots} }} }} }}"
        )
        try:
            said = (json.loads(slot.value) for _, slot in found if slot)
            kept = tuple(Slot(sign, version, tuple(renamed), limit) for sign, version, renamed, limit in said)
        except (ValueError, TypeError) as error:
            raise self._unknown() from error
        return next((State(kept, pointer.value) for pointer, _ in found if pointer), None)

    def begun(self) -> State:
        """Return the catalogue, an empty one where the server had none. Raises as `read` does."""
        if (state := self.read()) is not None:
            return state
        # Of two who come at the same time one finds what the other wrote.
        first, none = self._said(self.graph, f'{_POINTER} ""'), self._said(self.graph, "?p ?o")
        self.connection.update(f"INSERT {{ {first} }} WHERE {{ FILTER NOT EXISTS {{ {none} }} }}")
        if (state := self.read()) is None:
            raise self._unknown()
        return state

    def point(self, before: State, slot: Slot) -> None:
        """Make a slot the current one, and the one that was it the one before.

        Raises
        ------
        RemoteError
            The server has no catalogue any more.
        BusyError
            Another slot was made current since the state was read, or this one is gone.
        """
        was = before.pointer.split()[:1]
        pointer = before.pointer if was == [slot.sign] else " ".join([slot.sign, *was])
        old, new = (self._said(self.graph, f"{_POINTER} {Literal(text)}") for text in (before.pointer, pointer))
        there = self._said(self._node(slot), f"{_SLOT} ?there")
        self.connection.update(f"DELETE {{ {old} }}\nINSERT {{ {new} }}\nWHERE {{ {old} {there} }}")
        if (state := self.read()) is None:
            what = "the server has lost all that it held, as one without a disk does when it restarts"
            raise RemoteError(what, "load again, every source that is to be in the graph")
        if state.pointer != pointer:
            msg = "another load was published on the server while this one was writing"
            raise BusyError(msg, "load again: from a folder that has all of its sources")

    def manifest(self, slot: Slot) -> Manifest:
        """Return the manifest of the version that a slot holds."""
        found = self.table(f"SELECT ?text WHERE {{ {self._said(self._node(slot), f'{_MANIFEST} ?text')} }}")
        return Manifest.of("".join(text.value for (text,) in found if text), self.connection.where)

    def keep(self, slot: Slot, manifest: str = "") -> None:
        """Keep what a slot is, with the manifest of the version that it holds once it holds it whole."""
        node, said = self._node(slot), Literal(json.dumps(astuple(slot)))
        self.connection.update(
            f"DELETE WHERE {{ {self._said(node, '?p ?o')} }} ;\n"
            f"INSERT DATA {{ {self._said(node, f'{_SLOT} {said} ; {_MANIFEST} {Literal(manifest)}')} }}"
        )

    def forget(self, slot: Slot) -> None:
        """Take the graphs of a slot away, and say nothing of it any more."""
        for graph in slot.names:
            self.connection.drop(graph)
        self.connection.update(f"DELETE WHERE {{ {self._said(self._node(slot), '?p ?o')} }}")

    def table(
        self, sparql: str, default: tuple[str, ...] = (), named: tuple[str, ...] = ()
    ) -> list[tuple[Term | None, ...]]:
        """Return the solutions of a small SELECT query, asked before anything is known of the server.

        Raises
        ------
        RemoteError
            The server cannot be reached, refuses us, or answers with something else.
        QueryError
            It refuses the query.
        """
        with self.connection.query(Prepared("SELECT", sparql, default, named), JSON) as answer:
            content = answer.read()
        try:
            results = parse_query_results(content, QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            what = f"{self.connection.where} answers a query with something else than results"
            remedy = "name the address that takes queries, often .../sparql or .../query"
            raise RemoteError(what, remedy) from error
        return [tuple(solution) for solution in results] if isinstance(results, QuerySolutions) else []

    def _said(self, node: str, what: str) -> str:
        """Return what the catalogue says of itself or of a slot, as a pattern of SPARQL."""
        return f"GRAPH <{self.graph}> {{ <{node}> {what} }}"

    def _node(self, slot: Slot) -> str:
        return f"{self.graph}/slot/{slot.sign}"

    def _unknown(self) -> RemoteError:
        what = "the catalogue on the server was written by another version of civicgraph"
        return RemoteError(what, "load the sources again, under another name: URL#name")
