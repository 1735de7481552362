"""What a server holds of ours: the catalogue, one small record that says which of the slots is the current one.

A slot is a set of graphs, one for each graph of the data, whose names end in the slot's sign. A version of the data
is written into a slot that nobody reads; then one update moves the pointer. Undoing a load moves it back. Each change
of the record replaces a state that was read, or nothing. All times are the server's own.
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from pyoxigraph import Literal

from civicgraph.graph.engine.errors import QueryError, RemoteError
from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.snapshot.locks import BusyError

CATALOGUE: Final = "https://w3id.org/civicgraph/catalogue"
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_TIMES: Final = 5
"""How often a change is tried where others come between."""
BEAT: Final = 20.0
"""Seconds between the signs of life of a writer."""
STALE: Final = timedelta(seconds=90)
"""After so long without one, a writer elsewhere is taken to have died."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A set of graphs: which version it holds whole, or None while it is being written.

    `sign` tells its graphs from all others on the server; `graphs` are their names as queries know them; `left` is when
    it ceased to be the current one.
    """

    sign: str = field(default_factory=lambda: secrets.token_hex(4))
    version: str | None = None
    graphs: tuple[str, ...] = ()
    left: datetime | None = None

    @property
    def marker(self) -> str:
        """What ends the names of the slot's graphs.

        It begins with the lowest character that an IRI may hold, so that names keep their order among all others.
        """
        return f"!{self.sign}!"


@dataclass(frozen=True, slots=True)
class State:
    """The catalogue at one moment: its slots by sign, the current one, who writes, and the last sign of life."""

    slots: Mapping[str, Slot] = field(default_factory=dict)
    current: str | None = None
    writer: str | None = None
    beat: datetime = _NEVER
    now: datetime = _NEVER
    revision: str = ""

    @classmethod
    def read(cls, text: str, now: datetime, revision: str) -> Self:
        """Return the state that `text` made."""
        raw: dict[str, Any] = json.loads(text)
        slots = {
            sign: Slot(sign, version, tuple(graphs), None if left is None else _moment(left))
            for sign, (version, graphs, left) in raw["slots"].items()
        }
        return cls(slots, raw["current"], raw["writer"], _moment(raw["beat"]), now, revision)

    def text(self) -> str:
        """Return the state as the server keeps it."""
        slots = {
            slot.sign: (slot.version, slot.graphs, None if slot.left is None else slot.left.isoformat())
            for slot in self.slots.values()
        }
        raw = {"slots": slots, "current": self.current, "writer": self.writer, "beat": self.beat.isoformat()}
        return json.dumps(raw)

    def previous(self) -> Slot | None:
        """Return the slot that was current before the one that is, if it is still whole."""
        whole = [slot for slot in self.slots.values() if slot.version is not None and slot.left is not None]
        return max(whole, key=lambda slot: slot.left or _NEVER, default=None)

    def with_slot(self, slot: Slot) -> Self:
        """Return the state in which a slot is what is given."""
        return replace(self, slots={**self.slots, slot.sign: slot})

    def without(self, sign: str) -> Self:
        """Return the state that knows nothing of a slot."""
        return replace(self, slots={other: slot for other, slot in self.slots.items() if other != sign})

    def pointing(self, sign: str) -> Self:
        """Return the state in which a slot is current, and the one before is left from this moment."""
        slots = {**self.slots, sign: replace(self.slots[sign], left=None)}
        if self.current is not None and self.current != sign:
            slots[self.current] = replace(slots[self.current], left=self.now)
        return replace(self, slots=slots, current=sign)


class Catalogue:
    """Reads and writes the catalogue of one set of data on a server.

    Parameters
    ----------
    asking, updates
        The server.
    name
        The set of data.
    """

    def __init__(self, asking: Asking, updates: Updates, name: str) -> None:
        self._asking = asking
        self._updates = updates
        self._changing = threading.Lock()
        self.graph = f"{CATALOGUE}/{name}"

    @property
    def probed(self) -> tuple[tuple[str, str], str]:
        """Two graphs that hold the same one triple, and its subject: what the server is tried with."""
        return _probed(self.graph)

    def read(self) -> State | None:
        """Return the catalogue, or None where the server has none of this name."""
        found = self._asking.table(
            f"SELECT ?revision ?state (NOW() AS ?now) WHERE {{ GRAPH <{self.graph}> "
            f"{{ <{self.graph}> <{CATALOGUE}#revision> ?revision ; <{CATALOGUE}#state> ?state }} }}"
        )
        for revision, state, now in found:
            if revision is not None and state is not None and now is not None:
                return State.read(state.value, _moment(now.value), revision.value)
        return None

    def manifest(self, slot: Slot) -> str:
        """Return the manifest of the version that a slot holds, as a text."""
        node = _node(self.graph, slot)
        found = self._asking.table(
            f"SELECT ?text WHERE {{ GRAPH <{node}> {{ <{node}> <{CATALOGUE}#manifest> ?text }} }}"
        )
        return next((text.value for (text,) in found if text is not None), "")

    def take(self, name: str) -> None:
        """Become the one writer, under a name whose first part, up to a hyphen, is the lock that we hold.

        Who stands there under the same lock has ended, for we hold it now.

        Raises
        ------
        BusyError
            Another writes, or gave a sign of life a moment ago.
        """
        if self.read() is None:
            self._begin()

        def taken(state: State) -> State:
            if state.writer is not None and _lock(state.writer) != _lock(name) and state.now - state.beat < STALE:
                raise _busy(state.writer, state.now - state.beat)
            return replace(state, writer=name)

        self._changed(taken)

    def hold(self, name: str) -> State:
        """Return the catalogue, in which we still stand as the writer. Raises as `change` does."""
        return _held(self.read(), name)

    def change(self, name: str, how: Callable[[State], State]) -> None:
        """Change the catalogue, in which we still stand as the writer.

        Raises
        ------
        BusyError
            Another took our place.
        RemoteError
            The server has no catalogue any more, or does not change it.
        """
        self._changed(lambda state: how(_held(state, name)))

    def complete(self, name: str, slot: Slot, manifest: str) -> None:
        """Say that a slot is whole, and what it holds. Raises as `change` does."""
        node = _node(self.graph, slot)
        said = f"<{node}> <{CATALOGUE}#manifest>"
        self._updates.run(
            f"DELETE WHERE {{ GRAPH <{node}> {{ {said} ?text }} }} ;\n"
            f"INSERT DATA {{ GRAPH <{node}> {{ {said} {Literal(manifest)} }} }}"
        )
        self.change(name, lambda state: state.with_slot(slot))

    def forget(self, name: str, slot: Slot) -> None:
        """Say nothing of a slot any more. Raises as `change` does."""
        self._updates.drop(_node(self.graph, slot))
        self.change(name, lambda state: state.without(slot.sign))

    @contextmanager
    def beating(self, name: str) -> Iterator[None]:
        """Give signs of life while the body runs, from a thread, and cease to be the writer after it."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(BEAT):
                with suppress(BusyError, QueryError, RemoteError):  # the load itself finds out, and waits or ends
                    self.change(name, lambda state: state)

        threading.Thread(target=beat, daemon=True, name="beat").start()
        try:
            yield
        finally:
            ended.set()
            # Where this cannot be said, the next load finds out that we have ended by the lock, or in a moment.
            with suppress(QueryError, RemoteError):
                self._changed(lambda state: replace(state, writer=None) if state.writer == name else state)

    def _begin(self) -> None:
        first = " ".join(f"GRAPH <{graph}> {{ {triple} }}" for graph, triple in _first(self.graph, State()))
        # Of two who come at the same time one finds what the other wrote.
        none = f"FILTER NOT EXISTS {{ GRAPH <{self.graph}> {{ ?s ?p ?o }} }}"
        self._updates.run(f"INSERT {{ {first} }} WHERE {{ {none} }}")
        if self.read() is None:
            raise RemoteError(f"{self.graph} on the server is not a catalogue of ours", "name another set: URL#name")

    def _changed(self, how: Callable[[State], State]) -> None:
        about, revision, state = f"<{self.graph}>", f"<{CATALOGUE}#revision>", f"<{CATALOGUE}#state>"
        with self._changing:
            for _ in range(_TIMES):
                before = _there(self.read())
                after, ours = replace(how(before), beat=before.now), secrets.token_hex(8)
                old = f"{about} {revision} {Literal(before.revision)} ; {state} ?old"
                new = f"{about} {revision} {Literal(ours)} ; {state} {Literal(after.text())}"
                self._updates.run(
                    f"DELETE {{ GRAPH {about} {{ {old} }} }}\nINSERT {{ GRAPH {about} {{ {new} }} }}\n"
                    f"WHERE {{ GRAPH {about} {{ {old} }} }}"
                )
                if _there(self.read()).revision == ours:
                    return
        raise RemoteError("the server does not keep what it is told", "look at its log; the old version is served")


