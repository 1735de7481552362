"""What a server holds of ours: the catalogue, one small record that says which of the slots is the current one.

A slot is a set of graphs, one for each graph of the data, whose names end in the slot's sign. A version of the data
is written into a slot that nobody reads; then one update moves the pointer. Undoing a load moves it back.

There is no lock that a writer who dies could leave behind. Each change of the record replaces the state that was read,
or nothing; each load fills a slot of its own, and moves the pointer only from where it stood when the load began.

Servers differ where the standard leaves room, and where they err: what one can do is found by questions whose answer is
known. What cannot work at all is an error that says so; what can be done another way is done that way.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import Final, Self

from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, parse_query_results

from civicgraph.graph.engine.errors import QueryError, RemoteError
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.engine.remote.http import JSON, Connection
from civicgraph.graph.engine.remote.query import DURATION, Prepared, Slot
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.manifest import Manifest

CATALOGUE: Final = "https://w3id.org/civicgraph/catalogue"
_REVISION, _STATE, _MANIFEST = (f"<{CATALOGUE}#{name}>" for name in ("revision", "state", "manifest"))
_TIMES: Final = 5
"""How often a change is tried where others come between."""
_YEARS: Final = f'"P13Y"^^<{DURATION}>'
_EXPONENT: Final = 5
"""The probe asks for ten to the power of so many rows and one: usual limits are 1,000, 10,000 and 65,536."""


@dataclass(frozen=True, slots=True)
class State:
    """The catalogue at one moment: its slots, the one that was made current last at the end, and the current one.

    A slot whose version has no name is being written, or was left half written.
    """

    slots: tuple[Slot, ...] = ()
    current: str | None = None
    revision: str = ""

    @classmethod
    def read(cls, text: str, revision: str) -> Self:
        """Return the state that `text` made. Raises RemoteError where another version of the program wrote it."""
        try:
            raw = json.loads(text)
            slots = tuple(Slot(sign, version, tuple(renamed)) for sign, version, renamed in raw["slots"])
            return cls(slots, raw["current"], revision)
        except (ValueError, KeyError, TypeError) as error:
            what = "the catalogue on the server was written by another version of civicgraph"
            raise RemoteError(what, "load the sources again, under another name: URL#name") from error

    def text(self) -> str:
        """Return the state as the server keeps it."""
        return json.dumps({"slots": [astuple(slot) for slot in self.slots], "current": self.current})

    def slot(self, sign: str | None) -> Slot | None:
        """Return the slot of a sign, or None where there is none."""
        return next((slot for slot in self.slots if slot.sign == sign), None)

    def previous(self) -> Slot | None:
        """Return the slot that was current before the one that is, if it is still whole."""
        return next((slot for slot in reversed(self.slots) if slot.version and slot.sign != self.current), None)

    def with_slot(self, slot: Slot) -> Self:
        """Return the state in which a slot is what is given."""
        return replace(self.without(slot.sign), slots=(*self.without(slot.sign).slots, slot))

    def without(self, sign: str) -> Self:
        """Return the state that knows nothing of a slot."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.sign != sign))

    def pointing(self, slot: Slot, before: str | None) -> Self:
        """Return the state in which a slot is current in place of the one before.

        Raises
        ------
        BusyError
            The one before is not current any more, or the slot is gone.
        """
        if self.current not in (before, slot.sign) or self.slot(slot.sign) is None:
            msg = "another load was published on the server while this one was writing"
            raise BusyError(msg, "load again: from a folder that has all of its sources")
        return replace(self.with_slot(slot), current=slot.sign)


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
        """Whether the server gives durations back as they were given; asked once, as whether it can be worked with."""
        return keeps_durations(self.connection, self.graph)

    def read(self) -> State | None:
        """Return the catalogue, or None where the server has none of this name."""
        found = table(
            self.connection,
            f"SELECT ?revision ?state WHERE {{ GRAPH <{self.graph}> "
            f"{{ <{self.graph}> {_REVISION} ?revision ; {_STATE} ?state }} }}",
        )
        return next((State.read(state.value, revision.value) for revision, state in found if revision and state), None)

    def begun(self) -> State:
        """Return the catalogue, an empty one where the server had none."""
        if (state := self.read()) is not None:
            return state
        # Of two who come at the same time one finds what the other wrote.
        none = f"FILTER NOT EXISTS {{ GRAPH <{self.graph}> {{ ?s ?p ?o }} }}"
        first = self._said(secrets.token_hex(8), str(Literal(State().text())))
        self.connection.update(f"INSERT {{ {first} }} WHERE {{ {none} }}")
        if (state := self.read()) is None:
            raise RemoteError(f"{self.graph} on the server is not a catalogue of ours", "name another set: URL#name")
        return state

    def change(self, how: Callable[[State], State]) -> None:
        """Change the catalogue: `how` is given each state that is met, until one is replaced by what it returns.

        Raises
        ------
        RemoteError
            The server has no catalogue any more, or does not change it.
        BusyError
            Another load has changed it, so that `how` cannot.
        """
        for _ in range(_TIMES):
            before, ours = self._there(), secrets.token_hex(8)
            old, new = self._said(before.revision, "?old"), self._said(ours, str(Literal(how(before).text())))
            self.connection.update(f"DELETE {{ {old} }}\nINSERT {{ {new} }}\nWHERE {{ {old} }}")
            if self._there().revision == ours:
                return
        raise RemoteError("the server does not keep what it is told", "look at its log; the old version is served")

    def manifest(self, slot: Slot) -> Manifest:
        """Return the manifest of the version that a slot holds."""
        node = self._node(slot)
        sparql = f"SELECT ?text WHERE {{ GRAPH <{node}> {{ <{node}> {_MANIFEST} ?text }} }}"
        found = next((text.value for (text,) in table(self.connection, sparql) if text is not None), "")
        return Manifest.of(found, self.connection.where)

    def keep_manifest(self, slot: Slot, manifest: str) -> None:
        """Keep the manifest of the version that a slot holds. Raises as `Connection.update` does."""
        node = self._node(slot)
        said = f"<{node}> {_MANIFEST}"
        self.connection.update(
            f"DELETE WHERE {{ GRAPH <{node}> {{ {said} ?text }} }} ;\n"
            f"INSERT DATA {{ GRAPH <{node}> {{ {said} {Literal(manifest)} }} }}"
        )

    def forget(self, slot: Slot) -> None:
        """Take the graphs of a slot away, and say nothing of it any more. Raises as `change` does."""
        for graph in (*slot.names, self._node(slot)):
            self.connection.drop(graph)
        self.change(lambda state: state.without(slot.sign))

    def _said(self, revision: str, state: str) -> str:
        """Return what the catalogue says of itself, as a pattern of SPARQL."""
        about = f"<{self.graph}>"
        return f"GRAPH {about} {{ {about} {_REVISION} {Literal(revision)} ; {_STATE} {state} }}"

    def _node(self, slot: Slot) -> str:
        return f"{self.graph}/slot/{slot.sign}"

    def _there(self) -> State:
        state = self.read()
        if state is None:
            what = "the server has lost all that it held, as one without a disk does when it restarts"
            raise RemoteError(what, "load again, every source that is to be in the graph")
        return state


