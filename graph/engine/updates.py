"""Changes of a store: SPARQL updates, and graphs put, added to, dropped or patched; made to a copy, by a worker."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse, serialize

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import ALL_GRAPHS
from civicgraph.graph.engine.sandbox import CAN_DENY_SOCKETS, limit_memory
from civicgraph.graph.engine.tokens import keywords, refuse_deep, tokens, unescaped
from civicgraph.ontology.read import PREFIXES

GraphName = str | None
"""The IRI of a graph; None is the unnamed graph, the default of the standards."""


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update, the dataset that a protocol names for its patterns, and what relative IRIs are relative to."""

    sparql: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    base: str | None = None


@dataclass(frozen=True, slots=True)
class GraphChange:
    """A graph that is replaced (`put`), added to (`post`), dropped (`delete`) or updated by itself (`patch`).

    `parts` are its RDF by media type; for a patch, the update.
    """

    how: Literal["put", "post", "delete", "patch"]
    graph: GraphName
    parts: tuple[tuple[str, bytes], ...] = ()
    base: str | None = None


Change = Update | GraphChange

_PLENTY: Final = 1 << 50
"""Bytes of memory that are no limit: to open a store takes stacks of threads, the more the more cores there are."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a change: whether the graph that it names was there before, and how many quads there are now."""

    existed: bool
    quads: int


def _apply(store: Store, change: Change) -> Done:
    """Change a store. After an error it may hold a part of the change: throw it away."""
    try:
        if isinstance(change, Update):
            _refuse_calls(change.sparql)
            store.update(_with_dataset(change), base_iri=change.base, prefixes=PREFIXES)
            return Done(existed=True, quads=len(store))
        return _change_graph(store, change)
    except SyntaxError as error:
        what = "a SPARQL 1.1 update" if isinstance(change, Update) else "RDF of its kind"
        msg = f"this is not {what}: {error}"
        raise QueryError(msg) from error
    except QueryError:
        raise
    except (RuntimeError, OSError, ValueError) as error:
        is_load = isinstance(change, Update) and "LOAD" in keywords(change.sparql)
        remedy = "; LOAD is not answered here: send the triples themselves" if is_load else ""
        msg = f"this change cannot be made: {error}{remedy}"
        raise QueryError(msg) from error


def exists(store: Store, graph: GraphName) -> bool:
    """Return whether a graph is there; the unnamed one always is."""
    if graph is None or graph == ALL_GRAPHS:
        return True
    return store.contains_named_graph(NamedNode(graph))


def drop_empty_graphs(store: Store) -> None:
    """Drop the graphs that hold nothing: where changes are kept as quads, a graph is there while it has some."""
    for graph in list(store.named_graphs()):
        if next(store.quads_for_pattern(None, None, None, graph), None) is None:
            store.remove_graph(graph)


def _change_graph(store: Store, change: GraphChange) -> Done:
    existed = exists(store, change.graph)
    if change.how == "patch":
        _patch(store, change)
        return Done(existed, len(store))
    if change.how != "post":
        if change.graph == ALL_GRAPHS:
            store.clear()
        else:
            store.remove_graph(_name(change.graph))
    if change.how != "delete":
        if change.graph:
            store.add_graph(NamedNode(change.graph))
        for media_type, content in change.parts:
            _load(store, change, media_type, content)
    return Done(existed, len(store))


def _patch(store: Store, change: GraphChange) -> None:
    """Update one graph as if it were all there is: as the default graph of a store of its own."""
    name = _name(change.graph)
    alone = Store()
    alone.extend(
        Quad(quad.subject, quad.predicate, quad.object) for quad in store.quads_for_pattern(None, None, None, name)
    )
    for _, content in change.parts:
        sparql = content.decode("utf-8")
        _refuse_calls(sparql)
        alone.update(sparql, prefixes=PREFIXES)
    store.remove_graph(name)
    if change.graph:
        store.add_graph(NamedNode(change.graph))
    found = alone.quads_for_pattern(None, None, None, DefaultGraph())
    store.extend(Quad(quad.subject, quad.predicate, quad.object, name) for quad in found)


