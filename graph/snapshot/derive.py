"""From what was loaded to what is asked: the ontology, the sources and the rules make a snapshot's store."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import IO, Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from civicgraph.graph.edges.build import EdgeBuilder
from civicgraph.graph.edges.sql import FILE
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine, rows, text
from civicgraph.graph.engine.updates import empty_graphs
from civicgraph.graph.identity.clusters import Resolution, doubts
from civicgraph.graph.identity.contracts import judged_payments, resolve_contracts
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mentions import SourceMention
from civicgraph.graph.records.contract_quads import record_line
from civicgraph.graph.records.iris import BASE, thing_iri
from civicgraph.graph.records.quads import ESTABLISHED, RDFS_LABEL, XSD_DATE
from civicgraph.graph.records.statements import literal
from civicgraph.graph.snapshot.filling import fill, filling, told_apart
from civicgraph.graph.snapshot.identities import decide, organisations
from civicgraph.graph.snapshot.several_sources import settle
from civicgraph.graph.snapshot.source_files import SourceFiles, SourceParts
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_IRI, PREFIXES, read_text, rules
from civicgraph.ontology.schemes import scheme_texts
from civicgraph.ontology.terms import CG

_SKOS: Final = PREFIXES["skos"]
_AS_OF: Final = NamedNode(CG.asOf)
_OWN: Final = ONTOLOGY_IRI.removesuffix("ontology")

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a snapshot is built from: what was stated, records, judgements, and the latest day in the records.

    `version` is the name that the snapshot will have.
    """

    stated: Sequence[SourceParts]
    records: Sequence[SourceParts] = ()
    judgements: Sequence[Judgement] = field(default=())
    latest: str | None = None
    version: str = ""
    updates: Sequence[SourceFiles] = ()


def build(store: Store, parts: Parts, folder: Path | None = None, progress: Progress = lambda _: None) -> None:
    """Fill an empty store with the ontology, the sources and what follows from them, and make the edge table.

    The rules run over what was stated. Records come after them, with what follows from each already written beside it:
    rules over millions of contracts would take longer than loading them.

    Parameters
    ----------
    store
        An empty store, in memory or on disk.
    parts
        What to build it from.
    folder
        Where the edge table is made; if None, it is not kept.
    progress
        Called with the name of each step.
    """
    progress("ontology")
    _load_ontology(store)
    progress("identity")
    parts = replace(
        parts,
        stated=told_apart(parts.stated, parts.judgements),
        records=told_apart(parts.records, parts.judgements),
    )
    mentions = list(chain.from_iterable(source.mentions() for source in (*parts.stated, *parts.records)))
    resolution = decide(mentions, parts.judgements)
    contracts = decide_contracts(parts.records, resolution, parts.judgements)
    progress("sources")
    if parts.latest is not None:
        store.add(Quad(ESTABLISHED, _AS_OF, Literal(parts.latest, datatype=XSD_DATE), ESTABLISHED))
    fill(store, parts.stated, resolution.canonical)
    named = _Named(mentions, resolution)
    stated = named.by(parts.stated)
    _add_lines(store, (one.lines() for one in organisations(mentions, resolution, stated.__contains__)))
    for rule in rules():
        progress(rule.name)
        store.update(rule.sparql)
    engine = EmbeddedEngine(store, parts.version)
    with EdgeBuilder(None if folder is None else folder / FILE) as edges:
        edges.add_stated(engine)
        parties = ((one.key, one.identifiers) for one in mentions if not one.is_place)
        canonical = {**resolution.canonical, **contracts.canonical}
        refused, taken = doubts(resolution, parties)
        for table, led in (("canonical", canonical), ("if_refused", refused), ("if_taken", taken)):
            edges.add(table, ((BASE + key, BASE + other) for key, other in led.items()))
        edges.add("judged", ((BASE + key,) for key in judged_payments(parts.judgements, contracts.canonical)))
        maybe_same = ((contracts.of(one.left), contracts.of(one.right)) for one in contracts.doubtful)
        edges.add("maybe_same", ((BASE + one, BASE + other) for one, other in maybe_same))
        progress("records")
        _load_records(store, parts, edges, canonical, named, stated)
    if parts.updates:
        progress("updates")
        _load_updates(store, parts, folder)
    progress("done")


