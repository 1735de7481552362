"""From what was loaded to what is asked: the ontology, the sources and the rules make a snapshot's store."""

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import IO, Final, Protocol

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from civicgraph.graph.edges.network import build_network
from civicgraph.graph.edges.surroundings import surroundings
from civicgraph.graph.edges.ties.arrays import KINDS, NO_DAY, NOBODY, Ties
from civicgraph.graph.edges.ties.build import Row, ties_of_rows
from civicgraph.graph.edges.ties.from_network import rows_of
from civicgraph.graph.edges.ties.from_records import told_apart
from civicgraph.graph.edges.ties.from_store import ties_from_store
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.updates import empty_graphs
from civicgraph.graph.identity.doubts import doubts
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mention_lines import SourceMention
from civicgraph.graph.identity.mentions import Resolution
from civicgraph.graph.records.contract_quads import running_lines
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.quads import ESTABLISHED, RDFS_LABEL, XSD_DATE
from civicgraph.graph.snapshot.filling import fill, filling
from civicgraph.graph.snapshot.organisations import decide, organisation_quads
from civicgraph.graph.snapshot.several_sources import settle
from civicgraph.graph.snapshot.touching import leaves_ties
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_IRI, PREFIXES, read_text, rules
from civicgraph.ontology.schemes import scheme_texts
from civicgraph.ontology.terms import CG, CG_NS

_SKOS: Final = PREFIXES["skos"]
_AS_OF: Final = NamedNode(CG.asOf)

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


class SourceParts(Protocol):
    """What a source holds, wherever it is kept."""

    def quads(self) -> IO[bytes]:
        """Open its N-Quads."""

    def mentions(self) -> Iterable[SourceMention]:
        """Return the organisations that it mentions."""

    def ties(self) -> Iterable[str]:
        """Return the lines of its contracts and spends, from the first."""


class Updates(Protocol):
    """What updates did to the graph, wherever it is kept."""

    def quads(self) -> IO[bytes]:
        """Open the N-Quads that they added."""

    def removed(self) -> IO[bytes]:
        """Open the N-Quads that they removed."""

    def empty_graphs(self) -> Iterable[str]:
        """Return the names of the graphs that they left there with nothing in them."""


@dataclass(frozen=True, slots=True)
class InMemory:
    """A source that is not kept on disk."""

    nquads: bytes
    mentioned: tuple[SourceMention, ...] = ()

    def quads(self) -> IO[bytes]:
        """Open its N-Quads."""
        return io.BytesIO(self.nquads)

    def mentions(self) -> Iterable[SourceMention]:
        """Return the organisations that it mentions."""
        return self.mentioned

    def ties(self) -> Iterable[str]:
        """Return nothing: what is stated ties in its quads."""
        return ()


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
    updates: Sequence[Updates] = ()


TakeRecords = Callable[[SourceParts, Resolution], None]
"""Takes a source of records with the identity that was decided, in place of loading it."""


def build(
    store: Store, parts: Parts, progress: Progress = lambda _: None, take_records: TakeRecords | None = None
) -> Ties:
    """Fill an empty store with the ontology, the sources and everything that follows from them; return its ties.

    The rules run over what was stated. Records come after them, with what follows from each already written beside it:
    rules over millions of contracts would take longer than loading them.

    Parameters
    ----------
    store
        An empty store, in memory or on disk.
    parts
        What to build it from.
    progress
        Called with the name of each step.
    take_records
        If given, it is told of each source of records, and none of their quads go into the store.
    """
    progress("ontology")
    _load_vocabulary(store)
    progress("identity")
    mentions = list(chain.from_iterable(source.mentions() for source in (*parts.stated, *parts.records)))
    resolution = decide(mentions, parts.judgements)
    known = {resolution.of(one.key) for source in parts.stated for one in source.mentions()}
    progress("sources")
    if parts.latest is not None:
        store.add(Quad(ESTABLISHED, _AS_OF, Literal(parts.latest, datatype=XSD_DATE), ESTABLISHED))
    for source in parts.stated:
        fill(store, source, resolution.canonical)
    store.bulk_extend(organisation_quads((one for one in mentions if resolution.of(one.key) in known), resolution))
    for rule in rules():
        progress(rule.name)
        store.update(rule.sparql)
    stated = _stated(EmbeddedEngine(store, parts.version))
    # Whom only records mention gets its superclasses here: the rule that derives them takes seconds for each thousand.
    others = (one for one in mentions if resolution.of(one.key) not in known)
    store.bulk_extend(organisation_quads(others, resolution, _superclasses(store)))
    organisations = ((one.key, one.identifiers) for one in mentions if not one.is_place)
    refused, taken = doubts(resolution, organisations, parts.judgements)
    progress("records")
    tied = [source for source in parts.records if any(True for _ in source.ties())]
    for source in parts.records:
        if take_records is not None:
            take_records(source, resolution)
        elif source not in tied:
            fill(store, source, resolution.canonical)
    # All that ties name is in the store by now: contracts and spends add nothing to it but themselves.
    around = replace(surroundings(EmbeddedEngine(store, parts.version)), refused=_by_iri(refused), taken=_by_iri(taken))
    with filling(store, tied if take_records is None else (), resolution.canonical):
        own, of_records = told_apart(stated, [source.ties for source in tied], resolution.canonical)
        ties = ties_of_rows(chain(own, of_records), around)
        _load_running(store, ties, len(own))
    if take_records is None:
        settle(store, parts.records, resolution.canonical)
    if parts.updates:
        progress("updates")
        ties = _updated(store, parts, ties)
    progress("done")
    return ties