def _load(store: Store, change: GraphChange, media_type: str, content: bytes) -> None:
    syntax = RdfFormat.from_media_type(media_type)
    if syntax is None:
        msg = f"{media_type} is not RDF"
        raise QueryError(msg)
    if change.graph == ALL_GRAPHS:
        store.load(content, syntax, base_iri=change.base)
        return
    name = _name(change.graph)
    if not syntax.supports_datasets:
        store.load(content, syntax, base_iri=change.base, to_graph=name)
        return
    # Loaded, its named graphs would become graphs of the store, where one graph was named.
    read = parse(content, syntax, base_iri=change.base, rename_blank_nodes=True, without_named_graphs=True)
    store.extend(Quad(quad.subject, quad.predicate, quad.object, name) for quad in read)


def _name(graph: GraphName) -> NamedNode | BlankNode | DefaultGraph:
    return DefaultGraph() if graph is None else NamedNode(graph)


def _refuse_calls(sparql: str) -> None:
    refuse_deep(sparql)
    words = keywords(sparql)
    # Where the system denies sockets a LOAD fails by itself, and a silent one may.
    if "SERVICE" in words or ("LOAD" in words and not CAN_DENY_SOCKETS):
        msg = "this change cannot be made: neither SERVICE nor LOAD is answered here; send the triples themselves"
        raise QueryError(msg)


def _with_dataset(change: Update) -> str:
    """Return the update with the protocol's dataset as the USING of each operation that has a pattern.

    The standard forbids both at once (SPARQL 1.1 Protocol, section 2.2.3). USING stands before the WHERE of an
    operation, which is at no depth, and not the one of DELETE WHERE.
    """
    if not change.using and not change.using_named:
        return change.sparql
    if not {"USING", "WITH"}.isdisjoint(keywords(change.sparql)):
        msg = "the update says USING or WITH, and the request names a dataset as well: give one of them"
        raise QueryError(msg)
    clauses = [f"USING <{NamedNode(iri).value}>" for iri in change.using]
    clauses += [f"USING NAMED <{NamedNode(iri).value}>" for iri in change.using_named]
    parts: list[str] = []
    depth, before = 0, ""
    for token in tokens(unescaped(change.sparql)):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.is_word("WHERE") and before != "DELETE":
            parts.append(f" {' '.join(clauses)} ")
        parts.append(token.text)
        if not token.is_blank:
            before = token.text.upper()
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Revision:
    """A change, the store that it is made to a copy of, and where the copy is made.

    `notes` is the folder where what the change did is written, if it is to be: the files `added` and `removed` of
    quads. No graph is left empty then.
    """

    base: str
    copy: str
    change: Change
    notes: str | None = None


def revise(revision: Revision, memory: int) -> Done:
    """Make a changed copy of a store, and write down what the change did where that is wanted.

    The change may take so many bytes of memory.

    Raises
    ------
    QueryError
        The change is at fault; so is one that is to be written down and adds a blank node: a kept graph has none.
    """
    limit_memory(_PLENTY)
    base = Store.read_only(revision.base)
    base.backup(revision.copy)
    store = Store(revision.copy)
    limit_memory(memory)
    done = _apply(store, revision.change)
    if revision.notes is not None:
        drop_empty_graphs(store)
        _write_notes(base, store, revision.change, Path(revision.notes))
    store.flush()
    return done


def _write_notes(base: Store, store: Store, change: Change, notes: Path) -> None:
    """Write down as N-Quads what a change added and removed.

    An update does not say which quads it will touch, so both stores are read; of a change of one graph only that graph.
    """
    graph: NamedNode | DefaultGraph | None = None
    if isinstance(change, GraphChange) and change.graph != ALL_GRAPHS:
        graph = DefaultGraph() if change.graph is None else NamedNode(change.graph)
    for name, one, other in (("added", store, base), ("removed", base, store)):
        quads = (quad for quad in one.quads_for_pattern(None, None, None, graph) if quad not in other)
        serialize(map(_without_blank_nodes, quads), notes / name, RdfFormat.N_QUADS)


def _without_blank_nodes(quad: Quad) -> Quad:
    if any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
        msg = f"a kept graph has no blank nodes, and the change adds one ({quad.predicate}): give it an IRI"
        raise QueryError(msg)
    return quad