def _load_ontology(store: Store) -> None:
    for name in ONTOLOGY_FILES:
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=NamedNode(ONTOLOGY_IRI))
    # The schemes are data that people ask for: concepts and their names belong to the default graph.
    for scheme in scheme_texts():
        store.load(scheme, RdfFormat.TURTLE, to_graph=ESTABLISHED)
    named = store.quads_for_pattern(None, NamedNode(_SKOS + "prefLabel"), None, ESTABLISHED)
    store.extend(
        [
            Quad(one.subject, RDFS_LABEL, Literal(one.object.value), ESTABLISHED)
            for one in named
            if isinstance(one.object, Literal)
        ]
    )


def decide_contracts(
    records: Iterable[SourceParts], resolution: Resolution, judgements: Sequence[Judgement]
) -> Resolution:
    """Return which contracts of several sources of records are one, once it is known who is who."""
    files = [path for source in records if (path := source.rows()) is not None]
    return resolve_contracts(files, resolution.canonical, judgements)


@dataclass(frozen=True, slots=True)
class _Named:
    """Everybody who is named in any source, and who is who."""

    mentions: Sequence[SourceMention]
    resolution: Resolution

    def by(self, sources: Iterable[SourceParts]) -> set[str]:
        """Return the keys of those whom some sources name."""
        return {self.resolution.of(one.key) for source in sources for one in source.mentions()}

    def told_of(self, store: Store, sources: Iterable[SourceParts]) -> set[str]:
        """Return the keys of those of whom sources that name nobody, files of RDF, say something in the store."""
        if all(any(True for _ in source.mentions()) for source in sources):
            return set()
        keys = {self.resolution.of(one.key) for one in self.mentions}
        return {
            key
            for key in keys
            if next(store.quads_for_pattern(NamedNode(thing_iri(key)), None, None, None), None) is not None
        }

    def described(
        self, known: AbstractSet[str], above: Mapping[str, set[str]], lines: IO[bytes], called: list[tuple[str, str]]
    ) -> Iterator[Sequence[str]]:
        """Yield those who are not known yet with each of their classes; their N-Quads and names go into the others."""
        for one in organisations(self.mentions, self.resolution, lambda key: key not in known, above):
            iri = thing_iri(one.key)
            lines.write(one.lines().encode())
            called += [(iri, name) for name in (one.label, *one.others, *one.identifiers)]
            yield from ((iri, one.label, cls) for cls in one.classes)


def _add_lines(store: Store, lines: Iterable[str]) -> None:
    store.bulk_load("".join(lines).encode(), RdfFormat.N_QUADS, lenient=True)


def _load_records(
    store: Store,
    parts: Parts,
    edges: EdgeBuilder,
    canonical: Mapping[str, str],
    named: _Named,
    stated: AbstractSet[str],
) -> None:
    """Load the records' quads into the store and their rows into the edge table, at the same time.

    `stated` are the keys of those whom what was stated names: the store has their descriptions already.
    """
    with_rows = [(source, path) for source in parts.records if (path := source.rows()) is not None]
    registers = [source for source in parts.records if source.rows() is None]
    fill(store, registers, canonical)
    engine = EmbeddedEngine(store, parts.version)
    above: dict[str, set[str]] = defaultdict(set)
    for row in rows(engine, "superclasses"):
        above[text(row, "class")].add(text(row, "broader"))
    # Whom only records mention gets its superclasses here: the rule that derives them takes seconds per thousand.
    registered = named.by(registers) | named.told_of(store, parts.stated)
    listed, known = registered - stated, registered | stated
    _add_lines(
        store, (one.lines() for one in organisations(named.mentions, named.resolution, listed.__contains__, above))
    )
    # All that edges name is in the store by now, but for those who are in contracts and payments alone: of them nothing
    # is known but what is added here.
    edges.add_surroundings(engine)
    as_of = _as_of(engine)
    with tempfile.TemporaryFile() as lines:
        with filling(store, (source for source, _ in with_rows), canonical):
            called: list[tuple[str, str]] = []
            edges.add("names", named.described(known, above, lines, called))
            edges.add("called", called)
            for source, path in with_rows:
                edges.add_records(source.id, path, source.renamed)
            edges.finish(as_of)
            lines.writelines(_of_all_records(edges, as_of))
        # The engine may crash where it loads three parts at a time, so what is said here waits for the others.
        lines.seek(0)
        store.bulk_load(lines, RdfFormat.N_QUADS, lenient=True)
    settle(store, parts.records, canonical)


