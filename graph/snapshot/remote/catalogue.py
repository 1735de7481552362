"""What a server holds of ours: the catalogue, a graph that says which of the slots is the current one.

A slot is a set of graphs, one for each graph of the data, whose names end in the slot's sign. A version of the data
is written into a slot that nobody reads; then one update moves the pointer. Undoing a load moves it back. The
server's own clock says when a slot that was left is free again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from pyoxigraph import Literal

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.records.quads import XSD_DATE
from civicgraph.graph.snapshot.locks import BusyError

CATALOGUE: Final = "https://w3id.org/civicgraph/catalogue"
_TERMS: Final = f"{CATALOGUE}#"
_DATE_TIME: Final = XSD_DATE.value + "Time"
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_STALE: Final = timedelta(minutes=15)
"""After so long without a sign of life, a writer is taken to have died."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A set of graphs: which version it holds whole, or that it is being written.

    `content` says what it holds; with a `target`, something between that and the target. `graphs` are the names of its
    graphs as queries know them; `left` is when it ceased to be the current one.
    """

    number: int
    version: str | None = None
    manifest: str = ""
    content: str = ""
    target: str = ""
    graphs: tuple[str, ...] = ()
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The catalogue at one moment, `now` by the server's clock. `token` makes our names on it unlike any others."""

    token: str
    current: int | None
    slots: Mapping[int, Slot] = field(default_factory=dict)
    now: datetime = _NEVER
    writer: str | None = None
    since: datetime | None = None

    def marker(self, number: int) -> str:
        """Return the sign at the end of the names of a slot's graphs.

        It begins with the lowest character that an IRI may hold, so that names keep their order among all others.
        """
        return f"!{self.token}-{number}!"

    def previous(self) -> Slot | None:
        """Return the slot that was current before the one that is, if it is still whole."""
        whole = [slot for slot in self.slots.values() if slot.version is not None and slot.left is not None]
        return max(whole, key=lambda slot: slot.left or _NEVER, default=None)


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
        self.graph = f"{CATALOGUE}/{name}"

    @property
    def probed(self) -> tuple[tuple[str, str], str]:
        """Two graphs that hold the same one triple, and its subject: what the server is tried with."""
        return (f"{self.graph}/probe-1", f"{self.graph}/probe-2"), f"{self.graph}/probe"

    def read(self) -> State | None:
        """Return the catalogue, or None where the server has none of this name."""
        sparql = f"SELECT ?s ?p ?o (NOW() AS ?now) WHERE {{ GRAPH <{self.graph}> {{ ?s ?p ?o }} }}"
        found: dict[str, dict[str, str]] = {}
        now = ""
        for subject, predicate, value, moment in self._asking.table(sparql):
            if subject is not None and predicate is not None and value is not None and moment is not None:
                facts, name = found.setdefault(subject.value, {}), predicate.value.removeprefix(_TERMS)
                # Of two who begin at the same time, each writes a token: for both, the first in order holds.
                facts[name] = min(value.value, facts.get(name, value.value))
                now = moment.value
        if not found:
            return None
        own = found.pop(self.graph, {})
        if not own and all(thing.startswith(f"{self.graph}/slot/") for thing in found):
            return None  # a server forgot all it held while a load went on, and that wrote to it once more
        if "token" not in own:
            raise RemoteError(f"{self.graph} on the server is no catalogue of ours", "name another set: URL#name")
        slots = [_slot(iri, facts) for iri, facts in found.items() if "/slot/" in iri]
        current = own.get("current")
        return State(
            token=own["token"],
            current=None if current is None else int(current.rpartition("/")[2]),
            slots={slot.number: slot for slot in slots},
            now=_moment(now),
            writer=own.get("writer"),
            since=_moment(own["since"]) if "since" in own else None,
        )

    def current_version(self) -> str | None:
        """Return the name of the current version, or None where there is none."""
        found = self._asking.table(
            f"SELECT ?version WHERE {{ GRAPH <{self.graph}> "
            f"{{ <{self.graph}> <{_TERMS}current> ?slot . ?slot <{_TERMS}version> ?version }} }}"
        )
        return next((version.value for (version,) in found if version is not None), None)

    def begin(self) -> None:
        """Write a first catalogue, which names no slot yet, and what the server is tried with."""
        graphs, thing = self.probed
        triples = "".join(f"GRAPH <{graph}> {{ <{thing}> <{_TERMS}is> <{thing}> }}\n" for graph in graphs)
        self._updates.run(f"INSERT DATA {{ {triples} }}")
        self._updates.run(
            f"DELETE {{ GRAPH <{self.graph}> {{ ?slot ?p ?o }} }} WHERE {{ GRAPH <{self.graph}> {{ ?slot ?p ?o }} "
            f'FILTER (STRSTARTS(STR(?slot), "{self.graph}/slot/")) }}'
        )
        self._updates.run(
            f'INSERT DATA {{ GRAPH <{self.graph}> {{ <{self.graph}> <{_TERMS}token> "{secrets.token_hex(6)}" }} }}'
        )

    def take(self) -> str:
        """Become the one writer, and return the name that we write under.

        Raises
        ------
        BusyError
            Another writes, or did so until a few minutes ago.
        """
        name = secrets.token_hex(8)
        state = self.read()
        if state is not None and state.writer is not None and state.since and state.now - state.since < _STALE:
            msg = f"another load is writing to the store, since {state.since:%H:%M} by its clock"
            raise BusyError(msg)
        self._updates.run(
            self._changed(f'<{self.graph}> <{_TERMS}writer> "{name}" ; <{_TERMS}since> ?now .', "writer", "since")
        )
        self.hold(name)
        return name

    def hold(self, name: str) -> State:
        """Return the catalogue, having shown that we still write.

        Raises
        ------
        BusyError
            Another took our place.
        RemoteError
            The server has no catalogue any more.
        """
        state = self.read()
        if state is None:
            what = "the server has lost all that it held, as one without a disk does when it restarts"
            raise RemoteError(what, "load again, every source that is to be in the graph")
        if state.writer != name:
            msg = "another load took the store over while this one was writing"
            raise BusyError(msg)
        self._updates.run(self._changed(f"<{self.graph}> <{_TERMS}since> ?now .", "since"))
        return state

    def release(self) -> None:
        """Cease to be the writer."""
        self._updates.run(self._changed("", "writer", "since"))

    def write(self, slot: Slot) -> None:
        """Set down what a slot holds, in place of what was said of it. When it was left is not written."""
        triples = " ; ".join(f"<{_TERMS}{name}> {Literal(value)}" for name, value in _facts(slot).items())
        self._updates.run(
            f"DELETE WHERE {{ GRAPH <{self.graph}> {{ <{self._node(slot.number)}> ?p ?o }} }} ;\n"
            f"INSERT DATA {{ GRAPH <{self.graph}> {{ <{self._node(slot.number)}> {triples} }} }}"
        )

    def forget(self, number: int) -> None:
        """Say nothing of a slot any more."""
        self._updates.run(f"DELETE WHERE {{ GRAPH <{self.graph}> {{ <{self._node(number)}> ?p ?o }} }}")

    def point(self, number: int) -> None:
        """Make a slot the current one, in one step for whoever reads; the one before is left from this moment."""
        node, current, left = f"<{self._node(number)}>", f"<{_TERMS}current>", f"<{_TERMS}left>"
        before = self.read()
        if before is None or before.current is None:
            self._updates.run(f"INSERT DATA {{ GRAPH <{self.graph}> {{ <{self.graph}> {current} {node} }} }}")
        elif before.current != number:
            old = f"<{self._node(before.current)}>"
            self._updates.run(
                f"DELETE WHERE {{ GRAPH <{self.graph}> {{ {node} {left} ?before }} }} ;\n"
                f"INSERT {{ GRAPH <{self.graph}> {{ {old} {left} ?now }} }} WHERE {{ BIND (NOW() AS ?now) }} ;\n"
                f"DELETE {{ GRAPH <{self.graph}> {{ <{self.graph}> {current} ?old }} }}\n"
                f"INSERT {{ GRAPH <{self.graph}> {{ <{self.graph}> {current} {node} }} }}\n"
                f"WHERE {{ GRAPH <{self.graph}> {{ <{self.graph}> {current} ?old }} }}"
            )
        state = self.read()
        if state is None or state.current != number:
            raise RemoteError("the server did not switch to the new version", "load again; the old version is served")

    def _changed(self, triples: str, *without: str) -> str:
        """Return the update that says something of the catalogue anew; `?now` is the server's time."""
        gone = [
            f"DELETE WHERE {{ GRAPH <{self.graph}> {{ <{self.graph}> <{_TERMS}{name}> ?{name} }} }}" for name in without
        ]
        said = f"INSERT {{ GRAPH <{self.graph}> {{ {triples} }} }} WHERE {{ BIND (NOW() AS ?now) }}"
        return " ;\n".join([*gone, *([said] if triples else [])])

    def _node(self, number: int) -> str:
        return f"{self.graph}/slot/{number}"