def catalogue_quads(name: str, slot: Slot, manifest: str) -> Iterator[str]:
    """Yield a catalogue with one slot, which is current, and what a server is tried with, as N-Quads."""
    catalogue = f"{CATALOGUE}/{name}"
    for graph, triple in _first(catalogue, State({slot.sign: slot}, slot.sign)):
        yield f"{triple} <{graph}> .\n"
    node = _node(catalogue, slot)
    yield f"<{node}> <{CATALOGUE}#manifest> {Literal(manifest)} <{node}> .\n"


def _first(catalogue: str, state: State) -> list[tuple[str, str]]:
    """Return what is in a catalogue at first, and what a server is tried with: graphs and triples."""
    graphs, thing = _probed(catalogue)
    own = {"revision": secrets.token_hex(8), "state": state.text()}
    return [(graph, f"<{thing}> <{CATALOGUE}#is> <{thing}>") for graph in graphs] + [
        (catalogue, f"<{catalogue}> <{CATALOGUE}#{fact}> {Literal(value)}") for fact, value in own.items()
    ]


def _probed(catalogue: str) -> tuple[tuple[str, str], str]:
    return (f"{catalogue}/probe-1", f"{catalogue}/probe-2"), f"{catalogue}/probe"


def _node(catalogue: str, slot: Slot) -> str:
    return f"{catalogue}/slot/{slot.sign}"


def _there(state: State | None) -> State:
    if state is None:
        what = "the server has lost all that it held, as one without a disk does when it restarts"
        raise RemoteError(what, "load again, every source that is to be in the graph")
    return state


def _held(state: State | None, name: str) -> State:
    held = _there(state)
    if held.writer != name:
        msg = "another load took the store over while this one was writing"
        raise BusyError(msg, "wait until it has ended, and load again")
    return held


def _lock(writer: str) -> str:
    return writer.partition("-")[0]


def _busy(writer: str, silent: timedelta) -> BusyError:
    seconds, left = (max(0, round(span.total_seconds())) for span in (silent, STALE - silent))
    return BusyError(
        f"another load is writing to the store: {writer.partition(' ')[2]}, seen {seconds} seconds ago",
        f"wait until it has ended; if it was killed, load again in {left} seconds, when it is taken for dead",
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