def _load_vocabulary(store: Store) -> None:
    for name in ONTOLOGY_FILES:
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=NamedNode(ONTOLOGY_IRI))
    # The schemes are data that people ask for: concepts and their names belong to the default graph.
    for text in scheme_texts():
        store.load(text, RdfFormat.TURTLE, to_graph=ESTABLISHED)
    store.extend(_concept_labels(store))


def _updated(store: Store, parts: Parts, ties: Ties) -> Ties:
    """Apply what updates did, to the graph as whoever updated saw it, and return the ties that it then states."""
    are_as_before = True
    for update in parts.updates:
        _apply(store, update)
        with update.removed() as removed, update.quads() as added:
            are_as_before &= leaves_ties(added, removed)
    return ties if are_as_before else ties_of_store(EmbeddedEngine(store, parts.version))


def ties_of_store(engine: Engine) -> Ties:
    """Return the ties that a store states, where no records say more: of doubtful merges it says nothing."""
    return ties_from_store(engine)


def _apply(store: Store, update: Updates) -> None:
    with update.removed() as removed, update.quads() as added:
        for quad in parse(removed, RdfFormat.N_QUADS):
            store.remove(quad)
        store.bulk_load(added, RdfFormat.N_QUADS)
    # A graph stays behind when its quads are removed one by one; only those that were left so on purpose are there.
    for name in empty_graphs(store):
        store.remove_graph(NamedNode(name))
    for name in update.empty_graphs():
        store.add_graph(NamedNode(name))


def build_in_memory(*sources: bytes) -> Store:
    """Return a store in memory built from stated sources given as N-Quads.

    >>> len(build_in_memory()) > 0
    True
    """
    store = Store()
    build(store, Parts([InMemory(source) for source in sources]))
    return store


def _superclasses(store: Store) -> dict[str, list[str]]:
    """Return the classes of the ontology above each."""
    query = (
        f"SELECT ?class ?broader {{ GRAPH <{ONTOLOGY_IRI}> {{ ?class <{PREFIXES['rdfs']}subClassOf>+ ?broader }}"
        f" FILTER (STRSTARTS(STR(?broader), '{CG_NS}')) }} ORDER BY ?class ?broader"
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in EmbeddedEngine(store, "").select(query):
        if row["class"] is not None and row["broader"] is not None:
            found[row["class"].value].append(row["broader"].value)
    return found


def _stated(engine: Engine) -> list[Row]:
    """Return the ties that follow from what was stated, those that are only planned marked so."""
    established = list(rows_of(build_network(engine)))
    if not engine.ask("ASK { GRAPH cg:plans { ?tie ?role ?party } }"):
        return established
    told = {(row.edge, row.buyer, row.supplier) for row in established}
    both = rows_of(build_network(engine, (CG.established, CG.plans)))
    plans = (row for row in both if (row.edge, row.buyer, row.supplier) not in told)
    return [*established, *(row._replace(planned=True) for row in plans)]


def _by_iri(led: Mapping[str, str]) -> dict[str, str]:
    return {BASE + key: BASE + other for key, other in led.items()}


def _load_running(store: Store, ties: Ties, first: int) -> None:
    """Say which contracts run at the as-of date: those of records, from the row `first` on."""
    if ties.as_of is None:
        return
    day, iris = ties.as_of.toordinal(), ties.parties.iris
    runs = (ties.kind == KINDS.index("contract")) & (ties.guard < 0) & (ties.supplier != NOBODY)
    runs &= (ties.start != NO_DAY) & (ties.start <= day) & (ties.end >= day)
    runs[:first] = False
    pairs = set(zip(ties.buyer[runs].tolist(), ties.supplier[runs].tolist(), strict=True))
    lines = running_lines((iris[buyer], iris[supplier]) for buyer, supplier in pairs)
    store.bulk_load("".join(lines).encode(), RdfFormat.N_QUADS)


def _concept_labels(store: Store) -> list[Quad]:
    return [
        Quad(quad.subject, RDFS_LABEL, Literal(quad.object.value), ESTABLISHED)
        for quad in store.quads_for_pattern(None, NamedNode(_SKOS + "prefLabel"), None, ESTABLISHED)
        if isinstance(quad.object, Literal)
    ]
