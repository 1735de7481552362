"""From what was loaded to what is asked: the ontology, the sources and the rules make a snapshot's store."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from civicgraph.graph.edges.build import EdgeBuilder
from civicgraph.graph.edges.sql import FILE
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine, rows, text
from civicgraph.graph.engine.updates import drop_empty_graphs
from civicgraph.graph.identity.clusters import Resolution, doubts
from civicgraph.graph.identity.contracts import judged_payments, resolve_contracts
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.records.contract_quads import record_line
from civicgraph.graph.records.iris import BASE, thing_iri
from civicgraph.graph.records.quads import ESTABLISHED, XSD_DATE
from civicgraph.graph.records.statements import literal
from civicgraph.graph.snapshot.filling import fill, filling, told_apart
from civicgraph.graph.snapshot.identities import Organisation, decide, organisations
from civicgraph.graph.snapshot.several_sources import settle
from civicgraph.graph.snapshot.source_files import SourceFiles
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_IRI, PREFIXES, read_text, rules
from civicgraph.ontology.schemes import scheme_texts
from civicgraph.ontology.terms import CG

_AS_OF: Final = NamedNode(CG.asOf)
_OWN: Final = ONTOLOGY_IRI.removesuffix("ontology")

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a snapshot is built from: what was stated, records, judgements, the latest day in the records, updates."""

    stated: Sequence[SourceFiles]
    records: Sequence[SourceFiles] = ()
    judgements: Sequence[Judgement] = field(default=())
    latest: str | None = None
    update: SourceFiles | None = None


