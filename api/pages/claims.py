"""Claims as pages show them: what each says, who says so, in which words, and what contradicts it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import page_of, query, query_about
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.api.pages.words import property_label, sentence, standing
from civicgraph.graph.edges.scope import slug_of
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.graph.records.types import Evidence
from civicgraph.seeds_loader.claims.documents import Documents, Quotation

MARKS: Final = ("polarity", "certainty", "modality", "section")
"""The marks of a claim, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Words:
    """Where the words that something rests on stand, and the words themselves where the document is at hand."""

    document: Node
    issued: str
    evidence: Evidence
    quotation: Quotation | None


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim: its triple, its marks, who says so, and where; `sentence` says all that but who and where.

    `view` is None for one that is in no view.
    """

    iri: str
    subject: Node
    property: str
    value: Node
    marks: Mapping[str, str]
    view: str | None
    rejected: str
    method: str
    said_by: Node | None
    words: Words
    sentence: str


def claims_of(engine: Engine, documents: Documents, thing: str, *, size: int, skip: int = 0) -> list[ClaimLine]:
    """Return some of the claims about a thing, in the order of the documents, after `skip` others."""
    found = engine.select(page_of(query("thing-claims"), size, skip), bind={"thing": NamedNode(thing)})
    return claim_lines(engine, documents, (text_of(row, "claim") for row in found))


def claim_lines(engine: Engine, documents: Documents, claims: Iterable[str]) -> list[ClaimLine]:
    """Return what some claims say, in the order of the documents."""
    wanted = sorted(set(claims))
    if not wanted:
        return []
    lines: dict[str, ClaimLine] = {}
    for row in engine.select(query_about("claims", wanted)):
        lines.setdefault(text_of(row, "thing"), _line(row, documents))
    return list(lines.values())


def words_of(engine: Engine, documents: Documents, thing: str) -> list[Words]:
    """Return the words that a claim or a correction itself rests on."""
    found = engine.select(query("claim-evidence"), bind={"thing": NamedNode(thing)})
    return [words_in(row, documents) for row in found]


def contradicting(engine: Engine, documents: Documents, claim: str) -> list[ClaimLine]:
    """Return the claims that cannot hold together with one."""
    found = engine.select(query("contradictions"), bind={"claim": NamedNode(claim)})
    return claim_lines(engine, documents, (text_of(row, "other") for row in found))


def disputes(engine: Engine, documents: Documents) -> list[Sequence[ClaimLine]]:
    """Return all claims that contradict others, those that are about one thing together."""
    pairs = [(text_of(row, "claim"), text_of(row, "other")) for row in engine.select(query("contradictions"))]
    lines = {line.iri: line for line in claim_lines(engine, documents, (claim for pair in pairs for claim in pair))}
    groups: dict[str, set[str]] = {}
    for claim, other in pairs:
        joined = groups.get(claim, {claim}) | groups.get(other, {other})
        for member in joined:
            groups[member] = joined
    together = {id(group): group for group in groups.values()}.values()
    found = [[line for iri, line in lines.items() if iri in group] for group in together]
    return [group for group in found if group]


def doubtful(
    engine: Engine, documents: Documents, view: str, *, size: int, skip: int
) -> list[tuple[Node, list[ClaimLine]]]:
    """Return some of the claims of a view such as plans, gathered by what they are about."""
    found = engine.select(page_of(query("doubtful"), size, skip), bind={"view": NamedNode(view)})
    lines = claim_lines(engine, documents, (text_of(row, "claim") for row in found))
    gathered: dict[Node, list[ClaimLine]] = defaultdict(list)
    for line in lines:
        gathered[line.subject].append(line)
    return list(gathered.items())


def _line(row: Row, documents: Documents) -> ClaimLine:
    subject, value = node_of(row, "subject"), node_of(row, "value")
    marks = {mark: slug_of(text_of(row, mark)) for mark in MARKS}
    said = sentence(text_of(row, "property"), subject.text, value.text, value.iri)
    return ClaimLine(
        iri=text_of(row, "thing"),
        subject=subject,
        property=property_label(text_of(row, "property")),
        value=value,
        marks=marks,
        view=slug_of(text_of(row, "view")) or None,
        rejected=text_of(row, "rejected"),
        method=text_of(row, "method"),
        said_by=None if row["saidBy"] is None else node_of(row, "saidBy"),
        words=words_in(row, documents),
        sentence=standing(marks.values()) + said,
    )


def words_in(row: Row, documents: Documents) -> Words:
    """Return the words that a row of a query says something rests on."""
    evidence = Evidence(text_of(row, "sha256"), int(text_of(row, "start")), int(text_of(row, "end")))
    return Words(node_of(row, "document"), text_of(row, "issued"), evidence, documents.quote(evidence))