def table(
    connection: Connection, sparql: str, default: tuple[str, ...] = (), named: tuple[str, ...] = ()
) -> list[tuple[Term | None, ...]]:
    """Return the solutions of a small SELECT query, asked before anything is known of the server.

    Raises
    ------
    RemoteError
        The server cannot be reached, refuses us, or answers with something else.
    QueryError
        It refuses the query.
    """
    with connection.query(Prepared("SELECT", sparql, default, named), JSON) as answer:
        content = answer.read()
    try:
        results = parse_query_results(content, QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        what = f"{connection.where} answers a query with something else than results"
        raise RemoteError(what, "name the address that takes queries, often .../sparql or .../query") from error
    return [tuple(solution) for solution in results] if isinstance(results, QuerySolutions) else []


def keeps_durations(connection: Connection, graph: str) -> bool:
    """Find out whether a server is one that this program can work with, and gives thirteen years back as such.

    Parameters
    ----------
    connection
        The server.
    graph
        A graph on it that says something of itself.

    Raises
    ------
    RemoteError
        The server cannot be reached, does not mind datasets, or gives a part of many rows as if it were all.
    """
    if not _minds_datasets(connection, graph):
        raise RemoteError(
            f"{connection.where} does not mind the dataset of a request (default-graph-uri, named-graph-uri)",
            "versions of the data cannot be told apart on it: use another engine, or its setting for datasets",
        )
    values = " ".join(f"VALUES ?v{number} {{ 0 1 2 3 4 5 6 7 8 9 }}" for number in range(_EXPONENT))
    found = len(table(connection, f"SELECT ?v0 WHERE {{ {{ {values} }} UNION {{ BIND (0 AS ?v0) }} }}"))
    if found != (whole := 10**_EXPONENT + 1):
        what = f"{connection.where} gives {found:,} of {whole:,} rows and says nothing of the rest"
        raise RemoteError(what, "raise its limit of rows (ResultSetMaxRows of Virtuoso), for results would be cut")
    ((years,),) = table(connection, f"SELECT ?x WHERE {{ VALUES ?x {{ {_YEARS} }} }}")
    return str(years) == _YEARS


def _minds_datasets(connection: Connection, graph: str) -> bool:
    """Whether a server minds a dataset: for what is there and what is not, and for named graphs."""
    nothing, there = f"{graph}-nothing", f"SELECT ?p WHERE {{ <{graph}> ?p ?o }} LIMIT 1"
    # One that is named outright some servers always look into; that is no harm, for nobody knows the names of others.
    named = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ <{graph}> ?p ?o }} }}"
    try:
        return (
            bool(table(connection, there, (graph,), (graph,)))
            and not table(connection, there, (nothing,), (graph,))
            and [str(found) for (found,) in table(connection, named, (nothing,), (graph,))] == [f"<{graph}>"]
            and not table(connection, named, (graph,), (nothing,))
        )
    except QueryError:
        return False