def _of_all_records(edges: EdgeBuilder, as_of: date | None) -> Iterator[bytes]:
    """Yield what follows from all records: transfers, who contracts on the as-of date, payments under contracts."""
    for record, guard in edges.rows("transfers"):
        yield record_line(record, CG.guard, literal(guard))
    for buyer, supplier in edges.rows("running", day=as_of) if as_of is not None else ():
        yield record_line(buyer, CG.currentlyContractsWith, f"<{supplier}>")
    for spend, contract in edges.rows("paid_under"):
        yield record_line(spend, CG.underContract, f"<{contract}>")


def _load_updates(store: Store, parts: Parts, folder: Path | None) -> None:
    """Make the changes that updates made, to the store and to the edge table."""
    changed: set[str] = set()
    for update in parts.updates:
        _apply(store, update)
        with update.removed() as removed, update.quads() as added:
            changed |= touched(added, removed)
    if changed and folder is not None:
        built = (folder / FILE).rename(folder / f"{FILE}.before")
        revise_edges(built, folder, EmbeddedEngine(store, parts.version), changed)
        built.unlink()


def touched(*changed: IO[bytes]) -> set[str]:
    r"""Return the IRIs of all that a change says something of in the project's own graphs, and in the unnamed one.

    Edges rest on those, and on no other.

    Parameters
    ----------
    changed
        Open N-Quads: what was added, what was removed.

    >>> from io import BytesIO
    >>> touched(BytesIO(b"<a:s> <a:p> <a:o> <http://example.org/notes> ."))
    set()
    >>> sorted(touched(BytesIO(b"<a:s> <a:p> <a:o> <http://example.org/notes> .\n<a:s> <a:p> <a:o> .")))
    ['a:o', 'a:s']
    """
    found: set[str] = set()
    for file in changed:
        for quad in parse(file, RdfFormat.N_QUADS):
            graph = quad.graph_name
            # The unnamed graph is a part of the default graph, which edges are read from.
            if not isinstance(graph, NamedNode) or graph.value.startswith(_OWN):
                found.update(term.value for term in (quad.subject, quad.object) if isinstance(term, NamedNode))
    return found


def revise_edges(before: Path, folder: Path, engine: Engine, changed: Iterable[str]) -> None:
    """Make the edge table of a store that was changed, from the one before the change.

    Parameters
    ----------
    before
        The edge table before.
    folder
        Where the new one is made.
    engine
        The store as it is now.
    changed
        The IRIs of all that the change says something of.
    """
    wanted = set(changed)
    for row in rows(engine, "claimed"):
        if text(row, "claim") in wanted:
            wanted.add(text(row, "record"))
    with EdgeBuilder(folder / FILE) as edges:
        edges.add_earlier(before, wanted)
        edges.add_stated(engine, sorted(wanted))
        edges.add_surroundings(engine)
        edges.finish(_as_of(engine))


def edges_of_store(engine: Engine, folder: Path | None = None) -> EdgeTable:
    """Return the edge table of what a store states, where no records say more: of doubtful merges it says nothing.

    Parameters
    ----------
    engine
        The store.
    folder
        Where the table is made; if None, it is kept in memory.
    """
    with EdgeBuilder(None if folder is None else folder / FILE) as edges:
        edges.add_stated(engine)
        edges.add_surroundings(engine)
        edges.finish(_as_of(engine))
        if folder is None:
            return EdgeTable(edges.detach())
    return EdgeTable(folder)


def _as_of(engine: Engine) -> date | None:
    return next((date.fromisoformat(text(row, "asOf")) for row in rows(engine, "as-of")), None)


def _apply(store: Store, update: SourceFiles) -> None:
    with update.removed() as removed, update.quads() as added:
        for quad in parse(removed, RdfFormat.N_QUADS):
            store.remove(quad)
        store.bulk_load(added, RdfFormat.N_QUADS)
    # A graph stays behind when its quads are removed one by one; only those that were left so on purpose are there.
    for name in empty_graphs(store):
        store.remove_graph(NamedNode(name))
    for name in update.empty_graphs():
        store.add_graph(NamedNode(name))