def build(store: Store, parts: Parts, folder: Path, progress: Progress = lambda _: None) -> None:
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
        Where the edge table is made.
    progress
        Called with the name of each step.
    """
    progress("ontology")
    _load_ontology(store)
    progress("identity")
    stated, records = (told_apart(sources, parts.judgements) for sources in (parts.stated, parts.records))
    registers = [source for source in records if source.rows() is None]
    mentions = [one for source in (*stated, *records) for one in source.mentions()]
    resolution = decide(mentions, parts.judgements)
    contracts = decide_contracts(records, resolution, parts.judgements)
    described = partial(organisations, mentions, resolution)

    def named(sources: Iterable[SourceFiles]) -> set[str]:
        return {resolution.of(one.key) for source in sources for one in source.mentions()}

    progress("sources")
    if parts.latest is not None:
        store.add(Quad(ESTABLISHED, _AS_OF, Literal(parts.latest, datatype=XSD_DATE), ESTABLISHED))
    fill(store, stated, resolution.canonical)
    known = named(stated)
    _add(store, described(known.__contains__))
    for rule in rules():
        progress(rule.name)
        store.update(rule.sparql)
    engine = EmbeddedEngine(store, "")
    with EdgeBuilder(folder / FILE) as edges:
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
        fill(store, registers, canonical)
        above: dict[str, set[str]] = defaultdict(set)
        for row in rows(engine, "superclasses"):
            above[text(row, "class")].add(text(row, "broader"))
        # Whom only records mention gets its superclasses here: the rule that derives them takes seconds per thousand.
        listed = named(registers)
        if not all(any(True for _ in source.mentions()) for source in stated):
            # Files of RDF say something of organisations without naming anybody.
            everybody = {key: NamedNode(thing_iri(key)) for key in {resolution.of(one.key) for one in mentions}}
            listed |= {key for key, it in everybody.items() if any(store.quads_for_pattern(it, None, None, None))}
        listed -= known
        _add(store, described(listed.__contains__, above))
        # All that edges name is in the store by now, but for those who are in contracts and payments alone: of them
        # nothing is known but what is added here.
        edges.add_surroundings(engine)
        known |= listed
        _load_records(store, records, edges, canonical, described(lambda key: key not in known, above))
    if parts.update is not None:
        progress("updates")
        _load_update(store, parts.update, folder)
    progress("done")


def _load_ontology(store: Store) -> None:
    for name in ONTOLOGY_FILES:
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=NamedNode(ONTOLOGY_IRI))
    # The schemes are data that people ask for: concepts and their names belong to the default graph.
    for scheme in scheme_texts():
        store.load(scheme, RdfFormat.TURTLE, to_graph=ESTABLISHED)
    named = f"GRAPH <{CG.established}> {{ ?concept skos:prefLabel ?label }} BIND (STR(?label) AS ?name)"
    store.update(
        f"INSERT {{ GRAPH <{CG.established}> {{ ?concept rdfs:label ?name }} }} WHERE {{ {named} }}", prefixes=PREFIXES
    )


def decide_contracts(
    records: Iterable[SourceFiles], resolution: Resolution, judgements: Sequence[Judgement]
) -> Resolution:
    """Return which contracts of several sources of records are one, once it is known who is who."""
    files = [path for source in records if (path := source.rows()) is not None]
    return resolve_contracts(files, resolution.canonical, judgements)


def _add(store: Store, found: Iterable[Organisation]) -> None:
    store.bulk_load("".join(one.lines() for one in found).encode(), RdfFormat.N_QUADS, lenient=True)


def _load_records(
    store: Store,
    records: Sequence[SourceFiles],
    edges: EdgeBuilder,
    canonical: Mapping[str, str],
    unknown: Iterable[Organisation],
) -> None:
    """Load the quads of records that have rows into the store, and these into the edge table, at the same time.

    `unknown` are those who are in them alone.
    """
    with_rows = [(source, path) for source in records if (path := source.rows()) is not None]
    as_of = _as_of(EmbeddedEngine(store, ""))
    called: list[tuple[str, str]] = []

    def classes() -> Iterator[tuple[str, str, str]]:
        for one in unknown:
            iri = thing_iri(one.key)
            lines.write(one.lines().encode())
            called.extend((iri, name) for name in (one.label, *one.others, *one.identifiers))
            yield from ((iri, one.label, cls) for cls in one.classes)

    with tempfile.TemporaryFile() as lines:
        with filling(store, (source for source, _ in with_rows), canonical):
            edges.add("names", classes())
            edges.add("called", called)
            for source, path in with_rows:
                edges.add_records(source.id, path, source.renamed)
            edges.finish(as_of)
            lines.writelines(_of_all_records(edges, as_of))
        # The engine may crash where it loads three parts at a time, so what is said here waits for the others.
        lines.seek(0)
        store.bulk_load(lines, RdfFormat.N_QUADS, lenient=True)
    settle(store, records, canonical)


def _of_all_records(edges: EdgeBuilder, as_of: date | None) -> Iterator[bytes]:
    """Yield what follows from all records: transfers, who contracts on the as-of date, payments under contracts."""
    for record, guard in edges.rows("transfers"):
        yield record_line(record, CG.guard, literal(guard))
    for buyer, supplier in edges.rows("running", day=as_of) if as_of is not None else ():
        yield record_line(buyer, CG.currentlyContractsWith, f"<{supplier}>")
    for spend, contract in edges.rows("paid_under"):
        yield record_line(spend, CG.underContract, f"<{contract}>")


def _load_update(store: Store, update: SourceFiles, folder: Path) -> None:
    """Make the changes that updates made, to the store and to the edge table."""
    with update.removed() as removed, update.quads() as added:
        gone, new = removed.read(), added.read()
    for quad in parse(gone, RdfFormat.N_QUADS):
        store.remove(quad)
    store.bulk_load(new, RdfFormat.N_QUADS)
    drop_empty_graphs(store)
    if changed := touched(new, gone):
        built = (folder / FILE).rename(folder / f"{FILE}.before")
        revise_edges(built, folder, EmbeddedEngine(store, ""), changed)
        built.unlink()


def touched(*changed: bytes) -> set[str]:
    r"""Return the IRIs of all that a change says something of in the project's own graphs, and in the unnamed one.

    Edges rest on those, and on no other.

    Parameters
    ----------
    changed
        N-Quads: what was added, what was removed.

    >>> touched(b"<a:s> <a:p> <a:o> <http://example.org/notes> .")
    set()
    >>> sorted(touched(b"<a:s> <a:p> <a:o> <http://example.org/notes> .\n<a:s> <a:p> <a:o> ."))
    ['a:o', 'a:s']
    """
    found: set[str] = set()
    for lines in changed:
        for quad in parse(lines, RdfFormat.N_QUADS):
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


def edges_of_store(engine: Engine, folder: Path) -> EdgeTable:
    """Return the edge table of what a store states, where no records say more: of doubtful merges it says nothing.

    Parameters
    ----------
    engine
        The store.
    folder
        Where the table is made.
    """
    with EdgeBuilder(folder / FILE) as edges:
        edges.add_stated(engine)
        edges.add_surroundings(engine)
        edges.finish(_as_of(engine))
    return EdgeTable(folder)


def _as_of(engine: Engine) -> date | None:
    return next((date.fromisoformat(text(row, "asOf")) for row in rows(engine, "as-of")), None)