def catalogue_lines(name: str, state: State, slot: Slot) -> list[str]:
    """Return a catalogue with one slot, and what a server is tried with, as N-Quads."""
    graph = f"{CATALOGUE}/{name}"
    probe = f"<{graph}/probe> <{_TERMS}is> <{graph}/probe>"
    node = f"<{graph}/slot/{slot.number}>"
    own = [f"<{graph}> <{_TERMS}token> {Literal(state.token)}", f"<{graph}> <{_TERMS}current> {node}"]
    own += [f"{node} <{_TERMS}{fact}> {Literal(value)}" for fact, value in _facts(slot).items()]
    return [f"{probe} <{graph}/probe-{number}> .\n" for number in (1, 2)] + [f"{line} <{graph}> .\n" for line in own]


def _facts(slot: Slot) -> dict[str, str]:
    facts = {"content": slot.content, "target": slot.target, "graphs": " ".join(slot.graphs)}
    if slot.version is not None:
        facts |= {"version": slot.version, "manifest": slot.manifest}
    return facts


def _slot(iri: str, facts: Mapping[str, str]) -> Slot:
    return Slot(
        number=int(iri.rpartition("/")[2]),
        version=facts.get("version"),
        manifest=facts.get("manifest", ""),
        content=facts.get("content", ""),
        target=facts.get("target", ""),
        graphs=tuple(facts.get("graphs", "").split()),
        left=_moment(facts["left"]) if "left" in facts else None,
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
