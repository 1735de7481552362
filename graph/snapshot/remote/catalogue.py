"""What a server holds of ours: the catalogue, one small record that says which of the slots is the current one.

A slot is a set of graphs, one for each graph of the data, whose names end in the slot's sign. A version of the data
is written into a slot that nobody reads; then one update moves the pointer. Undoing a load moves it back.

There is no lock that a writer who dies could leave behind. Each change of the record replaces the state that was read,
or nothing; each load fills a slot of its own, and moves the pointer only from where it stood when the load began. All
times are the server's own.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, Self

from pyoxigraph import Literal

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.probe import Abilities, probe, table
from civicgraph.graph.engine.remote.query import Held
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.manifest import Manifest

CATALOGUE: Final = "https://w3id.org/civicgraph/catalogue"
NEVER: Final = datetime.min.replace(tzinfo=UTC)
_TIMES: Final = 5
"""How often a change is tried where others come between."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A set of graphs: which version it holds whole, or None while it is being written.

    `sign` tells its graphs from all others on the server. `graphs` are their names as queries know them, and datatypes
    that are renamed like them. `since` is when it was begun, made current or left, whichever was last. `owner` is the
    data folder that it is written from.
    """

    sign: str
    version: str | None = None
    graphs: tuple[str, ...] = ()
    since: datetime = NEVER
    owner: str = ""

    def held(self, row_limit: int | None = None) -> Held:
        """Return what a query has to know of the slot, on a server that cuts results at a number of rows.

        The names of its graphs end in the sign, which begins with the lowest character that an IRI may hold, so that
        they keep their order among all others.
        """
        return Held(self.version or "", f"!{self.sign}!", self.graphs, row_limit)


@dataclass(frozen=True, slots=True)
class State:
    """The catalogue at one moment, by the server's clock: its slots by sign, and the current one.

    `row_limit` is the number of rows at which the server cuts results without a word, as the last load found it.
    """

    slots: Mapping[str, Slot] = field(default_factory=dict)
    current: str | None = None
    row_limit: int | None = None
    now: datetime = NEVER
    revision: str = ""

    @classmethod
    def read(cls, text: str, now: datetime, revision: str) -> Self:
        """Return the state that `text` made."""
        raw: dict[str, Any] = json.loads(text)
        slots = {
            sign: Slot(sign, version, tuple(graphs), _moment(since), owner)
            for sign, (version, graphs, since, owner) in raw["slots"].items()
        }
        return cls(slots, raw["current"], raw["row_limit"], now, revision)

    def text(self) -> str:
        """Return the state as the server keeps it."""
        slots = {
            slot.sign: (slot.version, slot.graphs, slot.since.isoformat(), slot.owner) for slot in self.slots.values()
        }
        return json.dumps({"slots": slots, "current": self.current, "row_limit": self.row_limit})

    def previous(self) -> Slot | None:
        """Return the slot that was current before the one that is, if it is still whole."""
        others = [slot for slot in self.slots.values() if slot.version is not None and slot.sign != self.current]
        return max(others, key=lambda slot: slot.since, default=None)

    def with_slot(self, slot: Slot) -> Self:
        """Return the state in which a slot is what is given, from this moment."""
        return replace(self, slots={**self.slots, slot.sign: replace(slot, since=self.now)})

    def without(self, sign: str) -> Self:
        """Return the state that knows nothing of a slot."""
        return replace(self, slots={other: slot for other, slot in self.slots.items() if other != sign})

    def pointing(self, sign: str, before: str | None) -> Self:
        """Return the state in which a slot is current in place of the one before, which is left from this moment.

        Raises
        ------
        BusyError
            The one before is not current any more.
        """
        if self.current not in (before, sign) or sign not in self.slots:
            msg = "another load was published on the server while this one was writing"
            raise BusyError(msg, "load again: from a folder that has all of its sources")
        moved = {one: replace(self.slots[one], since=self.now) for one in (sign, self.current) if one is not None}
        return replace(self, slots={**self.slots, **moved}, current=sign)


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
    def abilities(self) -> Abilities:
        """What the server can do, by asking it."""
        return probe(self.connection, self.graph)

    def read(self) -> State | None:
        """Return the catalogue, or None where the server has none of this name."""
        found = table(
            self.connection,
            f"SELECT ?revision ?state (NOW() AS ?now) WHERE {{ GRAPH <{self.graph}> "
            f"{{ <{self.graph}> <{CATALOGUE}#revision> ?revision ; <{CATALOGUE}#state> ?state }} }}",
        )
        for revision, state, now in found:
            if revision is not None and state is not None and now is not None:
                return State.read(state.value, _moment(now.value), revision.value)
        return None

    def begun(self) -> State:
        """Return the catalogue, an empty one where the server had none."""
        if (state := self.read()) is not None:
            return state
        # Of two who come at the same time one finds what the other wrote.
        none = f"FILTER NOT EXISTS {{ GRAPH <{self.graph}> {{ ?s ?p ?o }} }}"
        first = " ".join(f"{triple} ." for triple in _triples(self.graph, State()))
        self.connection.update(f"INSERT {{ GRAPH <{self.graph}> {{ {first} }} }} WHERE {{ {none} }}")
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
        about, revision, state = f"<{self.graph}>", f"<{CATALOGUE}#revision>", f"<{CATALOGUE}#state>"
        for _ in range(_TIMES):
            before, ours = self._there(), secrets.token_hex(8)
            old = f"{about} {revision} {Literal(before.revision)} ; {state} ?old"
            new = f"{about} {revision} {Literal(ours)} ; {state} {Literal(how(before).text())}"
            self.connection.update(
                f"DELETE {{ GRAPH {about} {{ {old} }} }}\nINSERT {{ GRAPH {about} {{ {new} }} }}\n"
                f"WHERE {{ GRAPH {about} {{ {old} }} }}"
            )
            if self._there().revision == ours:
                return
        raise RemoteError("the server does not keep what it is told", "look at its log; the old version is served")

    def current(self) -> Slot | None:
        """Return the current slot, or None where nothing was ever loaded."""
        state = self.read()
        return None if state is None or state.current is None else state.slots[state.current]

    def manifest(self, slot: Slot) -> Manifest:
        """Return the manifest of the version that a slot holds."""
        node = _node(self.graph, slot)
        sparql = f"SELECT ?text WHERE {{ GRAPH <{node}> {{ <{node}> <{CATALOGUE}#manifest> ?text }} }}"
        found = next((text.value for (text,) in table(self.connection, sparql) if text is not None), "")
        return Manifest.of(found, self.connection.where)

    def keep_manifest(self, slot: Slot, manifest: str) -> None:
        """Keep the manifest of the version that a slot holds. Raises as `Connection.update` does."""
        node = _node(self.graph, slot)
        said = f"<{node}> <{CATALOGUE}#manifest>"
        self.connection.update(
            f"DELETE WHERE {{ GRAPH <{node}> {{ {said} ?text }} }} ;\n"
            f"INSERT DATA {{ GRAPH <{node}> {{ {said} {Literal(manifest)} }} }}"
        )

    def forget(self, slot: Slot) -> None:
        """Take the graphs of a slot away, and say nothing of it any more. Raises as `change` does."""
        for graph in (*slot.held().names, _node(self.graph, slot)):
            self.connection.drop(graph)
        self.change(lambda state: state.without(slot.sign))

    def _there(self) -> State:
        state = self.read()
        if state is None:
            what = "the server has lost all that it held, as one without a disk does when it restarts"
            raise RemoteError(what, "load again, every source that is to be in the graph")
        return state


def catalogue_quads(name: str, slot: Slot, manifest: str) -> Iterator[str]:
    """Yield a catalogue with one slot, which is current, as N-Quads."""
    catalogue = f"{CATALOGUE}/{name}"
    for triple in _triples(catalogue, State({slot.sign: slot}, slot.sign)):
        yield f"{triple} <{catalogue}> .\n"
    node = _node(catalogue, slot)
    yield f"<{node}> <{CATALOGUE}#manifest> {Literal(manifest)} <{node}> .\n"


def _triples(catalogue: str, state: State) -> list[str]:
    own = {"revision": secrets.token_hex(8), "state": state.text()}
    return [f"<{catalogue}> <{CATALOGUE}#{fact}> {Literal(value)}" for fact, value in own.items()]


def _node(catalogue: str, slot: Slot) -> str:
    return f"{catalogue}/slot/{slot.sign}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
